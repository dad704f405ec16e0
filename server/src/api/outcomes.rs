//! What turned out to be true.

use axum::extract::State;
use axum::response::IntoResponse;
use desk::Desk;
use desk::predictions::{Recorded, Reported};
use domain::prediction::Outcome;
use domain::{Permission, PredictionId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::endpoint::{Access, Endpoint};
use super::extract::{Created, In, Sent};
use super::problem::Problem;
use super::{Answer, moment};
use crate::rim::Caller;

/// The truth about a prediction.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OutcomeRequest {
    /// A class of the model, or a number.
    #[schema(value_type = String)]
    truth: Value,
}

/// Another truth than the one recorded.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OutcomeCorrectionRequest {
    /// A class of the model, or a number.
    #[schema(value_type = String)]
    truth: Value,
    /// Why it changed.
    reason: String,
}

/// One truth of a batch.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BatchItem {
    /// Identity of the prediction.
    pub(crate) prediction: String,
    /// A class of the model, or a number.
    #[schema(value_type = String)]
    pub(crate) truth: Value,
}

/// What became of one truth of a batch.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct BatchAnswer {
    /// Identity of the prediction, as it was sent.
    pub(crate) prediction: String,
    /// 201 when it was recorded, 200 when the same was recorded before, else why it was not: 404, 409 or 422.
    pub(crate) status: u16,
    /// Why it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
}

/// Answers in the order of the items.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct BatchAnswers {
    /// How many were recorded now.
    pub(crate) recorded: usize,
    /// One for each item.
    pub(crate) items: Vec<BatchAnswer>,
}

/// A recorded truth. A correction is the next record; nothing is overwritten.
#[derive(Serialize, ToSchema)]
pub(super) struct OutcomeAnswer {
    /// Identity.
    id: String,
    /// The prediction it is about.
    prediction: String,
    /// 1 for the first, 2 for its correction, …
    sequence: i64,
    /// What was true.
    truth: String,
    /// When it was recorded.
    at: String,
    /// Who recorded it.
    by: String,
    /// Why it was corrected; empty for the first.
    reason: String,
    /// Where it came from: `verdict`, `correction`, `feedback`, `observation` or `import`.
    source: &'static str,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let access = Access::Needs(Permission::RecordOutcomes);
    let id = "0197a2b4-7c1e-7d30-9a55-3f0c2f6f0d11";
    let outcome = json!({ "id": "0197a2b9-01aa-7c5e-8f0d-6a3d5a1c9e20", "prediction": id, "sequence": 1,
        "truth": "yes", "at": "2026-03-02T10:00:00Z", "by": "key:7 till", "reason": "",
        "source": "feedback" });
    let problems: &[(u16, &str)] = &[
        (404, "There is no such prediction"),
        (409, "A truth is known already (or, for a correction, none is)"),
        (422, "The model has no such class"),
    ];
    vec![
        Endpoint::post("/api/v1/predictions/{prediction}/outcome", access, record)
            .about("Outcomes", "Record what was true about a prediction, once")
            .takes::<OutcomeRequest>(json!({ "truth": "yes" }))
            .answers::<OutcomeAnswer>(201, "It is recorded", outcome.clone())
            .refuses(problems),
        Endpoint::post("/api/v1/predictions/{prediction}/outcome/corrections", access, correct)
            .about("Outcomes", "Correct a recorded truth by a new record")
            .takes::<OutcomeCorrectionRequest>(json!({ "truth": "no", "reason": "the adjuster withdrew the report" }))
            .answers::<OutcomeAnswer>(201, "It is recorded", outcome)
            .refuses(problems),
        Endpoint::post("/api/v1/outcomes", access, record_batch)
            .about(
                "Outcomes",
                "Record up to 10,000 truths; each item is answered by itself, and the same again changes nothing",
            )
            .takes::<Vec<BatchItem>>(json!([{ "prediction": id, "truth": "yes" }]))
            .answers::<BatchAnswers>(
                200,
                "What became of each item",
                json!({ "recorded": 1, "items": [{ "prediction": id, "status": 201 }] }),
            )
            .refuses(&[(413, "Too many items")]),
    ]
}

async fn record(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(id): In<PredictionId>,
    Sent(request): Sent<OutcomeRequest>,
) -> Result<impl IntoResponse, Problem> {
    let outcome = desk.predictions().record_outcome(&actor, id, &request.truth).await?;
    Ok(Created(format!("/api/v1/predictions/{id}"), OutcomeAnswer::of(&outcome)))
}

async fn correct(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(id): In<PredictionId>,
    Sent(request): Sent<OutcomeCorrectionRequest>,
) -> Result<impl IntoResponse, Problem> {
    let outcome = desk.predictions().correct_outcome(&actor, id, &request.truth, &request.reason).await?;
    Ok(Created(format!("/api/v1/predictions/{id}"), OutcomeAnswer::of(&outcome)))
}

async fn record_batch(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Sent(items): Sent<Vec<BatchItem>>,
) -> Answer<BatchAnswers> {
    let reported: Vec<Reported> = items.into_iter().map(Reported::from).collect();
    let recorded = desk.predictions().record_outcomes(&actor, &reported).await?;
    let items: Vec<BatchAnswer> = reported.into_iter().zip(recorded).map(BatchAnswer::of).collect();
    let recorded = items.iter().filter(|item| item.status == 201).count();
    Ok(axum::Json(BatchAnswers { recorded, items }))
}

impl From<BatchItem> for Reported {
    fn from(item: BatchItem) -> Self {
        Self { prediction: item.prediction, truth: item.truth }
    }
}

impl BatchAnswer {
    fn of((reported, recorded): (Reported, desk::Result<Recorded>)) -> Self {
        let prediction = reported.prediction;
        match recorded.map_err(Problem::from) {
            Ok(Recorded::Now(_)) => Self { prediction, status: 201, detail: None },
            Ok(Recorded::Before(_)) => Self { prediction, status: 200, detail: None },
            Err(problem) => {
                let (status, detail) = (problem.status().as_u16(), problem.detail().to_owned());
                Self { prediction, status, detail: Some(detail) }
            }
        }
    }
}

impl OutcomeAnswer {
    pub(super) fn of(outcome: &Outcome) -> Self {
        Self {
            id: outcome.id.to_string(),
            prediction: outcome.prediction.to_string(),
            sequence: outcome.sequence,
            truth: outcome.truth.clone(),
            at: moment(outcome.at),
            by: outcome.actor.clone(),
            reason: outcome.reason.clone(),
            source: outcome.source.as_str(),
        }
    }
}
