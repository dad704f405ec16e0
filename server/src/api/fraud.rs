//! How good the alerts are, by what supervisors found.

mod answer;

use answer::FraudAnswer;
pub(super) use answer::{ShareAnswer, date, monday};
use axum::extract::State;
use desk::Desk;
use domain::Permission;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;

use super::Answer;
use super::endpoint::{Access, Endpoint};
use super::extract::Asked;
use crate::rim::Caller;

/// Over what time.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DaysQuery {
    /// The last days, 1 to 366; 30 when it is not said.
    pub(super) days: Option<i64>,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/v1/fraud", Access::Needs(Permission::ReadPredictions), figures)
            .about("Cases", "How good the alerts are, and what waits")
            .query::<DaysQuery>()
            .answers::<FraudAnswer>(200, "The figures", example())
            .refuses(&[(422, "A wrong number of days")]),
    ]
}

fn example() -> Value {
    let share = json!({ "value": 0.81, "low": 0.74, "high": 0.87, "n": 142 });
    let count = json!({ "key": "93", "origin": "threshold", "verdict": "confirmed_risk", "cases": 4, "events": 9 });
    json!({ "from": "2026-02-01T00:00:00Z", "until": "2026-03-03T00:00:00Z", "version": 3, "threshold": 0.62,
        "audit_share": 0.005,
        "backlog": { "open": 7, "taken": 1, "escalated": 0, "overdue": 2, "first_due_at": "2026-03-02T07:03:12Z" },
        "verdicts": { "confirmed_risk": 88, "valuable_alert": 27, "false_positive": 27 }, "undecided": 8,
        "precision": share, "recall": null,
        "thresholds": [{ "percent": 62, "right": 115.0, "false_alarms": 27.0, "missed": 0.0, "passed": 0.0,
            "precision": 0.81, "recall": 1.0 }],
        "volume": [{ "date": "2026-03-02", "site": 3, "events": 214 }],
        "by_score": [count], "by_site": [], "by_week": [] })
}

async fn figures(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Asked(query): Asked<DaysQuery>,
) -> Answer<FraudAnswer> {
    let figures = desk.cases().dashboard(&actor, query.days.unwrap_or(30)).await?;
    Ok(axum::Json(FraudAnswer::of(&figures)))
}
