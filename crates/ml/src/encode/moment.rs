//! The parts of a moment that come again. The moment itself never does, so a model could only learn the past from it.

use std::f64::consts::TAU;

use domain::time::{DAY, Timestamp};

/// Mean length of a Gregorian year, in days.
const YEAR_DAYS: f64 = 365.2425;
/// A training span from which the season can be told from the trend.
const YEARLY_SPAN_DAYS: i64 = 2 * 365;

/// Names of the parts; the last two only with a yearly cycle.
pub(super) const PARTS: [&str; 6] =
    ["time of day (sin)", "time of day (cos)", "weekday (sin)", "weekday (cos)", "season (sin)", "season (cos)"];

/// Number of parts.
pub(super) fn parts(yearly: bool) -> usize {
    if yearly { 6 } else { 4 }
}

/// Whether moments from `first` to `last` cover two years.
pub(super) fn covers_years(first: i64, last: i64) -> bool {
    last.saturating_sub(first) / DAY >= YEARLY_SPAN_DAYS
}

/// Writes the parts of `moment` (UTC) to `out`: sine and cosine of the time of day, of the day of the week and, if there
/// is room for six, of the day of the year.
pub(super) fn write(moment: Timestamp, out: &mut [f32]) {
    let day = moment.0.div_euclid(DAY);
    let cycles = [
        moment.0.rem_euclid(DAY) as f64 / DAY as f64,
        // 1970-01-01 was a Thursday
        (day + 3).rem_euclid(7) as f64 / 7.0,
        (day as f64 / YEAR_DAYS).rem_euclid(1.0),
    ];
    for (pair, cycle) in out.chunks_exact_mut(2).zip(cycles) {
        let angle = cycle * TAU;
        (pair[0], pair[1]) = (angle.sin() as f32, angle.cos() as f32);
    }
}
