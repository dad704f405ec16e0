mod counts;

use std::collections::{BTreeMap, HashMap};

use domain::actor::may_overrule;
use domain::audit::Event;
use domain::prediction::{Outcome, OutcomeSource};
use domain::{ModelId, OutcomeId, PredictionId, TenantId, Timestamp};
use futures::stream::{Stream, try_unfold};
use uuid::Uuid;

use crate::dialect::{Bulk, Values, read_by_uuid, rows_by_uuid};
use crate::sql::{Row, Tx, args};
use crate::{Error, Store};
pub(crate) use counts::FARTHEST;
use counts::{Counts, Facts, facts};

/// A truth that somebody reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOutcome {
    /// Identity.
    pub id: OutcomeId,
    /// The prediction it is about.
    pub prediction: PredictionId,
    /// What was true: a class, or a number as text.
    pub truth: String,
    /// When it is recorded.
    pub at: Timestamp,
    /// Who records it.
    pub actor: String,
    /// Where it comes from.
    pub source: OutcomeSource,
}

/// What became of a reported truth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recording {
    /// It is the first about its prediction and is recorded.
    Recorded(Outcome),
    /// The same truth is recorded already; nothing was written.
    Repeated(Outcome),
    /// Another truth is recorded already; nothing was written. A correction needs a reason.
    Contradicted(Outcome),
    /// The tenant has no such prediction.
    NoPrediction,
}

impl Recording {
    /// The recorded outcome, if this was the first.
    ///
    /// # Errors
    /// [`Error::Conflict`] when there was one, [`Error::NotFound`] when there is no such prediction.
    pub fn into_result(self) -> Result<Outcome, Error> {
        match self {
            Self::Recorded(outcome) => Ok(outcome),
            Self::Repeated(_) | Self::Contradicted(_) => Err(Error::Conflict("an outcome is recorded already")),
            Self::NoPrediction => Err(Error::NotFound),
        }
    }
}

/// A row to learn from: what was asked, and what was true.
#[derive(Clone, Debug, PartialEq)]
pub struct Labelled {
    /// The prediction.
    pub prediction: PredictionId,
    /// When it was asked.
    pub at: Timestamp,
    /// The row as it was sent: JSON text.
    pub features: String,
    /// The truth as it was known at the bound.
    pub truth: String,
}

const STEP: i64 = 1_000;

impl Store {
    /// Records truths, each about a prediction that has none yet, all in one transaction. Gives what became of each, in
    /// their order. An import has one audit entry; a single truth is its own record and needs none.
    pub async fn insert_outcomes(
        &self,
        tenant: TenantId,
        outcomes: &[NewOutcome],
        event: Option<&Event>,
    ) -> Result<Vec<Recording>, Error> {
        let mut tx = self.begin().await?;
        if let Some(event) = event {
            tx.append(tenant, event).await?;
        }
        let recordings = record(&mut tx, tenant, &outcomes.iter().collect::<Vec<_>>()).await?;
        tx.commit().await?;
        Ok(recordings)
    }

    /// Puts another truth in the place of the recorded one, which stays in the history.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such prediction or nothing to correct; [`Error::Conflict`] when this is the
    /// recorded truth, or a key's word against a person's.
    pub async fn correct_outcome(
        &self,
        tenant: TenantId,
        correction: &NewOutcome,
        reason: &str,
        event: &Event,
    ) -> Result<Outcome, Error> {
        let mut tx = self.begin().await?;
        // First: it locks the tenant's log, so that two corrections come one after the other.
        tx.append(tenant, event).await?;
        let outcome = replace(&mut tx, tenant, correction, reason).await?;
        tx.commit().await?;
        Ok(outcome)
    }

    /// Everything that was said about a prediction, first to newest.
    pub async fn outcomes(&self, tenant: TenantId, prediction: PredictionId) -> Result<Vec<Outcome>, Error> {
        let sql = format!("{SELECT} WHERE tenant_id = $1 AND prediction_id = $2 ORDER BY sequence");
        self.rows(sql, args![tenant, prediction]).await?.iter().map(read).collect()
    }

    /// The models of those predictions that the tenant has.
    pub async fn models_of(
        &self,
        tenant: TenantId,
        predictions: &[PredictionId],
    ) -> Result<HashMap<PredictionId, ModelId>, Error> {
        let ids: Vec<Uuid> = predictions.iter().map(|id| id.0).collect();
        let rows = read_by_uuid(&self.pools, "SELECT id, model_id FROM predictions", tenant, "id", &ids).await?;
        rows.iter().map(|row| Ok((PredictionId(row.at(0)?), ModelId(row.at(1)?)))).collect()
    }

    /// The rows of a model whose truth was known at `bound`, with that truth, oldest prediction first, in parts of up to
    /// 1,000. The same bound gives the same rows for ever. A truth that was taken back by then is none, nor is one that a
    /// warning before a sync may have brought about.
    pub fn labelled(
        &self,
        tenant: TenantId,
        model: ModelId,
        bound: Timestamp,
    ) -> impl Stream<Item = Result<Vec<Labelled>, Error>> + Send + '_ {
        self.labelled_within(tenant, model, None, bound)
    }

    /// [`Self::labelled`], of predictions that were asked at `since` or later.
    pub fn labelled_within(
        &self,
        tenant: TenantId,
        model: ModelId,
        since: Option<Timestamp>,
        bound: Timestamp,
    ) -> impl Stream<Item = Result<Vec<Labelled>, Error>> + Send + '_ {
        // Ids sort by time, so that what was asked before is not read at all.
        let start = since.map_or_else(Uuid::nil, |since| PredictionId::new(since.plus(-1_000), [0; 10]).0);
        let since = since.map_or(i64::MIN, |since| since.0);
        try_unfold(start, move |after| async move {
            let sql = format!(
                "SELECT p.id, p.at, p.features, o.truth {KNOWN} AND o.truth <> '' AND n.prediction_id > $5
                 ORDER BY n.prediction_id LIMIT $6"
            );
            let rows = self.rows(sql, args![tenant, model, bound, since, after, STEP]).await?;
            let rows = rows.iter().map(read_labelled).collect::<Result<Vec<_>, _>>()?;
            Ok::<_, Error>(rows.last().map(|last| last.prediction.0).map(|last| (rows, last)))
        })
    }

    /// How many of those rows that were asked at `since` or later have a truth that is the verdict on a case.
    pub async fn labelled_by_verdict(
        &self,
        tenant: TenantId,
        model: ModelId,
        since: Option<Timestamp>,
        bound: Timestamp,
    ) -> Result<i64, Error> {
        let sql = format!("SELECT COUNT(*) AS verdicts {KNOWN} AND o.source = 'verdict'");
        let since = since.map_or(i64::MIN, |since| since.0);
        self.row(sql, args![tenant, model, bound, since]).await?.map_or(Ok(0), |row| row.get("verdicts"))
    }
}

/// The predictions `p` of tenant `$1` and model `$2`, asked for from `$4` on, with what was known of each at `$3` as `o`. Not
/// those that warned somebody before a sync: what came then may have come of the warning, and a model that learnt from it
/// would warn less and less.
///
/// From the outcomes on: with a bound on a moment SQLite would rather look through all predictions for each row.
const KNOWN: &str = "FROM newest_outcomes n CROSS JOIN predictions p CROSS JOIN outcomes o
    WHERE n.tenant_id = $1 AND n.model_id = $2
        AND p.tenant_id = n.tenant_id AND p.id = n.prediction_id AND p.at >= $4
        AND NOT EXISTS (SELECT 1 FROM planned_syncs w
            WHERE w.tenant_id = n.tenant_id AND w.prediction_id = n.prediction_id
                AND w.kind = 'asked' AND w.advice <> 'sync_now')
        AND o.tenant_id = n.tenant_id AND o.prediction_id = n.prediction_id
        AND o.sequence = (SELECT MAX(e.sequence) FROM outcomes e
            WHERE e.tenant_id = n.tenant_id AND e.prediction_id = n.prediction_id AND e.at <= $3)";

const SELECT: &str = "SELECT id, prediction_id, sequence, truth, at, actor, reason, source FROM outcomes";

/// Records the first truth about each prediction.
pub(crate) async fn record(tx: &mut Tx, tenant: TenantId, reported: &[&NewOutcome]) -> Result<Vec<Recording>, Error> {
    let ids: Vec<Uuid> = reported.iter().map(|outcome| outcome.prediction.0).collect();
    let facts = facts(tx, tenant, &ids).await?;
    // The first about each prediction, in the order of ids: two writers lock the same rows in the same order.
    let mut firsts: BTreeMap<Uuid, (&NewOutcome, &Facts)> = BTreeMap::new();
    for outcome in reported {
        if let Some(facts) = facts.get(&outcome.prediction.0) {
            firsts.entry(outcome.prediction.0).or_insert((outcome, facts));
        }
    }
    let claimed = claim(tx, tenant, &firsts).await?;
    let mut counts = Counts::default();
    let mut recorded: HashMap<Uuid, Outcome> = HashMap::with_capacity(claimed.len());
    for id in &claimed {
        if let Some((reported, facts)) = firsts.get(id) {
            counts.add(facts, &reported.truth, 1);
            counts.add_delay(facts, reported.at);
            recorded.insert(*id, outcome(reported, 1, ""));
        }
    }
    insert(tx, tenant, &recorded.values().cloned().collect::<Vec<_>>()).await?;
    counts.write(tx, tenant).await?;
    let held: Vec<Uuid> = firsts.keys().filter(|id| !recorded.contains_key(id)).copied().collect();
    let held = newest(tx, tenant, &held).await?;
    let answer = |reported: &&NewOutcome| {
        let id = reported.prediction.0;
        match recorded.get(&id).or_else(|| held.get(&id)) {
            None => Recording::NoPrediction,
            Some(outcome) if outcome.id == reported.id && recorded.contains_key(&id) => {
                Recording::Recorded(outcome.clone())
            }
            Some(outcome) if outcome.truth == reported.truth => Recording::Repeated(outcome.clone()),
            Some(outcome) => Recording::Contradicted(outcome.clone()),
        }
    };
    Ok(reported.iter().map(answer).collect())
}

/// Records each truth, in the place of another one if one is recorded. The caller holds the lock of the tenant's log.
pub(crate) async fn settle(tx: &mut Tx, tenant: TenantId, truths: &[NewOutcome], reason: &str) -> Result<(), Error> {
    let recordings = record(tx, tenant, &truths.iter().collect::<Vec<_>>()).await?;
    for (truth, recording) in truths.iter().zip(recordings) {
        if matches!(recording, Recording::Contradicted(_)) {
            replace(tx, tenant, truth, reason).await?;
        }
    }
    Ok(())
}

/// Takes the recorded truth back, if there is one: what follows it in the history is an empty text. The caller holds the
/// lock of the tenant's log.
pub(crate) async fn retract(tx: &mut Tx, tenant: TenantId, withdrawal: &NewOutcome, reason: &str) -> Result<(), Error> {
    let held = newest(tx, tenant, &[withdrawal.prediction.0]).await?.remove(&withdrawal.prediction.0);
    if held.is_some_and(|held| !held.truth.is_empty()) {
        let nothing = NewOutcome { truth: String::new(), ..withdrawal.clone() };
        replace(tx, tenant, &nothing, reason).await?;
    }
    Ok(())
}

/// Puts a truth in the place of the recorded one, which is another. The caller holds the lock of the tenant's log.
pub(crate) async fn replace(
    tx: &mut Tx,
    tenant: TenantId,
    correction: &NewOutcome,
    reason: &str,
) -> Result<Outcome, Error> {
    let id = correction.prediction.0;
    let facts = facts(tx, tenant, &[id]).await?;
    let facts = facts.get(&id).ok_or(Error::NotFound)?;
    let held = newest(tx, tenant, &[id]).await?.remove(&id).ok_or(Error::NotFound)?;
    if !may_overrule(&correction.actor, &held.actor) {
        return Err(Error::Conflict("a person said what is true: only a person corrects it"));
    }
    if held.truth == correction.truth {
        return Err(Error::Conflict("this is the recorded outcome"));
    }
    let outcome = outcome(correction, held.sequence + 1, reason);
    insert(tx, tenant, std::slice::from_ref(&outcome)).await?;
    let update = "UPDATE newest_outcomes SET sequence = $4, truth = $5, at = $6
        WHERE tenant_id = $1 AND model_id = $2 AND prediction_id = $3";
    tx.execute(update, args![tenant, facts.model, id, outcome.sequence, &outcome.truth, outcome.at]).await?;
    let mut counts = Counts::default();
    counts.add(facts, &held.truth, -1);
    counts.add(facts, &outcome.truth, 1);
    counts.write(tx, tenant).await?;
    Ok(outcome)
}

/// Takes the place of the newest outcome where it is free; gives where it was.
async fn claim(
    tx: &mut Tx,
    tenant: TenantId,
    firsts: &BTreeMap<Uuid, (&NewOutcome, &Facts)>,
) -> Result<Vec<Uuid>, Error> {
    if firsts.is_empty() {
        return Ok(Vec::new());
    }
    let bulk = Bulk {
        table: "newest_outcomes",
        columns: vec![
            ("tenant_id", Values::Ints(vec![tenant.0; firsts.len()])),
            ("model_id", Values::Ints(firsts.values().map(|(_, facts)| facts.model.0).collect())),
            ("prediction_id", Values::Uuids(firsts.keys().copied().collect())),
            ("sequence", Values::Ints(vec![1; firsts.len()])),
            ("version", Values::Ints(firsts.values().map(|(_, facts)| facts.version).collect())),
            ("decision", Values::Texts(firsts.values().map(|(_, facts)| facts.decision.as_str()).collect())),
            ("truth", Values::Texts(firsts.values().map(|(outcome, _)| outcome.truth.as_str()).collect())),
            ("at", Values::Ints(firsts.values().map(|(outcome, _)| outcome.at.0).collect())),
        ],
        ending: "ON CONFLICT (tenant_id, model_id, prediction_id) DO NOTHING",
    };
    bulk.insert_returning(tx, "prediction_id").await
}

async fn insert(tx: &mut Tx, tenant: TenantId, outcomes: &[Outcome]) -> Result<(), Error> {
    if outcomes.is_empty() {
        return Ok(());
    }
    let texts = |of: fn(&Outcome) -> &str| Values::Texts(outcomes.iter().map(of).collect());
    let bulk = Bulk {
        table: "outcomes",
        columns: vec![
            ("tenant_id", Values::Ints(vec![tenant.0; outcomes.len()])),
            ("prediction_id", Values::Uuids(outcomes.iter().map(|o| o.prediction.0).collect())),
            ("sequence", Values::Ints(outcomes.iter().map(|o| o.sequence).collect())),
            ("id", Values::Uuids(outcomes.iter().map(|o| o.id.0).collect())),
            ("truth", texts(|o| &o.truth)),
            ("at", Values::Ints(outcomes.iter().map(|o| o.at.0).collect())),
            ("actor", texts(|o| &o.actor)),
            ("reason", texts(|o| &o.reason)),
            ("source", texts(|o| o.source.as_str())),
        ],
        ending: "",
    };
    bulk.insert(tx).await
}

/// The newest outcomes of predictions that have any.
pub(crate) async fn newest(tx: &mut Tx, tenant: TenantId, ids: &[Uuid]) -> Result<HashMap<Uuid, Outcome>, Error> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut newest: HashMap<Uuid, Outcome> = HashMap::with_capacity(ids.len());
    for row in rows_by_uuid(tx, SELECT, tenant, "prediction_id", ids).await? {
        let outcome = read(&row)?;
        let later = newest.get(&outcome.prediction.0).is_none_or(|held| held.sequence < outcome.sequence);
        if later {
            newest.insert(outcome.prediction.0, outcome);
        }
    }
    Ok(newest)
}

fn outcome(new: &NewOutcome, sequence: i64, reason: &str) -> Outcome {
    Outcome {
        id: new.id,
        prediction: new.prediction,
        sequence,
        truth: new.truth.clone(),
        at: new.at,
        actor: new.actor.clone(),
        reason: reason.to_owned(),
        source: new.source,
    }
}

fn read(row: &Row) -> Result<Outcome, Error> {
    Ok(Outcome {
        id: OutcomeId(row.at(0)?),
        prediction: PredictionId(row.at(1)?),
        sequence: row.at(2)?,
        truth: row.at(3)?,
        at: Timestamp(row.at(4)?),
        actor: row.at(5)?,
        reason: row.at(6)?,
        source: row.word("source", OutcomeSource::parse)?,
    })
}

fn read_labelled(row: &Row) -> Result<Labelled, Error> {
    Ok(Labelled {
        prediction: PredictionId(row.get("id")?),
        at: row.time("at")?,
        features: row.get("features")?,
        truth: row.get("truth")?,
    })
}
