//! Looking, every hour, whether a model should learn again.

use domain::model::{Model, Version};
use domain::retraining::{Check, FEWEST_OUTCOMES, Live, Rules, ScoreDrift, Seen, check};
use domain::time::DAY;
use domain::{Actor, ModelId, Permission, Task, TenantId};
use ml::measure::Estimate;

use super::{Cause, CheckRecord, Retraining};
use crate::Desk;
use crate::error::{Error, Result};
use crate::quality::Figures;
use crate::versions::Evaluation;

impl Retraining<'_> {
    /// Checks the triggers of an organisation's models, and has those learn again whose trigger fires; gives how many. A
    /// model that cannot be checked holds up no other.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn check_all(&self, tenant: TenantId) -> Result<usize> {
        let mut asked = 0;
        for model in self.desk.store().models(tenant).await? {
            match self.desk.check_triggers(tenant, model.id).await {
                Ok(record) => asked += usize::from(record.run.is_some()),
                Err(error) => tracing::warn!(%tenant, model = %model.name, %error, "triggers are not checked"),
            }
        }
        Ok(asked)
    }

    /// Checks the triggers of one model now, and has it learn again if one fires.
    ///
    /// # Errors
    /// Needs the right to train; [`Error::NotFound`] for another tenant's.
    pub async fn check(&self, actor: &Actor, model: &str) -> Result<CheckRecord> {
        actor.check(Permission::Train)?;
        let model = self.desk.model(actor.tenant, model).await?;
        self.desk.check_triggers(actor.tenant, model.id).await
    }
}

impl Desk {
    async fn check_triggers(&self, tenant: TenantId, model: ModelId) -> Result<CheckRecord> {
        let model = self.model_by_id(tenant, model).await?;
        let rules = model.specification.retraining();
        let (at, seen) = (self.now(), self.seen(&model, &rules).await?);
        let mut check = check(&rules, &seen, at);
        let run = match self.begin(&model, &check).await {
            Ok(run) => run,
            // A run of the model waits by now, or too many of the tenant do.
            Err(Error::Conflict(reason) | Error::Unavailable { reason, .. }) => {
                check.held_back = Some(reason);
                None
            }
            Err(other) => return Err(other),
        };
        let record = CheckRecord { at, check, run };
        self.store().keep_check(tenant, model.id, &record).await?;
        Ok(record)
    }

    async fn begin(&self, model: &Model, check: &Check) -> Result<Option<domain::RunId>> {
        let Some(fired) = check.fired() else { return Ok(None) };
        let cause = Cause { trigger: fired.trigger, saw: fired.saw.clone(), ..Cause::default() };
        Ok(Some(self.learn_again(&Actor::worker(model.tenant), model, cause).await?.id))
    }

    async fn seen(&self, model: &Model, rules: &Rules) -> Result<Seen> {
        let (store, tenant) = (self.store(), model.tenant);
        let newest = store.versions(tenant, model.id).await?.into_iter().next();
        let champion = match store.newest_deployment(tenant, model.id).await?.and_then(|newest| newest.version) {
            Some(number) => Some(self.version(tenant, model, number).await?.0),
            None => None,
        };
        let last = store.last_triggered(tenant, model.id).await?;
        let since = match &newest {
            Some(version) => self.dataset(tenant, version.dataset).await?.created_at,
            None => model.created_at,
        };
        let nothing_new = match &last {
            Some(run) => store.labels_since(tenant, model.id, run.started_at.unwrap_or(run.created_at)).await? == 0,
            None => false,
        };
        Ok(Seen {
            live: self.live(model, rules, champion.as_ref()).await?,
            drift: self.score_drift(model, champion.as_ref()).await?,
            learnt_at: newest.map(|version| version.created_at),
            new_labels: store.labels_since(tenant, model.id, since).await? as u64,
            is_learning: store.is_learning(tenant, model.id).await?,
            last_triggered_at: last.map(|run| run.created_at),
            nothing_new,
        })
    }
}

/// Days of outcomes that the live metric is measured on; the next number, where too few came in these.
const WINDOWS: [i64; 2] = [7, 30];
/// Days of scores that are compared with the reference.
const SCORES: i64 = 7;

impl Desk {
    /// The champion's metric on the newest outcomes, beside what it reached on its held-back rows.
    async fn live(
        &self,
        model: &Model,
        rules: &Rules,
        champion: Option<&Version>,
    ) -> Result<Option<Result<Live, String>>> {
        let Some(version) = champion else { return Ok(None) };
        let inspected = self.versions().inspect(model, version).await?;
        let Some(reference) = reference(model, rules, inspected.evaluation.as_ref().ok(), version) else {
            return Ok(Some(Err(format!("version {} has no reference for its metric", version.number))));
        };
        let (actor, mut known) = (Actor::worker(model.tenant), 0);
        for days in WINDOWS {
            let seen = self.quality().live(&actor, &model.name, Some(version.number), days).await?.whole;
            known = seen.known;
            if let Some(now) = measured(&seen, &reference.key).filter(|_| known >= FEWEST_OUTCOMES) {
                return Ok(Some(Ok(reference.beside(&now, known))));
            }
        }
        let metric = &reference.key;
        Ok(Some(Err(format!("{metric} counts from {FEWEST_OUTCOMES} outcomes on; {known} came in 30 days"))))
    }

    async fn score_drift(
        &self,
        model: &Model,
        champion: Option<&Version>,
    ) -> Result<Option<Result<ScoreDrift, String>>> {
        let Some(version) = champion else { return Ok(None) };
        let (actor, now) = (Actor::worker(model.tenant), self.now());
        let from = now.plus(-SCORES * DAY);
        let found = self.quality().score_drift(&actor, &model.name, version.number, from, now).await?;
        let drift = found.map(|drift| ScoreDrift {
            distance: drift.test.distance,
            p: drift.test.p_value,
            n: drift.test.current,
            reference_n: drift.test.reference,
        });
        Ok(Some(drift.ok_or_else(|| format!("version {} gave no scores in {SCORES} days", version.number))))
    }
}

/// What a version reached on its held-back rows.
struct Reference {
    key: String,
    value: f64,
    interval: (f64, f64),
}

impl Reference {
    fn beside(self, now: &Estimate, n: u64) -> Live {
        let info = ml::measure::metric(&self.key);
        Live {
            higher_is_better: info.and_then(|info| info.higher_is_better).unwrap_or(true),
            metric: self.key,
            value: now.value,
            interval: (now.low, now.high),
            n,
            reference: self.value,
            reference_interval: self.interval,
        }
    }
}

/// Of the metric of the rules, if outcomes tell it; else of the one that they tell best.
fn reference(model: &Model, rules: &Rules, evaluation: Option<&Evaluation>, version: &Version) -> Option<Reference> {
    let told = match model.task() {
        Task::Binary | Task::Multiclass => "f1",
        Task::Regression => "mae",
        Task::TextRecognition => "exact",
    };
    let asked = rules.metric.as_deref().filter(|metric| TOLD.contains(metric));
    let key = asked.unwrap_or(told).to_owned();
    let value = *version.summary.metrics.get(&key)?;
    let intervals = match evaluation? {
        Evaluation::Rows(evaluation) => &evaluation.report.intervals,
        Evaluation::Images(evaluation) => &evaluation.intervals,
    };
    let interval = intervals.iter().find(|interval| interval.key == key)?;
    Some(Reference { interval: (interval.low, interval.high), key, value })
}

/// Metrics that outcomes tell, with an interval.
const TOLD: [&str; 6] = ["accuracy", "precision", "recall", "f1", "mae", "exact"];

fn measured(seen: &Figures, metric: &str) -> Option<Estimate> {
    let live = seen.measured.as_ref();
    match metric {
        "accuracy" | "exact" => seen.accuracy(),
        "precision" => live?.precision,
        "recall" => live?.recall,
        "f1" => live?.f1,
        "mae" => seen.errors.map(|errors| errors.mean_absolute),
        _ => None,
    }
}
