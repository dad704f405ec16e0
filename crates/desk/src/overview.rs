//! What needs somebody today, and how the models in service do. Read from rollups only, never from the log itself.

use domain::model::Version;
use domain::run::Run;
use domain::time::{DAY, HOUR};
use domain::{Actor, Permission};
pub use store::{OutcomeCell, Traffic};

use crate::error::Result;
use crate::room;

room! {
    /// Verbs that sum up.
    Overview
}

/// One model in service.
#[derive(Clone, Debug)]
pub struct InService {
    /// Name.
    pub name: String,
    /// The version that serves.
    pub champion: Option<Version>,
    /// Since when.
    pub since: Option<domain::Timestamp>,
    /// Why the champion does not answer although it should.
    pub problem: Option<String>,
    /// Predictions of the last 24 hours.
    pub traffic: Traffic,
    /// Decisions against truths of the last 7 days, where the truth is known.
    pub outcomes: Vec<OutcomeCell>,
}

/// The first page of the day.
#[derive(Clone, Debug)]
pub struct Today {
    /// Models by name.
    pub models: Vec<InService>,
    /// Runs that wait or run.
    pub open_runs: Vec<Run>,
    /// Runs of the last day that failed.
    pub failed_runs: Vec<Run>,
}

impl Overview<'_> {
    /// The state of everything the actor's tenant runs.
    ///
    /// # Errors
    /// Needs the right to see models.
    pub async fn today(&self, actor: &Actor) -> Result<Today> {
        actor.check(Permission::ReadModels)?;
        let mut models = Vec::new();
        for summary in self.desk.models().list(actor).await? {
            let (traffic, outcomes) = self.of_model(actor, summary.model.id).await?;
            models.push(InService {
                name: summary.model.name,
                champion: summary.champion,
                since: summary.deployment.map(|deployment| deployment.at),
                problem: summary.problem,
                traffic,
                outcomes,
            });
        }
        let runs = self.desk.training().list(actor, None, None, None, 50).await?;
        let yesterday = self.desk.now().plus(-DAY);
        let (open_runs, over): (Vec<Run>, Vec<Run>) = runs.into_iter().partition(|run| !run.state.is_over());
        let failed = |run: &Run| run.state == domain::run::RunState::Failed && run.created_at > yesterday;
        Ok(Today { models, open_runs, failed_runs: over.into_iter().filter(failed).collect() })
    }

    async fn of_model(&self, actor: &Actor, model: domain::ModelId) -> Result<(Traffic, Vec<OutcomeCell>)> {
        let now = self.desk.now();
        let traffic = self.desk.store().traffic(actor.tenant, model, None, now.plus(-24 * HOUR), now).await?;
        let outcomes = self.desk.store().outcome_cells(actor.tenant, model, None, now.plus(-7 * DAY), now).await?;
        Ok((traffic, outcomes))
    }

    /// Traffic and known outcomes of one version over `hours` (of the heuristic for version 0, of all for none).
    ///
    /// # Errors
    /// Needs the right to see models.
    pub async fn live(
        &self,
        actor: &Actor,
        model: domain::ModelId,
        version: Option<i64>,
        hours: i64,
    ) -> Result<(Traffic, Vec<OutcomeCell>)> {
        actor.check(Permission::ReadModels)?;
        let now = self.desk.now();
        let from = now.plus(-hours.clamp(1, 24 * 366) * HOUR);
        let traffic = self.desk.store().traffic(actor.tenant, model, version, from, now).await?;
        let outcomes = self.desk.store().outcome_cells(actor.tenant, model, version, from, now).await?;
        Ok((traffic, outcomes))
    }
}
