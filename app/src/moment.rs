//! Moments as words, in the tenant's time zone. The present is an argument here too.

use domain::Timestamp;
use domain::time::{DAY, HOUR, SECOND};
use jiff::Zoned;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

use crate::number::NO_BREAK;

const MINUTE: i64 = 60 * SECOND;

/// The present and where it is read: what a page needs in order to say "14 min ago".
///
/// A page provides it once as a context; [`Time`](crate::components::Time) takes it from there.
#[derive(Clone, Debug)]
pub struct Clockface {
    /// The moment at which the page was asked for.
    pub now: Timestamp,
    /// The tenant's time zone.
    pub zone: TimeZone,
}

impl Clockface {
    /// Reads `now` in the IANA time zone called `zone`; in UTC where nobody knows that name.
    #[must_use]
    pub fn new(now: Timestamp, zone: &str) -> Self {
        Self { now, zone: TimeZone::get(zone).unwrap_or(TimeZone::UTC) }
    }

    /// The same present by clocks that are so many seconds ahead of UTC: those of a site, as an event recorded them.
    #[must_use]
    pub fn at_offset(&self, seconds: i64) -> Self {
        let offset = i32::try_from(seconds).ok().and_then(|seconds| Offset::from_seconds(seconds).ok());
        Self { now: self.now, zone: TimeZone::fixed(offset.unwrap_or(Offset::UTC)) }
    }

    /// `just now`, `14 min ago`, `5 h ago`, `yesterday`, `3 days ago`, `in 2 h`; from a month on the date.
    #[must_use]
    pub fn relative(&self, at: Timestamp) -> String {
        let age = self.now.since(at);
        let size = age.saturating_abs();
        let amount = match size {
            s if s < 45 * SECOND => return String::from("just now"),
            s if s < HOUR => format!("{}{NO_BREAK}min", ((s + MINUTE / 2) / MINUTE).clamp(1, 59)),
            s if s < DAY => format!("{}{NO_BREAK}h", s / HOUR),
            s if s < 2 * DAY && age > 0 => return String::from("yesterday"),
            s if s < 2 * DAY => return String::from("tomorrow"),
            s if s < 30 * DAY => format!("{}{NO_BREAK}days", s / DAY),
            _ => return self.date(at),
        };
        if age > 0 { format!("{amount} ago") } else { format!("in {amount}") }
    }

    /// `3 Nov`, with the year where it is not this one.
    #[must_use]
    pub fn date(&self, at: Timestamp) -> String {
        let (Some(then), Some(now)) = (self.zoned(at), self.zoned(self.now)) else { return String::from("?") };
        let pattern = if then.year() == now.year() { "%-d %b" } else { "%-d %b %Y" };
        then.strftime(pattern).to_string().replace(' ', &NO_BREAK.to_string())
    }

    /// `Friday, 20 November 2026`: the day it is.
    #[must_use]
    pub fn today(&self) -> String {
        self.written(self.now, "%A, %-d %B %Y")
    }

    /// The year it is.
    #[must_use]
    pub fn year(&self) -> i16 {
        self.zoned(self.now).map_or(1970, |zoned| zoned.year())
    }

    /// The first moment of a day written as `2026-11-20`.
    #[must_use]
    pub fn start_of(&self, day: &str) -> Option<Timestamp> {
        self.begin(day.trim().parse().ok()?)
    }

    /// The first moment after a day written as `2026-11-20`.
    #[must_use]
    pub fn end_of(&self, day: &str) -> Option<Timestamp> {
        self.begin(day.trim().parse::<Date>().ok()?.tomorrow().ok()?)
    }

    /// Days since 1970-01-01, with the part of the day that has gone.
    #[must_use]
    pub fn day(&self, at: Timestamp) -> f64 {
        let offset = jiff::Timestamp::from_microsecond(at.0).map_or(0, |at| self.zone.to_offset(at).seconds());
        at.plus(i64::from(offset) * SECOND).0 as f64 / DAY as f64
    }

    fn begin(&self, day: Date) -> Option<Timestamp> {
        let start = day.to_zoned(self.zone.clone()).ok()?;
        Some(Timestamp(start.timestamp().as_microsecond()))
    }

    /// `Friday 20 November 2026, 14:05:33 CET`.
    #[must_use]
    pub fn exact(&self, at: Timestamp) -> String {
        self.written(at, "%A %-d %B %Y, %H:%M:%S %Z")
    }

    /// `20 Nov 2026 14:05`, for columns where the order of time matters more than its distance.
    #[must_use]
    pub fn short(&self, at: Timestamp) -> String {
        self.written(at, "%-d %b %Y %H:%M")
    }

    /// `14:05:33`, for the lines of a log.
    #[must_use]
    pub fn time_of_day(&self, at: Timestamp) -> String {
        self.written(at, "%H:%M:%S")
    }

    fn written(&self, at: Timestamp, pattern: &str) -> String {
        self.zoned(at).map_or_else(|| String::from("?"), |zoned| zoned.strftime(pattern).to_string())
    }

    fn zoned(&self, at: Timestamp) -> Option<Zoned> {
        let moment = jiff::Timestamp::from_microsecond(at.0).ok()?;
        Some(moment.to_zoned(self.zone.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock() -> Clockface {
        let now = Timestamp::parse_rfc3339("2026-11-20T13:05:33Z").expect("a moment");
        Clockface::new(now, "Europe/Berlin")
    }

    fn ago(micros: i64) -> String {
        let clock = clock();
        clock.relative(clock.now.plus(-micros)).replace(NO_BREAK, " ")
    }

    #[test]
    fn a_day_starts_by_the_organisations_clocks() {
        let start = clock().start_of("2026-11-20").map(|at| at.rfc3339());
        assert_eq!(start, Timestamp::parse_rfc3339("2026-11-20T00:00:00+01:00").map(|at| at.rfc3339()));
        assert_eq!(clock().start_of("20 November"), None);
    }

    #[test]
    fn a_day_on_which_clocks_change_ends_where_the_next_begins() {
        for (day, next, hours) in [("2026-03-29", "2026-03-30", 23), ("2026-10-25", "2026-10-26", 25)] {
            assert_eq!(clock().end_of(day), clock().start_of(next));
            assert_eq!(clock().end_of(day), clock().start_of(day).map(|start| start.plus(hours * HOUR)));
        }
    }

    #[test]
    fn distances_read_as_words() {
        assert_eq!(ago(3 * SECOND), "just now");
        assert_eq!(ago(50 * SECOND), "1 min ago");
        assert_eq!(ago(14 * MINUTE), "14 min ago");
        assert_eq!(ago(HOUR - SECOND), "59 min ago");
        assert_eq!(ago(5 * HOUR), "5 h ago");
        assert_eq!(ago(DAY + HOUR), "yesterday");
        assert_eq!(ago(3 * DAY), "3 days ago");
        assert_eq!(ago(-2 * HOUR), "in 2 h");
        assert_eq!(ago(-DAY), "tomorrow");
        assert_eq!(ago(40 * DAY), "11 Oct");
        assert_eq!(ago(400 * DAY), "16 Oct 2025");
    }

    #[test]
    fn the_exact_moment_is_in_the_tenants_zone() {
        let clock = clock();
        assert_eq!(clock.exact(clock.now), "Friday 20 November 2026, 14:05:33 CET");
        assert_eq!(clock.today(), "Friday, 20 November 2026");
        assert_eq!(clock.short(clock.now), "20 Nov 2026 14:05");
        assert_eq!(clock.time_of_day(clock.now), "14:05:33");
    }

    #[test]
    fn a_site_may_have_other_clocks() {
        let clock = clock().at_offset(-5 * 3_600 - 1_800);
        assert_eq!(clock.short(clock.now), "20 Nov 2026 07:35");
        assert_eq!(clock.exact(clock.now), "Friday 20 November 2026, 07:35:33 -05:30");
    }

    #[test]
    fn an_unknown_zone_is_utc() {
        let now = Timestamp::parse_rfc3339("2026-11-20T13:05:33Z").expect("a moment");
        assert!(Clockface::new(now, "Mars/Olympus").exact(now).ends_with("13:05:33 UTC"));
    }
}
