//! Dates and times as programs write them.

const MICROS: i64 = 1_000_000;

/// Microseconds since 1970-01-01 00:00 UTC of `YYYY-MM-DD`, optionally followed by `T` or a space and `HH:MM[:SS[.f…]]`,
/// optionally followed by `Z`, `±HH`, `±HHMM` or `±HH:MM` (RFC 3339 and the common part of ISO 8601). Without an offset
/// the time is taken as UTC. Digits beyond microseconds are cut off; a leap second counts as the second before it.
#[must_use]
pub fn parse_datetime(cell: &str) -> Option<i64> {
    let mut text = Digits(cell.as_bytes());
    let days = date(&mut text)?;
    if text.0.is_empty() {
        return Some(days * 86_400 * MICROS);
    }
    text.one_of(b"Tt ")?;
    let micros = time(&mut text)?;
    let offset = offset(&mut text)?;
    text.0.is_empty().then_some((days * 86_400 - offset) * MICROS + micros)
}

/// Days since 1970-01-01.
fn date(text: &mut Digits<'_>) -> Option<i64> {
    let year = text.number(4)?;
    text.one_of(b"-")?;
    let month = text.number(2)?;
    text.one_of(b"-")?;
    let day = text.number(2)?;
    let exists = year > 0 && (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
    exists.then(|| days_since_epoch(year, month, day))
}

/// Microseconds since midnight.
fn time(text: &mut Digits<'_>) -> Option<i64> {
    let hour = text.number(2)?;
    text.one_of(b":")?;
    let minute = text.number(2)?;
    let (mut second, mut micros) = (0, 0);
    if text.one_of(b":").is_some() {
        second = text.number(2)?;
        if text.one_of(b".,").is_some() {
            micros = text.fraction()?;
        }
    }
    let exists = hour < 24 && minute < 60 && second <= 60;
    exists.then(|| (hour * 3600 + minute * 60 + second.min(59)) * MICROS + micros)
}

/// Seconds east of UTC.
fn offset(text: &mut Digits<'_>) -> Option<i64> {
    if text.0.is_empty() || text.one_of(b"Zz").is_some() {
        return Some(0);
    }
    let sign = if text.one_of(b"+-")? == b'-' { -1 } else { 1 };
    let hours = text.number(2)?;
    let colon = text.one_of(b":").is_some();
    let minutes = if colon || !text.0.is_empty() { text.number(2)? } else { 0 };
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Counts years from March, so that the leap day is the last of its year and months follow a regular pattern.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    // 719 468 days lie between 0000-03-01 and 1970-01-01.
    365 * year + leap_days + day_of_year - 719_468
}

/// What is left of the text.
struct Digits<'a>(&'a [u8]);

impl Digits<'_> {
    /// Exactly `width` digits.
    fn number(&mut self, width: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(width)?;
        let value = |sum: i64, digit: &u8| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0'));
        let number = digits.iter().try_fold(0, value)?;
        self.0 = rest;
        Some(number)
    }

    fn one_of(&mut self, wanted: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        wanted.contains(first).then(|| {
            self.0 = rest;
            *first
        })
    }

    /// At least one digit after the point, as microseconds.
    fn fraction(&mut self) -> Option<i64> {
        let (mut micros, mut unit) = (0, MICROS / 10);
        micros += self.number(1)? * unit;
        while let Some(digit) = self.number(1) {
            unit /= 10;
            micros += digit * unit;
        }
        Some(micros)
    }
}
