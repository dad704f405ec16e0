//! Runs: asked for, worked on threads of their own, watched, stopped, and taken up again after a crash.

mod bounds;
mod checkpoints;
mod lease;
mod progress;
mod readings;
#[cfg(test)]
mod tests;
mod work;
mod workshop;

use std::collections::HashSet;

use domain::audit::Event;
use domain::model::Model;
use domain::retraining::{Standing, Trigger};
use domain::run::{LogLine, Run, RunState};
use domain::specification::EstimatorKind;
use domain::{Actor, DatasetId, ModelId, Permission, RunId, TenantId, Timestamp};
use futures::FutureExt;
use store::{Cursor, RunFilter};

use crate::error::{Error, Result};
use crate::panics::caught;
use crate::{Desk, room};

pub(crate) use bounds::refuse_more_than;
pub(crate) use work::EVALUATION;
use work::Work;
pub(crate) use workshop::Workshop;

room! {
    /// Verbs on runs.
    Training
}

/// What may differ from the specification for one run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Another estimator than the specification's.
    pub estimator: Option<EstimatorKind>,
    /// Another seed than 1.
    pub seed: Option<i64>,
    /// Another data set than a fresh snapshot.
    pub dataset: Option<DatasetId>,
}

/// Models named in one request at most.
pub const MAX_NAMED: usize = 1_000;

/// The seed of a run that does not ask for another.
pub(crate) const DEFAULT_SEED: i64 = 1;

impl Training<'_> {
    /// Asks for a run. It trains on a snapshot taken now, unless a data set is named.
    ///
    /// # Errors
    /// Needs the right to train; [`Error::Conflict`] when there is nothing to learn from,
    /// [`Error::Unavailable`] when too many runs wait.
    pub async fn start(&self, actor: &Actor, model: &str, options: Options) -> Result<Run> {
        actor.check(Permission::Train)?;
        self.desk.check_open_runs(actor.tenant).await?;
        let model_record = self.desk.model(actor.tenant, model).await?;
        let another = options.estimator.is_some_and(|kind| kind != EstimatorKind::Auto);
        if another && model_record.specification.reading.is_some() {
            return Err(Error::field("estimator", "there is one learner for images: auto"));
        }
        let dataset = match options.dataset {
            Some(id) => self.desk.dataset(actor.tenant, id).await?,
            None => self.desk.datasets().snapshot(actor, model).await?,
        };
        let event = Event::new(actor, self.desk.now(), "run.requested", format!("model:{model}"))
            .with(serde_json::json!({ "dataset": dataset.id, "estimator": options.estimator }));
        let new = store::NewRun {
            model: model_record.id,
            specification_number: model_record.specification_number,
            dataset: Some(dataset.id),
            days: None,
            estimator: options.estimator,
            seed: options.seed.unwrap_or(DEFAULT_SEED),
            created_by: actor.label(),
            trigger: Trigger::Hand,
            saw: String::new(),
            policy: Standing::Candidate,
            occasion: None,
        };
        Ok(self.desk.store().create_run(actor.tenant, &new, event.at, &event).await?)
    }

    /// Asks a run to stop; one that still waits is over at once.
    ///
    /// # Errors
    /// Needs the right to train; [`Error::Conflict`] if it is over already.
    pub async fn cancel(&self, actor: &Actor, id: RunId) -> Result<()> {
        actor.check(Permission::Train)?;
        let run = self.get(actor, id).await?;
        if run.state.is_over() {
            return Err(Error::Conflict(format!("run {id} is over already: {}", run.state.as_str())));
        }
        let event = Event::new(actor, self.desk.now(), "run.cancelled", format!("run:{id}"));
        let run = self.desk.store().request_cancel(actor.tenant, id, event.at, &event).await?;
        if run.state.is_over() {
            self.desk.forget_checkpoint(&run).await;
        }
        Ok(())
    }

    /// One run.
    ///
    /// # Errors
    /// Needs the right to see models; [`Error::NotFound`] for another tenant's.
    pub async fn get(&self, actor: &Actor, id: RunId) -> Result<Run> {
        actor.check(Permission::ReadModels)?;
        self.desk.store().run(actor.tenant, id).await?.ok_or_else(|| Error::not_found(format!("run {id}")))
    }

    /// Runs before `before`, newest first, of one model or all.
    ///
    /// # Errors
    /// Needs the right to see models.
    pub async fn list(
        &self,
        actor: &Actor,
        model: Option<ModelId>,
        state: Option<RunState>,
        before: Option<RunId>,
        limit: u32,
    ) -> Result<Vec<Run>> {
        actor.check(Permission::ReadModels)?;
        let cursor = before.map(|id| Cursor::number(id.0));
        let filter = RunFilter { model, state };
        Ok(self.desk.store().runs(actor.tenant, filter, cursor.as_ref(), limit.clamp(1, 200)).await?.items)
    }

    /// Lines of a run's log after line `after`.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn log(&self, actor: &Actor, id: RunId, after: i64) -> Result<Vec<LogLine>> {
        self.get(actor, id).await?;
        Ok(self.desk.store().log_after(actor.tenant, id, after).await?)
    }

    /// Starts a run for each of these models, or, if none is named, for each that has new labels or has never learnt. Gives
    /// what became of each: one that cannot start holds up no other.
    ///
    /// # Errors
    /// Needs the right to train; [`Error::Invalid`] for more than [`MAX_NAMED`] names, or naming the one that comes twice as
    /// `models[3]`.
    pub async fn start_all(&self, actor: &Actor, models: &[String]) -> Result<Vec<(String, Result<Run>)>> {
        actor.check(Permission::Train)?;
        check_names(models)?;
        let mut names = models.to_vec();
        if names.is_empty() {
            for model in self.desk.store().models(actor.tenant).await? {
                if self.desk.has_new_labels(&model).await? {
                    names.push(model.name);
                }
            }
        }
        let mut started = Vec::with_capacity(names.len());
        for name in names {
            let run = self.start(actor, &name, Options::default()).await;
            started.push((name, run));
        }
        Ok(started)
    }

    /// Takes up the next run that waits, or whose worker has died, and works on it to its end; before that, a decision on
    /// a version that was left. `worker` names the process and must be its own. Answers whether there was anything.
    ///
    /// # Errors
    /// When the database fails; a run that fails is recorded as failed and is no error here.
    pub async fn work_once(&self, worker: &str) -> Result<bool> {
        caught(self.take_up(worker).boxed()).await
    }

    async fn take_up(&self, worker: &str) -> Result<bool> {
        if self.desk.retraining().settle_left().await? {
            return Ok(true);
        }
        let claimed_at = self.desk.now();
        let claimed = self.desk.store().claim_run(worker, claimed_at).await?;
        self.work(claimed, worker, claimed_at).await
    }

    /// Works on this run to its end, unless another worker holds it or it is over; answers whether it did. `worker` as
    /// for [`Self::work_once`].
    ///
    /// # Errors
    /// Needs the right to train; else as [`Self::work_once`].
    pub async fn work_on(&self, actor: &Actor, id: RunId, worker: &str) -> Result<bool> {
        actor.check(Permission::Train)?;
        let claimed_at = self.desk.now();
        let claimed = self.desk.store().claim_this_run(actor.tenant, id, worker, claimed_at).await?;
        self.work(claimed, worker, claimed_at).await
    }

    async fn work(&self, claimed: Option<Run>, worker: &str, claimed_at: Timestamp) -> Result<bool> {
        let Some(run) = claimed else { return Ok(false) };
        Work { desk: self.desk, run: &run, worker, claimed_at }.to_the_end().await?;
        Ok(true)
    }

    /// Gives up a run that this worker will not finish, so that another takes it up at once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn let_go(&self, worker: &str) -> Result<()> {
        let held = self.desk.inner.workshop.held().remove(worker);
        if let Some((tenant, run)) = held {
            self.desk.store().release_run(tenant, run, worker).await?;
        }
        Ok(())
    }
}

fn check_names(models: &[String]) -> Result<()> {
    if models.len() > MAX_NAMED {
        return Err(Error::field("models", format!("at most {MAX_NAMED} can be named")));
    }
    let mut seen = HashSet::new();
    match models.iter().position(|name| !seen.insert(name)) {
        Some(place) => Err(Error::field(format!("models[{place}]"), "is named before")),
        None => Ok(()),
    }
}

impl Desk {
    pub(crate) async fn check_open_runs(&self, tenant: TenantId) -> Result<()> {
        let counts = self.store().run_counts(tenant).await?;
        let open = counts.queued + counts.running;
        if open >= self.inner.limits.open_runs {
            return Err(Error::Unavailable { reason: format!("{open} runs are waiting already"), retry_after: 60 });
        }
        Ok(())
    }

    /// Whether a model knows more than its newest version, or has something to learn from and no version yet.
    async fn has_new_labels(&self, model: &Model) -> Result<bool> {
        let (store, tenant) = (self.store(), model.tenant);
        let Some(newest) = store.versions(tenant, model.id).await?.into_iter().next() else {
            let imported = store.newest_import(tenant, model.id).await?.is_some();
            return Ok(imported || store.labels_since(tenant, model.id, model.created_at).await? > 0);
        };
        let since = self.dataset(tenant, newest.dataset).await?.created_at;
        Ok(store.labels_since(tenant, model.id, since).await? > 0)
    }
}
