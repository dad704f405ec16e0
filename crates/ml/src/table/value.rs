//! What one cell may stand for.

/// Whether a trimmed cell says that there is no value. Case matters: a category may well be called `none`, so only
/// what programs write for a missing value counts.
#[must_use]
pub fn is_missing(cell: &str) -> bool {
    matches!(cell, "" | "?" | "NA" | "N/A" | "NaN" | "nan" | "null" | "NULL")
}

/// A finite number with a decimal point, such as `-3`, `.5` or `1e6`; no separators between thousands, no surrounding
/// space.
#[must_use]
pub fn parse_number(cell: &str) -> Option<f64> {
    cell.parse().ok().filter(|number: &f64| number.is_finite())
}

/// `true/false`, `yes/no`, `t/f`, `y/n` or `1/0`, in any case.
#[must_use]
pub fn parse_boolean(cell: &str) -> Option<bool> {
    boolean(cell).map(|(_, truth)| truth)
}

/// Which pair of words a boolean is written with, and which of the two it is.
pub(super) fn boolean(cell: &str) -> Option<(usize, bool)> {
    const PAIRS: [[&str; 2]; 5] = [["false", "true"], ["no", "yes"], ["f", "t"], ["n", "y"], ["0", "1"]];
    let found = |(pair, words): (usize, &[&str; 2])| {
        let word = words.iter().position(|word| word.eq_ignore_ascii_case(cell))?;
        Some((pair, word == 1))
    };
    PAIRS.iter().enumerate().find_map(found)
}
