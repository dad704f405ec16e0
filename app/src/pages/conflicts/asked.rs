//! What the address asks for.

use desk::conflicts::{Period, Span};
use domain::FieldError;
use jiff::civil::Date;

use crate::address::address;
use crate::charts::date;
use crate::page::query;

/// Periods with a button.
pub(super) const PERIODS: [i64; 3] = [7, 30, 90];
/// Days that are shown when nothing is asked.
const USUAL: i64 = 30;
pub(super) const PAGE: &str = "/conflicts";

/// A period, and an entity type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) days: String,
    pub(super) from: String,
    pub(super) until: String,
    pub(super) entity_type: String,
    /// What is wrong with the days that are named; the last ones are shown then.
    pub(super) wrong: Vec<FieldError>,
}

impl Asked {
    pub(super) fn read() -> Self {
        let read = |name| query(name).unwrap_or_default();
        let wrong = Vec::new();
        Self { days: read("days"), from: read("from"), until: read("until"), entity_type: read("type"), wrong }
    }

    fn last(&self) -> i64 {
        self.days.parse().ok().filter(|days| PERIODS.contains(days)).unwrap_or(USUAL)
    }

    fn names_days(&self) -> bool {
        self.wrong.is_empty() && (!self.from.is_empty() || !self.until.is_empty())
    }

    /// What the fields show: what was typed as long as it is wrong.
    pub(super) fn typed(&self, period: &Period) -> (String, String) {
        if self.wrong.is_empty() { days_of(period) } else { (self.from.clone(), self.until.clone()) }
    }

    /// What is wrong with a field.
    pub(super) fn error(&self, field: &str) -> Option<String> {
        self.wrong.iter().find(|error| error.field == field).map(|error| error.reason.clone())
    }

    /// Days by name go before a number of them.
    pub(super) fn span(&self) -> desk::Result<Span> {
        if !self.names_days() {
            return Ok(Span::Last(self.last()));
        }
        Ok(Span::Days(day("from", &self.from)?, day("until", &self.until)?))
    }

    pub(super) fn is_last(&self, days: i64) -> bool {
        !self.names_days() && self.last() == days
    }

    /// `last 30 days`, `2026-03-01 to 2026-03-31`.
    pub(super) fn words(&self) -> String {
        let only = if self.entity_type.is_empty() { String::new() } else { format!("of {}, ", self.entity_type) };
        match self.names_days() {
            true => format!("{only}{} to {}", self.from, self.until),
            false => format!("{only}last {} days", self.last()),
        }
    }

    pub(super) fn of_days(&self, days: i64) -> String {
        address(PAGE, &[("days", &days.to_string()), ("type", &self.entity_type)])
    }

    pub(super) fn of_type(&self, entity_type: &str) -> String {
        let (from, until) = if self.names_days() { (self.from.as_str(), self.until.as_str()) } else { ("", "") };
        address(PAGE, &[("days", &self.days), ("from", from), ("until", until), ("type", entity_type)])
    }
}

/// The first and the last day, as a form has them.
pub(super) fn days_of(period: &Period) -> (String, String) {
    let day = |number: i64| date(number).map_or_else(String::new, |date| date.to_string());
    (day(period.first_day), day(period.first_day + period.days - 1))
}

/// # Errors
/// Names the field that is no day.
pub(super) fn day(field: &str, text: &str) -> desk::Result<Date> {
    text.trim().parse().map_err(|_| desk::Error::field(field, "a day as 2026-03-01 is needed"))
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;
    use jiff::civil;

    use super::*;

    #[test]
    fn days_by_name_go_before_a_number_of_them() {
        let asked = |days: &str, from: &str, until: &str| Asked {
            days: days.into(),
            from: from.into(),
            until: until.into(),
            ..Asked::default()
        };
        assert_eq!(asked("", "", "").span().unwrap(), Span::Last(30));
        assert_eq!(asked("5000", "", "").span().unwrap(), Span::Last(30));
        let named = asked("7", "2026-03-01", "2026-03-02");
        assert_eq!(named.span().unwrap(), Span::Days(civil::date(2026, 3, 1), civil::date(2026, 3, 2)));
        let period = Period { from: Timestamp(0), until: Timestamp(0), first_day: 20_513, days: 2 };
        assert_eq!(days_of(&period), (named.from.clone(), named.until.clone()));
        assert!(asked("7", "2026-03-01", "").span().is_err() && asked("", "soon", "2026-03-02").span().is_err());
        assert_eq!(named.of_type("work order"), "/conflicts?days=7&from=2026-03-01&until=2026-03-02&type=work%20order");
    }

    #[test]
    fn days_that_are_wrong_are_shown_with_why_over_the_last_ones() {
        let wrong = vec![FieldError::new("until", "too late")];
        let asked = Asked { from: "2026-03-01".into(), until: "9999-12-31".into(), wrong, ..Asked::default() };
        assert_eq!((asked.span().unwrap(), asked.words()), (Span::Last(30), String::from("last 30 days")));
        let period = Period { from: Timestamp(0), until: Timestamp(0), first_day: 20_513, days: 30 };
        assert_eq!(asked.typed(&period), (String::from("2026-03-01"), String::from("9999-12-31")));
        assert_eq!((asked.error("from"), asked.error("until")), (None, Some(String::from("too late"))));
        assert_eq!(asked.of_type("order"), "/conflicts?type=order");
    }
}
