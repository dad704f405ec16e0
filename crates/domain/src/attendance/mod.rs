//! Attendance: sites, the employees whose check-ins and check-outs are recorded there, and what can be said about an event
//! from what was known when it was recorded.

mod calendar;
mod features;
mod history;
mod specification;

use serde::{Deserialize, Serialize};

pub use calendar::{MAX_CALENDAR, MAX_DAYS, parse_icalendar};
pub use features::{FEATURES, Features, MISMATCH, WINDOW, features};
pub use history::{History, recompute};
pub use specification::{MODEL, row, specification};

use crate::error::FieldError;
use crate::ids::{EmployeeId, EventId, HolidayId, PredictionId, SiteId, TenantId};
use crate::time::{SECOND, Timestamp};

/// A place on earth, in degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// North of the equator, -90 to 90.
    pub latitude: f64,
    /// East of Greenwich, -180 to 180.
    pub longitude: f64,
}

impl Position {
    /// A place that exists.
    ///
    /// # Errors
    /// The field that is out of its range or no number.
    pub fn new(latitude: f64, longitude: f64) -> Result<Self, FieldError> {
        if !(-90.0..=90.0).contains(&latitude) {
            return Err(FieldError::new("latitude", "degrees from -90 to 90 are possible"));
        }
        if !(-180.0..=180.0).contains(&longitude) {
            return Err(FieldError::new("longitude", "degrees from -180 to 180 are possible"));
        }
        Ok(Self { latitude, longitude })
    }
}

/// Mean radius of the earth (IUGG), in metres.
const EARTH_RADIUS: f64 = 6_371_008.8;

/// Great-circle distance in metres, by the haversine formula (Sinnott, Sky & Telescope 68/2, 1984).
#[must_use]
pub fn distance_meters(a: Position, b: Position) -> f64 {
    let (north, east) = (b.latitude - a.latitude, b.longitude - a.longitude);
    let half_chord = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
    let narrowing = a.latitude.to_radians().cos() * b.latitude.to_radians().cos();
    let chord = half_chord(north) + narrowing * half_chord(east);
    2.0 * EARTH_RADIUS * chord.min(1.0).sqrt().asin()
}

/// A place of work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Site {
    /// Identity.
    pub id: SiteId,
    /// Its organisation.
    pub tenant: TenantId,
    /// The organisation's own key for it; unique within it.
    pub reference: String,
    /// Name as shown.
    pub name: String,
    /// Where it is.
    pub position: Position,
    /// IANA time zone that its clocks show.
    pub time_zone: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Somebody whose attendance is recorded. They do not log in here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Employee {
    /// Identity.
    pub id: EmployeeId,
    /// Their organisation.
    pub tenant: TenantId,
    /// The organisation's own key for them; unique within it.
    pub reference: String,
    /// Name as shown.
    pub name: String,
    /// Where they usually work.
    pub site: Option<SiteId>,
    /// When they were made.
    pub created_at: Timestamp,
}

/// A day on which most people do not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holiday {
    /// Identity.
    pub id: HolidayId,
    /// Its organisation.
    pub tenant: TenantId,
    /// The only site that keeps it; none is every site.
    pub site: Option<SiteId>,
    /// The day, by the site's clocks.
    pub date: jiff::civil::Date,
    /// Name as shown.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: String,
}

/// What somebody did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Came.
    CheckIn,
    /// Left.
    CheckOut,
}

impl EventKind {
    /// The word used in pages, REST and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CheckIn => "check_in",
            Self::CheckOut => "check_out",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::CheckIn, Self::CheckOut].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// One event as recorded, with what was known of it then: a site that moves later, or a calendar that changes, changes no
/// history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttendanceEvent {
    /// Identity, given out under a lock: of one tenant's events it says what was known before what.
    pub id: EventId,
    /// Its organisation.
    pub tenant: TenantId,
    /// The sender's own key; the same key twice is the same event.
    pub client_id: String,
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
    /// The prediction made of it.
    pub prediction: PredictionId,
    /// The score of that prediction.
    pub score: f64,
}

impl AttendanceEvent {
    /// What the site's clocks showed, as if it were UTC.
    #[must_use]
    pub fn local(&self) -> Timestamp {
        local(self.at, self.offset_seconds)
    }

    /// What features need of it.
    #[must_use]
    pub fn moment(&self) -> Moment {
        Moment {
            id: self.id,
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
}

/// What features need of an event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// See [`AttendanceEvent::id`].
    pub id: EventId,
    /// When it happened.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// Seconds that the site's local time is ahead of UTC.
    pub offset_seconds: i64,
    /// See [`late`].
    pub late: Option<bool>,
    /// Whether the site's calendar calls the day a holiday.
    pub holiday: bool,
    /// Where the phone was.
    pub position: Option<Position>,
    /// Metres from the site.
    pub drift_meters: Option<f64>,
    /// How sure the face recognition was, 0 to 1.
    pub face_confidence: Option<f64>,
}

fn local(at: Timestamp, offset_seconds: i64) -> Timestamp {
    at.plus(offset_seconds.saturating_mul(SECOND))
}

/// The class of the fraud model for what is fraud and for what is none.
#[must_use]
pub fn class(fraud: bool) -> &'static str {
    if fraud { "yes" } else { "no" }
}

/// Lateness that nobody minds.
pub const GRACE: i64 = 600 * SECOND;

/// Whether a check-in came more than ten minutes after the shift was to begin; of anything else nobody can say.
#[must_use]
pub fn late(kind: EventKind, at: Timestamp, scheduled_at: Option<Timestamp>) -> Option<bool> {
    let scheduled = scheduled_at.filter(|_| kind == EventKind::CheckIn)?;
    Some(at.since(scheduled) > GRACE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(latitude: f64, longitude: f64) -> Position {
        Position::new(latitude, longitude).unwrap()
    }

    /// A quarter of a meridian, half of the equator and one degree of it follow from the radius; a degree of longitude at
    /// 60° north is 2·R·asin(cos 60°·sin 0.5°).
    #[test]
    fn distances_are_those_on_a_sphere() {
        let circle = 2.0 * std::f64::consts::PI * EARTH_RADIUS;
        let near = |a, b, meters: f64| assert!((distance_meters(a, b) - meters).abs() < 0.01, "{meters}");
        near(at(0.0, 0.0), at(0.0, 0.0), 0.0);
        near(at(0.0, 0.0), at(90.0, 0.0), circle / 4.0);
        near(at(0.0, -90.0), at(0.0, 90.0), circle / 2.0);
        near(at(0.0, 179.5), at(0.0, -179.5), circle / 360.0);
        near(at(60.0, 10.0), at(60.0, 11.0), 55_597.01);
        let short = distance_meters(at(48.2, 16.37), at(48.2001, 16.37));
        assert!((short - 11.119_5).abs() < 1e-3, "{short}");
    }

    #[test]
    fn a_position_is_on_earth() {
        for (latitude, longitude, field) in
            [(90.1, 0.0, "latitude"), (f64::NAN, 0.0, "latitude"), (0.0, -180.5, "longitude")]
        {
            assert_eq!(Position::new(latitude, longitude).unwrap_err().field, field);
        }
    }

    #[test]
    fn only_a_check_in_with_a_schedule_can_be_late() {
        let begin = Timestamp(1_000 * SECOND);
        let minutes = |n: i64| begin.plus(n * 60 * SECOND);
        assert_eq!(late(EventKind::CheckIn, minutes(10), Some(begin)), Some(false));
        assert_eq!(late(EventKind::CheckIn, minutes(11), Some(begin)), Some(true));
        assert_eq!(late(EventKind::CheckIn, minutes(11), None), None);
        assert_eq!(late(EventKind::CheckOut, minutes(11), Some(begin)), None);
    }
}
