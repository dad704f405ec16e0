//! One run from its claim to its end.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use domain::audit::Event;
use domain::dataset::Dataset;
use domain::manifest::Manifest;
use domain::model::{Version, VersionSummary};
use domain::retraining::Standing;
use domain::run::{MAX_RETRIES, Run, retry_delay};
use domain::{Actor, Specification, Task, Timestamp};
use futures::FutureExt;
use ml::measure::{METRICS, Metrics};
use ml::table::Table;
use ml::training::{Request, TrainError};
use store::{Artifacts, NewVersion};

use super::progress::{Shared, StopOnDrop, lock, tell};
use crate::Desk;
use crate::error::{Error, Result};
use crate::panics::{caught, mistake};

/// Name of the artifact that holds a version's evaluation.
pub(crate) const EVALUATION: &str = "evaluation.json";

/// What a training made.
pub(super) struct Learnt {
    /// The artifacts by their names.
    pub(super) files: BTreeMap<String, Vec<u8>>,
    /// The headline, but for the time it took.
    pub(super) summary: VersionSummary,
}

/// A run in the hands of a worker.
pub(super) struct Work<'a> {
    pub(super) desk: &'a Desk,
    pub(super) run: &'a Run,
    pub(super) worker: &'a str,
    pub(super) claimed_at: Timestamp,
}

impl Work<'_> {
    /// Works on the run until it is over, and records how it ended; a run that fails is no error here.
    pub(super) async fn to_the_end(&self) -> Result<()> {
        let (desk, run, worker) = (self.desk, self.run, self.worker);
        let workshop = &desk.inner.workshop;
        workshop.held().insert(worker.to_owned(), (run.tenant, run.id));
        let outcome = caught(self.carry_out().boxed()).await;
        workshop.held().remove(worker);
        let (store, now) = (desk.store(), desk.now());
        let event = |action| Event::new(&Actor::worker(run.tenant), now, action, format!("run:{}", run.id));
        match outcome {
            Ok(()) => {}
            // Whoever has the run now goes on from its checkpoint.
            Err(Stopped::LeaseLost) => return Ok(()),
            Err(Stopped::Cancelled) => {
                store.finish_cancelled_run(run.tenant, run.id, worker, now, &event("run.stopped")).await?;
            }
            Err(Stopped::Failed(Error::Unavailable { reason, .. })) if run.retries < MAX_RETRIES => {
                return self.put_off(&reason).await;
            }
            Err(Stopped::Failed(error)) => {
                if let Error::Internal(source) = &error {
                    tracing::error!(run = %run.id, error = %source, "a run failed inside");
                }
                let tried = if run.retries > 0 { format!(" (tried {} times)", run.retries + 1) } else { String::new() };
                let reason = format!("{error}{tried}");
                let event = event("run.failed").with(serde_json::json!({ "reason": reason }));
                store.fail_run(run.tenant, run.id, worker, &reason, now, &event).await?;
            }
        }
        desk.forget_checkpoint(run).await;
        Ok(())
    }

    /// Waiting may help; the run keeps its checkpoint meanwhile.
    async fn put_off(&self, reason: &str) -> Result<()> {
        let (run, now) = (self.run, self.desk.now());
        let until = now.plus(retry_delay(run.retries));
        let why = format!("{reason}; it is tried again at {}", until.rfc3339());
        match self.desk.store().put_off_run(run.tenant, run.id, self.worker, &why, until, now).await {
            // Somebody else has it.
            Err(store::Error::Conflict(_)) => Ok(()),
            done => Ok(done?),
        }
    }

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
    pub(super) async fn make(&self, shared: &Arc<Mutex<Shared>>) -> Result<NewVersion, Stopped> {
        let (desk, run) = (self.desk, self.run);
        let specification = desk.store().specification(run.tenant, run.model, run.specification_number).await?;
        let specification = specification.ok_or_else(|| Error::not_found("specification of this run"))?.specification;
        let dataset = self.examples().await?;
        self.check_memory(&specification, &dataset)?;
        let table = desk.table(&dataset).await?;
        let begun = desk.now();
        let learnt = match specification.task {
            Task::TextRecognition => self.learn_to_read(shared, specification.clone(), &table).await,
            Task::Binary | Task::Multiclass | Task::Regression => {
                self.learn_rows(shared, specification.clone(), table).await
            }
        };
        self.write_log(shared).await;
        let Learnt { files, summary } = learnt?;
        let training_seconds = desk.now().since(begun) as f64 / domain::time::SECOND as f64;
        let manifest = self.keep(files, &specification, &dataset.sha256).await?;
        if lock(shared).stop {
            return Err(Stopped::Cancelled);
        }
        Ok(NewVersion { manifest, summary: VersionSummary { training_seconds, ..summary } })
    }

    /// What the run learns from; frozen now, if nobody has yet.
    async fn examples(&self) -> Result<Dataset, Stopped> {
        let (desk, run) = (self.desk, self.run);
        if let Some(dataset) = run.dataset {
            return Ok(desk.dataset(run.tenant, dataset).await?);
        }
        let model = desk.model_by_id(run.tenant, run.model).await?;
        let dataset = desk.datasets().freeze(&Actor::worker(run.tenant), &model, run.days).await?;
        match desk.store().give_run(run.tenant, run.id, self.worker, dataset.id).await {
            Ok(_) => Ok(dataset),
            Err(store::Error::Conflict(_)) => Err(Stopped::LeaseLost),
            Err(error) => Err(error.into()),
        }
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
            Ok(version) if run.policy == Standing::Candidate => {
                self.measure_against_champion(&model, version.number).await;
            }
            Ok(version) => self.settle(version.number).await,
            // Somebody else has taken the run up meanwhile and will finish it.
            Err(store::Error::Conflict(_)) => return Err(Stopped::LeaseLost),
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Decides what becomes of the version. If that fails, somebody takes the decision up later.
    async fn settle(&self, number: i64) {
        let run = Run { version: Some(number), ..self.run.clone() };
        if let Err(error) = self.desk.settle(&run).await {
            tracing::warn!(run = %run.id, %error, "what becomes of a version is not decided yet");
        }
    }

    /// Learns to answer rows, on the workshop's threads.
    async fn learn_rows(
        &self,
        shared: &Arc<Mutex<Shared>>,
        specification: Specification,
        table: Arc<Table>,
    ) -> Result<Learnt, Stopped> {
        let (said, estimator, seed) = (Arc::clone(shared), self.run.estimator, self.run.seed as u64);
        let work = move || {
            let mut report = |share: f32, line: &str| tell(&said, share, line);
            let request = Request { specification: &specification, table: &table, estimator, seed };
            let trained = ml::training::train(&request, &mut report)?;
            let mut files = trained.model.to_files().map_err(unusable)?;
            files.insert(String::from(EVALUATION), serde_json::to_vec(&trained.evaluation).map_err(unusable)?);
            let (evaluation, model) = (&trained.evaluation, &trained.model);
            let summary = VersionSummary {
                estimator: model.estimator_name(),
                metrics: known(&evaluation.report.metrics),
                held_back: evaluation.held_back_rows,
                trained_on: evaluation.training_rows,
                threshold: model.threshold(),
                training_seconds: 0.0,
            };
            Ok(Learnt { files, summary })
        };
        match self.desk.inner.workshop.carry_out(work).await {
            Some(Ok(learnt)) => Ok(learnt),
            Some(Err(TrainError::Cancelled(_))) => Err(Stopped::Cancelled),
            Some(Err(error)) => Err(Stopped::Failed(Error::Conflict(error.to_string()))),
            None => Err(Stopped::Failed(mistake())),
        }
    }

    /// Writes the artifacts. Writing them twice writes the same bytes, so a run that is taken up again does no harm.
    async fn keep(
        &self,
        files: BTreeMap<String, Vec<u8>>,
        specification: &Specification,
        dataset_sha256: &str,
    ) -> Result<Manifest> {
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

/// Why a run made no version.
pub(super) enum Stopped {
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

fn unusable(error: impl std::fmt::Display) -> TrainError {
    TrainError::Unusable(error.to_string())
}

/// The figures that are defined, by their keys.
pub(super) fn known(metrics: &Metrics) -> BTreeMap<String, f64> {
    METRICS.iter().filter_map(|info| Some((info.key.to_owned(), metrics.get(info.key)?))).collect()
}
