//! Runs: asked for, watched, stopped.

use axum::extract::State;
use axum::response::IntoResponse;
use desk::Desk;
use desk::training::Options;
use domain::run::{LogLine, Run, RunState};
use domain::specification::EstimatorKind;
use domain::{DatasetId, Permission, RunId};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::endpoint::{Access, Endpoint};
use super::extract::{Asked, Created, In, Sent};
use super::problem::Problem;
use super::{Answer, Page, moment, page_size, read_cursor};
use crate::rim::Caller;

/// What may differ from the specification for one run.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RunRequest {
    /// Another estimator: `auto`, `logistic`, `neural`, `boosted` or `forest`.
    #[schema(value_type = Option<String>)]
    estimator: Option<EstimatorKind>,
    /// Another seed.
    seed: Option<i64>,
    /// Another data set than a fresh snapshot of rows and outcomes.
    dataset: Option<i64>,
}

/// Which runs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RunQuery {
    /// Only of this model.
    model: Option<String>,
    /// Only in this state: `queued`, `running`, `succeeded`, `failed` or `cancelled`.
    #[param(value_type = Option<String>)]
    state: Option<RunState>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Items of a page, 1 to 200; 50 when it is not said.
    limit: Option<u32>,
}

/// Which lines.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LogQuery {
    /// Only lines after this one.
    after: Option<i64>,
}

/// A training.
#[derive(Serialize, ToSchema)]
pub(super) struct RunAnswer {
    /// Identity.
    id: i64,
    /// `queued`, `running`, `succeeded`, `failed` or `cancelled`.
    pub(super) state: &'static str,
    /// Share done, 0 to 1.
    progress: f64,
    /// What it is doing, or why it failed.
    message: String,
    /// Number of the specification it trains by.
    specification_number: i64,
    /// What it trains on.
    dataset: i64,
    /// Estimator asked for in place of the specification's own.
    estimator: Option<&'static str>,
    /// The seed of every random choice.
    seed: i64,
    /// Number of the version it made.
    version: Option<i64>,
    /// How often it has been taken up.
    attempts: i64,
    /// Whether somebody asked it to stop.
    cancel_requested: bool,
    /// When it was asked for.
    created_at: String,
    /// When it was first taken up.
    started_at: Option<String>,
    /// When it was over.
    finished_at: Option<String>,
    /// Who asked for it.
    created_by: String,
}

/// A line of a run's log.
#[derive(Serialize, ToSchema)]
pub(super) struct LineAnswer {
    /// 1, 2, 3, …
    pub(super) sequence: i64,
    /// When.
    at: String,
    /// What.
    line: String,
}

/// Lines of a run's log.
#[derive(Serialize, ToSchema)]
struct LogAnswer {
    /// In order.
    items: Vec<LineAnswer>,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let (read, train) = (Access::Needs(Permission::ReadModels), Access::Needs(Permission::Train));
    let run = json!({ "id": 12, "state": "running", "progress": 0.42, "message": "boosted trees, fold 3 of 5",
        "specification_number": 1, "dataset": 4, "estimator": "boosted", "seed": 1, "version": null, "attempts": 1,
        "cancel_requested": false, "created_at": "2026-03-01T09:00:00Z", "started_at": "2026-03-01T09:00:01Z",
        "finished_at": null, "created_by": "person:1 Ada" });
    let line = json!({ "sequence": 1, "at": "2026-03-01T09:00:01Z", "line": "reading the rows" });
    vec![
        Endpoint::post("/api/v1/models/{name}/runs", train, start)
            .about("Runs", "Ask for a training; without a data set on all rows and outcomes known now")
            .takes::<RunRequest>(json!({ "estimator": "boosted", "seed": 1 }))
            .answers::<RunAnswer>(201, "It waits for a worker", run.clone())
            .refuses(&[
                (404, "There is no such model"),
                (409, "There is nothing to learn from"),
                (503, "Too many wait"),
            ]),
        Endpoint::get("/api/v1/runs", read, list)
            .about("Runs", "Trainings, newest first")
            .query::<RunQuery>()
            .answers_page::<RunAnswer>(run.clone(), "12"),
        Endpoint::get("/api/v1/runs/{id}", read, show)
            .about("Runs", "One training")
            .answers::<RunAnswer>(200, "The training", run)
            .refuses(&[(404, "There is no such run")]),
        Endpoint::get("/api/v1/runs/{id}/log", read, log)
            .about("Runs", "What it said")
            .query::<LogQuery>()
            .answers::<LogAnswer>(200, "Lines in order", json!({ "items": [line] }))
            .refuses(&[(404, "There is no such run")]),
        Endpoint::post("/api/v1/runs/{id}/cancellation", train, cancel)
            .about("Runs", "Ask it to stop")
            .answers_with(202, "It was asked", None)
            .refuses(&[(404, "There is no such run"), (409, "It is over already")]),
    ]
}

async fn start(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(name): In<String>,
    Sent(asked): Sent<RunRequest>,
) -> Result<impl IntoResponse, Problem> {
    let dataset = asked.dataset.map(DatasetId);
    let options = Options { estimator: asked.estimator, seed: asked.seed, dataset };
    let run = desk.training().start(&actor, &name, options).await?;
    Ok(Created(format!("/api/v1/runs/{}", run.id), RunAnswer::of(&run)))
}

async fn list(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Asked(query): Asked<RunQuery>,
) -> Answer<Page<RunAnswer>> {
    let (before, limit) = (read_cursor(query.cursor.as_deref())?, page_size(query.limit));
    let model = match &query.model {
        Some(name) => Some(desk.models().get(&actor, name).await?.model.id),
        None => None,
    };
    let runs = desk.training().list(&actor, model, query.state, before, limit).await?;
    let page = Page::of(runs, limit, |run| run.id.to_string());
    Ok(axum::Json(Page { items: page.items.iter().map(RunAnswer::of).collect(), next: page.next }))
}

async fn show(State(desk): State<Desk>, Caller(actor): Caller, In(id): In<RunId>) -> Answer<RunAnswer> {
    Ok(axum::Json(RunAnswer::of(&desk.training().get(&actor, id).await?)))
}

async fn log(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(id): In<RunId>,
    Asked(query): Asked<LogQuery>,
) -> Answer<LogAnswer> {
    let lines = desk.training().log(&actor, id, query.after.unwrap_or(0)).await?;
    Ok(axum::Json(LogAnswer { items: lines.iter().map(LineAnswer::of).collect() }))
}

async fn cancel(State(desk): State<Desk>, Caller(actor): Caller, In(id): In<RunId>) -> Result<StatusCode, Problem> {
    desk.training().cancel(&actor, id).await?;
    Ok(StatusCode::ACCEPTED)
}

impl RunAnswer {
    pub(super) fn of(run: &Run) -> Self {
        Self {
            id: run.id.0,
            state: run.state.as_str(),
            progress: run.progress,
            message: run.message.clone(),
            specification_number: run.specification_number,
            dataset: run.dataset.0,
            estimator: run.estimator.map(EstimatorKind::as_str),
            seed: run.seed,
            version: run.version,
            attempts: run.attempts,
            cancel_requested: run.cancel_requested,
            created_at: moment(run.created_at),
            started_at: run.started_at.map(moment),
            finished_at: run.finished_at.map(moment),
            created_by: run.created_by.clone(),
        }
    }
}

impl LineAnswer {
    pub(super) fn of(line: &LogLine) -> Self {
        Self { sequence: line.sequence, at: moment(line.at), line: line.line.clone() }
    }
}
