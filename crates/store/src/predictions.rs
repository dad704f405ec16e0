use std::collections::BTreeMap;

use domain::prediction::{Outcome, OutcomeSource, Prediction, Route};
use domain::{ModelId, OutcomeId, PredictionId, TenantId, Timestamp, score};
use futures::stream::{Stream, try_unfold};
use uuid::Uuid;

use crate::dialect::{Bulk, Values};
use crate::outcomes::FARTHEST;
use crate::page::limit;
use crate::sql::{Row, Tx, Value, args};
use crate::{Cursor, Error, Page, Store, overview};

/// Which predictions; empty means all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PredictionFilter {
    /// Of this model.
    pub model: Option<ModelId>,
    /// Answered by this version; 0 is the heuristic.
    pub version: Option<i64>,
    /// Decided so.
    pub decision: Option<String>,
    /// With an outcome, or without one.
    pub has_outcome: Option<bool>,
    /// With this newest outcome.
    pub truth: Option<String>,
    /// Whose newest outcome agrees with the decision, or not.
    pub agreement: Option<Agreement>,
    /// With at least this score.
    pub min_score: Option<f64>,
    /// With at most this score.
    pub max_score: Option<f64>,
    /// From this moment on (to the millisecond).
    pub from: Option<Timestamp>,
    /// Before this moment (to the millisecond).
    pub until: Option<Timestamp>,
}

/// Whether the truth was what had been decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// It was.
    Right,
    /// It was not.
    Wrong,
}

/// A prediction with what is held to be true about it.
#[derive(Clone, Debug, PartialEq)]
pub struct LoggedPrediction {
    /// The prediction.
    pub prediction: Prediction,
    /// Its newest outcome.
    pub outcome: Option<Outcome>,
}

const COLUMNS: &str = "p.id, p.tenant_id, p.model_id, p.version, p.route, p.at, p.features, p.score, p.decision,
    p.confidence, p.probabilities, p.latency_micros, p.actor, o.id AS outcome_id, o.sequence, o.truth,
    o.at AS outcome_at, o.actor AS outcome_actor, o.reason, o.source";
const WITH_OUTCOME: &str = "LEFT JOIN newest_outcomes n
        ON n.tenant_id = p.tenant_id AND n.model_id = p.model_id AND n.prediction_id = p.id
    LEFT JOIN outcomes o
        ON o.tenant_id = p.tenant_id AND o.prediction_id = p.id AND o.sequence = n.sequence";
/// How many rows a search looks at before it gives up for now: growing, as most searches find what they want soon.
const WINDOWS: [i64; 3] = [1_000, 6_000, 30_000];
const EXPORT_PAGE: usize = 1_000;

impl Store {
    /// Writes predictions and counts them, in one transaction. [`crate::Writer`] is the way for single ones.
    ///
    /// # Errors
    /// [`Error::Conflict`] when one is there already; [`Error::NotFound`] when one names no model of its tenant.
    pub async fn insert_predictions(&self, predictions: &[Prediction]) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        write(&mut tx, &predictions.iter().collect::<Vec<_>>(), &[]).await?;
        tx.commit().await
    }

    /// One prediction.
    pub async fn prediction(&self, tenant: TenantId, id: PredictionId) -> Result<Option<LoggedPrediction>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM predictions p {WITH_OUTCOME} WHERE p.tenant_id = $1 AND p.id = $2");
        self.row(sql, args![tenant, id]).await?.as_ref().map(read).transpose()
    }

    /// A tenant's predictions, newest first. A page looks at no more than some tens of thousands of rows; when few of
    /// them fit it comes back short, or empty, with a `next` from which the search goes on.
    pub async fn predictions(
        &self,
        tenant: TenantId,
        filter: &PredictionFilter,
        cursor: Option<&Cursor>,
        asked: u32,
    ) -> Result<Page<LoggedPrediction>, Error> {
        self.search(tenant, filter, cursor.and_then(Cursor::as_uuid), limit(asked)).await
    }

    /// All that fit, newest first, in parts of up to 1,000.
    pub fn export_predictions(
        &self,
        tenant: TenantId,
        filter: PredictionFilter,
    ) -> impl Stream<Item = Result<Vec<LoggedPrediction>, Error>> + Send + '_ {
        try_unfold((filter, Some(None)), move |(filter, place)| async move {
            let Some(place) = place else { return Ok(None) };
            let page = self.search(tenant, &filter, place, EXPORT_PAGE).await?;
            let next = page.next.as_ref().and_then(Cursor::as_uuid).map(Some);
            Ok(Some((page.items, (filter, next))))
        })
    }

    async fn search(
        &self,
        tenant: TenantId,
        filter: &PredictionFilter,
        mut before: Option<Uuid>,
        limit: usize,
    ) -> Result<Page<LoggedPrediction>, Error> {
        let plain = [limit as i64 + 1];
        let windows = if filter.is_selective() { WINDOWS.as_slice() } else { plain.as_slice() };
        let mut items = Vec::new();
        for window in windows {
            let search = Search::new(tenant, filter, before, *window);
            let (sql, args) = search.hits(limit + 1 - items.len());
            for row in self.rows(sql, &args).await? {
                items.push(read(&row)?);
            }
            if items.len() > limit {
                items.truncate(limit);
                let next = items.last().map(|item| Cursor::uuid(item.prediction.id.0));
                return Ok(Page { items, next });
            }
            let (sql, args) = search.last_looked_at();
            match self.row(sql, &args).await? {
                Some(row) => before = Some(row.at(0)?),
                None => return Ok(Page { items, next: None }),
            }
        }
        Ok(Page { items, next: before.map(Cursor::uuid) })
    }
}

impl PredictionFilter {
    /// Whether some rows of the model and span it is asked about may not fit.
    fn is_selective(&self) -> bool {
        let Self { version, decision, has_outcome, truth, agreement, min_score, max_score, .. } = self;
        version.is_some()
            || decision.is_some()
            || truth.is_some()
            || has_outcome.is_some()
            || agreement.is_some()
            || min_score.is_some()
            || max_score.is_some()
    }

    fn wants_outcome(&self) -> bool {
        self.has_outcome == Some(true) || self.truth.is_some() || self.agreement.is_some()
    }
}

/// The text of a search: a window of candidates by an index alone, then the filter, then the wide rows.
struct Search<'a> {
    filter: &'a PredictionFilter,
    /// Whether candidates come from the outcomes of a model, which are fewer than its predictions.
    by_outcome: bool,
    window: i64,
    candidates: String,
    args: Vec<Value<'a>>,
}

impl<'a> Search<'a> {
    fn new(tenant: TenantId, filter: &'a PredictionFilter, before: Option<Uuid>, window: i64) -> Self {
        let by_outcome = filter.wants_outcome() && filter.model.is_some();
        let (id, table) = if by_outcome { ("prediction_id", "newest_outcomes") } else { ("id", "predictions") };
        let mut search = Self { filter, by_outcome, window, candidates: String::new(), args: vec![tenant.into()] };
        search.candidates = format!("FROM {table} WHERE tenant_id = $1");
        search.and("model_id =", filter.model.map(Value::from));
        if let (true, Some(decision), Some(truth)) = (by_outcome, &filter.decision, &filter.truth) {
            // One cell of the confusion matrix has an index in the order of ids; one of the two alone has none.
            search.and("decision =", Some(decision.into()));
            search.and("truth =", Some(truth.into()));
        }
        search.and(&format!("{id} <"), before.map(Value::Uuid));
        search.and(&format!("{id} >="), filter.from.map(|at| Value::Uuid(first_id(at.0.div_euclid(1_000)))));
        let until = filter.until.map(|at| Value::Uuid(first_id(at.0.saturating_add(999).div_euclid(1_000))));
        search.and(&format!("{id} <"), until);
        search.candidates.push_str(&format!(" ORDER BY {id} DESC"));
        search
    }

    fn and(&mut self, condition: &str, value: Option<Value<'a>>) {
        if let Some(value) = value {
            self.args.push(value);
            self.candidates.push_str(&format!(" AND {condition} ${}", self.args.len()));
        }
    }

    /// The id of the last candidate of a full window.
    fn last_looked_at(&self) -> (String, Vec<Value<'a>>) {
        let mut args = self.args.clone();
        args.push(Value::Int(self.window - 1));
        let id = if self.by_outcome { "prediction_id" } else { "id" };
        (format!("SELECT {id} {} LIMIT 1 OFFSET ${}", self.candidates, args.len()), args)
    }

    fn hits(&self, limit: usize) -> (String, Vec<Value<'a>>) {
        let mut args = self.args.clone();
        let matching = self.conditions(&mut args);
        // where nothing is asked for, every candidate is a hit
        let window = if matching.is_empty() { limit as i64 } else { self.window };
        let window = mark(&mut args, Value::Int(window));
        let limit = mark(&mut args, Value::Int(limit as i64));
        // SQLite keeps the order of a cross join: it would walk all predictions to spare itself the sorting of the hits
        let sql = format!(
            "SELECT {COLUMNS} FROM (
                SELECT w.id FROM (SELECT {} {} LIMIT {window}) AS w {} {matching}
                ORDER BY w.id DESC LIMIT {limit}
             ) AS hit
             CROSS JOIN predictions p {WITH_OUTCOME}
             WHERE p.tenant_id = $1 AND p.id = hit.id
             ORDER BY p.id DESC",
            self.window_columns(),
            self.candidates,
            self.join()
        );
        (sql, args)
    }

    fn window_columns(&self) -> &'static str {
        if self.by_outcome {
            "prediction_id AS id, version, decision, truth"
        } else {
            "id, model_id, version, decision, score"
        }
    }

    /// What the conditions ask for and the window itself does not have.
    fn join(&self) -> &'static str {
        let by_score = self.filter.min_score.or(self.filter.max_score).is_some();
        let by_truth = self.filter.wants_outcome() || self.filter.has_outcome.is_some();
        match self.by_outcome {
            true if by_score => "JOIN predictions p ON p.tenant_id = $1 AND p.id = w.id",
            false if by_truth => {
                "LEFT JOIN newest_outcomes n
                    ON n.tenant_id = $1 AND n.model_id = w.model_id AND n.prediction_id = w.id"
            }
            _ => "",
        }
    }

    /// What of the window is wanted.
    fn conditions(&self, args: &mut Vec<Value<'a>>) -> String {
        let filter = self.filter;
        let (score, truth) = if self.by_outcome { ("p.score", "w.truth") } else { ("w.score", "n.truth") };
        let compared = [
            ("w.version", "=", filter.version.map(Value::from)),
            ("w.decision", "=", filter.decision.as_ref().map(Value::from)),
            (score, ">=", filter.min_score.map(Value::from)),
            (score, "<=", filter.max_score.map(Value::from)),
            (truth, "=", filter.truth.as_ref().map(Value::from)),
        ];
        let compared = compared.into_iter().filter_map(|(column, sign, value)| Some((column, sign, value?)));
        let mut conditions: Vec<String> =
            compared.map(|(column, sign, value)| format!("{column} {sign} {}", mark(args, value))).collect();
        conditions.extend(filter.agreement.map(|agreement| match agreement {
            Agreement::Right => format!("{truth} = w.decision"),
            // a truth that was taken back is an empty text
            Agreement::Wrong => format!("{truth} <> w.decision AND {truth} <> ''"),
        }));
        conditions
            .extend(filter.has_outcome.map(|known| format!("{truth} IS {}NULL", if known { "NOT " } else { "" })));
        if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) }
    }
}

/// Adds an argument; gives its mark in the text.
fn mark<'a>(args: &mut Vec<Value<'a>>, value: Value<'a>) -> String {
    args.push(value);
    format!("${}", args.len())
}

/// The smallest id of a millisecond.
pub(crate) fn first_id(millis: i64) -> Uuid {
    PredictionId::new(Timestamp(millis.max(0).saturating_mul(1_000)), [0; 10]).0
}

/// Inserts predictions, those of rows and those of images, and adds them to the hourly counts.
pub(crate) async fn write(tx: &mut Tx, of_rows: &[&Prediction], of_images: &[&Prediction]) -> Result<(), Error> {
    let all: Vec<&Prediction> = of_rows.iter().chain(of_images).copied().collect();
    insert(tx, &all).await?;
    count(tx, &all).await?;
    count_scores(tx, of_rows, of_images).await
}

async fn insert(tx: &mut Tx, predictions: &[&Prediction]) -> Result<(), Error> {
    let ints = |of: fn(&Prediction) -> i64| Values::Ints(predictions.iter().map(|p| of(p)).collect());
    let reals = |of: fn(&Prediction) -> f64| Values::Reals(predictions.iter().map(|p| of(p)).collect());
    let confidence = Values::OptReals(predictions.iter().map(|p| p.confidence).collect());
    let ids = Values::Uuids(predictions.iter().map(|p| p.id.0).collect());
    fn texts<'a>(predictions: &[&'a Prediction], of: fn(&'a Prediction) -> &'a str) -> Values<'a> {
        Values::Texts(predictions.iter().map(|p| of(p)).collect())
    }
    let bulk = Bulk {
        table: "predictions",
        columns: vec![
            ("tenant_id", ints(|p| p.tenant.0)),
            ("id", ids),
            ("model_id", ints(|p| p.model.0)),
            ("version", ints(|p| p.version.unwrap_or(0))),
            ("route", texts(predictions, |p| p.route.as_str())),
            ("at", ints(|p| p.at.0)),
            ("score", reals(|p| p.score)),
            ("decision", texts(predictions, |p| &p.decision)),
            ("confidence", confidence),
            ("latency_micros", ints(|p| p.latency_micros)),
            ("actor", texts(predictions, |p| &p.actor)),
            ("probabilities", texts(predictions, |p| &p.probabilities)),
            ("features", texts(predictions, |p| &p.features)),
        ],
        ending: "",
    };
    bulk.insert(tx).await.map_err(|e| e.or_conflict("this prediction is there already").or_not_found())
}

/// Adds predictions to the hourly counts. Sorted, so that two writers lock the same rows in the same order.
async fn count(tx: &mut Tx, predictions: &[&Prediction]) -> Result<(), Error> {
    let mut cells: BTreeMap<[i64; 5], [i64; 3]> = BTreeMap::new();
    for p in predictions {
        let bucket = overview::bucket(p.latency_micros);
        let cell = cells.entry([p.tenant.0, p.model.0, p.at.hour(), p.version.unwrap_or(0), bucket]).or_default();
        let latency = p.latency_micros.max(0);
        *cell = [cell[0] + 1, cell[1].saturating_add(latency), cell[2].max(latency)];
    }
    let key = |i: usize| Values::Ints(cells.keys().map(|key| key[i]).collect());
    let sum = |i: usize| Values::Ints(cells.values().map(|value| value[i]).collect());
    let bulk = Bulk {
        table: "prediction_hours",
        columns: vec![
            ("tenant_id", key(0)),
            ("model_id", key(1)),
            ("hour", key(2)),
            ("version", key(3)),
            ("bucket", key(4)),
            ("predictions", sum(0)),
            ("latency_sum", sum(1)),
            ("latency_max", sum(2)),
        ],
        ending: "ON CONFLICT (tenant_id, model_id, hour, version, bucket) DO UPDATE SET
            predictions = prediction_hours.predictions + excluded.predictions,
            latency_sum = prediction_hours.latency_sum + excluded.latency_sum,
            latency_max = CASE WHEN excluded.latency_max > prediction_hours.latency_max
                THEN excluded.latency_max ELSE prediction_hours.latency_max END",
    };
    bulk.insert(tx).await
}

/// Adds predictions to the hourly counts of scores. Sorted, as in [`count`].
async fn count_scores(tx: &mut Tx, of_rows: &[&Prediction], of_images: &[&Prediction]) -> Result<(), Error> {
    let mut cells: BTreeMap<([i64; 4], &str, i64), (i64, f64)> = BTreeMap::new();
    let rows = of_rows.iter().map(|p| (*p, p.confidence.map_or("", |_| p.decision.as_str())));
    // Every number and every text would be a cell of its own.
    for (p, decision) in rows.chain(of_images.iter().map(|p| (*p, ""))) {
        let bin = score::bin(p.score, p.confidence.is_some());
        let hour = [p.tenant.0, p.model.0, p.at.hour(), p.version.unwrap_or(0)];
        let cell = cells.entry((hour, decision, bin)).or_default();
        *cell = (cell.0 + 1, cell.1 + p.score.clamp(-FARTHEST, FARTHEST));
    }
    let key = |i: usize| Values::Ints(cells.keys().map(|(hour, _, _)| hour[i]).collect());
    let bulk = Bulk {
        table: "score_hours",
        columns: vec![
            ("tenant_id", key(0)),
            ("model_id", key(1)),
            ("hour", key(2)),
            ("version", key(3)),
            ("decision", Values::Texts(cells.keys().map(|(_, decision, _)| *decision).collect())),
            ("bin", Values::Ints(cells.keys().map(|(_, _, bin)| *bin).collect())),
            ("predictions", Values::Ints(cells.values().map(|(predictions, _)| *predictions).collect())),
            ("score_sum", Values::Reals(cells.values().map(|(_, sum)| *sum).collect())),
        ],
        ending: "ON CONFLICT (tenant_id, model_id, hour, version, decision, bin) DO UPDATE SET
            predictions = score_hours.predictions + excluded.predictions,
            score_sum = score_hours.score_sum + excluded.score_sum",
    };
    bulk.insert(tx).await
}

fn read(row: &Row) -> Result<LoggedPrediction, Error> {
    let version: i64 = row.get("version")?;
    let prediction = Prediction {
        id: PredictionId(row.get("id")?),
        tenant: TenantId(row.get("tenant_id")?),
        model: ModelId(row.get("model_id")?),
        version: (version != 0).then_some(version),
        route: row.word("route", Route::parse)?,
        at: row.time("at")?,
        features: row.get("features")?,
        score: row.get("score")?,
        decision: row.get("decision")?,
        confidence: row.get("confidence")?,
        probabilities: row.get("probabilities")?,
        latency_micros: row.get("latency_micros")?,
        actor: row.get("actor")?,
    };
    let Some(id) = row.get::<Option<Uuid>>("outcome_id")? else {
        return Ok(LoggedPrediction { prediction, outcome: None });
    };
    let outcome = Outcome {
        id: OutcomeId(id),
        prediction: prediction.id,
        sequence: row.get("sequence")?,
        truth: row.get("truth")?,
        at: row.time("outcome_at")?,
        actor: row.get("outcome_actor")?,
        reason: row.get("reason")?,
        source: row.word("source", OutcomeSource::parse)?,
    };
    Ok(LoggedPrediction { prediction, outcome: Some(outcome) })
}
