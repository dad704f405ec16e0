//! Numbers as words: thousands separated, a no-break space before a unit, a true minus sign, and enough digits that two
//! different values never print alike where they are compared.

/// Between a number and its unit, so that they stay on one line.
pub const NO_BREAK: char = '\u{a0}';

/// Most digits after the point that a comparison spends before it calls two values the same.
const MOST_DIGITS: usize = 9;

/// `24,180`; `?` for a count beyond what an `i128` holds.
#[must_use]
pub fn count(n: impl TryInto<i128>) -> String {
    n.try_into().map_or_else(|_| String::from("?"), |n: i128| grouped(&n.to_string()))
}

/// `count` and its noun: `1 row`, `24,180 rows`.
#[must_use]
pub fn counted(n: impl TryInto<i128>, one: &str, many: &str) -> String {
    let number = count(n);
    let noun = if number == "1" { one } else { many };
    format!("{number}{NO_BREAK}{noun}")
}

/// `82.1 %` of a share from 0 to 1. What is not quite nothing or all says so: `<0.1 %`, `>99.9 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if !share.is_finite() {
        return String::from("–");
    }
    if percent > 0.0 && percent < 0.05 {
        return format!("<0.1{NO_BREAK}%");
    }
    if (99.95..100.0).contains(&percent) {
        return format!(">99.9{NO_BREAK}%");
    }
    format!("{}{NO_BREAK}%", fixed(percent, 1))
}

/// `82 %` of a share from 0 to 1, where there is no room for more; `<1 %` and `>99 %` at the ends.
#[must_use]
pub fn whole_percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent > 0.0 && percent < 0.5 {
        return format!("<1{NO_BREAK}%");
    }
    if (99.5..100.0).contains(&percent) {
        return format!(">99{NO_BREAK}%");
    }
    format!("{}{NO_BREAK}%", fixed(percent, 0))
}

/// `0.842`: three digits, for a value that stands alone.
#[must_use]
pub fn metric(value: f64) -> String {
    fixed(value, 3)
}

/// Values that stand side by side: three digits, or as many more as it takes that different ones print differently.
#[must_use]
pub fn metrics(values: &[f64]) -> Vec<String> {
    let digits = distinct_digits(values, 3);
    values.iter().map(|value| fixed(*value, digits)).collect()
}

/// Any number of any size, such as a feature's value: `12`, `0.0042`, `1,204.5`, `3.1e-9`.
#[must_use]
pub fn value(x: f64) -> String {
    let size = x.abs();
    if !x.is_finite() {
        return String::from("–");
    }
    if size != 0.0 && !(1e-4..1e15).contains(&size) {
        return format!("{x:.3e}").replace('-', "−");
    }
    let digits = match size {
        s if s >= 10_000.0 => 1,
        s if s >= 100.0 => 2,
        s if s >= 1.0 => 3,
        s if s >= 0.01 => 4,
        _ => 6,
    };
    let text = fixed(x, digits);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// `+0.037`, `−0.5`, `0.000`: a difference with its sign.
#[must_use]
pub fn signed(x: f64, digits: usize) -> String {
    let text = fixed(x, digits);
    if x > 0.0 && text.chars().any(|c| c.is_ascii_digit() && c != '0') { format!("+{text}") } else { text }
}

/// `412 kB`, in steps of 1,000.
#[must_use]
pub fn bytes(n: impl TryInto<i128>) -> String {
    let Ok(n) = n.try_into() else { return String::from("?") };
    let (mut size, mut unit) = (n as f64, "B");
    for larger in ["kB", "MB", "GB", "TB"] {
        if size < 999.5 {
            break;
        }
        (size, unit) = (size / 1_000.0, larger);
    }
    let digits = usize::from(unit != "B" && size < 9.95);
    format!("{}{NO_BREAK}{unit}", fixed(size, digits))
}

/// A length in metres: `40 m`, `2.4 km`, `1,204 km`.
#[must_use]
pub fn distance(meters: f64) -> String {
    match meters {
        m if !m.is_finite() => String::from("–"),
        m if m < 999.5 => format!("{}{NO_BREAK}m", fixed(m, 0)),
        m if m < 99_950.0 => format!("{}{NO_BREAK}km", fixed(m / 1e3, 1)),
        m => format!("{}{NO_BREAK}km", count((m / 1e3).round() as i64)),
    }
}

/// A length of time in microseconds: `0.8 ms`, `41 s`, `2 min 5 s`, `5 h 12 min`, `3 d 4 h`.
#[must_use]
pub fn duration(micros: i64) -> String {
    let micros = micros.max(0);
    if micros < 999_500 {
        return milliseconds(micros as f64 / 1_000.0);
    }
    let seconds = (micros + 500_000) / 1_000_000;
    let pair = |big: i64, big_unit: &str, small: i64, small_unit: &str| {
        let rest = if small == 0 { String::new() } else { format!(" {small}{NO_BREAK}{small_unit}") };
        format!("{big}{NO_BREAK}{big_unit}{rest}")
    };
    match seconds {
        0..60 if micros < 9_950_000 => format!("{}{NO_BREAK}s", fixed(micros as f64 / 1e6, 1)),
        0..60 => format!("{seconds}{NO_BREAK}s"),
        60..3_600 => pair(seconds / 60, "min", seconds % 60, "s"),
        3_600..86_400 => pair(seconds / 3_600, "h", seconds % 3_600 / 60, "min"),
        _ => pair(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h"),
    }
}

/// `0.8 ms`, `12 ms`, `0.04 ms`.
#[must_use]
pub fn milliseconds(ms: f64) -> String {
    let digits = match ms {
        m if m >= 9.95 => 0,
        m if m >= 0.095 => 1,
        0.0 => 0,
        _ => 2,
    };
    format!("{}{NO_BREAK}ms", fixed(ms, digits))
}

/// What a figure is measured in, and so how it and its differences are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A share from 0 to 1, written in percent; differences in percentage points.
    Share,
    /// A number without a unit.
    Plain,
    /// Milliseconds.
    Milliseconds,
    /// A whole number.
    Count,
}

impl Unit {
    /// `value` by itself.
    #[must_use]
    pub fn write(self, value: f64) -> String {
        match self {
            Self::Share => percent(value),
            Self::Plain => metric(value),
            Self::Milliseconds => milliseconds(value),
            Self::Count => fixed(value, 0),
        }
    }

    /// `value` and `reference` with the same, sufficient digits, and their signed difference; `None` when they are equal.
    #[must_use]
    pub fn write_pair(self, value: f64, reference: f64) -> (String, String, Option<String>) {
        let (scale, least, unit, step) = match self {
            Self::Share => (100.0, 1, "%", "pt"),
            Self::Plain => (1.0, 3, "", ""),
            Self::Milliseconds => (1.0, 1, "ms", "ms"),
            Self::Count => (1.0, 0, "", ""),
        };
        let (value, reference) = (value * scale, reference * scale);
        let digits = distinct_digits(&[value, reference], least);
        let with = |text: String, unit: &str| if unit.is_empty() { text } else { format!("{text}{NO_BREAK}{unit}") };
        let alike = fixed(value, digits) == fixed(reference, digits);
        let difference = (!alike).then(|| with(signed(value - reference, digits), step));
        (with(fixed(value, digits), unit), with(fixed(reference, digits), unit), difference)
    }
}

/// Grouped thousands and `digits` after the point; no negative zero; `–` for what is no number.
#[must_use]
pub fn fixed(x: f64, digits: usize) -> String {
    if !x.is_finite() {
        return String::from("–");
    }
    let text = format!("{x:.digits$}");
    let unsigned = text.trim_start_matches('-');
    let is_zero = !unsigned.bytes().any(|b| matches!(b, b'1'..=b'9'));
    let (whole, rest) = unsigned.split_once('.').map_or((unsigned, None), |(whole, rest)| (whole, Some(rest)));
    let mut out = if text.starts_with('-') && !is_zero { String::from("−") } else { String::new() };
    out.push_str(&grouped(whole));
    if let Some(rest) = rest {
        out.push('.');
        out.push_str(rest);
    }
    out
}

fn distinct_digits(values: &[f64], least: usize) -> usize {
    let alike = |digits: usize| {
        values
            .iter()
            .enumerate()
            .any(|(i, a)| values[..i].iter().any(|b| a != b && fixed(*a, digits) == fixed(*b, digits)))
    };
    (least..MOST_DIGITS).find(|digits| !alike(*digits)).unwrap_or(MOST_DIGITS)
}

fn grouped(integer: &str) -> String {
    let (sign, digits) = integer.strip_prefix('-').map_or(("", integer), |digits| ("−", digits));
    let mut out = String::from(sign);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        text.replace(NO_BREAK, " ")
    }

    #[test]
    fn counts_have_their_thousands_apart() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999_u64), "999");
        assert_eq!(count(24_180_usize), "24,180");
        assert_eq!(count(-1_234_567), "−1,234,567");
        assert_eq!(plain(&counted(1, "row", "rows")), "1 row");
        assert_eq!(plain(&counted(2, "row", "rows")), "2 rows");
    }

    #[test]
    fn a_share_is_never_rounded_to_nothing_or_all() {
        assert_eq!(plain(&percent(0.8213)), "82.1 %");
        assert_eq!(plain(&percent(0.0)), "0.0 %");
        assert_eq!(plain(&percent(0.0001)), "<0.1 %");
        assert_eq!(plain(&percent(0.9999)), ">99.9 %");
        assert_eq!(plain(&percent(1.0)), "100.0 %");
        assert_eq!(percent(f64::NAN), "–");
        assert_eq!(plain(&whole_percent(0.826)), "83 %");
        assert_eq!(plain(&whole_percent(0.001)), "<1 %");
        assert_eq!(plain(&whole_percent(0.999)), ">99 %");
    }

    #[test]
    fn different_values_never_print_alike() {
        assert_eq!(metrics(&[0.8421, 0.8424]), ["0.8421", "0.8424"]);
        assert_eq!(metrics(&[0.842_123_4, 0.842_123_1]), ["0.8421234", "0.8421231"]);
        assert_eq!(metrics(&[0.842, 0.842]), ["0.842", "0.842"]);
        assert_eq!(metrics(&[0.1, 0.9]), ["0.100", "0.900"]);
    }

    #[test]
    fn a_pair_carries_its_signed_difference() {
        let (a, b, difference) = Unit::Share.write_pair(0.821, 0.761);
        assert_eq!((plain(&a), plain(&b)), (String::from("82.1 %"), String::from("76.1 %")));
        assert_eq!(difference.map(|d| plain(&d)).as_deref(), Some("+6.0 pt"));
        let (_, _, difference) = Unit::Plain.write_pair(0.021, 0.025);
        assert_eq!(difference.as_deref(), Some("−0.004"));
        assert_eq!(Unit::Milliseconds.write_pair(0.8, 0.8).2, None);
        let (a, b, _) = Unit::Share.write_pair(0.80004, 0.80001);
        assert_ne!(a, b);
    }

    #[test]
    fn any_value_is_short_and_exact_enough() {
        assert_eq!(value(12.0), "12");
        assert_eq!(value(1_204.5), "1,204.5");
        assert_eq!(value(0.0042), "0.0042");
        assert_eq!(value(-0.5), "−0.5");
        assert_eq!(value(3.1e-9), "3.100e−9");
        assert_eq!(value(100.0), "100");
    }

    #[test]
    fn sizes_and_times_take_the_fitting_unit() {
        assert_eq!(plain(&bytes(412_000)), "412 kB");
        assert_eq!(plain(&bytes(1_500_000_u64)), "1.5 MB");
        assert_eq!(plain(&bytes(7)), "7 B");
        assert_eq!(plain(&duration(800)), "0.8 ms");
        assert_eq!(plain(&duration(40)), "0.04 ms");
        assert_eq!(plain(&duration(41_000_000)), "41 s");
        assert_eq!(plain(&duration(125_000_000)), "2 min 5 s");
        assert_eq!(plain(&duration(18_720_000_000)), "5 h 12 min");
        assert_eq!(plain(&duration(0)), "0 ms");
    }

    #[test]
    fn distances_take_the_fitting_unit() {
        let written = [0.4, 40.0, 999.4, 999.6, 2_440.0, 99_960.0, 1_204_000.0].map(|meters| plain(&distance(meters)));
        assert_eq!(written, ["0 m", "40 m", "999 m", "1.0 km", "2.4 km", "100 km", "1,204 km"]);
    }

    #[test]
    fn there_is_no_negative_zero() {
        assert_eq!(fixed(-0.0004, 3), "0.000");
        assert_eq!(signed(0.0001, 3), "0.000");
    }
}
