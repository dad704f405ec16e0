//! Whole days by the organisation's clocks.

use std::ops::RangeInclusive;

use domain::Timestamp;
use domain::time::{DAY, start_of_day, today};
use jiff::civil::Date;

use crate::error::{Error, Result};
use crate::figures::check_days;

/// What figures are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// The last so many days, today included.
    Last(i64),
    /// From the first of these days to the second, both included.
    Days(Date, Date),
}

/// The years whose days can be asked for: no sync is older, and calendars end soon after.
const YEARS: RangeInclusive<i16> = 2000..=9998;

/// The days that figures are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// Their first moment.
    pub from: Timestamp,
    /// The first moment after them.
    pub until: Timestamp,
    /// The first of them, in days since 1970-01-01.
    pub first_day: i64,
    /// How many.
    pub days: i64,
}

impl Span {
    /// The days by the clocks of a zone.
    ///
    /// # Errors
    /// Names what is wrong with them.
    pub(super) fn period(self, zone: &str, now: Timestamp) -> Result<Period> {
        let (first_day, days) = match self {
            Self::Last(days) => {
                check_days(days)?;
                (today(zone, now) - days + 1, days)
            }
            Self::Days(first, last) => {
                let (first, last) = (number("from", first)?, number("until", last)?);
                if !(1..=366).contains(&(last - first + 1)) {
                    return Err(Error::field(
                        "until",
                        "1 to 366 days are possible, and the last is not before the first",
                    ));
                }
                (first, last - first + 1)
            }
        };
        let (from, until) = (start_of_day(zone, first_day), start_of_day(zone, first_day + days));
        Ok(Period { from, until, first_day, days })
    }
}

impl Period {
    /// When as many days before these began.
    pub(super) fn start_before(&self, zone: &str) -> Timestamp {
        start_of_day(zone, self.first_day - self.days)
    }
}

/// Days since 1970-01-01.
///
/// # Errors
/// Names `field` when the day lies out of bounds.
fn number(field: &str, date: Date) -> Result<i64> {
    if !YEARS.contains(&date.year()) {
        return Err(Error::field(field, format!("a day from {} to {} is needed", YEARS.start(), YEARS.end())));
    }
    let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).map_err(Error::internal)?;
    Ok(midnight.timestamp().as_microsecond().div_euclid(DAY))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// In Auckland (UTC+13) it is Wednesday, 2026-01-07, while it is Tuesday in Greenwich.
    #[test]
    fn days_begin_by_the_organisations_clocks() {
        let now = Timestamp::parse_rfc3339("2026-01-06T20:00:00Z").unwrap();
        let zone = "Pacific/Auckland";
        let week = Span::Last(7).period(zone, now).unwrap();
        assert_eq!(week, Span::Days(date(2026, 1, 1), date(2026, 1, 7)).period(zone, now).unwrap());
        assert_eq!(
            (week.from.rfc3339(), week.until.rfc3339()),
            ("2025-12-31T11:00:00Z".into(), "2026-01-07T11:00:00Z".into())
        );
        assert_eq!(week.start_before(zone).rfc3339(), "2025-12-24T11:00:00Z");
        for wrong in [Span::Last(0), Span::Last(367), Span::Days(date(2026, 1, 2), date(2026, 1, 1))] {
            assert!(wrong.period(zone, now).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_day_that_no_calendar_reaches_is_named() {
        let field = |first, last| match Span::Days(first, last).period("UTC", Timestamp(0)) {
            Err(Error::Invalid(wrong)) => wrong[0].field.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(field(Date::MAX, Date::MAX), "from");
        assert_eq!(field(date(1999, 12, 31), date(2000, 1, 1)), "from");
        assert_eq!(field(date(9998, 12, 31), Date::MAX), "until");
        let last = Span::Days(date(9998, 12, 31), date(9998, 12, 31)).period("UTC", Timestamp(0)).unwrap();
        assert_eq!(last.until.rfc3339(), "9999-01-01T00:00:00Z");
    }
}
