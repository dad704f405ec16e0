//! Snoozes: one employee makes no cases by one rule for a time. They begin at a case.

use axum::extract::State;
use desk::Desk;
use domain::case::Snooze;
use domain::{Permission, SnoozeId};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::endpoint::{Access, Endpoint};
use super::extract::In;
use super::problem::Problem;
use super::{Answer, Whole, moment};
use crate::rim::Caller;

/// A time during which an employee makes no cases by a rule.
#[derive(Serialize, ToSchema)]
pub(super) struct SnoozeAnswer {
    /// Identity.
    id: i64,
    /// Identity of the employee.
    employee: i64,
    /// `location`, `time`, `biometric` or `behaviour`.
    rule: &'static str,
    /// Until when.
    until: String,
    /// When it was made.
    created_at: String,
    /// Who made it.
    created_by: String,
    /// Why.
    reason: String,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/v1/snoozes", Access::Needs(Permission::ReadPredictions), list)
            .about("Cases", "The snoozes that last, the first to end first")
            .answers_list::<SnoozeAnswer>("The snoozes", example()),
        Endpoint::delete("/api/v1/snoozes/{id}", Access::Needs(Permission::DecideCases), wake)
            .about("Cases", "End a snooze now")
            .answers_with(204, "It has ended", None)
            .refuses(&[(404, "There is no such snooze")]),
    ]
}

pub(super) fn example() -> Value {
    json!({ "id": 5, "employee": 1_042, "rule": "location", "until": "2026-03-16T08:00:00Z",
        "created_at": "2026-03-02T08:00:00Z", "created_by": "person:4 Sami", "reason": "works at the fair until the 16th" })
}

async fn list(State(desk): State<Desk>, Caller(actor): Caller) -> Answer<Whole<SnoozeAnswer>> {
    let snoozes = desk.cases().snoozes(&actor).await?;
    Ok(axum::Json(Whole { items: snoozes.into_iter().map(SnoozeAnswer::of).collect() }))
}

async fn wake(State(desk): State<Desk>, Caller(actor): Caller, In(id): In<SnoozeId>) -> Result<StatusCode, Problem> {
    desk.cases().wake(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl SnoozeAnswer {
    pub(super) fn of(snooze: Snooze) -> Self {
        Self {
            id: snooze.id.0,
            employee: snooze.employee.0,
            rule: snooze.rule.as_str(),
            until: moment(snooze.until),
            created_at: moment(snooze.created_at),
            created_by: snooze.created_by,
            reason: snooze.reason,
        }
    }
}
