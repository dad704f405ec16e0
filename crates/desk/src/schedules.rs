//! What is done by the clock: looked at, held up, asked for, and done.

mod jobs;
mod planning;
#[cfg(test)]
mod tests;
mod work;

use std::collections::HashMap;

use domain::audit::Event;
use domain::schedule::{JobState, ScheduleRun, ScheduledJob};
use domain::{Actor, ModelId, Permission, Refused, ScheduleId, ScheduleRunId};
use store::Cursor;

pub(crate) use planning::Settled;

use crate::error::{Error, Result};
use crate::room;

room! {
    /// Verbs on schedules.
    Schedules
}

/// A job with its times, and what it is done to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheduled {
    /// The job.
    pub job: ScheduledJob,
    /// Name of its model; none is the whole organisation.
    pub model: Option<String>,
}

impl Scheduled {
    /// Whether its newest execution has failed.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.job.last.as_ref().is_some_and(|run| run.state == JobState::Failed)
    }

    /// Whether `actor` may pause it, resume it and ask for it.
    #[must_use]
    pub fn may_be_changed_by(&self, actor: &Actor) -> bool {
        self.check(actor).is_ok()
    }

    fn check(&self, actor: &Actor) -> Result<(), Refused> {
        actor.check(Permission::Train)?;
        actor.check(self.job.job.permission())
    }
}

impl Schedules<'_> {
    /// What is done by the clock: for the whole organisation first, then by model; of one model only if it is named.
    ///
    /// # Errors
    /// Needs the right to see models; [`Error::NotFound`] for an unknown model.
    pub async fn list(&self, actor: &Actor, model: Option<&str>) -> Result<Vec<Scheduled>> {
        actor.check(Permission::ReadModels)?;
        let names = self.settle(actor.tenant).await?;
        let only = match model {
            Some(name) => Some(self.desk.model(actor.tenant, name).await?.id),
            None => None,
        };
        let mut all = self.desk.store().schedules(actor.tenant).await?;
        all.retain(|job| only.is_none() || job.model == only);
        let mut all: Vec<_> = all.into_iter().map(|job| named(job, &names)).collect();
        all.sort_by(|a, b| (&a.model, a.job.job).cmp(&(&b.model, b.job.job)));
        Ok(all)
    }

    /// One of them.
    ///
    /// # Errors
    /// Needs the right to see models; [`Error::NotFound`] for another tenant's.
    pub async fn get(&self, actor: &Actor, id: ScheduleId) -> Result<Scheduled> {
        actor.check(Permission::ReadModels)?;
        let names = self.settle(actor.tenant).await?;
        let job = self.desk.store().schedule(actor.tenant, id).await?;
        job.map(|job| named(job, &names)).ok_or_else(|| Error::not_found(format!("schedule {id}")))
    }

    /// What it did in the last 90 days, newest first, before `before`.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn runs(
        &self,
        actor: &Actor,
        id: ScheduleId,
        before: Option<ScheduleRunId>,
        limit: u32,
    ) -> Result<Vec<ScheduleRun>> {
        self.get(actor, id).await?;
        let cursor = before.map(|run| Cursor::number(run.0));
        Ok(self.desk.store().schedule_runs(actor.tenant, id, cursor.as_ref(), limit.clamp(1, 200)).await?.items)
    }

    /// Holds it up until somebody resumes it, also what waits to begin; what is under way goes on.
    ///
    /// # Errors
    /// Needs the right to train, and that to the job ([`domain::schedule::Job::permission`]); [`Error::Conflict`] if it is
    /// paused already.
    pub async fn pause(&self, actor: &Actor, id: ScheduleId) -> Result<Scheduled> {
        let event = self.change(actor, id, "schedule.paused").await?;
        self.desk.store().pause_schedule(actor.tenant, id, &actor.label(), event.at, &event).await?;
        self.get(actor, id).await
    }

    /// Lets it go on with what waited to begin, and at its next time; what was missed meanwhile is not made up for.
    ///
    /// # Errors
    /// As [`Self::pause`]; [`Error::Conflict`] if it is not paused.
    pub async fn resume(&self, actor: &Actor, id: ScheduleId) -> Result<Scheduled> {
        let event = self.change(actor, id, "schedule.resumed").await?;
        let job = self.get(actor, id).await?.job;
        let next_at = planning::next(&job.expression, &job.time_zone, event.at).map_err(Error::internal)?;
        self.desk.store().resume_schedule(actor.tenant, id, next_at, &event).await?;
        self.get(actor, id).await
    }

    /// Asks for it now, beside its times and also while it is paused. It is done by the next worker that is free.
    ///
    /// # Errors
    /// As [`Self::pause`]; [`Error::Conflict`] if it waits or is under way already.
    pub async fn run_now(&self, actor: &Actor, id: ScheduleId) -> Result<ScheduleRun> {
        let event = self.change(actor, id, "schedule.asked").await?;
        Ok(self.desk.store().ask_for_schedule(actor.tenant, id, &actor.label(), event.at, &event).await?)
    }

    async fn change(&self, actor: &Actor, id: ScheduleId, action: &'static str) -> Result<Event> {
        let scheduled = self.get(actor, id).await?;
        scheduled.check(actor)?;
        let Scheduled { job, model } = scheduled;
        let detail = serde_json::json!({ "job": job.job.as_str(), "model": model });
        Ok(Event::new(actor, self.desk.now(), action, format!("schedule:{id}")).with(detail))
    }
}

fn named(job: ScheduledJob, names: &HashMap<ModelId, String>) -> Scheduled {
    Scheduled { model: job.model.and_then(|model| names.get(&model).cloned()), job }
}
