//! Asking a model. The busiest endpoint: the body is parsed once, each row's text is kept as it was sent for the log, and
//! the answer is written straight to bytes.

mod request;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use desk::Desk;
use desk::predictions::Predicted;
use http::header::CONTENT_TYPE;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::endpoint::{Access, Endpoint};
use super::extract::{In, JsonText};
use super::moment;
use super::problem::Problem;
use super::syncs;
use crate::rim::Caller;
use domain::Permission;
use request::{PredictionRequest, Request, Rows};

/// An answer, durable since before it was sent.
#[derive(Serialize, ToSchema)]
pub struct PredictionAnswer<'a> {
    /// Identity, to report the outcome by.
    id: String,
    /// The model that was asked.
    model: &'a str,
    /// The version that answered; none is the heuristic.
    version: Option<i64>,
    /// Who answered: `champion` or `heuristic`.
    route: &'static str,
    /// When.
    at: String,
    /// Binary: probability of the positive class. Multiclass: of the decided class. Regression: the value.
    score: f64,
    /// The class decided for, or the value as text.
    decision: &'a str,
    /// Probability that the decision is right; none for regression.
    confidence: Option<f64>,
    /// Probability of each class, in the specification's order, when there are more than two.
    #[serde(skip_serializing_if = "Option::is_none")]
    probabilities: Option<&'a [f64]>,
    /// Why, if it was asked for and a version answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Explanation<'a>>,
    /// True if the version had computed this before, for the same inputs, and the answer was kept.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    cached: bool,
    /// What was taken from the feature store, if the row named its entity.
    #[serde(skip_serializing_if = "Option::is_none")]
    features: Option<Features>,
}

/// What was known of a row's entity.
#[derive(Serialize, ToSchema)]
pub struct Features {
    /// `fresh`, `stale`, `failed` (the newest could not be computed), `unknown` (there is no such entity) or `unavailable`
    /// (the store did not answer). Only what is fresh or stale is taken.
    status: &'static str,
    /// The moment that they speak of.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
}

/// Signed shares of the inputs: `base` and the contributions add up to the score before calibration.
#[derive(Serialize, ToSchema)]
pub struct Explanation<'a> {
    /// Score of the average row.
    base: f64,
    /// Score of this row, before calibration.
    score: f64,
    /// How contributions were found.
    method: &'a str,
    /// The class that is explained.
    class: Option<&'a str>,
    /// One for each input, the largest in size first.
    contributions: Vec<Contribution<'a>>,
}

/// The share of one input.
#[derive(Serialize, ToSchema)]
pub struct Contribution<'a> {
    /// Input column.
    column: &'a str,
    /// Above 0 speaks for the explained class, or for a larger value.
    value: f32,
}

/// Answers in the order of the rows.
#[derive(Serialize, ToSchema)]
pub struct PredictionAnswers<'a> {
    /// One for each row.
    predictions: Vec<PredictionAnswer<'a>>,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let row = json!({ "amount": 5_200.0, "region": "north", "witness": false });
    let answer = json!({
        "id": "0197a2b4-7c1e-7d30-9a55-3f0c2f6f0d11", "model": "claims", "version": 3, "route": "champion",
        "at": "2026-03-01T08:30:00.123456Z", "score": 0.8312, "decision": "yes", "confidence": 0.8312,
    });
    vec![
        Endpoint::post("/api/v1/models/{name}/predictions", Access::Needs(Permission::Predict), predict)
            .about("Predictions", "Ask a model about one row (`row`) or up to 10,000 (`rows`); up to 1,000 with `contributions`; the model `conflict` also about `syncs`")
            .takes::<PredictionRequest>(json!({ "row": row, "contributions": false }))
            .answers::<PredictionAnswer<'_>>(200, "The answer; for `rows`: `{\"predictions\": […]}`; for `syncs`: `{\"syncs\": […]}` with advice and features", answer)
            .refuses(&[
                (400, "The body is not JSON"),
                (404, "There is no such model"),
                (413, "Too many rows or bytes"),
                (422, "Fields that are unknown, missing, mistyped or not finite, each with its reason; more than 1,000 rows with `contributions`"),
                (503, "The log is full, or too many others ask for contributions; try again after `Retry-After` seconds"),
            ]),
    ]
}

async fn predict(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(name): In<String>,
    JsonText(body): JsonText,
) -> Result<Response, Problem> {
    let read = request::read(body, desk.limits().rows_per_request).await?;
    let Rows { rows, alone, contributions, entities } = match read {
        Request::Rows(rows) => rows,
        Request::Syncs(drafts) => return syncs::answer_planned(&desk, &actor, &name, &drafts).await,
    };
    let predicted = desk.predictions().predict_of(&actor, &name, rows, &entities, contributions).await?;
    let json = match (alone, predicted.as_slice()) {
        (true, [one]) => serde_json::to_vec(&PredictionAnswer::of(&name, one)),
        (_, all) => {
            let predictions = all.iter().map(|one| PredictionAnswer::of(&name, one)).collect();
            serde_json::to_vec(&PredictionAnswers { predictions })
        }
    };
    let json = json.map_err(|error| Problem::internal(error.to_string()))?;
    Ok(([(CONTENT_TYPE, "application/json")], json).into_response())
}

impl<'a> PredictionAnswer<'a> {
    fn of(model: &'a str, predicted: &'a Predicted) -> Self {
        let answer = &predicted.answer;
        Self {
            id: predicted.id.to_string(),
            model,
            version: predicted.version,
            route: predicted.route.as_str(),
            at: moment(predicted.at),
            score: answer.score,
            decision: &answer.decision,
            confidence: answer.confidence,
            probabilities: (answer.probabilities.len() > 2).then_some(&answer.probabilities),
            explanation: predicted.explanation.as_ref().map(Explanation::of),
            cached: predicted.kept,
            features: predicted.features.map(|used| Features { status: used.status.as_str(), at: used.at.map(moment) }),
        }
    }
}

impl<'a> Explanation<'a> {
    pub(super) fn of(explanation: &'a desk::predictions::Explanation) -> Self {
        let share = |c: &'a desk::predictions::ColumnContribution| Contribution { column: &c.column, value: c.value };
        Self {
            base: explanation.base,
            score: explanation.score_in_unit,
            method: &explanation.method,
            class: explanation.class.as_deref(),
            contributions: explanation.contributions.iter().map(share).collect(),
        }
    }
}
