//! Models that learn again: asked for, set off by what is seen, and what becomes of the version.

mod fate;
#[cfg(test)]
pub(crate) mod tests;
mod watch;

use domain::audit::Event;
use domain::model::Model;
use domain::retraining::{Trigger, WINDOWS, is_window};
use domain::run::Run;
use domain::{Actor, Permission};
pub use store::CheckRecord;

use crate::error::{Error, Result};
use crate::training::DEFAULT_SEED;
use crate::{Desk, room};

room! {
    /// Verbs on retraining.
    Retraining
}

/// Why a model is to learn again.
#[derive(Clone, Debug, Default)]
pub struct Cause {
    /// Which trigger.
    pub trigger: Trigger,
    /// What it saw; empty for a hand or a schedule.
    pub saw: String,
    /// Of so many days; as many as the model's rules say if there is no number.
    pub days: Option<u32>,
    /// What asks for one run and no more, however often it asks.
    pub occasion: Option<String>,
}

impl Retraining<'_> {
    /// Has a model learn again by the rules of its specification, which also say what becomes of the version. The examples
    /// are frozen when a worker takes the run up: of the last `days` days, or of as many as the rules say.
    ///
    /// # Errors
    /// Needs the right to train; names `days` that are no window; [`Error::Unavailable`] when too many runs wait.
    pub async fn retrain(&self, actor: &Actor, model: &str, days: Option<u32>, trigger: Trigger) -> Result<Run> {
        actor.check(Permission::Train)?;
        if !days.is_none_or(is_window) {
            return Err(Error::field("days", WINDOWS));
        }
        let model = self.desk.model(actor.tenant, model).await?;
        self.desk.learn_again(actor, &model, Cause { trigger, days, ..Cause::default() }).await
    }

    /// What the newest check of a model's triggers found.
    ///
    /// # Errors
    /// Needs the right to see models; [`Error::NotFound`] for another tenant's.
    pub async fn newest_check(&self, actor: &Actor, model: &str) -> Result<Option<CheckRecord>> {
        actor.check(Permission::ReadModels)?;
        let model = self.desk.model(actor.tenant, model).await?;
        Ok(self.desk.store().newest_check(actor.tenant, model.id).await?)
    }
}

impl Desk {
    /// [`Retraining::retrain`] without a look at the actor's rights.
    pub(crate) async fn learn_again(&self, actor: &Actor, model: &Model, cause: Cause) -> Result<Run> {
        self.check_open_runs(actor.tenant).await?;
        let rules = model.specification.retraining();
        let days = cause.days.or(rules.days);
        let detail = serde_json::json!({
            "trigger": cause.trigger, "saw": cause.saw, "days": days, "policy": rules.policy
        });
        let event = Event::new(actor, self.now(), "run.requested", format!("model:{}", model.name)).with(detail);
        let new = store::NewRun {
            model: model.id,
            specification_number: model.specification_number,
            dataset: None,
            days,
            estimator: None,
            seed: DEFAULT_SEED,
            created_by: actor.label(),
            trigger: cause.trigger,
            saw: cause.saw,
            policy: rules.policy,
            occasion: cause.occasion,
        };
        Ok(self.store().create_run(actor.tenant, &new, event.at, &event).await?)
    }
}
