//! Holidays from an iCalendar file (RFC 5545): the days of its events, and their names.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use jiff::civil::Date;

use crate::error::FieldError;

/// Most bytes of a file.
pub const MAX_CALENDAR: usize = 1_000_000;
/// Most days that a file may name.
pub const MAX_DAYS: usize = 10_000;
/// Most characters of a name that are kept.
const MAX_NAME: usize = 200;

/// The days that the events of a calendar cover, each once, ascending; days with several names have them all. What
/// returns every year is listed for `years`. A time of day counts for its day as it is written, whatever its zone.
///
/// # Errors
/// The line that is not understood, a file without events, or one that is too large.
pub fn parse_icalendar(text: &str, years: RangeInclusive<i16>) -> Result<Vec<(Date, String)>, FieldError> {
    if text.len() > MAX_CALENDAR {
        return Err(FieldError::new("calendar", format!("at most {} kB are possible", MAX_CALENDAR / 1_000)));
    }
    let mut days = Days::default();
    let mut components: Vec<String> = Vec::new();
    let mut event = Event::default();
    let mut events = 0;
    for (line, text) in unfold(text) {
        let property = Property::read(&text).ok_or_else(|| wrong(line, "is no property of a calendar"))?;
        match (property.name.as_str(), components.last().map(String::as_str)) {
            ("BEGIN", Some("VEVENT")) if property.value.eq_ignore_ascii_case("VEVENT") => {
                return Err(wrong(line, "begins an event within an event"));
            }
            ("BEGIN", _) => {
                components.push(property.value.to_ascii_uppercase());
                if components.last().is_some_and(|name| name == "VEVENT") {
                    event = Event { line, ..Event::default() };
                    events += 1;
                }
            }
            ("END", Some("VEVENT")) if property.value.eq_ignore_ascii_case("VEVENT") => {
                components.pop();
                std::mem::take(&mut event).list(&years, &mut days)?;
            }
            ("END", Some(open)) if property.value.eq_ignore_ascii_case(open) => {
                components.pop();
            }
            ("END", _) => return Err(wrong(line, "ends what has not begun")),
            (_, Some("VEVENT")) => event.take(line, &property)?,
            _ => {}
        }
    }
    match components.last() {
        Some(open) => Err(FieldError::new("calendar", format!("the file ends within {open}"))),
        None if events == 0 => {
            Err(FieldError::new("calendar", "the file has no event; is it an iCalendar file (.ics)?"))
        }
        None => Ok(days.named.into_iter().map(|(day, names)| (day, shorten(&names.join(", ")))).collect()),
    }
}

fn wrong(line: usize, reason: &str) -> FieldError {
    FieldError::new("calendar", format!("line {line} {reason}"))
}

/// Lines with those joined that were folded, each with the number of its first.
fn unfold(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some((_, whole))) => whole.push_str(rest),
            _ => lines.push((at + 1, line.to_owned())),
        }
    }
    lines.retain(|(_, line)| !line.trim().is_empty());
    lines
}

/// `NAME;PARAMETERS:VALUE`.
struct Property<'a> {
    name: String,
    value: &'a str,
}

impl<'a> Property<'a> {
    /// A colon within quotes belongs to a parameter.
    fn read(line: &'a str) -> Option<Self> {
        let mut quoted = false;
        let colon = line.find(|c: char| {
            quoted ^= c == '"';
            c == ':' && !quoted
        })?;
        let (head, value) = (&line[..colon], line[colon + 1..].trim());
        let name = head.split(';').next().unwrap_or_default().trim().to_ascii_uppercase();
        (!name.is_empty()).then_some(Self { name, value })
    }
}

/// What an event has said so far.
#[derive(Default)]
struct Event {
    line: usize,
    start: Option<Date>,
    /// The first day after it.
    end: Option<Date>,
    /// How many days it lasts, where it says so instead.
    days: Option<i64>,
    name: String,
    /// Line of its rule, and the rule.
    rule: Option<(usize, String)>,
    /// Further days on which it begins.
    more: Vec<Date>,
    /// Days on which it does not begin after all.
    except: Vec<Date>,
    cancelled: bool,
}

impl Event {
    fn take(&mut self, line: usize, property: &Property<'_>) -> Result<(), FieldError> {
        let read =
            |value: &str| moment(value).ok_or_else(|| wrong(line, "has no date such as 20261225 or 20261225T090000"));
        let moment = || read(property.value);
        let date = |value: &str| read(value.trim()).map(|(date, _)| date);
        let dates = || property.value.split(',').map(date).collect::<Result<Vec<_>, _>>();
        match property.name.as_str() {
            "DTSTART" => self.start = Some(moment()?.0),
            "DTEND" => {
                let (date, into_the_day) = moment()?;
                self.end = if into_the_day { date.tomorrow().ok() } else { Some(date) };
            }
            "SUMMARY" => self.name = shorten(&unescape(property.value)),
            "RRULE" => self.rule = Some((line, property.value.to_ascii_uppercase())),
            "STATUS" => self.cancelled = property.value.eq_ignore_ascii_case("CANCELLED"),
            "DURATION" => {
                let days = whole_days(property.value);
                self.days = Some(days.ok_or_else(|| wrong(line, "has no duration of whole days such as P1D or P2W"))?);
            }
            "RDATE" => self.more.extend(dates()?),
            "EXDATE" => self.except.extend(dates()?),
            "EXRULE" | "RECURRENCE-ID" => {
                return Err(wrong(line, &format!("has {}, which is not understood", property.name)));
            }
            _ => {}
        }
        Ok(())
    }

    fn list(self, years: &RangeInclusive<i16>, days: &mut Days) -> Result<(), FieldError> {
        let start = self.start.ok_or_else(|| wrong(self.line, "begins an event without DTSTART"))?;
        if self.cancelled {
            return Ok(());
        }
        if self.end.is_some_and(|end| end < start) {
            return Err(wrong(self.line, "begins an event that ends before it begins"));
        }
        let until = |end: Date| i64::from(start.until(end).map_or(1, |span| span.get_days()));
        let length = self.end.map(until).or(self.days).unwrap_or(1).max(1);
        let starts: Vec<Date> = match &self.rule {
            None => vec![start],
            Some((line, rule)) => {
                check_yearly(*line, rule, start)?;
                let first = start.year().max(*years.start());
                // a 29th of February is left out of other years, as RFC 5545 has it
                (first..=*years.end()).filter_map(|year| Date::new(year, start.month(), start.day()).ok()).collect()
            }
        };
        let starts = starts.into_iter().chain(self.more).filter(|start| !self.except.contains(start));
        for day in starts.flat_map(|start| start.series(jiff::Span::new().days(1)).take(length as usize)) {
            days.add(day, &self.name).map_err(|reason| wrong(self.line, &reason))?;
        }
        Ok(())
    }
}

/// Days with their names.
#[derive(Default)]
struct Days {
    named: BTreeMap<Date, Vec<String>>,
    added: usize,
}

impl Days {
    fn add(&mut self, day: Date, name: &str) -> Result<(), String> {
        self.added += 1;
        if self.added > MAX_DAYS {
            return Err(format!("makes more than {MAX_DAYS} days; fewer are possible"));
        }
        let names = self.named.entry(day).or_default();
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
        Ok(())
    }
}

/// A date, and whether a time of day after midnight follows it.
fn moment(value: &str) -> Option<(Date, bool)> {
    let (date, time) = value.split_once('T').map_or((value, ""), |(date, time)| (date, time));
    let part = |range: std::ops::Range<usize>| date.get(range).and_then(|digits| digits.parse::<i16>().ok());
    let (year, month, day) = (part(0..4)?, part(4..6)?, part(6..8)?);
    let is_plain = date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit());
    let date = Date::new(year, month as i8, day as i8).ok().filter(|_| is_plain)?;
    Some((date, time.bytes().any(|digit| (b'1'..=b'9').contains(&digit))))
}

/// `P3D` or `P2W` (RFC 5545, 3.3.6) in days.
fn whole_days(value: &str) -> Option<i64> {
    let length = value.strip_prefix('+').unwrap_or(value).strip_prefix('P')?;
    let number = |digits: &str| digits.parse::<u16>().ok().map(i64::from);
    match (length.strip_suffix('D'), length.strip_suffix('W')) {
        (Some(days), _) => number(days),
        (_, Some(weeks)) => Some(7 * number(weeks)?),
        _ => None,
    }
}

/// Whether a rule says no more than "each year on this day".
fn check_yearly(line: usize, rule: &str, start: Date) -> Result<(), FieldError> {
    let same = |value: &str, number: i8| value.parse() == Ok(number);
    let understood = |part: &str| match part.split_once('=') {
        Some(("FREQ", value)) => value == "YEARLY",
        Some(("INTERVAL", value)) => value == "1",
        Some(("BYMONTH", value)) => same(value, start.month()),
        Some(("BYMONTHDAY", value)) => same(value, start.day()),
        Some(("WKST", _)) => true,
        _ => false,
    };
    match rule.split(';').find(|part| !understood(part)) {
        Some(part) => Err(wrong(line, &format!("has `{part}` in its RRULE; only FREQ=YEARLY is understood"))),
        None if rule.contains("FREQ=") => Ok(()),
        None => Err(wrong(line, "has an RRULE without FREQ")),
    }
}

fn shorten(name: &str) -> String {
    name.chars().take(MAX_NAME).collect()
}

/// Text as RFC 5545, 3.3.11 escapes it; a line break becomes a space.
fn unescape(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut characters = value.chars();
    while let Some(c) = characters.next() {
        match (c, if c == '\\' { characters.next() } else { None }) {
            ('\\', Some('n' | 'N')) => text.push(' '),
            ('\\', Some(escaped)) => text.push(escaped),
            (plain, _) if plain.is_control() => {}
            (plain, _) => text.push(plain),
        }
    }
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn parse(lines: &[&str]) -> Result<Vec<(Date, String)>, FieldError> {
        let text = format!("BEGIN:VCALENDAR\r\n{}\r\nEND:VCALENDAR\r\n", lines.join("\r\n"));
        parse_icalendar(&text, 2026..=2027)
    }

    fn event(lines: &[&str]) -> Result<Vec<(Date, String)>, FieldError> {
        parse(&[&["BEGIN:VEVENT"], lines, &["END:VEVENT"]].concat())
    }

    #[test]
    fn an_event_covers_its_days_up_to_the_end() {
        let days =
            event(&["DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261227", "SUMMARY:Long\\, wint", " er break"]);
        let expected = [24, 25, 26].map(|day| (date(2026, 12, day), String::from("Long, winter break")));
        assert_eq!(days.unwrap(), expected);
        let timed = event(&["DTSTART;TZID=\"A:B\":20260501T000000", "DTEND:20260502T010000Z", "SUMMARY:x"]).unwrap();
        assert_eq!(timed.iter().map(|(day, _)| *day).collect::<Vec<_>>(), [date(2026, 5, 1), date(2026, 5, 2)]);
        assert_eq!(event(&["DTSTART:20260501T230000", "DTEND:20260502T000000"]).unwrap().len(), 1);
    }

    #[test]
    fn what_returns_every_year_is_listed_for_the_years_asked() {
        let days =
            event(&["DTSTART:20200101", "RRULE:FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1", "SUMMARY:New Year"]).unwrap();
        assert_eq!(days.iter().map(|(day, _)| *day).collect::<Vec<_>>(), [date(2026, 1, 1), date(2027, 1, 1)]);
        assert_eq!(event(&["DTSTART:20240229", "RRULE:FREQ=YEARLY"]).unwrap(), []);
        assert_eq!(event(&["DTSTART:20270301", "RRULE:FREQ=YEARLY"]).unwrap().len(), 1);
    }

    #[test]
    fn durations_exceptions_and_further_days_are_understood() {
        let days = |lines: &[&str]| event(lines).unwrap().into_iter().map(|(day, _)| day).collect::<Vec<_>>();
        assert_eq!(days(&["DTSTART:20261224", "DURATION:P2D"]), [date(2026, 12, 24), date(2026, 12, 25)]);
        assert_eq!(days(&["DURATION:P1W", "DTSTART:20261224"]).len(), 7);
        let yearly =
            ["DTSTART:20260501", "RRULE:FREQ=YEARLY", "EXDATE;VALUE=DATE:20260501", "RDATE:20260504,20260505T080000"];
        assert_eq!(days(&yearly), [date(2026, 5, 4), date(2026, 5, 5), date(2027, 5, 1)]);
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_its_line() {
        let refused = |lines: &[&str]| event(lines).unwrap_err().reason;
        assert!(refused(&["DTSTART:2026+1+2"]).starts_with("line 3 has no date"));
        assert!(refused(&["DTSTART:20260102", "DTEND:20260101"]).starts_with("line 2 begins an event that ends"));
        assert!(
            refused(&["BEGIN:VEVENT", "DTSTART:20260102", "END:VEVENT"]).starts_with("line 3 begins an event within")
        );
    }

    #[test]
    fn a_day_is_listed_once_with_all_its_names() {
        let one = ["BEGIN:VEVENT", "DTSTART:20260101", "SUMMARY:A", "END:VEVENT"];
        let other = ["BEGIN:VEVENT", "DTSTART:20260101", "SUMMARY:B", "END:VEVENT"];
        assert_eq!(parse(&[one, other, one].concat()).unwrap(), [(date(2026, 1, 1), String::from("A, B"))]);
    }

    #[test]
    fn zones_and_alarms_are_passed_over_and_cancelled_events_left_out() {
        let lines = [
            "BEGIN:VTIMEZONE",
            "BEGIN:STANDARD",
            "DTSTART:19701025T030000",
            "RRULE:FREQ=YEARLY;BYDAY=-1SU",
            "END:STANDARD",
            "END:VTIMEZONE",
            "BEGIN:VEVENT",
            "DTSTART:20260101",
            "SUMMARY:A",
            "BEGIN:VALARM",
            "DURATION:PT15M",
            "SUMMARY:no",
            "END:VALARM",
            "END:VEVENT",
            "BEGIN:VEVENT",
            "DTSTART:20260102",
            "STATUS:CANCELLED",
            "END:VEVENT",
        ];
        assert_eq!(parse(&lines).unwrap(), [(date(2026, 1, 1), String::from("A"))]);
    }

    #[test]
    fn what_is_not_understood_is_refused_with_its_line() {
        for (lines, reason) in [
            (&["DTSTART:20260101", "RRULE:FREQ=MONTHLY"][..], "line 4 has `FREQ=MONTHLY`"),
            (&["DTSTART:20260101", "RRULE:FREQ=YEARLY;BYDAY=2MO"], "line 4 has `BYDAY=2MO`"),
            (&["DTSTART:20260101", "RRULE:FREQ=YEARLY;BYMONTH=2"], "line 4 has `BYMONTH=2`"),
            (&["DTSTART:20260101", "EXDATE:20270101,soon"], "line 4 has no date"),
            (&["DTSTART:20260101", "DURATION:PT9H"], "line 4 has no duration of whole days"),
            (&["DTSTART:20260101", "RECURRENCE-ID:20270101"], "line 4 has RECURRENCE-ID"),
            (&["DTSTART:20261301"], "line 3 has no date"),
            (&["SUMMARY:x"], "line 2 begins an event without DTSTART"),
            (&["SUMMARY"], "line 3 is no property"),
            (&["END:VALARM"], "line 3 ends what has not begun"),
            (&["DTSTART:20000101", "DTEND:20300101"], "line 2 makes more than 10000 days"),
        ] {
            let error = event(lines).unwrap_err();
            assert!(error.reason.starts_with(reason), "{} is not {reason}", error.reason);
        }
        for text in ["", "BEGIN:VCALENDAR", "name,date\nx,y"] {
            assert!(parse_icalendar(text, 2026..=2027).is_err(), "{text}");
        }
    }
}
