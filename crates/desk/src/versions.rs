//! Versions: looked at, measured and compared. Who serves is decided in `promoting`.

mod again;
mod doubtful;
mod evaluation;
mod promoting;
mod readings;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use domain::dataset::Dataset;
use domain::gate::{self, Against, Gate, Measured};
use domain::model::{Deployment, Model, Version};
use domain::prediction::Answer;
use domain::time::DAY;
use domain::{Actor, ModelId, Permission, Specification, Task, Timestamp};
pub use ml::evaluation::{
    ColumnImportance, Comparison, Disagreement, Evaluation as RowEvaluation, Report, Side, SourceDifference,
};
use ml::model::Model as Fitted;
use ml::table::Table;
use ml::training::TrainError;
use moka::future::Cache as Moka;
use store::Artifacts;
pub use store::LatencySummary;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Result};
use crate::training::EVALUATION;
use crate::{datasets, kind, room};

pub(crate) use doubtful::{DOUBTFUL, doubtful};
pub use doubtful::{DoubtfulLabel, DoubtfulLabels};
pub use evaluation::{Evaluation, Misread, ReadingEvaluation};
pub(crate) use evaluation::{described, figures, sureness};
pub use readings::ArchiveReport;
pub(crate) use readings::{read_all, read_text};
pub use vision::text::Confusion;
pub use vision::training::{ReadingReport, SourceReport, WorstExample};
pub use vision::{CharacterConfidence, Readout};

room! {
    /// Verbs on versions.
    Versions
}

/// How long a verification of a version's artifacts is shown before it is made again.
const VERIFIED_FOR: Duration = Duration::from_secs(300);

/// Files that are measured on at a time: each is held in memory whole, and may be as large as a data set.
const MEASURED_AT_ONCE: usize = 2;

pub(crate) fn places() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(MEASURED_AT_ONCE))
}

/// Versions whose evaluation was read and verified lately.
pub(crate) struct Cache(Moka<(ModelId, i64), Arc<Inspected>>);

impl Default for Cache {
    fn default() -> Self {
        Self(Moka::builder().max_capacity(256).time_to_live(VERIFIED_FOR).build())
    }
}

/// What the artifacts of a version say of themselves.
#[derive(Clone, Debug)]
pub struct Inspected {
    /// When they were read.
    pub at: Timestamp,
    /// What was measured, if the artifacts are as they were written; else what is wrong with them.
    pub evaluation: Result<Evaluation, String>,
}

/// A gate and its answer.
#[derive(Clone, Debug)]
pub struct GateResult {
    /// The rule.
    pub gate: Gate,
    /// The answer.
    pub verdict: gate::Verdict,
}

/// Everything a version page shows.
#[derive(Clone, Debug)]
pub struct VersionDetail {
    /// Its model.
    pub model: Model,
    /// The version.
    pub version: Version,
    /// The specification it was trained by.
    pub specification: Specification,
    /// Its evaluation, and whether its artifacts are whole.
    pub inspected: Arc<Inspected>,
    /// The version that serves now.
    pub champion: Option<i64>,
    /// Whether this version is the one to be compared with it.
    pub challenges: bool,
    /// Champion (a) and this version (b) on the same held-back rows, if another version serves.
    pub comparison: Option<Arc<Comparison>>,
    /// The model's gates, answered for this version.
    pub gates: Vec<GateResult>,
    /// Deployments of this version, newest first.
    pub deployments: Vec<Deployment>,
    /// How long its answers of the last 7 days took, if it gave any.
    pub latency: Option<LatencySummary>,
}

impl Versions<'_> {
    /// A version with its evaluation, its gates, and how it compares with the champion.
    ///
    /// # Errors
    /// Needs the right to see models; [`Error::NotFound`] for another tenant's.
    pub async fn get(&self, actor: &Actor, model: &str, number: i64) -> Result<VersionDetail> {
        actor.check(Permission::ReadModels)?;
        let model = self.desk.model(actor.tenant, model).await?;
        let (version, specification) = self.desk.version(actor.tenant, &model, number).await?;
        let inspected = self.inspect(&model, &version).await?;
        let deployments = self.desk.store().deployments(actor.tenant, model.id).await?;
        let champion = deployments.first().and_then(|deployment| deployment.version);
        let rival = champion.filter(|champion| *champion != number);
        let challengers = self.desk.store().challengers(actor.tenant, model.id).await?;
        let challenges = champion != Some(number) && challengers.first().is_some_and(|one| one.version == Some(number));
        let comparison = match rival {
            Some(champion) => self.stored_comparison(actor, &model, champion, &version).await?,
            None => None,
        };
        let gates = answer_gates(&model.specification.gates, &version, rival.is_some(), comparison.as_deref());
        let moved = |deployment: &Deployment| deployment.version == Some(number) || deployment.previous == Some(number);
        let deployments = deployments.into_iter().filter(moved).collect();
        let now = self.desk.now();
        let latency = self.desk.store().latency(actor.tenant, model.id, number, now.plus(-7 * DAY), now).await?;
        Ok(VersionDetail {
            model,
            version,
            specification,
            inspected,
            champion,
            challenges,
            comparison,
            gates,
            deployments,
            latency,
        })
    }

    /// Number of the version that serves; none is the heuristic.
    ///
    /// # Errors
    /// Needs the right to see models.
    pub async fn champion(&self, actor: &Actor, model: &str) -> Result<Option<i64>> {
        actor.check(Permission::ReadModels)?;
        let model = self.desk.model(actor.tenant, model).await?;
        let newest = self.desk.store().newest_deployment(actor.tenant, model.id).await?;
        Ok(newest.and_then(|deployment| deployment.version))
    }

    /// Reads the artifacts of the version that serves and holds them against their manifest; false if none serves.
    pub(crate) async fn verify_champion(&self, model: &Model) -> Result<bool> {
        let newest = self.desk.store().newest_deployment(model.tenant, model.id).await?;
        let Some(number) = newest.and_then(|deployment| deployment.version) else { return Ok(false) };
        let (version, _) = self.desk.version(model.tenant, model, number).await?;
        self.desk.verified_files(model.tenant, &version).await?;
        Ok(true)
    }

    /// Measures two versions on the same rows: those that the later one's training held back.
    ///
    /// # Errors
    /// Needs the right to see models; [`Error::Conflict`] if one of them cannot read the other's data.
    pub async fn compare(&self, actor: &Actor, model: &str, a: i64, b: i64) -> Result<Arc<Comparison>> {
        actor.check(Permission::ReadModels)?;
        let model = self.desk.model(actor.tenant, model).await?;
        let later = self.desk.version(actor.tenant, &model, a.max(b)).await?;
        let key = comparison_key(actor, &later.0, a, b);
        if let Some(known) = self.read_comparison(&key).await? {
            return Ok(known);
        }
        // Workers compare, too, so one more waits for a place, and is not sent away.
        let _place = self.desk.inner.measuring.acquire().await.map_err(Error::internal)?;
        let dataset = self.desk.dataset(actor.tenant, later.0.dataset).await?;
        let table = self.desk.table(&dataset).await?;
        let earlier = self.desk.version(actor.tenant, &model, a.min(b)).await?;
        let rows = self.unseen(&earlier, &later.1, &dataset, &table).await?;
        let compared = Arc::new(match model.task() {
            Task::TextRecognition => self.compare_readers(&model, (a, b), later.1, &table, rows).await?,
            Task::Binary | Task::Multiclass | Task::Regression => {
                self.compare_rows(&model, (a, b), later.1, table, rows).await?
            }
        });
        let json = serde_json::to_vec(&*compared).map_err(Error::internal)?;
        self.desk.inner.artifacts.put(&key, json).await?;
        Ok(compared)
    }

    /// Rows of the later version's data set that neither learnt from: both hold them back, and they are not among those
    /// that the earlier one in fact learnt from. Where rows are divided by time, labels that came late or another window
    /// of days put rows into the later part that an earlier version knows.
    async fn unseen(
        &self,
        earlier: &(Version, Specification),
        later: &Specification,
        dataset: &Dataset,
        table: &Arc<Table>,
    ) -> Result<Vec<usize>> {
        let theirs = self.desk.dataset(dataset.tenant, earlier.0.dataset).await?;
        let their_table = if theirs.id == dataset.id { Arc::clone(table) } else { self.desk.table(&theirs).await? };
        let (before, after, table) = (earlier.1.clone(), later.clone(), Arc::clone(table));
        let work = move || {
            let mut rows = ml::evaluation::held_back(&[&before, &after], &table)?;
            let known = datasets::learnt_from(&before, &their_table)?;
            let ids = datasets::ids(&after, &table);
            rows.retain(|row| !known.contains(&ids[*row]));
            Ok::<_, TrainError>(rows)
        };
        let rows = tokio::task::spawn_blocking(work).await.map_err(Error::internal)?;
        match rows.map_err(|error| Error::Conflict(error.to_string()))? {
            rows if rows.is_empty() => Err(Error::Conflict(String::from("no row is unknown to both versions"))),
            rows => Ok(rows),
        }
    }

    async fn compare_rows(
        &self,
        model: &Model,
        (a, b): (i64, i64),
        specification: Specification,
        table: Arc<Table>,
        rows: Vec<usize>,
    ) -> Result<Comparison> {
        let (first, second) = (self.desk.load_rows(model, a).await?, self.desk.load_rows(model, b).await?);
        let work = move || {
            ml::evaluation::compare(&first, &second, &specification, &table, &rows)
                .map_err(|error| Error::Conflict(error.to_string()))
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
    }

    /// Measures a version on a labelled data set from outside.
    ///
    /// # Errors
    /// Needs the right to see models; says which column is missing or which label is unknown; [`Error::Unavailable`] while
    /// as many as may be are measured.
    pub async fn evaluate(&self, actor: &Actor, model: &str, number: i64, csv: Vec<u8>) -> Result<Report> {
        actor.check(Permission::ReadModels)?;
        let place = self.place()?;
        let (fitted, specification) = self.fitted(actor, model, number).await?;
        let most_rows = self.desk.inner.limits.dataset_rows;
        let work = move || {
            let _place = place;
            let table = datasets::read(&csv, most_rows)?;
            ml::evaluation::evaluate(&fitted, &specification, &table).map_err(|e| Error::field("file", e.to_string()))
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
    }

    /// Answers for each row of a CSV, in its order. Nothing is logged.
    ///
    /// # Errors
    /// Needs the right to predict; says which column is missing or which cell cannot be read.
    pub async fn score(&self, actor: &Actor, model: &str, number: i64, csv: Vec<u8>) -> Result<Vec<Answer>> {
        actor.check(Permission::Predict)?;
        let (fitted, specification) = self.fitted(actor, model, number).await?;
        let most_rows = self.desk.inner.limits.dataset_rows;
        let work = move || {
            let table = datasets::read(&csv, most_rows)?;
            let rows = ml::evaluation::read_inputs(&specification, &table);
            let inputs = rows.map_err(|error| Error::field("file", error.to_string()))?;
            let rows: Vec<_> = (0..inputs.rows).map(|row| inputs.row(row)).collect();
            Ok(fitted.outputs_of(&rows).iter().map(|outputs| fitted.decide(outputs)).collect())
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
    }

    /// The version that was named; else the champion; else, before anything was promoted, the newest.
    ///
    /// # Errors
    /// Needs the right to see models; [`Error::NotFound`] if there is none yet.
    pub async fn named_or_best(&self, actor: &Actor, model: &str, named: Option<i64>) -> Result<i64> {
        if let Some(number) = named {
            return Ok(number);
        }
        let detail = self.desk.models().get(actor, model).await?;
        let newest = detail.versions.first().map(|version| version.number);
        let none = || Error::not_found(format!("version of `{model}` yet; train it first"));
        detail.champion().or(newest).ok_or_else(none)
    }

    /// A place among those who measure, until it is dropped; refused at once if there is none.
    fn place(&self) -> Result<OwnedSemaphorePermit> {
        let busy = |_| Error::Unavailable {
            reason: format!("{MEASURED_AT_ONCE} files are being measured on just now"),
            retry_after: 5,
        };
        Arc::clone(&self.desk.inner.measuring).try_acquire_owned().map_err(busy)
    }

    async fn fitted(&self, actor: &Actor, model: &str, number: i64) -> Result<(Arc<Fitted>, Specification)> {
        let model = self.desk.model(actor.tenant, model).await?;
        kind::takes_rows(&model)?;
        let (_, specification) = self.desk.version(actor.tenant, &model, number).await?;
        Ok((self.desk.load_rows(&model, number).await?, specification))
    }

    pub(crate) async fn inspect(&self, model: &Model, version: &Version) -> Result<Arc<Inspected>> {
        let cache = &self.desk.inner.evaluations.0;
        let key = (version.model, version.number);
        if let Some(known) = cache.get(&key).await {
            return Ok(known);
        }
        let files = self.desk.verified_files(model.tenant, version).await;
        let evaluation = match files {
            Ok(files) => Evaluation::read(model.task(), files.get(EVALUATION)),
            Err(Error::Conflict(reason)) => Err(reason),
            Err(other) => return Err(other),
        };
        let inspected = Arc::new(Inspected { at: self.desk.now(), evaluation });
        cache.insert(key, Arc::clone(&inspected)).await;
        Ok(inspected)
    }

    /// The comparison that was made when the later of the two was trained, if there is one.
    async fn stored_comparison(
        &self,
        actor: &Actor,
        model: &Model,
        champion: i64,
        version: &Version,
    ) -> Result<Option<Arc<Comparison>>> {
        let later = if champion > version.number {
            self.desk.version(actor.tenant, model, champion).await?.0
        } else {
            version.clone()
        };
        self.read_comparison(&comparison_key(actor, &later, champion, version.number)).await
    }

    async fn read_comparison(&self, key: &str) -> Result<Option<Arc<Comparison>>> {
        let found = self.desk.inner.artifacts.get(key).await?;
        Ok(found.and_then(|bytes| serde_json::from_slice(&bytes).ok()).map(Arc::new))
    }
}

/// What the gates say that do not let a version pass, beside the champion that it was compared with.
pub(crate) fn closed_gates(detail: &VersionDetail, comparison: Option<&Comparison>) -> Vec<String> {
    let has_rival = detail.champion.is_some_and(|champion| champion != detail.version.number);
    let answers = answer_gates(&detail.model.specification.gates, &detail.version, has_rival, comparison);
    answers.into_iter().filter(|gate| !gate.verdict.passed).map(|gate| gate.verdict.reason).collect()
}

/// A comparison is derived and can be made again, so it lies beside the version's artifacts and not in its manifest.
fn comparison_key(actor: &Actor, later: &Version, a: i64, b: i64) -> String {
    Artifacts::version_key(actor.tenant, later.model, later.run, &format!("comparison-{a}-{b}.json"))
}

fn answer_gates(
    gates: &[Gate],
    version: &Version,
    has_rival: bool,
    comparison: Option<&Comparison>,
) -> Vec<GateResult> {
    let against = |metric: &str| {
        let figures = |both: &Comparison| Some((both.a.metrics.get(metric)?, both.b.metrics.get(metric)?));
        match comparison.and_then(figures) {
            _ if !has_rival => Against::Nobody,
            Some((champion, candidate)) => Against::Champion { candidate, champion },
            None => Against::Unmeasured,
        }
    };
    let answer = |gate: &Gate| {
        let info = ml::measure::metric(&gate.metric);
        let measured = Measured {
            candidate: version.summary.metrics.get(&gate.metric).copied(),
            against: against(&gate.metric),
            higher_is_better: info.and_then(|info| info.higher_is_better).unwrap_or(true),
        };
        GateResult { gate: gate.clone(), verdict: gate.decide(measured) }
    };
    gates.iter().map(answer).collect()
}
