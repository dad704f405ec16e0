//! How scores are spread now, over how they were spread when the version was evaluated.

use std::collections::BTreeMap;

use domain::score::{PROBABILITY_BINS, bounds};
use leptos::prelude::*;
use plotters::prelude::*;

use super::figure::{ChartFigure, Data};
use super::plot::{Axis, Side, line, plot, words};
use super::svg::Ink;
use crate::number;

const HEIGHT: u32 = 220;

/// Shares of scores by bin, one width a bin: where what is wanted is rare, all scores lie in the first fiftieth, which
/// is cut finer.
#[component]
pub fn ScoreSpread(
    /// Scores of the evaluation by bin.
    reference: BTreeMap<i64, u64>,
    /// Scores in service.
    current: BTreeMap<i64, u64>,
    /// Whether scores are probabilities.
    is_probability: bool,
) -> impl IntoView {
    let (was, is) = (shares(&reference), shares(&current));
    let keys = || was.keys().chain(is.keys());
    let (first, end) = match is_probability {
        true => (0, PROBABILITY_BINS),
        false => (keys().min().copied().unwrap_or(0), keys().max().map_or(1, |last| last + 1)),
    };
    let highest = was.values().chain(is.values()).copied().fold(0.0, f64::max);
    let write: fn(f64) -> String = if is_probability { probability } else { value };
    let x = Axis { range: first as f64..end as f64, labels: 7, name: "score", write };
    let top = ((highest * 11.5).ceil() / 10.0).clamp(0.1, 1.0);
    let y = Axis { range: 0.0..top, labels: 5, name: "share of scores", write: number::whole_percent };
    let body = if highest > 0.0 {
        plot(HEIGHT, &x, &y, |chart| {
            let bars = is.iter().map(|(bin, share)| {
                let left = *bin as f64;
                Rectangle::new([(left + 0.08, *share), (left + 0.92, 0.0)], Ink::Series2.color().filled())
            });
            chart.draw_series(bars)?;
            line(chart, steps(&was, first, end), Ink::Outline)?;
            for (name, spread, ink, side) in
                [("at evaluation", &was, Ink::Label1, Side::AboveRight), ("now", &is, Ink::Label2, Side::BelowRight)]
            {
                if let Some((bin, share)) = spread.iter().max_by(|a, b| a.1.total_cmp(b.1)) {
                    words(chart, name, (*bin as f64 + 0.5, *share), side, ink)?;
                }
            }
            Ok(())
        })
    } else {
        String::new()
    };
    let description = "Shares of scores by bin: now, filled, over those at the evaluation, outlined.";
    let heads = ["score", "at evaluation", "now"].map(String::from).to_vec();
    let rows = (first..end).filter(|bin| was.contains_key(bin) || is.contains_key(bin)).map(|bin| {
        let (low, high) = bounds(bin, is_probability);
        let share = |of: &BTreeMap<i64, f64>| of.get(&bin).map_or_else(|| String::from("–"), |s| number::percent(*s));
        vec![format!("{}–{}", number::value(low), number::value(high)), share(&was), share(&is)]
    });
    let data = Data { heads, rows: rows.collect() };
    view! { <ChartFigure title="Scores now and at evaluation" description body height=HEIGHT data/> }.into_any()
}

fn shares(counts: &BTreeMap<i64, u64>) -> BTreeMap<i64, f64> {
    let sum = counts.values().sum::<u64>().max(1) as f64;
    counts.iter().map(|(bin, count)| (*bin, *count as f64 / sum)).collect()
}

fn steps(shares: &BTreeMap<i64, f64>, first: i64, end: i64) -> Vec<(f64, f64)> {
    let tops = (first..end).flat_map(|bin| {
        let share = shares.get(&bin).copied().unwrap_or(0.0);
        [(bin as f64, share), (bin as f64 + 1.0, share)]
    });
    std::iter::once((first as f64, 0.0)).chain(tops).chain([(end as f64, 0.0)]).collect()
}

/// The score at the left edge of a bin.
fn probability(bin: f64) -> String {
    number::value((bounds(bin.round() as i64, true).0 * 1e4).round() / 1e4)
}

fn value(bin: f64) -> String {
    let edge = bounds(bin.round() as i64, false).0;
    number::fixed(edge, if edge.abs() < 10.0 { 2 } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spreads_are_in_one_plot() {
        let (reference, current) = (BTreeMap::from([(0, 30), (20, 10)]), BTreeMap::from([(0, 5), (59, 5)]));
        let html = view! { <ScoreSpread reference current is_probability=true/> }.to_html();
        assert!(html.contains("outline") && html.contains("series-2"), "{html}");
        assert_eq!(html.matches("<tr>").count(), 4, "a head and three bins");
    }
}
