//! Events as they are answered. They name employees and sites by identity only.

use axum::response::{IntoResponse, Response};
use desk::events::{Imported, Reception, RecordedEvent};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::api::extract::Created;
use crate::api::moment;
use crate::api::problem::Problem;

/// An event as it was recorded, with what was known of it then.
#[derive(Serialize, ToSchema)]
pub(crate) struct EventAnswer {
    /// Identity; of one employee's events the smaller one was known first.
    id: i64,
    /// The sender's own key.
    client_id: String,
    /// Identity of the employee.
    employee: i64,
    /// Identity of the site.
    site: i64,
    /// `check_in` or `check_out`.
    kind: &'static str,
    /// When it happened.
    at: String,
    /// When it came in.
    received_at: String,
    /// When the shift was to begin.
    scheduled_at: Option<String>,
    /// Where the phone was, in degrees north.
    latitude: Option<f64>,
    /// Where the phone was, in degrees east.
    longitude: Option<f64>,
    /// How sure the face recognition was, 0 to 1.
    face_confidence: Option<f64>,
    /// Seconds that the site's local time is ahead of UTC.
    offset_seconds: i64,
    /// Metres from the site.
    drift_meters: Option<f64>,
    /// Whether the site's calendar calls the day a holiday.
    holiday: bool,
    /// Identity of the prediction made of it.
    prediction: String,
    /// How likely fraud is.
    score: f64,
    /// The case it belongs to.
    case: Option<i64>,
}

/// What became of an event that was sent.
#[derive(Serialize, ToSchema)]
pub(super) struct ReceptionAnswer {
    /// 201 recorded, 200 recorded before, 409 another event was recorded under its `client_id`.
    status: u16,
    /// The sender's own key.
    client_id: String,
    /// Why it was not recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'static str>,
    /// Identity of the event under this key.
    event: i64,
    /// Identity of the prediction made of that.
    prediction: String,
    /// How likely fraud is.
    score: f64,
    /// The case it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    case: Option<i64>,
}

/// Answers in the order of the events.
#[derive(Serialize, ToSchema)]
pub(super) struct ReceptionAnswers {
    /// How many were recorded now.
    recorded: usize,
    /// One for each event.
    items: Vec<ReceptionAnswer>,
}

/// What became of the events of a file.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct ImportAnswer {
    /// Recorded now.
    pub(crate) recorded: usize,
    /// Recorded before, and the same.
    pub(crate) repeated: usize,
    /// `client_id`s under which another event was recorded before; at most 100 of them.
    pub(crate) contradicted: Vec<String>,
}

pub(crate) fn example() -> Value {
    json!({ "id": 48_113, "client_id": "phone-7:881", "employee": 1_042, "site": 3, "kind": "check_in",
        "at": "2026-03-02T07:03:11Z", "received_at": "2026-03-02T07:03:12.25Z", "scheduled_at": "2026-03-02T07:00:00Z",
        "latitude": 48.2083, "longitude": 16.3739, "face_confidence": 0.97, "offset_seconds": 3_600,
        "drift_meters": 13.4, "holiday": false, "prediction": "0197a2b4-7c1e-7d30-9a55-3f0c2f6f0d11", "score": 0.0123,
        "case": null })
}

pub(super) fn reception_example() -> Value {
    json!({ "status": 201, "client_id": "phone-7:881", "event": 48_113,
        "prediction": "0197a2b4-7c1e-7d30-9a55-3f0c2f6f0d11", "score": 0.9312, "case": 77 })
}

const CONTRADICTED: &str = "another event was recorded under this client_id";

/// The answer to an event that was sent by itself.
pub(super) fn alone(reception: &Reception) -> Result<Response, Problem> {
    let answer = ReceptionAnswer::of(reception);
    match reception {
        Reception::Recorded(_) => Ok(Created(format!("/api/v1/events/{}", answer.event), answer).into_response()),
        Reception::Repeated(_) => Ok(axum::Json(answer).into_response()),
        Reception::Contradicted(_) => Err(desk::Error::Conflict(CONTRADICTED.to_owned()).into()),
    }
}

impl ReceptionAnswers {
    pub(super) fn of(received: &[Reception]) -> Self {
        let recorded = received.iter().filter(|one| matches!(one, Reception::Recorded(_))).count();
        Self { recorded, items: received.iter().map(ReceptionAnswer::of).collect() }
    }
}

impl ReceptionAnswer {
    fn of(reception: &Reception) -> Self {
        let (status, detail, held) = match reception {
            Reception::Recorded(held) => (201, None, held),
            Reception::Repeated(held) => (200, None, held),
            Reception::Contradicted(held) => (409, Some(CONTRADICTED), held),
        };
        Self {
            status,
            client_id: held.event.client_id.clone(),
            detail,
            event: held.event.id.0,
            prediction: held.event.prediction.to_string(),
            score: held.event.score,
            case: held.case.map(|case| case.0),
        }
    }
}

impl ImportAnswer {
    pub(crate) fn of(imported: Imported) -> Self {
        let Imported { recorded, repeated, contradicted } = imported;
        Self { recorded, repeated, contradicted }
    }
}

impl EventAnswer {
    pub(crate) fn of(recorded: &RecordedEvent) -> Self {
        let event = &recorded.event;
        Self {
            id: event.id.0,
            client_id: event.client_id.clone(),
            employee: event.employee.0,
            site: event.site.0,
            kind: event.kind.as_str(),
            at: moment(event.at),
            received_at: moment(event.received_at),
            scheduled_at: event.scheduled_at.map(moment),
            latitude: event.position.map(|position| position.latitude),
            longitude: event.position.map(|position| position.longitude),
            face_confidence: event.face_confidence,
            offset_seconds: event.offset_seconds,
            drift_meters: event.drift_meters,
            holiday: event.holiday,
            prediction: event.prediction.to_string(),
            score: event.score,
            case: recorded.case.map(|case| case.0),
        }
    }
}
