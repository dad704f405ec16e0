//! Moments that a cron expression means in a time zone.
//!
//! An expression names times of the wall clock. Where clocks are set forward, times that are skipped are due at the
//! moment of the jump, several of them together once; where they are set back, times that come twice are due the first
//! time only. So a daily job runs once on each day of the calendar.

use cronexpr::Crontab;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

use crate::time::Timestamp;

/// The longest expression, in characters.
const MAX_EXPRESSION: usize = 100;
/// An expression that means no moment within this many stretches of the four years that the parser looks through is
/// taken to mean none at all: 29 February on a Monday comes every 28 years, or every 40 around a century's end.
const STRETCHES: usize = 11;

/// When something is due: five fields of cron by the clocks of a time zone.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// In UTC: it knows the calendar, and this module knows the zone's clocks.
    crontab: Crontab,
    zone: TimeZone,
}

/// What a schedule cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// The expression.
    #[error("{0}")]
    Expression(String),
    /// The name of the time zone.
    #[error("a name such as Europe/Berlin is needed")]
    TimeZone,
}

impl Schedule {
    /// `minute hour day-of-month month day-of-week`, by the clocks of an IANA time zone. On a machine without time zone
    /// data every zone is UTC.
    ///
    /// # Errors
    /// [`Wrong`], which says what would be right.
    pub fn new(expression: &str, time_zone: &str) -> Result<Self, Wrong> {
        let fields = expression.split_ascii_whitespace().count();
        if fields != 5 || expression.chars().count() > MAX_EXPRESSION {
            return Err(Wrong::Expression(String::from(
                "five fields are needed: minute, hour, day of the month, month, day of the week, as in `0 3 * * 1`",
            )));
        }
        let parsed = cronexpr::parse_crontab(&format!("{expression} UTC"));
        let crontab = parsed.map_err(|error| Wrong::Expression(reason(&error.to_string())))?;
        let zone = match TimeZone::get(time_zone) {
            Ok(zone) => zone,
            Err(_) if jiff::tz::db().is_definitively_empty() => TimeZone::UTC,
            Err(_) => return Err(Wrong::TimeZone),
        };
        let schedule = Self { crontab, zone };
        match schedule.matching_after(DateTime::constant(2024, 1, 1, 0, 0, 0, 0)) {
            Some(_) => Ok(schedule),
            None => Err(Wrong::Expression(String::from("it means no day that ever comes"))),
        }
    }

    /// The first moment after `now` at which it is due; none before the end of the calendar.
    ///
    /// Whoever asks with the present moment, after having been away, does not hear of the times that have passed: however
    /// many they were, what is overdue is done once.
    #[must_use]
    pub fn next_after(&self, now: Timestamp) -> Option<Timestamp> {
        let now = jiff::Timestamp::from_microsecond(now.0).ok()?;
        let mut wall = self.zone.to_datetime(now);
        loop {
            wall = self.matching_after(wall)?;
            let moment = self.moment(wall)?;
            // Not so for times that come a second time while clocks are being set back.
            if moment > now {
                return Some(Timestamp(moment.as_microsecond()));
            }
        }
    }

    /// The next time on the wall clock, as if no clock was ever set forward or back.
    fn matching_after(&self, wall: DateTime) -> Option<DateTime> {
        let mut from = Offset::UTC.to_timestamp(wall).ok()?;
        for _ in 0..STRETCHES {
            if let Ok(found) = self.crontab.find_next(from) {
                return Some(found.datetime());
            }
            from = Offset::UTC
                .to_timestamp(Offset::UTC.to_datetime(from).checked_add(jiff::Span::new().years(4)).ok()?)
                .ok()?;
        }
        None
    }

    /// When a time of the wall clock comes, for the first time if twice; if never, when clocks jump over it.
    fn moment(&self, wall: DateTime) -> Option<jiff::Timestamp> {
        match self.zone.to_ambiguous_timestamp(wall).offset() {
            AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => {
                offset.to_timestamp(wall).ok()
            }
            AmbiguousOffset::Gap { after, .. } => {
                let before_the_jump = after.to_timestamp(wall).ok()?;
                self.zone.following(before_the_jump).next().map(|jump| jump.timestamp())
            }
        }
    }
}

/// The parser's last line is what a person wants to know; those before it repeat the expression.
fn reason(message: &str) -> String {
    let last = message.lines().last().unwrap_or_default();
    let said = last.trim_start_matches([' ', '^']);
    if said == "malformed expression" {
        String::from("a field is no number, name, range, list or step: `0 3 * * MON-FRI`, `*/15 8,20 1 JAN *`")
    } else {
        said.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    /// Every moment of the schedule after `from` and before `until`.
    fn moments(expression: &str, zone: &str, from: &str, until: &str) -> Vec<String> {
        let schedule = Schedule::new(expression, zone).unwrap();
        let next = |now: &Timestamp| schedule.next_after(*now);
        let all = std::iter::successors(next(&at(from)), next).take_while(|moment| *moment < at(until));
        all.map(Timestamp::rfc3339).collect()
    }

    #[test]
    fn five_fields_name_times_of_the_wall_clock() {
        // 2026-11-23 was a Monday; Berlin is one hour ahead in winter and two in summer
        assert_eq!(
            moments("0 3 * * MON", "Europe/Berlin", "2026-11-20T00:00:00Z", "2026-12-01T00:00:00Z"),
            ["2026-11-23T02:00:00Z", "2026-11-30T02:00:00Z"]
        );
        assert_eq!(
            moments("0 3 1 * *", "Europe/Berlin", "2026-06-01T01:00:00Z", "2026-07-02T00:00:00Z"),
            ["2026-07-01T01:00:00Z"]
        );
        assert_eq!(
            moments("30 2 * * 7", "Asia/Kolkata", "2026-11-20T00:00:00Z", "2026-11-23T00:00:00Z"),
            ["2026-11-21T21:00:00Z"]
        );
    }

    #[test]
    fn a_time_that_is_skipped_is_due_at_the_jump_and_once() {
        let day = |expression, zone, from, until| moments(expression, zone, from, until);
        let (from, until) = ("2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z");
        assert_eq!(day("30 2 * * *", "Europe/Berlin", from, until), ["2026-03-29T01:00:00Z"]);
        let thrice = day("0,20,40 2,3 * * *", "Europe/Berlin", from, until);
        assert_eq!(thrice, ["2026-03-29T01:00:00Z", "2026-03-29T01:20:00Z", "2026-03-29T01:40:00Z"]);
        let (from, until) = ("2026-03-07T12:00:00Z", "2026-03-08T12:00:00Z");
        assert_eq!(day("30 2 * * *", "America/New_York", from, until), ["2026-03-08T07:00:00Z"]);
        // Lord Howe goes from 02:00 to 02:30, from ten and a half hours ahead to eleven
        let (from, until) = ("2026-10-03T00:00:00Z", "2026-10-04T00:00:00Z");
        let both = day("20,45 2 * * *", "Australia/Lord_Howe", from, until);
        assert_eq!(both, ["2026-10-03T15:30:00Z", "2026-10-03T15:45:00Z"]);
    }

    #[test]
    fn a_time_that_comes_twice_is_due_the_first_time() {
        let (from, until) = ("2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z");
        assert_eq!(moments("30 2 * * *", "Europe/Berlin", from, until), ["2026-10-25T00:30:00Z"]);
        // also for somebody who asks between the two
        assert!(moments("30 2 * * *", "Europe/Berlin", "2026-10-25T01:10:00Z", until).is_empty());
        let (from, until) = ("2026-10-31T12:00:00Z", "2026-11-01T12:00:00Z");
        assert_eq!(moments("30 1 * * *", "America/New_York", from, until), ["2026-11-01T05:30:00Z"]);
        // Lord Howe goes back from 02:00 to 01:30
        let (from, until) = ("2026-04-04T00:00:00Z", "2026-04-05T00:00:00Z");
        assert_eq!(moments("45 1 * * *", "Australia/Lord_Howe", from, until), ["2026-04-04T14:45:00Z"]);
    }

    #[test]
    fn times_that_were_missed_are_one() {
        let hourly = Schedule::new("0 * * * *", "UTC").unwrap();
        assert_eq!(hourly.next_after(at("2026-11-21T10:59:59Z")), Some(at("2026-11-21T11:00:00Z")));
        let away_for_a_week = at("2026-11-28T09:20:00Z");
        assert_eq!(hourly.next_after(away_for_a_week), Some(at("2026-11-28T10:00:00Z")));
    }

    #[test]
    fn a_rare_day_is_found_and_an_impossible_one_refused() {
        let rare = moments("0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", "2104-03-01T00:00:00Z");
        assert_eq!(rare, ["2104-02-29T00:00:00Z"]);
        let wrong = |expression: &str| Schedule::new(expression, "UTC").unwrap_err().to_string();
        assert_eq!(wrong("0 0 30 2 *"), "it means no day that ever comes");
        assert_eq!(wrong("61 * * * *"), "value must be in range 0..=59; found 61");
        assert!(wrong("0 3 * * FUN").starts_with("a field is no number"));
        for few_or_many in ["", "@daily", "0 3 * *", "0 0 3 * * 1", "0 3 * * 1 Europe/Berlin"] {
            assert!(wrong(few_or_many).starts_with("five fields"), "{few_or_many}");
        }
        assert_eq!(Schedule::new("0 3 * * 1", "Europe/Atlantis").unwrap_err(), Wrong::TimeZone);
    }
}
