//! For whoever watches the process: is it alive, and does it take work?

use axum::extract::State;
use desk::Desk;
use tokio_util::sync::CancellationToken;

use super::endpoint::{Access, Endpoint};
use super::problem::Problem;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
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
