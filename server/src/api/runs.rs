//! Runs: asked for, watched, stopped.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::IntoResponse;
use desk::Desk;
use desk::training::Options;
use domain::retraining::{Standing, Trigger};
use domain::run::{LogLine, Run, RunState};
use domain::specification::EstimatorKind;
use domain::{DatasetId, ModelId, Permission, RunId};
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
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct RunAnswer {
    /// Identity.
    pub(crate) id: i64,
    /// Name of the model it trains.
    pub(crate) model: String,
    /// `queued`, `running`, `succeeded`, `failed` or `cancelled`.
    #[schema(value_type = String)]
    pub(crate) state: RunState,
    /// Share done, 0 to 1.
    pub(crate) progress: f64,
    /// What it is doing, or why it failed.
    pub(crate) message: String,
    /// Number of the specification it trains by.
    specification_number: i64,
    /// What it trains on; none until a worker has frozen what there is.
    dataset: Option<i64>,
    /// The examples of so many days are frozen for it; of all if there is no number.
    days: Option<u32>,
    /// Estimator asked for in place of the specification's own.
    #[schema(value_type = Option<String>)]
    estimator: Option<EstimatorKind>,
    /// The seed of every random choice.
    seed: i64,
    /// Number of the version it made.
    pub(crate) version: Option<i64>,
    /// How often it has been taken up.
    attempts: i64,
    /// How often it was put off because something it needs was away.
    retries: i64,
    /// Not taken up before, if it was put off and waits.
    not_before: Option<String>,
    /// Whether somebody asked it to stop.
    cancel_requested: bool,
    /// When it was asked for.
    pub(crate) created_at: String,
    /// When it was first taken up.
    started_at: Option<String>,
    /// When it was over.
    pub(crate) finished_at: Option<String>,
    /// Who asked for it.
    pub(crate) created_by: String,
    /// Why it was asked for: `hand`, `schedule`, `metric`, `drift`, `age` or `labels`.
    #[schema(value_type = String)]
    pub(crate) trigger: Trigger,
    /// What the trigger saw.
    pub(crate) saw: String,
    /// The furthest that its version may come by itself: `candidate`, `challenger` or `champion`.
    #[schema(value_type = String)]
    policy: Standing,
    /// What became of its version; none until that is decided.
    #[schema(value_type = Option<String>)]
    pub(crate) became: Option<Standing>,
    /// Why.
    pub(crate) because: String,
}

/// A line of a run's log.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct LineAnswer {
    /// 1, 2, 3, …
    pub(crate) sequence: i64,
    /// When.
    pub(crate) at: String,
    /// What.
    pub(crate) line: String,
}

/// Lines of a run's log.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct LogAnswer {
    /// In order.
    pub(crate) items: Vec<LineAnswer>,
}

/// A run to show what runs look like.
pub(super) fn example_run() -> serde_json::Value {
    json!({ "id": 12, "model": "claims", "state": "running", "progress": 0.42, "message": "boosted trees, fold 3 of 5",
        "specification_number": 1, "dataset": 4, "days": null, "estimator": "boosted", "seed": 1, "version": null,
        "attempts": 1, "retries": 0, "not_before": null, "cancel_requested": false, "trigger": "metric",
        "saw": "f1 0.61 on 1,204 outcomes is 8.3 % under its reference 0.665", "policy": "champion", "became": null,
        "because": "", "created_at": "2026-03-01T09:00:00Z", "started_at": "2026-03-01T09:00:01Z",
        "finished_at": null, "created_by": "person:1 Ada" })
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let (read, train) = (Access::Needs(Permission::ReadModels), Access::Needs(Permission::Train));
    let run = example_run();
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
    Ok(Created(format!("/api/v1/runs/{}", run.id), RunAnswer::of(&run, &name)))
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
    let names: BTreeMap<ModelId, String> = desk.models().names(&actor).await?.into_iter().collect();
    let name = |model: ModelId| names.get(&model).map(String::as_str).unwrap_or_default();
    let items = page.items.iter().map(|run| RunAnswer::of(run, name(run.model))).collect();
    Ok(axum::Json(Page { items, next: page.next }))
}

async fn show(State(desk): State<Desk>, Caller(actor): Caller, In(id): In<RunId>) -> Answer<RunAnswer> {
    let run = desk.training().get(&actor, id).await?;
    let name = desk.models().name(&actor, run.model).await?;
    Ok(axum::Json(RunAnswer::of(&run, &name)))
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
    pub(super) fn of(run: &Run, model: &str) -> Self {
        Self {
            id: run.id.0,
            model: model.to_owned(),
            state: run.state,
            progress: run.progress,
            message: run.message.clone(),
            specification_number: run.specification_number,
            dataset: run.dataset.map(|dataset| dataset.0),
            days: run.days,
            estimator: run.estimator,
            seed: run.seed,
            version: run.version,
            attempts: run.attempts,
            retries: run.retries,
            not_before: (run.state == RunState::Queued && run.retries > 0).then(|| moment(run.not_before)),
            cancel_requested: run.cancel_requested,
            created_at: moment(run.created_at),
            started_at: run.started_at.map(moment),
            finished_at: run.finished_at.map(moment),
            created_by: run.created_by.clone(),
            trigger: run.trigger,
            saw: run.saw.clone(),
            policy: run.policy,
            became: run.became,
            because: run.because.clone(),
        }
    }
}

impl LineAnswer {
    pub(super) fn of(line: &LogLine) -> Self {
        Self { sequence: line.sequence, at: moment(line.at), line: line.line.clone() }
    }
}
