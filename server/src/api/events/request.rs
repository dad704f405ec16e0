//! Events as they are sent.

use desk::events::EventDraft;
use domain::attendance::EventKind;
use domain::{FieldError, Timestamp};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use crate::api::problem::Problem;

/// What is to be recorded: one `event`, or several `events`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EventsRequest {
    /// One event.
    event: Option<EventRequest>,
    /// Up to 10,000 events.
    events: Option<Vec<EventRequest>>,
}

/// A check-in or a check-out.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EventRequest {
    /// Your own key for it, up to 100 characters; the same key twice is the same event.
    client_id: String,
    /// Reference of the employee.
    employee: String,
    /// Reference of the site; the employee's usual one when it is not said.
    site: Option<String>,
    /// `check_in` or `check_out`.
    #[schema(value_type = String)]
    kind: EventKind,
    /// When it happened (RFC 3339).
    #[schema(value_type = String)]
    at: Moment,
    /// When the shift was to begin (RFC 3339).
    #[schema(value_type = Option<String>)]
    scheduled_at: Option<Moment>,
    /// Where the phone was, in degrees north.
    latitude: Option<f64>,
    /// Where the phone was, in degrees east.
    longitude: Option<f64>,
    /// How sure the face recognition was, 0 to 1. Only this figure is kept.
    face_confidence: Option<f64>,
    /// Whether it was fraud, if that is known already. Needs the right to record outcomes.
    fraud: Option<bool>,
}

/// A moment as RFC 3339.
pub(in crate::api) struct Moment(pub(in crate::api) Timestamp);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || D::Error::custom("a moment as 2026-03-01T08:00:00+01:00 is needed");
        Timestamp::parse_rfc3339(&text).map(Self).ok_or_else(wrong)
    }
}

impl EventsRequest {
    /// The events, and whether one was sent by itself.
    ///
    /// # Errors
    /// When it is neither one nor several.
    pub(super) fn read(self) -> Result<(Vec<EventDraft>, bool), Problem> {
        match (self.event, self.events) {
            (Some(event), None) => Ok((vec![event.into()], true)),
            (None, Some(events)) => Ok((events.into_iter().map(EventDraft::from).collect(), false)),
            (None, None) => Err(Problem::field("event", "send `event` or `events`")),
            (Some(_), Some(_)) => Err(Problem::field("events", "send `event` or `events`, not both")),
        }
    }
}

/// Calls the fields of an event that was sent by itself as they were sent.
pub(in crate::api) fn name_alone(error: desk::Error) -> desk::Error {
    let rename = |wrong: FieldError| match wrong.field.strip_prefix("events[0].") {
        Some(field) => FieldError::new(format!("event.{field}"), wrong.reason),
        None => wrong,
    };
    match error {
        desk::Error::Invalid(wrong) => desk::Error::Invalid(wrong.into_iter().map(rename).collect()),
        other => other,
    }
}

impl From<EventRequest> for EventDraft {
    fn from(event: EventRequest) -> Self {
        Self {
            client_id: event.client_id,
            employee: event.employee,
            site: event.site,
            kind: event.kind,
            at: event.at.0,
            scheduled_at: event.scheduled_at.map(|moment| moment.0),
            latitude: event.latitude,
            longitude: event.longitude,
            face_confidence: event.face_confidence,
            fraud: event.fraud,
        }
    }
}
