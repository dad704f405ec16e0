//! What goes on in an organisation, for whoever asks from outside of the pages.

use std::collections::HashMap;

use domain::person::Tenant;
use domain::run::{Run, RunState};
use domain::time::DAY;
use domain::{Actor, ModelId, Permission, Timestamp};
use store::{Backlog, ModelDay};

use super::Overview;
use crate::error::{Error, Result};
use crate::models::ModelSummary;
use crate::schedules::Scheduled;

/// An organisation as it is now.
#[derive(Clone, Debug)]
pub struct Pulse {
    /// Whose.
    pub tenant: Tenant,
    /// When.
    pub at: Timestamp,
    /// Models by name.
    pub models: Vec<Standing>,
    /// Runs that wait or run, newest first.
    pub open_runs: Vec<Run>,
    /// Runs that failed within the last day, newest first.
    pub failed_runs: Vec<Run>,
    /// Cases that wait for a verdict.
    pub cases: Backlog,
    /// Tasks that wait for a labeler.
    pub labeling: i64,
    /// What is done by the clock.
    pub schedules: Vec<Scheduled>,
}

/// A model and how it is used.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Identity.
    pub id: ModelId,
    /// Name.
    pub name: String,
    /// Number of the version that serves; none is the heuristic.
    pub champion: Option<i64>,
    /// Since when.
    pub since: Option<Timestamp>,
    /// Number of versions.
    pub versions: usize,
    /// Predictions of the last 24 hours.
    pub predictions: u64,
    /// Why the champion does not answer although it should.
    pub problem: Option<String>,
}

/// Runs of one state that are looked at.
const RUNS: u32 = 20;

impl Overview<'_> {
    /// What goes on in the actor's organisation.
    ///
    /// # Errors
    /// Needs the right to see models.
    pub async fn pulse(&self, actor: &Actor) -> Result<Pulse> {
        actor.check(Permission::ReadModels)?;
        let (store, now) = (self.desk.store(), self.desk.now());
        let tenant = store.tenant(actor.tenant).await?.ok_or_else(|| Error::not_found("such organisation"))?;
        let days = store.model_days(actor.tenant, now).await?;
        let days: HashMap<ModelId, ModelDay> = days.into_iter().map(|day| (day.model, day)).collect();
        let models = self.desk.models().list(actor).await?;
        let mut open_runs = self.runs(actor, RunState::Running).await?;
        open_runs.extend(self.runs(actor, RunState::Queued).await?);
        open_runs.sort_by_key(|run| std::cmp::Reverse(run.id));
        let mut failed_runs = self.runs(actor, RunState::Failed).await?;
        failed_runs.retain(|run| run.finished_at.is_some_and(|at| at > now.plus(-DAY)));
        let labeling = store.labeling_backlog(actor.tenant, None).await?.iter().map(|count| count.tasks).sum();
        Ok(Pulse {
            tenant,
            at: now,
            models: models.into_iter().map(|model| Standing::of(model, &days)).collect(),
            open_runs,
            failed_runs,
            cases: store.backlog(actor.tenant, now).await?,
            labeling,
            schedules: self.desk.schedules().list(actor, None).await?,
        })
    }

    async fn runs(&self, actor: &Actor, state: RunState) -> Result<Vec<Run>> {
        self.desk.training().list(actor, None, Some(state), None, RUNS).await
    }
}

impl Standing {
    fn of(summary: ModelSummary, days: &HashMap<ModelId, ModelDay>) -> Self {
        let predictions = days.get(&summary.model.id).map_or(0, |day| day.predictions as u64);
        Self {
            id: summary.model.id,
            name: summary.model.name,
            champion: summary.champion.map(|version| version.number),
            since: summary.deployment.map(|deployment| deployment.at),
            versions: summary.versions,
            predictions,
            problem: summary.problem,
        }
    }
}
