//! A measured share beside the expected one, from period to period.

use leptos::prelude::*;

use super::day_bars::short;
use super::figure::{ChartFigure, Data};
use super::plot::{Axis, Side, dots, line, plot, words};
use super::svg::Ink;
use crate::number;

const HEIGHT: u32 = 220;
/// Of a period that is still open: it is drawn to the right of this line.
const COMING: &str = "truths still coming";

/// One period.
#[derive(Clone, Debug, PartialEq)]
pub struct PeriodPoint {
    /// When it begins, in days since 1970-01-01 by the organisation's clocks.
    pub day: f64,
    /// What it is called: `16 Nov`.
    pub name: String,
    /// The measured share with its interval, if it is known.
    pub measured: Option<(f64, f64, f64)>,
    /// The expected share.
    pub expected: Option<f64>,
    /// Predictions, and those whose truth is known.
    pub known: (u64, u64),
    /// Whether most of its truths have come. What is measured of the others is listed, and not drawn.
    pub settled: bool,
}

/// Measured shares with their intervals, solid; expected ones dashed.
#[component]
pub fn PeriodLines(
    /// What it is: `Right decisions`.
    #[prop(into)]
    title: String,
    /// What is measured: `right`.
    name: &'static str,
    /// The periods, the oldest first.
    points: Vec<PeriodPoint>,
) -> impl IntoView {
    let expected: Vec<(f64, f64)> = drawn_at(&points).filter_map(|(x, point)| Some((x, point.expected?))).collect();
    let drawn = || drawn_at(&points).filter(|(_, point)| point.settled);
    let measured: Vec<(f64, (f64, f64, f64))> = drawn().filter_map(|(x, point)| Some((x, point.measured?))).collect();
    let least =
        measured.iter().map(|(_, (_, low, _))| *low).chain(expected.iter().map(|(_, y)| *y)).fold(1.0, f64::min);
    let y = Axis {
        range: ((least * 10.0).floor() / 10.0).clamp(0.0, 0.9)..1.0,
        labels: 5,
        name,
        write: number::whole_percent,
    };
    let (first, last) = (points.first().map_or(0.0, |point| point.day), points.last().map_or(1.0, |point| point.day));
    let half = (last - first).max(0.01) / (points.len().max(2) - 1) as f64 / 2.0;
    let write: fn(f64) -> String = if last - first < 1.0 { hour } else { |day| short(day.floor() as i64) };
    let x = Axis { range: first - half..last + half, labels: 4, name: "", write };
    let body = if expected.is_empty() && measured.is_empty() {
        String::new()
    } else {
        plot(HEIGHT, &x, &y, |chart| {
            line(chart, expected.clone(), Ink::Series1)?;
            for (x, (_, low, high)) in &measured {
                line(chart, vec![(*x, *low), (*x, *high)], Ink::Interval)?;
            }
            let middle: Vec<(f64, f64)> = measured.iter().map(|(x, (value, ..))| (*x, *value)).collect();
            line(chart, middle.clone(), Ink::Series2)?;
            dots(chart, &middle, 30, Ink::Series2)?;
            if let Some(coming) = points.iter().rev().find(|point| point.settled).map(|last| last.day + half)
                && coming < last
            {
                line(chart, vec![(coming, y.range.start), (coming, y.range.end)], Ink::Threshold)?;
                words(chart, COMING, (coming, y.range.start), Side::AboveLeft, Ink::Note)?;
            }
            if let Some(at) = middle.last() {
                words(chart, "measured", *at, Side::BelowLeft, Ink::Label2)?;
            }
            expected.first().map_or(Ok(()), |at| words(chart, "expected", *at, Side::AboveRight, Ink::Label1))
        })
    };
    let span = points.first().zip(points.last());
    let span = span.map(|(first, last)| format!(" from {} to {}", first.name, last.name)).unwrap_or_default();
    let description = format!(
        "Share {name}{span}: measured from known truths, solid with 95 % intervals; expected by the scores alone, dashed."
    );
    let heads = ["from", "predictions", "truth known", "measured", "95 % interval", "expected", "state"];
    let data = Data { heads: heads.map(String::from).to_vec(), rows: points.iter().map(row).collect() };
    view! { <ChartFigure title description body height=HEIGHT data/> }.into_any()
}

fn drawn_at(points: &[PeriodPoint]) -> impl Iterator<Item = (f64, &PeriodPoint)> {
    points.iter().map(|point| (point.day, point))
}

/// `14:00`, of a part of a day.
fn hour(day: f64) -> String {
    format!("{:02}:00", (day.rem_euclid(1.0) * 24.0).round() as i64 % 24)
}

fn row(point: &PeriodPoint) -> Vec<String> {
    let dash = || String::from("–");
    let interval = |(_, low, high): (f64, f64, f64)| format!("{} to {}", number::percent(low), number::percent(high));
    vec![
        point.name.clone(),
        number::count(point.known.0),
        number::count(point.known.1),
        point.measured.map_or_else(dash, |(value, ..)| number::percent(value)),
        point.measured.map_or_else(dash, interval),
        point.expected.map_or_else(dash, number::percent),
        String::from(if point.settled { "settled" } else { COMING }),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The last day looks terrible only because its quick truths are the bad ones.
    #[test]
    fn what_is_measured_too_early_is_listed_and_not_drawn() {
        let point = |day: f64, name: &str, value: f64, settled| PeriodPoint {
            day,
            name: name.into(),
            measured: Some((value, value - 0.02, value + 0.02)),
            expected: Some(0.92),
            known: (100, 40),
            settled,
        };
        let points =
            vec![point(1.0, "1 Nov", 0.9, true), point(2.0, "2 Nov", 0.91, true), point(3.0, "3 Nov", 0.1, false)];
        let html = view! { <PeriodLines title="Right" name="right" points/> }.to_html();
        assert_eq!(html.matches("<circle").count(), 2, "{html}");
        assert!(html.contains(COMING) && html.contains(&number::percent(0.1)));
        assert_eq!(html.matches("<tr>").count(), 4);
    }
}
