//! What is sent to be recorded, and what is answered.

use std::collections::HashMap;

use domain::attendance::{AttendanceEvent, EventKind, Moment, Position, late};
use domain::case::Alert;
use domain::prediction::Prediction;
use domain::{EmployeeId, EventId, SiteId, TenantId, Timestamp};

use super::RecordedEvent;
use crate::NewOutcome;

/// An event as it was sent, with what is known of its site and calendar now.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEvent {
    /// The sender's own key; the same key twice is the same event.
    pub client_id: String,
    /// SHA-256 of what was sent, which tells a repetition from another event under the same key.
    pub digest: String,
    /// Whose.
    pub employee: EmployeeId,
    /// Where it is said to have happened.
    pub site: SiteId,
    /// What.
    pub kind: EventKind,
    /// When it happened.
    pub at: Timestamp,
    /// When it came in.
    pub received_at: Timestamp,
    /// When the shift was to begin.
    pub scheduled_at: Option<Timestamp>,
    /// Where the phone was.
    pub position: Option<Position>,
    /// How sure the face recognition was, 0 to 1.
    pub face_confidence: Option<f64>,
    /// Seconds that the site's local time is ahead of UTC.
    pub offset_seconds: i64,
    /// Metres from the site.
    pub drift_meters: Option<f64>,
    /// Whether the site's calendar calls the day a holiday.
    pub holiday: bool,
}

/// New events, and what was recorded of their employees before.
#[derive(Clone, Debug, Default)]
pub struct Unscored {
    /// The events in the order in which they are recorded: by time, and at one time as they were sent. A later one may
    /// see an earlier one.
    pub events: Vec<UnscoredEvent>,
    /// What was recorded in the 90 days before the first event and until the last, by employee, sorted by time and id.
    pub histories: HashMap<EmployeeId, Vec<Moment>>,
}

/// An event that is not recorded yet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UnscoredEvent {
    /// Its place among those that were sent.
    pub sent: usize,
    /// Whose.
    pub employee: EmployeeId,
    /// What features need of it.
    pub moment: Moment,
}

/// What is recorded together with an event.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoredEvent {
    /// What the model says.
    pub prediction: Prediction,
    /// What is known to be true already.
    pub truth: Option<NewOutcome>,
    /// Why it is to be looked at, if it is.
    pub alert: Option<Alert>,
}

/// What became of an event that was sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Reception {
    /// It is recorded now.
    Recorded(RecordedEvent),
    /// The same was recorded before; nothing was written.
    Repeated(RecordedEvent),
    /// Another event was recorded under the same key, this one; nothing was written.
    Contradicted(RecordedEvent),
}

impl NewEvent {
    /// What features need of this event once it is recorded under `id`.
    #[must_use]
    pub fn moment(&self, id: EventId) -> Moment {
        Moment {
            id,
            at: self.at,
            kind: self.kind,
            offset_seconds: self.offset_seconds,
            late: late(self.kind, self.at, self.scheduled_at),
            holiday: self.holiday,
            position: self.position,
            drift_meters: self.drift_meters,
            face_confidence: self.face_confidence,
        }
    }

    pub(super) fn recorded(&self, tenant: TenantId, unscored: &UnscoredEvent, scored: &ScoredEvent) -> AttendanceEvent {
        AttendanceEvent {
            id: unscored.moment.id,
            tenant,
            client_id: self.client_id.clone(),
            employee: self.employee,
            site: self.site,
            kind: self.kind,
            at: self.at,
            received_at: self.received_at,
            scheduled_at: self.scheduled_at,
            position: self.position,
            face_confidence: self.face_confidence,
            offset_seconds: self.offset_seconds,
            drift_meters: self.drift_meters,
            holiday: self.holiday,
            prediction: scored.prediction.id,
            score: scored.prediction.score,
        }
    }
}
