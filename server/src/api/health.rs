//! For whoever watches the process: is it alive, and does it take work?

use axum::extract::State;
use desk::Desk;
use desk::health::{Check, Grade};
use domain::Permission;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;

use super::Answer;
use super::endpoint::{Access, Endpoint};
use super::problem::Problem;
use crate::rim::Caller;

/// How the desk is.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct HealthAnswer {
    /// Whether nothing fails.
    pub(crate) healthy: bool,
    /// Its parts.
    pub(crate) checks: Vec<CheckAnswer>,
}

/// A part of the desk.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct CheckAnswer {
    /// `database`, `tables`, `champions`, `writer`, `artifacts` or `disk`.
    pub(crate) name: String,
    /// `ok`, `warn` or `fail`.
    #[schema(value_type = String)]
    pub(crate) state: Grade,
    /// The same in words.
    pub(crate) says: String,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let check = json!({ "name": "database", "state": "ok", "says": "It answers, and can be written to." });
    vec![
        Endpoint::get("/api/v1/health", Access::Needs(Permission::ReadModels), check_all)
            .about("Service", "Looks at each part of the desk: database, tables, champions, writer, artifacts, disk")
            .answers::<HealthAnswer>(
                200,
                "How each is, also when one fails",
                json!({ "healthy": true, "checks": [check] }),
            )
            .refuses(&[(503, "The server is shutting down")]),
        Endpoint::get("/healthz", Access::Public, alive).about("Service", "Whether the process is alive").answers_with(
            200,
            "It is",
            Some("text/plain"),
        ),
        Endpoint::get("/readyz", Access::Public, ready)
            .about("Service", "Whether it takes work: the database answers and no shutdown has begun")
            .answers_with(200, "It does", Some("text/plain"))
            .refuses(&[(503, "It does not")]),
    ]
}

async fn check_all(
    State(desk): State<Desk>,
    State(shutdown): State<CancellationToken>,
    Caller(actor): Caller,
) -> Answer<HealthAnswer> {
    if shutdown.is_cancelled() {
        return Err(Problem::unavailable("the server is shutting down", 5));
    }
    Ok(axum::Json(HealthAnswer::of(desk.health().checks(&actor).await?)))
}

async fn alive() -> &'static str {
    "alive\n"
}

/// Whether the process takes work.
///
/// # Errors
/// A problem with status 503 when it does not.
pub async fn ready(
    State(desk): State<Desk>,
    State(shutdown): State<CancellationToken>,
) -> Result<&'static str, Problem> {
    if shutdown.is_cancelled() {
        return Err(Problem::unavailable("the server is shutting down", 5));
    }
    desk.ready().await?;
    Ok("ready\n")
}

impl HealthAnswer {
    pub(crate) fn of(checks: Vec<Check>) -> Self {
        let answer = |check: Check| CheckAnswer { name: check.name, state: check.grade, says: check.says };
        let healthy = checks.iter().all(|check| check.grade < Grade::Fail);
        Self { healthy, checks: checks.into_iter().map(answer).collect() }
    }
}
