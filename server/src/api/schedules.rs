//! What is done by the clock: seen, paused, resumed, and asked for.

use axum::extract::State;
use axum::response::IntoResponse;
use desk::Desk;
use desk::schedules::Scheduled;
use domain::schedule::{Job, JobState, ScheduleRun};
use domain::{Permission, ScheduleId};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::endpoint::{Access, Endpoint};
use super::extract::{Asked, In};
use super::problem::Problem;
use super::{Answer, Page, Whole, moment, page_size, read_cursor};
use crate::rim::Caller;

/// Which schedules.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ScheduleQuery {
    /// Only of this model.
    model: Option<String>,
}

/// Which executions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ScheduleRunQuery {
    /// `next` of the page before.
    cursor: Option<String>,
    /// Items of a page, 1 to 200; 50 when it is not said.
    limit: Option<u32>,
}

/// A job with its times.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct ScheduleAnswer {
    /// Identity.
    pub(crate) id: i64,
    /// What is done: `retrain`, `select`, `clean_up`, `observe`, `verify`, …
    #[schema(value_type = String)]
    pub(crate) job: Job,
    /// To which model; none is the whole organisation.
    pub(crate) model: Option<String>,
    /// When: minute, hour, day of the month, month, day of the week.
    pub(crate) expression: String,
    /// By the clocks of this time zone.
    pub(crate) time_zone: String,
    /// When next; while it is paused this moment passes unused.
    pub(crate) next_at: String,
    /// Since when it is held up.
    pub(crate) paused_at: Option<String>,
    /// Who holds it up.
    paused_by: Option<String>,
    /// Its newest execution.
    pub(crate) last: Option<ScheduleRunAnswer>,
}

/// One execution of a job.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct ScheduleRunAnswer {
    /// Identity.
    id: i64,
    /// The time it answers to; when it was asked for, if somebody asked.
    due_at: String,
    /// Who asked for it; none if the clock did.
    asked_by: Option<String>,
    /// `waiting`, `running`, `succeeded` or `failed`.
    #[schema(value_type = String)]
    pub(crate) state: JobState,
    /// How often it has been taken up.
    attempts: i64,
    /// When it was first taken up.
    began_at: Option<String>,
    /// When it was over.
    ended_at: Option<String>,
    /// What came of it, or why nothing did.
    pub(crate) message: String,
}

/// What the document says of the right, where it depends on the job.
const RIGHT: &str =
    "It takes the right to train, and that to the job: to manage labeling, or the organisation's schedules";

pub(super) fn endpoints() -> Vec<Endpoint> {
    let read = || Access::Needs(Permission::ReadModels);
    let train = || Access::Needs(Permission::Train);
    let gone = (404, "There is no such schedule");
    vec![
        Endpoint::get("/api/v1/schedules", read(), list)
            .about("Schedules", "What is done by the clock, with the next and the last time of each")
            .query::<ScheduleQuery>()
            .answers_list::<ScheduleAnswer>("The organisation's own first, then by model", example()),
        Endpoint::get("/api/v1/schedules/{id}", read(), show)
            .about("Schedules", "One schedule")
            .answers::<ScheduleAnswer>(200, "The schedule", example())
            .refuses(&[gone]),
        Endpoint::get("/api/v1/schedules/{id}/runs", read(), runs)
            .about("Schedules", "What it did in the last 90 days, newest first")
            .query::<ScheduleRunQuery>()
            .answers_page::<ScheduleRunAnswer>(run_example(), "31")
            .refuses(&[gone]),
        Endpoint::post("/api/v1/schedules/{id}/runs", train(), run_now)
            .about("Schedules", "Ask for it now, also while it is paused")
            .answers::<ScheduleRunAnswer>(202, "The next worker that is free does it", run_example())
            .refuses(&[(403, RIGHT), gone, (409, "It waits or is under way already")]),
        Endpoint::post("/api/v1/schedules/{id}/pause", train(), pause)
            .about("Schedules", "Hold it up until somebody resumes it, also what waits to begin")
            .answers::<ScheduleAnswer>(200, "It is paused", example())
            .refuses(&[(403, RIGHT), gone, (409, "It is paused already")]),
        Endpoint::post("/api/v1/schedules/{id}/resume", train(), resume)
            .about("Schedules", "Let it go on at its next time")
            .answers::<ScheduleAnswer>(200, "It goes on", example())
            .refuses(&[(403, RIGHT), gone, (409, "It is not paused")]),
    ]
}

fn example() -> Value {
    json!({ "id": 7, "job": "retrain", "model": "fraud", "expression": "0 3 1 * *", "time_zone": "Europe/Berlin",
        "next_at": "2026-04-01T01:00:00Z", "paused_at": null, "paused_by": null, "last": run_example() })
}

fn run_example() -> Value {
    json!({ "id": 31, "due_at": "2026-03-01T02:00:00Z", "asked_by": null, "state": "succeeded", "attempts": 1,
        "began_at": "2026-03-01T02:00:01Z", "ended_at": "2026-03-01T02:00:03Z", "message": "run 12 was asked for" })
}

async fn list(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Asked(query): Asked<ScheduleQuery>,
) -> Answer<Whole<ScheduleAnswer>> {
    let all = desk.schedules().list(&actor, query.model.as_deref()).await?;
    Ok(axum::Json(Whole { items: all.into_iter().map(ScheduleAnswer::of).collect() }))
}

async fn show(State(desk): State<Desk>, Caller(actor): Caller, In(id): In<ScheduleId>) -> Answer<ScheduleAnswer> {
    Ok(axum::Json(ScheduleAnswer::of(desk.schedules().get(&actor, id).await?)))
}

async fn runs(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(id): In<ScheduleId>,
    Asked(query): Asked<ScheduleRunQuery>,
) -> Answer<Page<ScheduleRunAnswer>> {
    let (before, limit) = (read_cursor(query.cursor.as_deref())?, page_size(query.limit));
    let runs = desk.schedules().runs(&actor, id, before, limit).await?;
    let page = Page::of(runs, limit, |run| run.id.to_string());
    Ok(axum::Json(Page { items: page.items.into_iter().map(ScheduleRunAnswer::of).collect(), next: page.next }))
}

async fn run_now(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(id): In<ScheduleId>,
) -> Result<impl IntoResponse, Problem> {
    let run = desk.schedules().run_now(&actor, id).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(ScheduleRunAnswer::of(run))))
}

async fn pause(State(desk): State<Desk>, Caller(actor): Caller, In(id): In<ScheduleId>) -> Answer<ScheduleAnswer> {
    Ok(axum::Json(ScheduleAnswer::of(desk.schedules().pause(&actor, id).await?)))
}

async fn resume(State(desk): State<Desk>, Caller(actor): Caller, In(id): In<ScheduleId>) -> Answer<ScheduleAnswer> {
    Ok(axum::Json(ScheduleAnswer::of(desk.schedules().resume(&actor, id).await?)))
}

impl ScheduleAnswer {
    pub(super) fn of(Scheduled { job, model }: Scheduled) -> Self {
        let (paused_at, paused_by) = job.paused.unzip();
        Self {
            id: job.id.0,
            job: job.job,
            model,
            expression: job.expression,
            time_zone: job.time_zone,
            next_at: moment(job.next_at),
            paused_at: paused_at.map(moment),
            paused_by,
            last: job.last.map(ScheduleRunAnswer::of),
        }
    }
}

impl ScheduleRunAnswer {
    fn of(run: ScheduleRun) -> Self {
        Self {
            id: run.id.0,
            due_at: moment(run.due_at),
            asked_by: run.asked_by,
            state: run.state,
            attempts: run.attempts,
            began_at: run.began_at.map(moment),
            ended_at: run.ended_at.map(moment),
            message: run.message,
        }
    }
}
