//! A column's distribution, small enough for a table cell.

use std::fmt::Write as _;

use leptos::prelude::*;

const WIDTH: f64 = 92.0;
const HEIGHT: f64 = 20.0;

/// Bars of the counts of equally wide bins.
#[component]
pub fn Histogram(
    /// How many fell into each bin.
    bins: Vec<u64>,
    /// What is seen, in words: `age: 18 to 74, most around 35`.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! {
        <svg class="sparkline" viewBox="0 0 92 20" role="img" aria-label=label>
            <g inner_html=bars(&bins)></g>
        </svg>
    }
    .into_any()
}

fn bars(bins: &[u64]) -> String {
    let most = bins.iter().copied().max().unwrap_or(0).max(1) as f64;
    let step = WIDTH / bins.len().max(1) as f64;
    let gap = if step > 4.0 { 1.0 } else { 0.0 };
    let mut svg = String::new();
    for (i, count) in bins.iter().enumerate().filter(|(_, count)| **count > 0) {
        let height = (*count as f64 / most * HEIGHT).max(1.0);
        let (x, y) = (i as f64 * step, HEIGHT - height);
        let _ = write!(svg, "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{height:.1}\"/>", step - gap);
    }
    svg
}
