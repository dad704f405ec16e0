//! Runs: asked for, worked on threads of their own, watched, stopped, and taken up again after a crash.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::audit::Event;
use domain::manifest::Manifest;
use domain::model::{Version, VersionSummary};
use domain::run::{LEASE, LogLine, Run, RunState};
use domain::specification::EstimatorKind;
use domain::{Actor, DatasetId, ModelId, Permission, RunId, Specification, TenantId, Timestamp};
use ml::measure::{METRICS, Metrics};
use ml::table::Table;
use ml::training::{Request, TrainError, Trained};
use store::{Artifacts, Cursor, Heartbeat, NewVersion, RunFilter};
use tokio::time::MissedTickBehavior;

use crate::error::{Error, Result};
use crate::{Desk, room};

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

/// The seed of a run that does not ask for another.
const DEFAULT_SEED: i64 = 1;

/// How often a worker tells that it is alive and hears whether it is to stop.
const HEARTBEAT: Duration = Duration::from_millis(500);

/// The log is written with every so many heartbeats.
const BEATS_PER_LOG: u32 = 2;

/// What is said of a run whose training panicked.
const PANICKED: &str = "the training stopped by a mistake in the program; the server's log says where";

/// The threads on which trainings run: few, at the lowest priority, apart from those that answer requests.
pub(crate) struct Workshop {
    threads: Arc<rayon::ThreadPool>,
    /// The run that each worker of this process works on.
    held: Mutex<HashMap<String, (TenantId, RunId)>>,
}

impl Workshop {
    pub(crate) fn new(threads: usize) -> Result<Self> {
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(threads.max(1))
            .thread_name(|i| format!("training-{i}"))
            .start_handler(|_| lower_priority())
            .build()
            .map_err(Error::internal)?;
        Ok(Self { threads: Arc::new(threads), held: Mutex::default() })
    }

    /// Runs `work` on the training threads; none if it panicked, which would otherwise take the process down.
    async fn carry_out<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let (done, finished) = tokio::sync::oneshot::channel();
        self.threads.spawn(move || {
            // What a panic leaves half made is dropped with it; of what is shared, see `lock`.
            if let Ok(made) = panic::catch_unwind(AssertUnwindSafe(work)) {
                // Nobody listens any more if the lease was lost.
                let _ = done.send(made);
            }
        });
        finished.await.ok()
    }

    fn held(&self) -> MutexGuard<'_, HashMap<String, (TenantId, RunId)>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// On Linux a nice value belongs to the thread; a training then yields to every request.
fn lower_priority() {
    if let Err(error) = rustix::process::nice(19) {
        tracing::warn!(%error, "the training threads keep their priority");
    }
}

impl Training<'_> {
    /// Asks for a run. It trains on a snapshot taken now, unless a data set is named.
    ///
    /// # Errors
    /// Needs the right to train; [`Error::Conflict`] when there is nothing to learn from,
    /// [`Error::Unavailable`] when too many runs wait.
    pub async fn start(&self, actor: &Actor, model: &str, options: Options) -> Result<Run> {
        actor.check(Permission::Train)?;
        let counts = self.desk.store().run_counts(actor.tenant).await?;
        let open = counts.queued + counts.running;
        if open >= self.desk.inner.limits.open_runs {
            return Err(Error::Unavailable { reason: format!("{open} runs are waiting already"), retry_after: 60 });
        }
        let model_record = self.desk.model(actor.tenant, model).await?;
        let dataset = match options.dataset {
            Some(id) => self.desk.dataset(actor.tenant, id).await?,
            None => self.desk.datasets().snapshot(actor, model).await?,
        };
        let event = Event::new(actor, self.desk.now(), "run.requested", format!("model:{model}"))
            .with(serde_json::json!({ "dataset": dataset.id, "estimator": options.estimator }));
        let new = store::NewRun {
            model: model_record.id,
            specification_number: model_record.specification_number,
            dataset: dataset.id,
            estimator: options.estimator,
            seed: options.seed.unwrap_or(DEFAULT_SEED),
            created_by: actor.label(),
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
        self.desk.store().request_cancel(actor.tenant, id, event.at, &event).await?;
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

    /// Takes up the next run that waits, or whose worker has died, and works on it to its end. `worker` names the
    /// process and must be its own. Answers whether there was one.
    ///
    /// # Errors
    /// When the database fails; a run that fails is recorded as failed and is no error here.
    pub async fn work_once(&self, worker: &str) -> Result<bool> {
        let claimed_at = self.desk.now();
        match self.desk.store().claim_run(worker, claimed_at).await? {
            Some(run) => self.work(run, worker, claimed_at).await.map(|()| true),
            None => Ok(false),
        }
    }

    /// Works on this run to its end, unless another worker holds it or it is over; answers whether it did. `worker` as
    /// for [`Self::work_once`].
    ///
    /// # Errors
    /// Needs the right to train; else as [`Self::work_once`].
    pub async fn work_on(&self, actor: &Actor, id: RunId, worker: &str) -> Result<bool> {
        actor.check(Permission::Train)?;
        let claimed_at = self.desk.now();
        match self.desk.store().claim_this_run(actor.tenant, id, worker, claimed_at).await? {
            Some(run) => self.work(run, worker, claimed_at).await.map(|()| true),
            None => Ok(false),
        }
    }

    async fn work(&self, run: Run, worker: &str, claimed_at: Timestamp) -> Result<()> {
        let workshop = &self.desk.inner.workshop;
        workshop.held().insert(worker.to_owned(), (run.tenant, run.id));
        let outcome = Work { desk: self.desk, run: &run, worker, claimed_at }.carry_out().await;
        workshop.held().remove(worker);
        let (store, now) = (self.desk.store(), self.desk.now());
        let event = |action| Event::new(&Actor::worker(run.tenant), now, action, format!("run:{}", run.id));
        match outcome {
            Ok(()) | Err(Stopped::LeaseLost) => {}
            Err(Stopped::Cancelled) => {
                store.finish_cancelled_run(run.tenant, run.id, worker, now, &event("run.stopped")).await?;
            }
            Err(Stopped::Failed(error)) => {
                if let Error::Internal(source) = &error {
                    tracing::error!(run = %run.id, error = %source, "a run failed inside");
                }
                store.fail_run(run.tenant, run.id, worker, &error.to_string(), now, &event("run.failed")).await?;
            }
        }
        Ok(())
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

/// Why a run made no version.
enum Stopped {
    Cancelled,
    LeaseLost,
    Failed(Error),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<store::Error> for Stopped {
    fn from(error: store::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// What the training thread and the heartbeat tell each other.
#[derive(Default)]
struct Shared {
    share: f32,
    line: String,
    unlogged: Vec<String>,
    stop: bool,
}

/// Tells the training thread to stop when nobody waits for it any more.
struct StopOnDrop(Arc<Mutex<Shared>>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        lock(&self.0).stop = true;
    }
}

struct Work<'a> {
    desk: &'a Desk,
    run: &'a Run,
    worker: &'a str,
    claimed_at: Timestamp,
}

impl Work<'_> {
    async fn carry_out(&self) -> Result<(), Stopped> {
        let shared = Arc::new(Mutex::new(Shared::default()));
        // Whoever gives up waiting takes the training down with it.
        let _stop = StopOnDrop(Arc::clone(&shared));
        let made = tokio::select! {
            made = self.make(&shared) => made?,
            stopped = self.keep_the_lease(&shared) => return Err(stopped),
        };
        self.finish(made).await
    }

    /// Loads, trains and writes the artifacts.
    async fn make(&self, shared: &Arc<Mutex<Shared>>) -> Result<NewVersion, Stopped> {
        let (desk, run) = (self.desk, self.run);
        let specification = desk.store().specification(run.tenant, run.model, run.specification_number).await?;
        let specification = specification.ok_or_else(|| Error::not_found("specification of this run"))?.specification;
        let dataset = desk.dataset(run.tenant, run.dataset).await?;
        let table = desk.table(&dataset).await?;
        let begun = desk.now();
        let trained = self.train(shared, specification.clone(), table).await;
        self.write_log(shared).await;
        let trained = trained?;
        let seconds = desk.now().since(begun) as f64 / domain::time::SECOND as f64;
        let manifest = self.keep(&trained, &specification, &dataset.sha256).await?;
        if lock(shared).stop {
            return Err(Stopped::Cancelled);
        }
        Ok(NewVersion { manifest, summary: summary(&trained, seconds) })
    }

    async fn finish(&self, made: NewVersion) -> Result<(), Stopped> {
        let (desk, run, now) = (self.desk, self.run, self.desk.now());
        let model = desk.model_by_id(run.tenant, run.model).await?.name;
        let event = |version: &Version| {
            let dataset = &version.manifest.dataset_sha256;
            Event::new(&Actor::worker(run.tenant), now, "version.trained", format!("model:{model}/{}", version.number))
                .with(serde_json::json!({ "run": run.id, "asked_by": run.created_by, "dataset": dataset }))
        };
        match desk.store().finish_run(run.tenant, run.id, self.worker, &made, now, event).await {
            Ok(version) => self.measure_against_champion(&model, version.number).await,
            // Somebody else has taken the run up meanwhile and will finish it.
            Err(store::Error::Conflict(_)) => return Err(Stopped::LeaseLost),
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Trains on the workshop's threads.
    async fn train(
        &self,
        shared: &Arc<Mutex<Shared>>,
        specification: Specification,
        table: Arc<Table>,
    ) -> Result<Trained, Stopped> {
        let (said, estimator, seed) = (Arc::clone(shared), self.run.estimator, self.run.seed as u64);
        let work = move || {
            let mut report = |share: f32, line: &str| tell(&said, share, line);
            let request = Request { specification: &specification, table: &table, estimator, seed };
            ml::training::train(&request, &mut report)
        };
        match self.desk.inner.workshop.carry_out(work).await {
            Some(Ok(trained)) => Ok(trained),
            Some(Err(TrainError::Cancelled(_))) => Err(Stopped::Cancelled),
            Some(Err(error)) => Err(Stopped::Failed(Error::Conflict(error.to_string()))),
            None => Err(Stopped::Failed(Error::Conflict(String::from(PANICKED)))),
        }
    }

    /// Renews the lease until it is lost or the database fails for good; then says why.
    async fn keep_the_lease(&self, shared: &Mutex<Shared>) -> Stopped {
        let mut tick = tokio::time::interval(HEARTBEAT);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut until, mut beats) = (self.claimed_at.plus(LEASE), 0);
        loop {
            tick.tick().await;
            let now = self.desk.now();
            match self.beat(shared, now).await {
                Ok(()) => until = now.plus(LEASE),
                // Until the lease has run out nobody else takes the run up.
                Err(Stopped::Failed(Error::Unavailable { .. })) if self.desk.now() < until => continue,
                Err(Stopped::Failed(Error::Unavailable { .. })) => return Stopped::LeaseLost,
                Err(stopped) => return stopped,
            }
            beats += 1;
            if beats % BEATS_PER_LOG == 0 {
                self.write_log(shared).await;
            }
        }
    }

    async fn beat(&self, shared: &Mutex<Shared>, now: Timestamp) -> Result<(), Stopped> {
        let (share, line) = {
            let shared = lock(shared);
            (f64::from(shared.share), shared.line.clone())
        };
        match self.desk.store().heartbeat(self.run.tenant, self.run.id, self.worker, share, &line, now).await? {
            Heartbeat::Continue => Ok(()),
            Heartbeat::CancelRequested => {
                lock(shared).stop = true;
                Ok(())
            }
            Heartbeat::Lost => Err(Stopped::LeaseLost),
        }
    }

    /// Writes down what was said since the last time. A run goes on without its log, so a failure is only noted.
    async fn write_log(&self, shared: &Mutex<Shared>) {
        let lines = std::mem::take(&mut lock(shared).unlogged);
        let written = self.desk.store().append_log(self.run.tenant, self.run.id, &lines, self.desk.now()).await;
        if let Err(error) = written {
            tracing::warn!(run = %self.run.id, %error, lines = lines.len(), "lines of a run's log are lost");
        }
    }

    /// Writes the artifacts. Writing them twice writes the same bytes, so a run that is taken up again does no harm.
    async fn keep(&self, trained: &Trained, specification: &Specification, dataset_sha256: &str) -> Result<Manifest> {
        let mut files: BTreeMap<String, Vec<u8>> = trained.model.to_files().map_err(Error::internal)?;
        let evaluation = serde_json::to_vec(&trained.evaluation).map_err(Error::internal)?;
        files.insert(String::from(EVALUATION), evaluation);
        let manifest = Manifest {
            format: 1,
            artifacts: Manifest::artifacts_of(files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()))),
            dataset_sha256: dataset_sha256.to_owned(),
            specification_sha256: specification.sha256(),
            seed: self.run.seed as u64,
            code_version: String::from(env!("CARGO_PKG_VERSION")),
        };
        for (name, bytes) in files {
            let key = Artifacts::version_key(self.run.tenant, self.run.model, self.run.id, &name);
            self.desk.inner.artifacts.put(&key, bytes).await?;
        }
        Ok(manifest)
    }

    /// Makes the comparison that the version's page shows. The version stands without it, so a failure is only logged.
    async fn measure_against_champion(&self, model: &str, number: i64) {
        let actor = Actor::worker(self.run.tenant);
        let versions = self.desk.versions();
        let compared = async {
            match versions.champion(&actor, model).await? {
                Some(champion) if champion != number => {
                    versions.compare(&actor, model, champion, number).await.map(drop)
                }
                _ => Ok(()),
            }
        };
        if let Err(error) = compared.await {
            tracing::warn!(run = %self.run.id, %error, "the new version was not compared with the champion");
        }
    }
}

/// Name of the artifact that holds a version's evaluation.
pub(crate) const EVALUATION: &str = "evaluation.json";

fn tell(shared: &Mutex<Shared>, share: f32, line: &str) -> ControlFlow<()> {
    let mut shared = lock(shared);
    shared.share = share;
    if shared.line != line {
        shared.line = line.to_owned();
        match shared.unlogged.last_mut() {
            // Rounds and epochs may come by the hundred in a second; the newest of them says it all.
            Some(last) if differ_in_figures_only(last, line) => line.clone_into(last),
            _ => shared.unlogged.push(line.to_owned()),
        }
    }
    if shared.stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

fn differ_in_figures_only(a: &str, b: &str) -> bool {
    let is_word = |c: &char| !c.is_ascii_digit();
    a.chars().filter(is_word).eq(b.chars().filter(is_word))
}

/// A panic in a training leaves plain numbers and text behind, which are good to read.
fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn summary(trained: &Trained, training_seconds: f64) -> VersionSummary {
    let evaluation = &trained.evaluation;
    VersionSummary {
        estimator: trained.model.estimator_name(),
        metrics: known(&evaluation.report.metrics),
        held_back: evaluation.held_back_rows,
        trained_on: evaluation.training_rows,
        threshold: trained.model.threshold(),
        training_seconds,
    }
}

fn known(metrics: &Metrics) -> BTreeMap<String, f64> {
    METRICS.iter().filter_map(|info| Some((info.key.to_owned(), metrics.get(info.key)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_lines_that_differ_in_figures_only_the_newest_is_kept() {
        let shared = Mutex::new(Shared::default());
        for line in ["reading", "round 9 of 300", "round 10 of 300", "round 10 of 300", "calibrating"] {
            assert_eq!(tell(&shared, 0.5, line), ControlFlow::Continue(()));
        }
        assert_eq!(lock(&shared).unlogged, ["reading", "round 10 of 300", "calibrating"]);
    }

    #[tokio::test]
    async fn a_panic_ends_the_training_and_not_the_process() {
        let workshop = Workshop::new(1).unwrap();
        assert_eq!(workshop.carry_out(|| panic!("as a mistake would")).await, None::<()>);
        assert_eq!(workshop.carry_out(|| 7).await, Some(7));
    }

    #[test]
    fn each_worker_holds_its_own_run() {
        let workshop = Workshop::new(1).unwrap();
        workshop.held().insert(String::from("one"), (TenantId(1), RunId(1)));
        workshop.held().insert(String::from("two"), (TenantId(1), RunId(2)));
        assert_eq!(workshop.held().remove("one"), Some((TenantId(1), RunId(1))));
        assert_eq!(workshop.held().remove("two"), Some((TenantId(1), RunId(2))));
    }
}
