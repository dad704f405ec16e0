//! Twelve figures of an event, from what its employee's history said when it was recorded.
//!
//! An event sees another one of the same employee if that happened no later and was recorded before. So the figures can be
//! computed again at any time, and come out as they were, however late some events came in.

use super::{EventKind, Moment, distance_meters};
use crate::feature::FeatureInfo;
use crate::time::{DAY, HOUR};

/// How far back an event sees.
pub const WINDOW: i64 = 90 * DAY;
/// Face confidence below which a face does not match.
pub const MISMATCH: f64 = 0.6;

const MONTH: i64 = 30 * DAY;
/// Metres within which two places are the same.
const SAME_PLACE: f64 = 250.0;
/// Days with which the last 24 hours are compared, and the fewest that make a comparison.
const COMPARED: usize = 28;
const FEWEST_COMPARED: usize = 7;

/// The features, in the order of [`Features`].
pub const FEATURES: [FeatureInfo; 12] = [
    FeatureInfo { name: "hour_of_day", unit: "hours", formula: "local time of day, from 0 to below 24", missing: None },
    FeatureInfo { name: "day_of_week", unit: "", formula: "local weekday, 0 is Monday, 6 is Sunday", missing: None },
    FeatureInfo { name: "is_weekend", unit: "", formula: "1 on a local Saturday or Sunday, else 0", missing: None },
    FeatureInfo {
        name: "is_holiday",
        unit: "",
        formula: "1 if the site's calendar calls the local day a holiday, else 0",
        missing: None,
    },
    FeatureInfo {
        name: "gps_drift_meters",
        unit: "m",
        formula: "great-circle distance from the site",
        missing: Some("the event has no position"),
    },
    FeatureInfo {
        name: "location_consistency_score",
        unit: "share",
        formula: "of the employee's events of the 30 days before with a position, the share within 250 m of this one",
        missing: Some("the event has no position, or none of the 30 days before has"),
    },
    FeatureInfo {
        name: "check_in_frequency_zscore",
        unit: "standard deviations",
        formula: "check-ins of the last 24 h, this one included, less their mean in the 24-h windows of the 28 days before, \
                  divided by their standard deviation (at least 0.5)",
        missing: Some("fewer than 7 whole windows since the employee's first event of the last 90 days"),
    },
    FeatureInfo {
        name: "late_arrival_rate",
        unit: "share",
        formula: "of the check-ins of the last 30 days with a schedule, this one included, the share more than 10 minutes \
                  after it",
        missing: Some("no such check-in"),
    },
    FeatureInfo {
        name: "weekend_work_frequency",
        unit: "share",
        formula: "of the check-ins of the last 90 days, this one included, the share on a local Saturday or Sunday",
        missing: Some("no such check-in"),
    },
    FeatureInfo {
        name: "face_recognition_confidence",
        unit: "",
        formula: "as sent, from 0 to 1",
        missing: Some("no face was compared"),
    },
    FeatureInfo {
        name: "biometric_mismatch_count_30d",
        unit: "events",
        formula: "events of the last 30 days, this one included, with a face confidence below 0.6",
        missing: None,
    },
    FeatureInfo {
        name: "time_since_last_event",
        unit: "hours",
        formula: "since the employee's newest event before",
        missing: Some("no event in the 90 days before"),
    },
];

/// The figures of one event, in the order of [`FEATURES`]; `None` is missing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Features(pub [Option<f64>; FEATURES.len()]);

impl Features {
    /// The figure of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        FEATURES.iter().position(|feature| feature.name == name).and_then(|at| self.0[at])
    }
}

/// The figures of `event`. `history` are moments of the same employee in any order; those that the event does not see are
/// passed over.
#[must_use]
pub fn features<'a>(event: &Moment, history: impl IntoIterator<Item = &'a Moment>) -> Features {
    let mut tally = Tally::default();
    for past in history.into_iter().filter(|past| event.sees(past)) {
        tally.count(event, past);
        tally.count_past(event, past);
    }
    tally.count(event, event);
    let flag = |set: bool| Some(f64::from(u8::from(set)));
    Features([
        Some(event.local_micros().rem_euclid(DAY) as f64 / HOUR as f64),
        Some(event.weekday() as f64),
        flag(event.is_weekend()),
        flag(event.holiday),
        event.drift_meters,
        share(tally.near, tally.located),
        tally.frequency(),
        share(tally.late, tally.scheduled),
        share(tally.weekend, tally.check_ins),
        event.face_confidence,
        Some(f64::from(tally.mismatches)),
        tally.newest.map(|age| age as f64 / HOUR as f64),
    ])
}

impl Moment {
    /// Whether `past` had happened, and was known, when this event was recorded, not longer ago than [`WINDOW`].
    #[must_use]
    pub fn sees(&self, past: &Self) -> bool {
        past.id < self.id && (0..WINDOW).contains(&self.at.since(past.at))
    }

    fn local_micros(&self) -> i64 {
        super::local(self.at, self.offset_seconds).0
    }

    /// 0 is Monday; 1970-01-01 was a Thursday.
    fn weekday(&self) -> i64 {
        (self.local_micros().div_euclid(DAY) + 3).rem_euclid(7)
    }

    fn is_weekend(&self) -> bool {
        self.weekday() >= 5
    }
}

/// Counts over what an event sees. Whole numbers only, so that the order of counting does not matter.
#[derive(Default)]
struct Tally {
    near: u32,
    located: u32,
    late: u32,
    scheduled: u32,
    weekend: u32,
    check_ins: u32,
    mismatches: u32,
    /// Check-ins by whole days before the event.
    by_day: [u32; COMPARED + 1],
    newest: Option<i64>,
    oldest: i64,
}

impl Tally {
    /// What counts for the event itself, too.
    fn count(&mut self, event: &Moment, other: &Moment) {
        let age = event.at.since(other.at);
        if other.kind == EventKind::CheckIn {
            self.check_ins += 1;
            self.weekend += u32::from(other.is_weekend());
            if let Some(count) = self.by_day.get_mut((age / DAY) as usize) {
                *count += 1;
            }
        }
        if age < MONTH {
            self.scheduled += u32::from(other.late.is_some());
            self.late += u32::from(other.late == Some(true));
            self.mismatches += u32::from(other.face_confidence.is_some_and(|confidence| confidence < MISMATCH));
        }
    }

    fn count_past(&mut self, event: &Moment, past: &Moment) {
        let age = event.at.since(past.at);
        self.newest = Some(self.newest.map_or(age, |newest| newest.min(age)));
        self.oldest = self.oldest.max(age);
        if age < MONTH
            && let (Some(here), Some(there)) = (event.position, past.position)
        {
            self.located += 1;
            self.near += u32::from(distance_meters(here, there) <= SAME_PLACE);
        }
    }

    fn frequency(&self) -> Option<f64> {
        let windows = ((self.oldest / DAY) as usize).saturating_sub(1).min(COMPARED);
        if windows < FEWEST_COMPARED {
            return None;
        }
        let counts = self.by_day[1..=windows].iter().map(|count| f64::from(*count));
        let mean = counts.clone().sum::<f64>() / windows as f64;
        let variance = counts.map(|count| (count - mean).powi(2)).sum::<f64>() / windows as f64;
        Some((f64::from(self.by_day[0]) - mean) / variance.sqrt().max(0.5))
    }
}

fn share(part: u32, of: u32) -> Option<f64> {
    (of > 0).then(|| f64::from(part) / f64::from(of))
}

#[cfg(test)]
mod tests {
    use super::super::Position;
    use super::*;
    use crate::Timestamp;
    use crate::ids::EventId;

    /// 2026-01-05, a Monday, 00:00 UTC.
    const MONDAY: Timestamp = Timestamp(1_767_571_200_000_000);

    fn moment(id: i64, hours: f64, kind: EventKind) -> Moment {
        Moment {
            id: EventId(id),
            at: MONDAY.plus((hours * HOUR as f64) as i64),
            kind,
            offset_seconds: 0,
            late: None,
            holiday: false,
            position: None,
            drift_meters: None,
            face_confidence: None,
        }
    }

    fn check_in(id: i64, hours: f64) -> Moment {
        moment(id, hours, EventKind::CheckIn)
    }

    fn of(event: &Moment, history: &[Moment], name: &str) -> Option<f64> {
        features(event, history).get(name)
    }

    #[test]
    fn time_is_that_of_the_site() {
        let late_sunday = Moment { offset_seconds: 7_200, ..check_in(1, -3.5) };
        let asked = ["hour_of_day", "day_of_week", "is_weekend", "is_holiday"];
        assert_eq!(asked.map(|name| of(&late_sunday, &[], name)), [22.5, 6.0, 1.0, 0.0].map(Some));
        let monday = Moment { offset_seconds: 14_400, holiday: true, ..check_in(1, -3.5) };
        assert_eq!(asked.map(|name| of(&monday, &[], name)), [0.5, 0.0, 0.0, 1.0].map(Some));
    }

    #[test]
    fn a_first_event_misses_what_only_a_history_can_say() {
        let first = check_in(1, 8.0);
        let missing = FEATURES.iter().filter(|feature| of(&first, &[], feature.name).is_none());
        let expected = [
            "gps_drift_meters",
            "location_consistency_score",
            "check_in_frequency_zscore",
            "late_arrival_rate",
            "face_recognition_confidence",
            "time_since_last_event",
        ];
        assert_eq!(missing.map(|feature| feature.name).collect::<Vec<_>>(), expected);
        let check_out = moment(1, 8.0, EventKind::CheckOut);
        assert_eq!(of(&check_out, &[], "weekend_work_frequency"), None);
    }

    #[test]
    fn only_what_had_happened_and_was_known_is_seen() {
        let event = check_in(10, 100.0);
        assert_eq!(of(&event, &[check_in(3, 90.0), check_in(2, 96.0)], "time_since_last_event"), Some(4.0));
        let unseen = [check_in(11, 99.0), check_in(3, 100.5), check_in(4, 100.0 - 90.0 * 24.0), event];
        assert_eq!(of(&event, &unseen, "time_since_last_event"), None);
        assert_eq!(of(&event, &[check_in(9, 100.0)], "time_since_last_event"), Some(0.0));
    }

    #[test]
    fn places_within_250_metres_are_the_same() {
        let at = |id, hours: f64, north: f64| {
            let position = Position::new(48.0 + north / 111_195.0, 16.0).unwrap();
            Moment { position: Some(position), drift_meters: Some(north), ..check_in(id, hours) }
        };
        let event = at(9, 800.0, 0.0);
        let history =
            [at(1, 799.0, 249.0), at(2, 798.0, 251.0), at(3, 700.0, -100.0), at(4, 79.0, 0.0), check_in(5, 790.0)];
        assert_eq!(of(&event, &history, "location_consistency_score"), Some(2.0 / 3.0));
        assert_eq!(of(&event, &history[3..], "location_consistency_score"), None);
        assert_eq!(of(&check_in(9, 800.0), &history, "location_consistency_score"), None);
        assert_eq!(of(&at(9, 800.0, 70.0), &[], "gps_drift_meters"), Some(70.0));
    }

    /// One check-in a day but for every seventh; three on the last day: (3 − 24/28) / max(0.35, 0.5).
    #[test]
    fn frequency_compares_a_day_with_the_28_before() {
        let mut history: Vec<Moment> =
            (0..40).filter(|day| day % 7 != 5).map(|day| check_in(day + 1, day as f64 * 24.0)).collect();
        history.extend([check_in(50, 39.0 * 24.0 + 1.0), moment(51, 39.0 * 24.0 + 2.0, EventKind::CheckOut)]);
        let event = check_in(60, 39.0 * 24.0 + 3.0);
        let z = of(&event, &history, "check_in_frequency_zscore").unwrap();
        assert!((z - (3.0 - 24.0 / 28.0) / 0.5).abs() < 1e-12, "{z}");
        let young: Vec<Moment> = history.iter().filter(|past| event.at.since(past.at) < 8 * DAY).copied().collect();
        assert_eq!(of(&event, &young, "check_in_frequency_zscore"), None);
    }

    #[test]
    fn rates_count_the_event_itself() {
        let late = |id, hours, late| Moment { late: Some(late), ..check_in(id, hours) };
        let history = [late(1, 20.0, true), late(2, 800.0, false), late(3, 824.0, true), check_in(4, 830.0)];
        let event = late(9, 848.0, true);
        assert_eq!(of(&event, &history, "late_arrival_rate"), Some(2.0 / 3.0));
        let saturday = check_in(9, 5.0 * 24.0);
        let week = [check_in(1, 0.0), check_in(2, 24.0), check_in(3, 48.0)];
        assert_eq!(of(&saturday, &week, "weekend_work_frequency"), Some(0.25));
        let face = |id, hours, confidence| Moment { face_confidence: Some(confidence), ..check_in(id, hours) };
        let faces = [face(1, 100.0, 0.1), face(2, 850.0, 0.59), face(3, 860.0, 0.6)];
        assert_eq!(of(&face(9, 870.0, 0.2), &faces, "biometric_mismatch_count_30d"), Some(2.0));
    }
}
