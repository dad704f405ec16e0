//! A share that moves from week to week, a line for each version.

use leptos::prelude::*;

use super::day_bars::short;
use super::figure::{ChartFigure, Data};
use super::plot::{Axis, Side, dots, line, plot, words};
use super::svg::Ink;
use crate::number;

const HEIGHT: u32 = 220;

/// The weeks of one version.
#[derive(Clone, Debug, PartialEq)]
pub struct WeekLine {
    /// The words beside it: `v7`.
    pub name: String,
    /// Mondays, in days since 1970-01-01, with what was counted in the week from then on, and of how many.
    pub weeks: Vec<(i64, i64, i64)>,
}

/// Shares by week; the last line is the current one, those before it are dashed.
#[component]
pub fn WeekLines(
    /// What it is: `Error rate by week`.
    #[prop(into)]
    title: String,
    /// What is counted: `wrong`.
    name: &'static str,
    /// The lines, the current one last.
    lines: Vec<WeekLine>,
) -> impl IntoView {
    let all = || lines.iter().flat_map(|line| line.weeks.iter());
    let share = |(day, some, of): &(i64, i64, i64)| (*day as f64, *some as f64 / (*of).max(1) as f64);
    let first = all().map(|(day, ..)| *day).min().unwrap_or(0);
    let last = all().map(|(day, ..)| *day).max().unwrap_or(0);
    let top = all().map(|week| share(week).1).fold(0.05, f64::max);
    let days = (first as f64 - 3.5)..(last as f64 + 3.5);
    let x = Axis { range: days, labels: 4, name: "week from", write: |day| short(day.round() as i64) };
    let y = Axis { range: 0.0..(top * 1.15).min(1.0), labels: 4, name, write: number::whole_percent };
    let body = plot(HEIGHT, &x, &y, |chart| {
        for (i, one) in lines.iter().enumerate() {
            let is_current = i + 1 == lines.len();
            let (ink, label) = if is_current { (Ink::Series2, Ink::Label2) } else { (Ink::Series1, Ink::Label1) };
            let points: Vec<(f64, f64)> = one.weeks.iter().map(share).collect();
            line(chart, points.clone(), ink)?;
            dots(chart, &points, 30, ink)?;
            if let Some(at) = points.last() {
                words(chart, &one.name, *at, Side::Above, label)?;
            }
        }
        Ok(())
    });
    let names: Vec<&str> = lines.iter().map(|line| line.name.as_str()).collect();
    let description = format!("Share that was {name} in each week, by version: {}.", names.join(", "));
    let heads = ["version", "week from", "share", "n"].map(String::from).to_vec();
    let rows = lines.iter().flat_map(|line| {
        line.weeks
            .iter()
            .map(|week| vec![line.name.clone(), short(week.0), number::percent(share(week).1), number::count(week.2)])
    });
    let data = Data { heads, rows: rows.collect() };
    view! { <ChartFigure title description body height=HEIGHT data/> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_current_version_is_drawn_solid_and_each_week_is_listed() {
        let line = |name: &str, weeks: &[(i64, i64, i64)]| WeekLine { name: name.into(), weeks: weeks.to_vec() };
        let lines = vec![line("v1", &[(20_772, 3, 30), (20_779, 2, 40)]), line("v2", &[(20_786, 1, 50)])];
        let html = view! { <WeekLines title="Error rate" name="wrong" lines/> }.to_html();
        assert!(html.contains("series-1") && html.contains("series-2"), "{html}");
        assert_eq!(html.matches("<tr>").count(), 4, "a head and three weeks");
    }
}
