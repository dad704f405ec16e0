//! The log of predictions: listed, looked at.

use axum::extract::State;
use desk::Desk;
use desk::predictions::{PredictionDetail, PredictionFilter};
use domain::prediction::Prediction;
use domain::{Permission, PredictionId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::endpoint::{Access, Endpoint};
use super::extract::{Asked, In};
use super::outcomes::OutcomeAnswer;
use super::problem::Problem;
use super::{Answer, Page, export, moment, page_size, read_cursor, read_moment};
use crate::rim::Caller;

/// Which predictions.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PredictionQuery {
    /// Only of this model.
    pub(super) model: Option<String>,
    /// Only answers of this version; 0 is the heuristic.
    pub(super) version: Option<i64>,
    /// Only this decision.
    pub(super) decision: Option<String>,
    /// `known` or `unknown`: whether the truth has been reported.
    #[param(inline)]
    pub(super) outcome: Option<Known>,
    /// Only where this turned out to be true.
    pub(super) truth: Option<String>,
    /// Only scores from here on.
    pub(super) min_score: Option<f64>,
    /// Only scores up to here.
    pub(super) max_score: Option<f64>,
    /// Only from this moment on (RFC 3339).
    pub(super) from: Option<String>,
    /// Only before this moment (RFC 3339).
    pub(super) to: Option<String>,
    /// `next` of the page before.
    pub(super) cursor: Option<String>,
    /// Items of a page, 1 to 200; 50 when it is not said.
    pub(super) limit: Option<u32>,
}

/// What an export cannot be asked for: it is of one model, and whole.
const OF_PAGES: [&str; 3] = ["model", "cursor", "limit"];

/// Whether the truth has been reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Known {
    /// It has.
    Known,
    /// It has not.
    Unknown,
}

/// A logged prediction.
#[derive(Serialize, ToSchema)]
pub(super) struct LoggedPrediction {
    /// Identity.
    id: String,
    /// The version that answered; none is the heuristic.
    version: Option<i64>,
    /// Who answered: `champion` or `heuristic`.
    route: &'static str,
    /// When.
    at: String,
    /// As in the answer.
    score: f64,
    /// As in the answer.
    decision: String,
    /// As in the answer.
    confidence: Option<f64>,
    /// What turned out to be true, if it is known.
    truth: Option<String>,
    /// Microseconds that its answer took before it was made durable; of a request with several rows, their mean.
    latency_micros: i64,
    /// Who asked.
    by: String,
}

/// One prediction with all that is known about it.
#[derive(Serialize, ToSchema)]
pub(super) struct PredictionRecord {
    #[serde(flatten)]
    prediction: LoggedPrediction,
    /// Name of its model.
    model: String,
    /// The row as it was sent.
    #[schema(value_type = Object)]
    row: Box<RawValue>,
    /// Score from which the answering version says yes (binary models).
    threshold: Option<f64>,
    /// Why, if a version answered: as in the answer to a request that asks for contributions.
    #[schema(value_type = Option<Object>)]
    explanation: Option<Value>,
    /// Every truth that was recorded, first record first.
    outcomes: Vec<OutcomeAnswer>,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let access = Access::Needs(Permission::ReadPredictions);
    let item = json!({ "id": "0197a2b4-7c1e-7d30-9a55-3f0c2f6f0d11", "version": 3, "route": "champion",
        "at": "2026-03-01T08:30:00.123456Z", "score": 0.8312, "decision": "yes", "confidence": 0.8312,
        "truth": "yes", "latency_micros": 41, "by": "key:7 till" });
    let mut whole = item.clone();
    whole["model"] = json!("claims");
    whole["row"] = json!({ "amount": 5_200.0, "region": "north", "witness": false });
    vec![
        Endpoint::get("/api/v1/predictions", access, list)
            .about("Predictions", "The log, newest first")
            .query::<PredictionQuery>()
            .answers_page::<LoggedPrediction>(item, "0197a2b4…")
            .refuses(&[(404, "There is no such model"), (422, "A wrong word in the query, by its name")]),
        Endpoint::get("/api/v1/predictions/{prediction}", access, show)
            .about("Predictions", "One prediction with its row, its explanation and its outcomes")
            .answers::<PredictionRecord>(200, "The prediction", whole)
            .refuses(&[(404, "There is no such prediction")]),
        Endpoint::get("/api/v1/models/{name}/predictions.csv", access, export::predictions)
            .about("Predictions", "All predictions of a model as CSV, streamed; takes the filters of the list")
            .query_without::<PredictionQuery>(&OF_PAGES)
            .answers_with(200, "A header line, and a line for each prediction, newest first", Some("text/csv"))
            .refuses(&[(404, "There is no such model"), (422, "A wrong word in the query, by its name")]),
    ]
}

async fn list(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Asked(query): Asked<PredictionQuery>,
) -> Answer<Page<LoggedPrediction>> {
    let cursor = read_cursor(query.cursor.as_deref())?;
    let filter = query.filter()?;
    let limit = page_size(query.limit);
    let page = desk.predictions().list(&actor, query.model.as_deref(), &filter, cursor, limit).await?;
    let truth = |logged: &desk::predictions::LoggedPrediction| logged.outcome.as_ref().map(|o| o.truth.clone());
    let items = page.predictions.iter().map(|logged| LoggedPrediction::of(&logged.prediction, truth(logged)));
    Ok(axum::Json(Page { items: items.collect(), next: page.next.map(|next| next.to_string()) }))
}

async fn show(State(desk): State<Desk>, Caller(actor): Caller, In(id): In<PredictionId>) -> Answer<PredictionRecord> {
    PredictionRecord::of(desk.predictions().get(&actor, id).await?).map(axum::Json)
}

impl PredictionQuery {
    /// # Errors
    /// Names what only a list can be asked for.
    pub(super) fn names_no_page(&self) -> Result<(), Problem> {
        let asked = [self.model.is_some(), self.cursor.is_some(), self.limit.is_some()];
        match OF_PAGES.into_iter().zip(asked).find(|(_, asked)| *asked) {
            Some((name, _)) => Err(Problem::field(name, "an export is of one model, and whole")),
            None => Ok(()),
        }
    }

    /// # Errors
    /// Names a moment or a bound that cannot be read.
    pub(super) fn filter(&self) -> Result<PredictionFilter, Problem> {
        let finite = |name: &str, bound: Option<f64>| match bound {
            Some(bound) if !bound.is_finite() => Err(Problem::field(name, "is not a finite number")),
            bound => Ok(bound),
        };
        Ok(PredictionFilter {
            version: self.version,
            decision: self.decision.clone(),
            has_outcome: self.outcome.map(|known| known == Known::Known),
            truth: self.truth.clone(),
            min_score: finite("min_score", self.min_score)?,
            max_score: finite("max_score", self.max_score)?,
            from: read_moment("from", self.from.as_deref())?,
            until: read_moment("to", self.to.as_deref())?,
            ..PredictionFilter::default()
        })
    }
}

impl LoggedPrediction {
    fn of(prediction: &Prediction, truth: Option<String>) -> Self {
        Self {
            id: prediction.id.to_string(),
            version: prediction.version,
            route: prediction.route.as_str(),
            at: moment(prediction.at),
            score: prediction.score,
            decision: prediction.decision.clone(),
            confidence: prediction.confidence,
            // what was taken back is known no more
            truth: truth.filter(|truth| !truth.is_empty()),
            latency_micros: prediction.latency_micros,
            by: prediction.actor.clone(),
        }
    }
}

impl PredictionRecord {
    fn of(detail: PredictionDetail) -> Result<Self, Problem> {
        let truth = detail.outcomes.last().map(|outcome| outcome.truth.clone());
        let explanation = detail.explanation.as_ref().map(super::predict::Explanation::of);
        let explanation = explanation.map(serde_json::to_value).transpose();
        let row = RawValue::from_string(detail.prediction.features.clone());
        let unreadable = |error: serde_json::Error| Problem::internal(error.to_string());
        Ok(Self {
            prediction: LoggedPrediction::of(&detail.prediction, truth),
            model: detail.model,
            row: row.map_err(unreadable)?,
            threshold: detail.threshold,
            explanation: explanation.map_err(unreadable)?,
            outcomes: detail.outcomes.iter().map(OutcomeAnswer::of).collect(),
        })
    }
}
