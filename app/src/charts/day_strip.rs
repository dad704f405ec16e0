//! An employee's days side by side: one column a day, a dot for each event at its hour.

use std::fmt::Write as _;

use domain::time::DAY;
use leptos::prelude::*;

const STEP: f64 = 16.0;
const HOUR: f64 = 5.0;
const TOP: f64 = 4.0;

/// An event in the strip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dot {
    /// Days since the epoch, by the site's clocks.
    pub day: i64,
    /// Hour of that day, 0 to 24.
    pub hour: f64,
    /// Whether somebody came, or left.
    pub check_in: bool,
    /// Whether it belongs to what is asked about.
    pub current: bool,
}

impl Dot {
    /// Where an event lies that happened at `local` microseconds of the site's own time.
    #[must_use]
    pub fn at(local: i64, check_in: bool, current: bool) -> Self {
        let hour = local.rem_euclid(DAY) as f64 / DAY as f64 * 24.0;
        Self { day: local.div_euclid(DAY), hour, check_in, current }
    }
}

/// The days up to `last` (days since the epoch).
#[component]
pub fn DayStrip(
    /// The last day.
    last: i64,
    /// How many days.
    days: i64,
    /// Their events.
    dots: Vec<Dot>,
) -> impl IntoView {
    let first = last - days + 1;
    let seen: Vec<Dot> = dots.into_iter().filter(|dot| (first..=last).contains(&dot.day)).collect();
    let worked = (first..=last).filter(|day| seen.iter().any(|dot| dot.day == *day)).count();
    let label = format!("{} events on {worked} of {days} days; one column a day, midnight at the bottom", seen.len());
    let (width, height) = (days as f64 * STEP, 24.0 * HOUR + 2.0 * TOP);
    view! {
        <svg class="day-strip" viewBox=format!("0 0 {width} {height}") role="img" aria-label=label>
            <g inner_html=drawing(first, last, &seen)></g>
        </svg>
    }
    .into_any()
}

fn drawing(first: i64, last: i64, dots: &[Dot]) -> String {
    let mut svg = String::new();
    let left = |day: i64| (day - first) as f64 * STEP;
    for day in first..=last {
        // the first of January 1970 was a Thursday
        let class = if (day + 3).rem_euclid(7) >= 5 { "day weekend" } else { "day" };
        let (x, high) = (left(day) + 1.0, 24.0 * HOUR);
        let _ = write!(svg, r#"<rect class="{class}" x="{x}" y="{TOP}" width="{}" height="{high}"/>"#, STEP - 2.0);
    }
    for dot in dots {
        let (x, y) = (left(dot.day) + STEP / 2.0, TOP + (24.0 - dot.hour) * HOUR);
        let class = match (dot.current, dot.check_in) {
            (true, _) => "current",
            (false, true) => "in",
            (false, false) => "out",
        };
        let radius = if dot.current { 4.5 } else { 3.0 };
        let _ = write!(svg, r#"<circle class="{class}" cx="{x:.1}" cy="{y:.1}" r="{radius}"/>"#);
    }
    svg
}

#[cfg(test)]
mod tests {
    use domain::time::HOUR;

    use super::*;

    #[test]
    fn an_event_lies_at_its_day_and_hour() {
        let dot = Dot::at(3 * DAY + 6 * HOUR, true, false);
        assert_eq!((dot.day, dot.hour), (3, 6.0));
        assert_eq!(Dot::at(-HOUR, true, false).day, -1);
    }

    #[test]
    fn weekends_are_marked() {
        // 1970-01-03 was a Saturday
        assert_eq!(drawing(0, 6, &[]).matches("weekend").count(), 2);
        assert!(drawing(2, 3, &[]).matches("weekend").count() == 2);
    }
}
