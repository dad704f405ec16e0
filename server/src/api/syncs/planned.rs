//! Syncs that clients are about to make, as they are asked about and answered.

use axum::response::{IntoResponse, Response};
use desk::Desk;
use desk::syncs::{PlanDraft, Planned};
use domain::Actor;
use domain::sync::{FEATURES, MODEL};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::api::events::Moment;
use crate::api::problem::Problem;
use crate::api::{extract, moment};

/// Up to 1,000 syncs that are about to be made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlannedRequests {
    syncs: Vec<PlannedRequest>,
}

/// A sync that a client is about to make. Names have up to 100 characters.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct PlannedRequest {
    /// The device or app.
    client: String,
    /// Who edited.
    person: String,
    /// Which type of record: `order`.
    entity_type: String,
    /// Which one of them.
    entity: String,
    /// The fields that were edited, up to 200.
    fields: Vec<String>,
    /// When the client last had the entity as all others had it (RFC 3339).
    #[schema(value_type = Option<String>)]
    last_sync: Option<Moment>,
}

/// What to do with a sync.
#[derive(Serialize)]
struct PlannedAnswer {
    /// Identity of the prediction, by which its outcome is found.
    id: String,
    version: Option<i64>,
    route: &'static str,
    at: String,
    /// How likely it ends in a conflict.
    score: f64,
    decision: String,
    confidence: Option<f64>,
    /// From which score on a conflict is expected.
    threshold: f64,
    /// `sync_now`, `fetch_first` or `ask_to_merge`.
    advice: &'static str,
    /// What the answer was computed from.
    features: Map<String, Value>,
}

#[derive(Serialize)]
struct PlannedAnswers {
    syncs: Vec<PlannedAnswer>,
}

/// Reads a body that has `syncs`.
///
/// # Errors
/// Names what cannot be read.
pub(in crate::api) fn read(body: &[u8]) -> Result<Vec<PlanDraft>, Problem> {
    let request: PlannedRequests = extract::parse(body)?;
    Ok(request.syncs.into_iter().map(PlanDraft::from).collect())
}

/// Asks about planned syncs.
///
/// # Errors
/// Whatever the desk refuses; planned syncs are for one model only.
pub(in crate::api) async fn answer(
    desk: &Desk,
    actor: &Actor,
    model: &str,
    drafts: &[PlanDraft],
) -> Result<Response, Problem> {
    if model != MODEL {
        return Err(Problem::field("syncs", format!("are for the model `{MODEL}`; send `row` or `rows`")));
    }
    let syncs = desk.syncs().plan(actor, drafts).await?.iter().map(PlannedAnswer::of).collect();
    Ok(axum::Json(PlannedAnswers { syncs }).into_response())
}

impl From<PlannedRequest> for PlanDraft {
    fn from(sent: PlannedRequest) -> Self {
        Self {
            client: sent.client,
            person: sent.person,
            entity_type: sent.entity_type,
            entity: sent.entity,
            fields: sent.fields,
            last_sync: sent.last_sync.map(|last| last.0),
        }
    }
}

impl PlannedAnswer {
    fn of(planned: &Planned) -> Self {
        let predicted = &planned.predicted;
        let named = FEATURES.iter().zip(planned.features.0).map(|(info, value)| (info.name.to_owned(), json!(value)));
        Self {
            id: predicted.id.to_string(),
            version: predicted.version,
            route: predicted.route.as_str(),
            at: moment(predicted.at),
            score: predicted.answer.score,
            decision: predicted.answer.decision.clone(),
            confidence: predicted.answer.confidence,
            threshold: planned.threshold,
            advice: planned.advice.as_str(),
            features: named.collect(),
        }
    }
}
