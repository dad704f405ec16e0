//! What each job does. All of them may be begun again from the start: a worker that dies leaves nothing half done that the
//! next does not find.

use domain::model::Model;
use domain::retraining::Trigger;
use domain::schedule::{HISTORY, Job};
use domain::{Actor, Permission, TenantId};
use store::Claimed;

use super::Schedules;
use crate::error::{Error, Result};
use crate::retraining::Cause;

impl Schedules<'_> {
    /// Does the job; says in a sentence what came of it.
    pub(super) async fn carry_out(&self, claimed: &Claimed) -> Result<String> {
        let actor = Actor::worker(claimed.tenant);
        let model = match claimed.model {
            Some(id) => Some(self.desk.model_by_id(claimed.tenant, id).await?),
            None => None,
        };
        match (claimed.job, model) {
            (Job::Retrain, Some(model)) => self.retrain(&actor, &model, claimed).await,
            (Job::Select, Some(model)) => self.desk.labeling().select_by_clock(&actor, &model, claimed.run.id).await,
            (Job::CheckTriggers, None) => self.check_triggers(claimed.tenant).await,
            (Job::CleanUp, None) => self.clean_up(claimed.tenant).await,
            (Job::Observe, None) => self.observe(claimed.tenant).await,
            (Job::Verify, None) => self.verify(&actor).await,
            (job, _) => Err(Error::internal(format!("a schedule of {} for the wrong thing", job.as_str()))),
        }
    }

    /// However often this is begun, one run comes of it.
    async fn retrain(&self, actor: &Actor, model: &Model, claimed: &Claimed) -> Result<String> {
        actor.check(Permission::Train)?;
        let occasion = Some(format!("schedule-run:{}", claimed.run.id));
        let cause = Cause { trigger: Trigger::Schedule, occasion, ..Cause::default() };
        let run = self.desk.learn_again(actor, model, cause).await?;
        Ok(format!("run {} was asked for", run.id))
    }

    async fn check_triggers(&self, tenant: TenantId) -> Result<String> {
        let asked = self.desk.retraining().check_all(tenant).await?;
        Ok(format!("models that are to learn again: {asked}"))
    }

    async fn clean_up(&self, tenant: TenantId) -> Result<String> {
        let found = self.desk.readings().note_lost_images(tenant).await?;
        let images = self.desk.readings().delete_expired_images(tenant).await?;
        let checkpoints = self.desk.training().delete_left_checkpoints(tenant).await?;
        let before = self.desk.now().plus(-HISTORY);
        let executions = self.desk.store().forget_schedule_runs(tenant, before).await?;
        Ok(format!(
            "deleted: {images} images, {checkpoints} checkpoints, {executions} old entries of schedules; \
             found without a use: {found} images"
        ))
    }

    async fn observe(&self, tenant: TenantId) -> Result<String> {
        let seen = self.desk.syncs().observe(tenant).await?;
        let (looked_at, recorded, corrected) = (seen.looked_at, seen.recorded, seen.corrected);
        Ok(format!("syncs whose time was over: {looked_at}; outcomes recorded: {recorded}, corrected: {corrected}"))
    }

    /// What is not as it was written fails the job, with all that was found.
    async fn verify(&self, actor: &Actor) -> Result<String> {
        let log = self.desk.audit().verify(actor).await?;
        let mut wrong = Vec::from_iter(log.broken.map(|broken| format!("audit log: {broken}")));
        let mut whole = 0;
        for model in self.desk.store().models(actor.tenant).await? {
            match self.desk.versions().verify_champion(&model).await {
                Ok(serves) => whole += usize::from(serves),
                Err(Error::Conflict(reason)) => wrong.push(format!("champion of `{}`: {reason}", model.name)),
                Err(error) => return Err(error),
            }
        }
        if wrong.is_empty() {
            return Ok(format!("nothing was changed: audit log ({} entries), champions ({whole})", log.entries));
        }
        tracing::error!(tenant = %actor.tenant, found = wrong.join("; "), "what was written is not what is there");
        Err(Error::Conflict(wrong.join("; ")))
    }
}
