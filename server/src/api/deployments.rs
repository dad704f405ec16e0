//! Moving traffic: promote, roll back, use the heuristic. Each is a record with a reason.

use axum::extract::State;
use axum::response::IntoResponse;
use desk::Desk;
use domain::Permission;
use domain::model::{Deployment, DeploymentKind};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::endpoint::{Access, Endpoint};
use super::extract::{Created, In, Sent};
use super::problem::Problem;
use super::{Answer, moment};
use crate::rim::Caller;

/// A version that is to serve.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PromotionRequest {
    /// Its number.
    version: i64,
    /// Why.
    reason: String,
    /// Promote it although a gate is closed.
    #[serde(default)]
    despite_gates: bool,
}

/// Why traffic is to move.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReasonRequest {
    /// Why.
    reason: String,
}

/// A record of traffic moving.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct DeploymentAnswer {
    /// Identity; greater is later.
    id: i64,
    /// `promotion`, `rollback` or `heuristic`.
    #[schema(value_type = String)]
    kind: DeploymentKind,
    /// The version that serves from then on; none is the heuristic.
    pub(crate) version: Option<i64>,
    /// The version that served before.
    pub(crate) previous: Option<i64>,
    /// The reason given.
    reason: String,
    /// When.
    at: String,
    /// Who.
    by: String,
}

/// Deployments, newest first.
#[derive(Serialize, ToSchema)]
struct DeploymentList {
    /// All of them.
    items: Vec<DeploymentAnswer>,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let deploy = Access::Needs(Permission::Deploy);
    let record = json!({ "id": 9, "kind": "promotion", "version": 3, "previous": 2, "reason": "finds more at the same cost",
        "at": "2026-03-01T10:00:00Z", "by": "person:1 Ada" });
    let problems: &[(u16, &str)] = &[
        (404, "There is no such model or version"),
        (409, "It is so already, a gate is closed, an artifact was changed, or somebody else was faster"),
        (422, "A reason is missing"),
    ];
    let reason = json!({ "reason": "misses the new kind of claim" });
    vec![
        Endpoint::get("/api/v1/models/{name}/deployments", Access::Needs(Permission::ReadModels), list)
            .about("Deployments", "Who served when, newest first")
            .answers::<DeploymentList>(200, "The deployments", json!({ "items": [record] }))
            .refuses(&[(404, "There is no such model")]),
        Endpoint::post("/api/v1/models/{name}/promotions", deploy, promote)
            .about("Deployments", "Let a version serve; the next prediction is its own")
            .takes::<PromotionRequest>(json!({ "version": 3, "reason": "finds more at the same cost" }))
            .answers::<DeploymentAnswer>(201, "It serves", record.clone())
            .refuses(problems),
        Endpoint::post("/api/v1/models/{name}/rollbacks", deploy, roll_back)
            .about("Deployments", "Put the previous version back")
            .takes::<ReasonRequest>(reason.clone())
            .answers::<DeploymentAnswer>(201, "It serves", record.clone())
            .refuses(problems),
        Endpoint::post("/api/v1/models/{name}/heuristic", deploy, use_heuristic)
            .about("Deployments", "Let the heuristic answer")
            .takes::<ReasonRequest>(reason)
            .answers::<DeploymentAnswer>(201, "It answers", record)
            .refuses(problems),
    ]
}

async fn list(State(desk): State<Desk>, Caller(actor): Caller, In(name): In<String>) -> Answer<DeploymentList> {
    let detail = desk.models().get(&actor, &name).await?;
    Ok(axum::Json(DeploymentList { items: detail.deployments.iter().map(DeploymentAnswer::of).collect() }))
}

async fn promote(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(name): In<String>,
    Sent(asked): Sent<PromotionRequest>,
) -> Result<impl IntoResponse, Problem> {
    let done = desk.versions().promote(&actor, &name, asked.version, &asked.reason, asked.despite_gates).await?;
    Ok(created(&name, &done))
}

async fn roll_back(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(name): In<String>,
    Sent(asked): Sent<ReasonRequest>,
) -> Result<impl IntoResponse, Problem> {
    let done = desk.versions().roll_back(&actor, &name, &asked.reason).await?;
    Ok(created(&name, &done))
}

async fn use_heuristic(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(name): In<String>,
    Sent(asked): Sent<ReasonRequest>,
) -> Result<impl IntoResponse, Problem> {
    let done = desk.versions().use_heuristic(&actor, &name, &asked.reason).await?;
    Ok(created(&name, &done))
}

fn created(model: &str, deployment: &Deployment) -> Created<DeploymentAnswer> {
    Created(format!("/api/v1/models/{model}/deployments"), DeploymentAnswer::of(deployment))
}

impl DeploymentAnswer {
    pub(super) fn of(deployment: &Deployment) -> Self {
        Self {
            id: deployment.id.0,
            kind: deployment.kind,
            version: deployment.version,
            previous: deployment.previous,
            reason: deployment.reason.clone(),
            at: moment(deployment.at),
            by: deployment.actor.clone(),
        }
    }
}
