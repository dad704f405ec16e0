//! How many of something there were, day by day.

use jiff::civil::Date;
use leptos::prelude::*;
use plotters::prelude::*;

use super::figure::{ChartFigure, Data};
use super::plot::{Axis, plot};
use super::svg::Ink;
use crate::number;

const HEIGHT: u32 = 200;

/// Some of what is counted: those under a limit, say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What they are: `under the limit`.
    pub name: &'static str,
    /// How many, day by day.
    pub counts: Vec<i64>,
}

/// One bar a day.
#[component]
pub fn DayBars(
    /// What is counted: `events`.
    name: &'static str,
    /// The first day, counted from 1970-01-01.
    first: i64,
    /// Its count, and those of the days after it.
    counts: Vec<i64>,
    /// Some of them, drawn in front in the colour of a reference.
    #[prop(optional_no_strip, into)]
    part: Option<Part>,
) -> impl IntoView {
    let most = counts.iter().copied().max().unwrap_or(0);
    let days = counts.len() as f64;
    let x =
        Axis { range: first as f64..first as f64 + days, labels: 5, name: "", write: |day| short(day.floor() as i64) };
    let y = Axis { range: 0.0..nice_top(most), labels: 4, name, write: |n| number::fixed(n, 0) };
    let body = if most > 0 {
        plot(HEIGHT, &x, &y, |chart| {
            chart.draw_series(bars(first, &counts, 0.1, Ink::Series2))?;
            if let Some(part) = &part {
                chart.draw_series(bars(first, &part.counts, 0.25, Ink::Series1))?;
            }
            Ok(())
        })
    } else {
        String::new()
    };
    let sum: i64 = counts.iter().sum();
    let some = part.as_ref().map_or_else(String::new, |part| {
        format!(" The narrower bars in front: {}, {}.", part.name, number::count(part.counts.iter().sum::<i64>()))
    });
    let description = format!(
        "{} {name} in {}; {} on the busiest day.{some}",
        number::count(sum),
        number::counted(counts.len() as i64, "day", "days"),
        number::count(most)
    );
    let rows = counts.iter().enumerate().map(|(i, count)| {
        let mut row = vec![short(first + i as i64), number::count(*count)];
        row.extend(part.as_ref().map(|part| number::count(part.counts.get(i).copied().unwrap_or(0))));
        row
    });
    let mut heads = vec![String::from("day"), name.to_owned()];
    heads.extend(part.as_ref().map(|part| part.name.to_owned()));
    let data = Data { heads, rows: rows.collect() };
    view! { <ChartFigure title=format!("{name} a day") description body height=HEIGHT data/> }.into_any()
}

/// Bars that keep `gap` of the day's width free on either side.
fn bars(first: i64, counts: &[i64], gap: f64, ink: Ink) -> impl Iterator<Item = Rectangle<(f64, f64)>> + '_ {
    counts.iter().enumerate().filter(|(_, count)| **count > 0).map(move |(i, count)| {
        let left = (first + i as i64) as f64;
        Rectangle::new([(left + gap, *count as f64), (left + 1.0 - gap, 0.0)], ink.color().filled())
    })
}

/// `16 Nov`.
pub(super) fn short(day: i64) -> String {
    date(day).map_or_else(String::new, |date| date.strftime("%-d %b").to_string())
}

/// The day that many days after 1970-01-01.
#[must_use]
pub fn date(day: i64) -> Option<Date> {
    let span = jiff::Span::new().try_days(day).ok()?;
    Date::constant(1970, 1, 1).checked_add(span).ok()
}

/// The next of 4, 8, 12, 20, 40, 80, 120, 200 … from `most` on: a number with three others evenly below it.
fn nice_top(most: i64) -> f64 {
    let mut step = 4.0;
    loop {
        for times in [1.0, 2.0, 3.0, 5.0] {
            if step * times >= most as f64 {
                return step * times;
            }
        }
        step *= 10.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_the_epoch() {
        assert_eq!((short(0), short(20_773)), (String::from("1 Jan"), String::from("16 Nov")));
        assert_eq!(date(i64::MAX), None);
    }

    #[test]
    fn the_axis_ends_at_a_round_number_that_nothing_passes() {
        assert_eq!([1, 9, 130, 200].map(nice_top), [4.0, 12.0, 200.0, 200.0]);
    }
}
