//! How far the scores of the two outcomes lie apart.

use leptos::prelude::*;
use plotters::prelude::*;

use super::figure::{ChartFigure, Data};
use super::plot::{Axis, Chart, Drawn, Side, line, plot, words};
use super::svg::Ink;
use crate::number;

const HEIGHT: u32 = 220;

/// Scores from 0 to 1 in equally wide bins, as shares of each outcome: where positives are rare, counts would hide them.
#[component]
pub fn ScoreHistogram(
    /// Name of the negative outcome.
    #[prop(into)]
    negative: String,
    /// How many of them fell into each bin.
    negatives: Vec<u64>,
    /// Name of the positive outcome.
    #[prop(into)]
    positive: String,
    /// How many of them fell into each bin.
    positives: Vec<u64>,
    /// Where the model says yes.
    #[prop(optional_no_strip, into)]
    threshold: Option<f64>,
) -> impl IntoView {
    let (no, yes) = (shares(&negatives), shares(&positives));
    let highest = no.iter().chain(&yes).copied().fold(0.0, f64::max);
    let y = Axis {
        range: 0.0..nice_top(highest * 1.15),
        labels: 5,
        name: "share of each outcome",
        write: number::whole_percent,
    };
    let body = if highest > 0.0 {
        plot(HEIGHT, &Axis::share("score", 6), &y, |chart| {
            bars(chart, &yes)?;
            line(chart, steps(&no), Ink::Outline)?;
            if let Some(threshold) = threshold {
                line(chart, vec![(threshold, 0.0), (threshold, y.range.end)], Ink::Threshold)?;
                let side = if threshold > 0.5 { Side::Left } else { Side::Right };
                let text = format!("threshold {}", number::value(threshold));
                words(chart, &text, (threshold, y.range.end), side, Ink::Note)?;
            }
            label(chart, &negative, &no, Ink::Label1)?;
            label(chart, &positive, &yes, Ink::Label2)
        })
    } else {
        String::new()
    };
    let description = format!("Scores of {negative}, outlined, and of {positive}, filled, each as shares of its own.");
    let heads = vec![String::from("score"), negative, positive];
    let width = 1.0 / negatives.len().max(1) as f64;
    let rows = negatives.iter().enumerate().map(|(i, no)| {
        let from = i as f64 * width;
        let bin = format!("{}–{}", number::fixed(from, 2), number::fixed(from + width, 2));
        vec![bin, number::count(*no), number::count(positives.get(i).copied().unwrap_or(0))]
    });
    let data = Data { heads, rows: rows.collect() };
    view! { <ChartFigure title="Scores by outcome" description body height=HEIGHT data/> }.into_any()
}

fn shares(counts: &[u64]) -> Vec<f64> {
    let sum = counts.iter().sum::<u64>().max(1) as f64;
    counts.iter().map(|count| *count as f64 / sum).collect()
}

/// The next of 0.1, 0.2, … 1 above `share`.
fn nice_top(share: f64) -> f64 {
    ((share * 10.0).ceil() / 10.0).clamp(0.1, 1.0)
}

fn bars(chart: &mut Chart<'_, '_>, shares: &[f64]) -> Drawn {
    let width = 1.0 / shares.len().max(1) as f64;
    let bars = shares.iter().enumerate().filter(|(_, share)| **share > 0.0).map(|(i, share)| {
        let from = i as f64 * width;
        Rectangle::new([(from + width * 0.08, *share), (from + width * 0.92, 0.0)], Ink::Series2.color().filled())
    });
    chart.draw_series(bars)?;
    Ok(())
}

fn steps(shares: &[f64]) -> Vec<(f64, f64)> {
    let width = 1.0 / shares.len().max(1) as f64;
    let tops = shares.iter().enumerate().flat_map(|(i, share)| {
        let from = i as f64 * width;
        [(from, *share), (from + width, *share)]
    });
    std::iter::once((0.0, 0.0)).chain(tops).chain([(1.0, 0.0)]).collect()
}

/// The name over the highest bin.
fn label(chart: &mut Chart<'_, '_>, name: &str, shares: &[f64], ink: Ink) -> Drawn {
    let highest = shares.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
    match highest {
        Some((i, share)) => {
            let middle = (i as f64 + 0.5) / shares.len() as f64;
            let side = if middle < 0.5 { Side::AboveRight } else { Side::Above };
            words(chart, name, (middle, *share), side, ink)
        }
        None => Ok(()),
    }
}
