//! Time is an argument.

use serde::{Deserialize, Serialize};

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// Microseconds in a second.
pub const SECOND: i64 = 1_000_000;
/// Microseconds in a minute.
pub const MINUTE: i64 = 60 * SECOND;
/// Microseconds in an hour.
pub const HOUR: i64 = 3_600 * SECOND;
/// Microseconds in a day.
pub const DAY: i64 = 24 * HOUR;

impl Timestamp {
    /// This moment moved by `micros`, which may be negative.
    #[must_use]
    pub fn plus(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// Microseconds from `earlier` to this moment.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The hour (since the epoch) this moment lies in.
    #[must_use]
    pub fn hour(self) -> i64 {
        self.0.div_euclid(HOUR)
    }

    /// RFC 3339 in UTC, for machines.
    #[must_use]
    pub fn rfc3339(self) -> String {
        jiff::Timestamp::from_microsecond(self.0).map_or_else(|_| String::from("?"), |t| t.to_string())
    }

    /// Reads RFC 3339.
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|t| Self(t.as_microsecond()))
    }
}

/// Seconds that local time is ahead of UTC at `at` in an IANA time zone; 0 in one that is not known.
#[must_use]
pub fn offset_seconds(time_zone: &str, at: Timestamp) -> i64 {
    let zone = jiff::tz::TimeZone::get(time_zone).ok();
    let moment = jiff::Timestamp::from_microsecond(at.0).ok();
    zone.zip(moment).map_or(0, |(zone, moment)| i64::from(zone.to_offset(moment).seconds()))
}

/// The moments from which on local time is so many seconds ahead of UTC, from one moment on and before another. The
/// first is `from` itself; clocks that are put forward or back make others.
#[must_use]
pub fn offsets(time_zone: &str, from: Timestamp, until: Timestamp) -> Vec<(Timestamp, i64)> {
    let mut offsets = vec![(from, offset_seconds(time_zone, from))];
    let zone = jiff::tz::TimeZone::get(time_zone).ok();
    if let Some((zone, start)) = zone.zip(jiff::Timestamp::from_microsecond(from.0).ok()) {
        let changes = zone
            .following(start)
            .map(|change| (Timestamp(change.timestamp().as_microsecond()), i64::from(change.offset().seconds())));
        offsets.extend(changes.take_while(|(at, _)| *at < until));
    }
    offsets
}

/// The calendar day at `at`, where local time is `offset_seconds` ahead of UTC.
#[must_use]
pub fn local_date(at: Timestamp, offset_seconds: i64) -> jiff::civil::Date {
    let day = at.plus(offset_seconds.saturating_mul(SECOND)).0.div_euclid(DAY);
    let span = i32::try_from(day).ok().and_then(|days| jiff::Span::new().try_days(days).ok());
    span.and_then(|span| jiff::civil::date(1970, 1, 1).checked_add(span).ok()).unwrap_or(jiff::civil::Date::ZERO)
}

/// The calendar day at `now` in an IANA time zone, in days since 1970-01-01; in UTC where nobody knows the zone.
#[must_use]
pub fn today(time_zone: &str, now: Timestamp) -> i64 {
    now.plus(offset_seconds(time_zone, now) * SECOND).0.div_euclid(DAY)
}

/// The first moment of a calendar day (in days since 1970-01-01) in an IANA time zone; in UTC where nobody knows the zone.
#[must_use]
pub fn start_of_day(time_zone: &str, day: i64) -> Timestamp {
    let zone = jiff::tz::TimeZone::get(time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let date = local_date(Timestamp(day.saturating_mul(DAY)), 0);
    date.to_zoned(zone).map_or_else(|_| Timestamp::default(), |start| Timestamp(start.timestamp().as_microsecond()))
}

/// Whether `name` is an IANA time zone: `Europe/Berlin`. A machine without time zone data cannot tell, and believes it.
#[must_use]
pub fn is_time_zone(name: &str) -> bool {
    jiff::tz::TimeZone::get(name).is_ok() || jiff::tz::db().is_definitively_empty()
}

/// Tells the time. The one implementation that asks the machine lives in the desk; tests bring their own.
pub trait Clock: Send + Sync {
    /// This moment.
    fn now(&self) -> Timestamp;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In Auckland (UTC+13) it is Wednesday, 2026-01-07, while it is Tuesday in Greenwich.
    #[test]
    fn a_day_is_that_of_the_zones_clocks() {
        let day = today("Pacific/Auckland", Timestamp::parse_rfc3339("2026-01-06T20:00:00Z").unwrap());
        assert_eq!(local_date(Timestamp(day * DAY), 0).to_string(), "2026-01-07");
        assert_eq!(start_of_day("Pacific/Auckland", day).rfc3339(), "2026-01-06T11:00:00Z");
        assert_eq!(start_of_day("nowhere", day).rfc3339(), "2026-01-07T00:00:00Z");
    }

    #[test]
    fn clocks_are_put_forward_in_spring() {
        let at = |text| Timestamp::parse_rfc3339(text).unwrap();
        let (from, until) = (at("2026-03-01T00:00:00Z"), at("2026-05-01T00:00:00Z"));
        let spring = (at("2026-03-29T01:00:00Z"), 7_200);
        assert_eq!(offsets("Europe/Berlin", from, until), [(from, 3_600), spring]);
        assert_eq!(offsets("Europe/Berlin", from, spring.0), [(from, 3_600)]);
        assert_eq!(offsets("nowhere", from, until), [(from, 0)]);
    }
}
