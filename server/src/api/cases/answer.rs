//! A case as it is answered.

use domain::Timestamp;
use domain::case::{Case, State};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::api::moment;

/// Events of one employee that hang together, to be decided at once.
#[derive(Serialize, ToSchema)]
pub(super) struct CaseAnswer {
    /// Identity.
    id: i64,
    /// `open`, `taken`, `escalated` or `decided`.
    state: &'static str,
    /// Identity of the employee.
    employee: i64,
    /// Identity of the site of the event with the highest score.
    site: i64,
    /// `threshold`, or `audit` for what was drawn at random from lower scores.
    origin: &'static str,
    /// Share of such events that become cases: 1, or the share drawn for audit.
    share: f64,
    /// What pushed the score up most: `location`, `time`, `biometric` or `behaviour`.
    rule: &'static str,
    /// The highest score of its events.
    score: f64,
    /// Identity of the prediction with that score.
    prediction: String,
    /// Number of its events.
    events: i64,
    /// When it was opened.
    opened_at: String,
    /// When its first event happened.
    first_event_at: String,
    /// When its last event happened.
    last_event_at: String,
    /// Until when it is to be decided.
    due_at: String,
    /// Whether it is an admin's to decide, also while one has taken it.
    escalated: bool,
    /// Identity of the person who is to decide it.
    assignee: Option<i64>,
    /// Identity of the person whose it is for a while.
    taken_by: Option<i64>,
    /// How long it is theirs.
    taken_until: Option<String>,
    /// What was found: `confirmed_risk`, `valuable_alert` or `false_positive`.
    verdict: Option<&'static str>,
    /// Who found it.
    decided_by: Option<String>,
    /// When.
    decided_at: Option<String>,
}

pub(super) fn example() -> Value {
    json!({ "id": 77, "state": "open", "employee": 1_042, "site": 3, "origin": "threshold", "share": 1.0,
        "rule": "location", "score": 0.9312, "prediction": "0197a2b4-7c1e-7d30-9a55-3f0c2f6f0d11", "events": 2,
        "opened_at": "2026-03-02T07:03:12.25Z", "first_event_at": "2026-03-02T07:03:11Z",
        "last_event_at": "2026-03-02T15:40:02Z", "due_at": "2026-03-03T07:03:12.25Z", "escalated": false,
        "assignee": null, "taken_by": null, "taken_until": null, "verdict": null, "decided_by": null,
        "decided_at": null })
}

pub(super) fn decided_example() -> Value {
    let mut case = example();
    case["state"] = json!("decided");
    case["verdict"] = json!("confirmed_risk");
    case["decided_by"] = json!("person:4 Sami");
    case["decided_at"] = json!("2026-03-02T16:10:00Z");
    case
}

impl CaseAnswer {
    /// The case as it is at `now`: a lease that has run out is none.
    pub(super) fn of(case: &Case, now: Timestamp) -> Self {
        let state = case.state_at(now);
        let taken = match &state {
            State::Taken { by, until, .. } => Some((by.0, moment(*until))),
            _ => None,
        };
        let (taken_by, taken_until) = taken.unzip();
        let (verdict, decided) = match &state {
            State::Decided { verdict, by, at } => (Some(verdict.as_str()), Some((by.clone(), moment(*at)))),
            _ => (None, None),
        };
        let (decided_by, decided_at) = decided.unzip();
        Self {
            id: case.id.0,
            state: state.as_str(),
            employee: case.employee.0,
            site: case.site.0,
            origin: case.origin.as_str(),
            share: case.share,
            rule: case.rule.as_str(),
            score: case.score,
            prediction: case.prediction.to_string(),
            events: case.events,
            opened_at: moment(case.opened_at),
            first_event_at: moment(case.first_event_at),
            last_event_at: moment(case.last_event_at),
            due_at: moment(case.due_at),
            escalated: state.is_escalated(),
            assignee: case.assignee.map(|person| person.0),
            taken_by,
            taken_until,
            verdict,
            decided_by,
            decided_at,
        }
    }
}
