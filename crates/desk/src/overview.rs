//! What needs somebody today, and how the models in service do. Read from rollups only, never from the log itself.

mod pulse;

use domain::model::Version;
use domain::run::Run;
use domain::time::DAY;
use domain::{Actor, Permission, Task};
pub use pulse::{Pulse, Standing};

use crate::error::Result;
use crate::quality::Figures;
use crate::room;
use crate::schedules::Scheduled;

room! {
    /// Verbs that sum up.
    Overview
}

/// Volume and latency over some hours.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    /// Answers.
    pub predictions: u64,
    /// Answers in each hour, oldest first.
    pub hours: Vec<u64>,
    /// Latency at the 95th percentile, in microseconds, estimated from buckets.
    pub p95_micros: Option<f64>,
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
    /// What it does.
    pub task: Task,
    /// How good it was in the last 7 days, as far as most truths have come.
    pub quality: Figures,
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
    /// What is done by the clock and failed the last time.
    pub failed_schedules: Vec<Scheduled>,
}

impl Overview<'_> {
    /// The state of everything the actor's tenant runs.
    ///
    /// # Errors
    /// Needs the right to see models.
    pub async fn today(&self, actor: &Actor) -> Result<Today> {
        actor.check(Permission::ReadModels)?;
        let now = self.desk.now();
        let days = self.desk.store().model_days(actor.tenant, now).await?;
        let mut models = Vec::new();
        for summary in self.desk.models().list(actor).await? {
            let day = days.iter().find(|day| day.model == summary.model.id);
            let quality = self.desk.quality().of_last_days(actor, &summary.model, 7).await?;
            models.push(InService {
                task: summary.model.task(),
                name: summary.model.name,
                champion: summary.champion,
                since: summary.deployment.map(|deployment| deployment.at),
                problem: summary.problem,
                traffic: day.map(of_day).unwrap_or_default(),
                quality,
            });
        }
        let runs = self.desk.training().list(actor, None, None, None, 50).await?;
        let yesterday = self.desk.now().plus(-DAY);
        let (open_runs, over): (Vec<Run>, Vec<Run>) = runs.into_iter().partition(|run| !run.state.is_over());
        let failed = |run: &Run| run.state == domain::run::RunState::Failed && run.created_at > yesterday;
        let failed_runs = over.into_iter().filter(failed).collect();
        let mut failed_schedules = self.desk.schedules().list(actor, None).await?;
        failed_schedules.retain(Scheduled::has_failed);
        Ok(Today { models, open_runs, failed_runs, failed_schedules })
    }
}

fn of_day(day: &store::ModelDay) -> Traffic {
    Traffic {
        predictions: day.predictions as u64,
        hours: day.hours.iter().map(|n| *n as u64).collect(),
        p95_micros: day.p95_micros,
    }
}
