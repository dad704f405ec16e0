//! Which share of something happened, day by day, and how sure that is.

use leptos::prelude::*;
use plotters::prelude::*;

use super::day_bars::short;
use super::figure::{ChartFigure, Data};
use super::plot::{Axis, Chart, Drawn, Side, dots, line, plot, words};
use super::svg::Ink;
use crate::number;

const HEIGHT: u32 = 200;

/// The share of one day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DayRate {
    /// How often it happened.
    pub some: i64,
    /// Among how many.
    pub of: i64,
    /// The share with both ends of its interval; none of nothing.
    pub share: Option<(f64, f64, f64)>,
}

/// A line through the shares in the band of their intervals; a day without any breaks both.
#[component]
pub fn DayRates(
    /// What it is: `Conflict rate by day`.
    #[prop(into)]
    title: String,
    /// What is counted, and among what: `conflicts` and `syncs`.
    names: (&'static str, &'static str),
    /// The first day, counted from 1970-01-01.
    first: i64,
    /// Its share, and those of the days after it.
    days: Vec<DayRate>,
    /// What the share was before, and the words beside it.
    #[prop(optional_no_strip, into)]
    before: Option<(f64, String)>,
) -> impl IntoView {
    let runs = runs(first, &days);
    let highest = days.iter().filter_map(|day| day.share).map(|(share, ..)| share);
    let highest = highest.chain(before.as_ref().map(|(share, _)| *share)).fold(0.02, f64::max);
    let top = nice_top(highest * 1.25);
    let ends = first as f64..first as f64 + days.len() as f64;
    let x = Axis { range: ends.clone(), labels: 5, name: "", write: |day| short(day.floor() as i64) };
    let y = Axis { range: 0.0..top, labels: 4, name: "share", write: number::whole_percent };
    let body = if runs.is_empty() {
        String::new()
    } else {
        plot(HEIGHT, &x, &y, |chart| {
            runs.iter().try_for_each(|run| band(chart, run, top))?;
            if let Some((share, text)) = &before {
                line(chart, vec![(ends.start, *share), (ends.end, *share)], Ink::Series1)?;
                words(chart, text, (ends.end, *share), Side::AboveLeft, Ink::Label1)?;
            }
            for run in &runs {
                let points: Vec<(f64, f64)> = run.iter().map(|(x, (share, ..))| (*x, *share)).collect();
                dots(chart, &points, 20, Ink::Series2)?;
                line(chart, points, Ink::Series2)?;
            }
            Ok(())
        })
    };
    let (some, of) = names;
    let description = format!(
        "Share of the {of} that were {some}, by day; the band is its 95 % interval. {}",
        against(before.as_ref())
    );
    let rows = days.iter().enumerate().map(|(i, day)| {
        let mut row = vec![short(first + i as i64), number::count(day.some), number::count(day.of)];
        let (share, low, high) = day.share.unwrap_or((f64::NAN, f64::NAN, f64::NAN));
        row.extend([share, low, high].map(number::percent));
        row
    });
    let heads = ["day", some, of, "share", "from", "to"].map(String::from).to_vec();
    let data = Data { heads, rows: rows.collect() };
    view! { <ChartFigure title description body height=HEIGHT data/> }.into_any()
}

fn against(before: Option<&(f64, String)>) -> String {
    before.map_or_else(String::new, |(share, text)| {
        format!("The dashed line, {text}, is at {}.", number::percent(*share))
    })
}

/// The middle of a day, and its share with both ends.
type Point = (f64, (f64, f64, f64));

/// Days after each other that have a share.
fn runs(first: i64, days: &[DayRate]) -> Vec<Vec<Point>> {
    let mut runs: Vec<Vec<Point>> = vec![Vec::new()];
    for (i, day) in days.iter().enumerate() {
        match (day.share, runs.last_mut()) {
            (Some(share), Some(run)) => run.push(((first + i as i64) as f64 + 0.5, share)),
            _ => runs.push(Vec::new()),
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

/// A day by itself has a band a little wider than its dot.
fn band(chart: &mut Chart<'_, '_>, run: &[Point], top: f64) -> Drawn {
    let half = if run.len() == 1 { 0.3 } else { 0.0 };
    let highs = run.iter().flat_map(|(x, (.., high))| [(x - half, high.min(top)), (x + half, high.min(top))]);
    let lows = run.iter().rev().flat_map(|(x, (_, low, _))| [(x + half, low.min(top)), (x - half, low.min(top))]);
    let outline: Vec<(f64, f64)> = highs.chain(lows).collect();
    chart.draw_series(std::iter::once(Polygon::new(outline, Ink::Band.color().filled())))?;
    Ok(())
}

/// The next of 4 %, 8 %, 12 %, 20 %, 40 %, 80 % and all.
fn nice_top(highest: f64) -> f64 {
    [0.04, 0.08, 0.12, 0.2, 0.4, 0.6, 0.8].into_iter().find(|top| *top >= highest).unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(some: i64, of: i64) -> DayRate {
        let share = some as f64 / of as f64;
        DayRate { some, of, share: (of > 0).then_some((share, share * 0.5, share * 1.5)) }
    }

    #[test]
    fn a_day_without_any_breaks_the_line_and_is_listed() {
        let days = vec![day(1, 10), day(2, 10), day(0, 0), day(1, 20)];
        let before = Some((0.1, String::from("before")));
        let html =
            view! { <DayRates title="Conflict rate" names=("conflicts", "syncs") first=20_772 days before/> }.to_html();
        assert_eq!(html.matches("class=\"band\"").count(), 2, "{html}");
        assert_eq!(html.matches("<circle").count(), 3);
        assert_eq!(html.matches("<tr>").count(), 5, "a head and four days");
        assert!(html.contains("series-1") && html.contains("before"));
    }

    #[test]
    fn the_axis_ends_above_the_highest_share() {
        assert_eq!([0.02, 0.1, 0.5, 0.95].map(nice_top), [0.04, 0.12, 0.6, 1.0]);
    }
}
