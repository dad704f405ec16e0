//! Cases in words: what an event says for itself, and each figure of the model with what is usual.

use std::fmt::Write as _;

use desk::cases::Usual;
use domain::attendance::{AttendanceEvent, EventKind, MISMATCH};
use domain::case::{Case, Origin, Rule, State};
use domain::time::{HOUR, SECOND};
use domain::{Timestamp, case};

use crate::components::Tone;
use crate::moment::Clockface;
use crate::number;

/// Metres from a site that nobody would call being there.
const FAR: f64 = 250.0;
/// Days, as the model's figure counts them.
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// `check-in`.
pub(in crate::pages) fn noun(kind: EventKind) -> &'static str {
    match kind {
        EventKind::CheckIn => "check-in",
        EventKind::CheckOut => "check-out",
    }
}

/// `Checked in`.
pub(super) fn did(kind: EventKind) -> &'static str {
    match kind {
        EventKind::CheckIn => "checked in",
        EventKind::CheckOut => "checked out",
    }
}

/// The rule that a case was opened by.
pub(in crate::pages) fn rule(rule: Rule) -> &'static str {
    match rule {
        Rule::Location => "Place",
        Rule::Time => "Time",
        Rule::Biometric => "Face",
        Rule::Behaviour => "Habit",
    }
}

/// `Sunday 02:14` by the site's own clocks, as the pattern says.
pub(in crate::pages) fn local(event: &AttendanceEvent, pattern: &str) -> String {
    let moment = jiff::Timestamp::from_microsecond(event.local().0);
    moment.map_or_else(|_| String::from("?"), |at| at.strftime(pattern).to_string())
}

/// What catches the eye about an event, most telling first: `2.4 km from the site`, `face match 0.38`.
pub(in crate::pages) fn striking(event: &AttendanceEvent) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(meters) = event.drift_meters.filter(|meters| *meters > FAR) {
        said.push(format!("{} from the site", number::distance(meters)));
    }
    if let Some(match_) = event.face_confidence.filter(|confidence| *confidence < MISMATCH) {
        said.push(format!("a face match of only {}", number::fixed(match_, 2)));
    }
    if event.holiday {
        said.push(String::from("on a holiday"));
    }
    let hour = event.local().0.rem_euclid(24 * HOUR) / HOUR;
    if !(5..22).contains(&hour) {
        said.push(String::from("at night"));
    }
    said
}

/// Why there is a case, in a few words.
pub(in crate::pages) fn why(case: &Case, event: Option<&AttendanceEvent>) -> String {
    let said = event.map(striking).unwrap_or_default();
    if !said.is_empty() {
        return said.join(", ");
    }
    String::from(match (case.origin, case.rule) {
        (Origin::Audit, _) => "drawn at random",
        (_, Rule::Location) => "an unusual place",
        (_, Rule::Time) => "an unusual time",
        (_, Rule::Biometric) => "an unusual face match",
        (_, Rule::Behaviour) => "unusual for this employee",
    })
}

/// The state of a case, and what it means.
pub(in crate::pages) fn state(case: &Case, now: Timestamp) -> (Tone, String) {
    match case.state_at(now) {
        State::Open => (Tone::Neutral, String::from("open")),
        State::Taken { escalated: true, .. } => (Tone::Warn, String::from("escalated, taken")),
        State::Taken { .. } => (Tone::Accent, String::from("taken")),
        State::Escalated => (Tone::Warn, String::from("escalated")),
        State::Decided { verdict, .. } => (verdict_tone(verdict), verdict.to_string()),
    }
}

pub(in crate::pages) fn verdict_tone(verdict: case::Verdict) -> Tone {
    match verdict {
        case::Verdict::ConfirmedRisk => Tone::Bad,
        case::Verdict::ValuableAlert => Tone::Warn,
        case::Verdict::FalsePositive => Tone::Ok,
    }
}

/// Minutes that are left until then, at least one.
pub(in crate::pages) fn minutes(until: Timestamp, clock: &Clockface) -> i64 {
    (until.since(clock.now) / (60 * SECOND) + 1).max(1)
}

/// `person:2 Rana` as a person is called among people.
pub(crate) fn name(label: &str) -> &str {
    label.strip_prefix("person:").and_then(|rest| rest.split_once(' ')).map_or(label, |(_, name)| name)
}

/// A figure of the model in words, and what is usual.
pub(super) fn figure(
    name: &str,
    value: Option<f64>,
    usual: &Usual,
    event: &AttendanceEvent,
) -> (String, Option<String>) {
    let Some(value) = value else { return (String::from(missing(name)), None) };
    let percent = number::whole_percent(value);
    let against = |usual: Option<f64>, write: fn(f64) -> String| usual.map(|usual| format!("usual: {}", write(usual)));
    match name {
        "gps_drift_meters" => {
            let words = format!("{} {} from the site", capital(did(event.kind)), number::distance(value));
            (words, against(usual.drift_meters, number::distance))
        }
        "face_recognition_confidence" => {
            (format!("Face match {}", number::fixed(value, 2)), against(usual.face_confidence, |x| number::fixed(x, 2)))
        }
        "hour_of_day" => (format!("At {}", hour(value)), against(usual.hour, hour)),
        "day_of_week" => (format!("On a {}", WEEKDAYS.get(value as usize).unwrap_or(&"day that does not exist")), None),
        "is_weekend" => (String::from(if value > 0.0 { "At the weekend" } else { "Not at the weekend" }), None),
        "is_holiday" => (String::from(if value > 0.0 { "On a holiday" } else { "On no holiday" }), None),
        "location_consistency_score" if value == 0.0 => {
            (String::from("Nowhere near where they were before"), Some(String::from("30 days")))
        }
        "location_consistency_score" => {
            (format!("Where {percent} of their events are"), Some(String::from("within 250 m, 30 days")))
        }
        "check_in_frequency_zscore" => frequency(value),
        "late_arrival_rate" => (format!("Late at {percent} of check-ins"), Some(String::from("30 days"))),
        "weekend_work_frequency" => (format!("{percent} of check-ins at weekends"), Some(String::from("90 days"))),
        "biometric_mismatch_count_30d" if value == 0.0 => (String::from("No face mismatch in 30 days"), None),
        "biometric_mismatch_count_30d" => {
            let mut words = number::counted(value as i64, "face mismatch", "face mismatches");
            let _ = write!(words, " in 30 days");
            (words, Some(format!("a match below {MISMATCH}")))
        }
        "time_since_last_event" => {
            (format!("{} after the event before", number::duration((value * HOUR as f64) as i64)), None)
        }
        other => (format!("{other} = {}", number::value(value)), None),
    }
}

fn frequency(z: f64) -> (String, Option<String>) {
    let words = match z {
        z if z >= 1.0 => "More check-ins in 24 h than usual",
        z if z <= -1.0 => "Fewer check-ins in 24 h than usual",
        _ => "As many check-ins in 24 h as usual",
    };
    (String::from(words), Some(format!("{} standard deviations", number::signed(z, 1))))
}

fn missing(name: &str) -> &'static str {
    match name {
        "gps_drift_meters" => "No position was sent",
        "location_consistency_score" => "No earlier place to compare with",
        "check_in_frequency_zscore" => "Too short a history to count check-ins",
        "late_arrival_rate" => "No schedule to be late for",
        "weekend_work_frequency" => "No check-in in 90 days",
        "face_recognition_confidence" => "No face was compared",
        "time_since_last_event" => "No event in the 90 days before",
        _ => "A figure that is missing",
    }
}

/// `02:14`.
fn hour(hour: f64) -> String {
    // A clock shows the minute that has begun; what rounding took away is given back.
    let minutes = (hour * 60.0 + 1e-6) as i64;
    format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60)
}

pub(in crate::pages) fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use domain::attendance::FEATURES;
    use domain::{EmployeeId, EventId, PredictionId, SiteId, TenantId};

    use super::*;

    /// Sunday 2 November 2025, 02:14 in Berlin.
    fn event() -> AttendanceEvent {
        AttendanceEvent {
            id: EventId(1),
            tenant: TenantId(1),
            client_id: String::from("e1"),
            employee: EmployeeId(1),
            site: SiteId(1),
            kind: EventKind::CheckIn,
            at: Timestamp::parse_rfc3339("2025-11-02T01:14:00Z").unwrap(),
            received_at: Timestamp(0),
            scheduled_at: None,
            position: None,
            face_confidence: Some(0.58),
            offset_seconds: 3_600,
            drift_meters: Some(2_440.0),
            holiday: false,
            prediction: PredictionId::new(Timestamp(0), [0; 10]),
            score: 0.93,
        }
    }

    fn said(name: &str, value: Option<f64>) -> (String, Option<String>) {
        let usual = Usual { drift_meters: Some(40.0), face_confidence: Some(0.94), hour: Some(8.25) };
        let (words, detail) = figure(name, value, &usual, &event());
        let plain = |text: String| text.replace(number::NO_BREAK, " ");
        (plain(words), detail.map(plain))
    }

    #[test]
    fn figures_read_as_words_beside_the_usual() {
        let pair = |words: &str, detail: &str| (String::from(words), Some(String::from(detail)));
        assert_eq!(said("gps_drift_meters", Some(2_440.0)), pair("Checked in 2.4 km from the site", "usual: 40 m"));
        assert_eq!(said("face_recognition_confidence", Some(0.58)), pair("Face match 0.58", "usual: 0.94"));
        assert_eq!(said("hour_of_day", Some(2.0 + 14.0 / 60.0)), pair("At 02:14", "usual: 08:15"));
        assert_eq!(said("day_of_week", Some(6.0)).0, "On a Sunday");
        assert_eq!(said("biometric_mismatch_count_30d", Some(1.0)).0, "1 face mismatch in 30 days");
        assert_eq!(said("time_since_last_event", Some(16.5)).0, "16 h 30 min after the event before");
    }

    #[test]
    fn every_figure_has_words_of_its_own() {
        for feature in &FEATURES {
            for value in [Some(0.0), Some(1.0), feature.missing.and(None)] {
                let (words, _) = said(feature.name, value);
                assert!(!words.contains(feature.name), "{words}");
                assert!(value.is_some() || feature.missing.is_none() || words != missing(""), "{}", feature.name);
            }
        }
    }

    #[test]
    fn what_strikes_is_said_first() {
        let event = event();
        let said: Vec<_> = striking(&event).iter().map(|words| words.replace(number::NO_BREAK, " ")).collect();
        assert_eq!(said, ["2.4 km from the site", "a face match of only 0.58", "at night"]);
        assert_eq!(local(&event, "%A %H:%M"), "Sunday 02:14");
    }

    #[test]
    fn people_are_called_by_their_names() {
        assert_eq!(["person:2 Rana Odeh", "operator", "key:7 till"].map(name), ["Rana Odeh", "operator", "key:7 till"]);
    }
}
