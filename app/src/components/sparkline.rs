//! A course of numbers, small enough for a table cell.

use std::fmt::Write as _;

use leptos::prelude::*;

const WIDTH: f64 = 92.0;
const HEIGHT: f64 = 20.0;
/// Room for half the line and the last point.
const MARGIN: f64 = 2.5;

/// A line through equally spaced values; gaps where a value is missing (`NaN`).
#[component]
pub fn Sparkline(
    /// The values, oldest first.
    values: Vec<f64>,
    /// What is seen, in words: `volume of 24 hours: 18,240, highest at 14:00`.
    #[prop(into)]
    label: String,
    /// In the colour of the current series instead of the reference's.
    #[prop(optional)]
    current: bool,
) -> impl IntoView {
    let class = if current { "sparkline sparkline-current" } else { "sparkline" };
    view! {
        <svg class=class viewBox="0 0 92 20" role="img" aria-label=label>
            <g inner_html=drawing(&values)></g>
        </svg>
    }
    .into_any()
}

fn drawing(values: &[f64]) -> String {
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    let least = finite().fold(f64::INFINITY, f64::min);
    let span = finite().fold(f64::NEG_INFINITY, f64::max) - least;
    let step = (WIDTH - 2.0 * MARGIN) / values.len().saturating_sub(1).max(1) as f64;
    let place = |i: usize, value: f64| {
        let share = if span > 0.0 { (value - least) / span } else { 0.5 };
        (MARGIN + i as f64 * step, HEIGHT - MARGIN - share * (HEIGHT - 2.0 * MARGIN))
    };
    let (mut path, mut pen_is_up, mut last) = (String::new(), true, None);
    for (i, value) in values.iter().enumerate() {
        if !value.is_finite() {
            pen_is_up = true;
            continue;
        }
        let (x, y) = place(i, *value);
        let _ = write!(path, "{}{x:.1} {y:.1}", if pen_is_up { 'M' } else { 'L' });
        (pen_is_up, last) = (false, Some((x, y)));
    }
    let mut svg = format!("<path d=\"{path}\"/>");
    if let Some((x, y)) = last {
        let _ = write!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2\"/>");
    }
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_value_lifts_the_pen() {
        assert_eq!(drawing(&[1.0, 2.0, f64::NAN, 1.0, 2.0]).matches('M').count(), 2);
    }

    #[test]
    fn nothing_and_constants_are_drawn_without_nan() {
        assert_eq!(drawing(&[]), "<path d=\"\"/>");
        assert!(!drawing(&[3.0, 3.0]).contains("NaN"));
        assert!(!drawing(&[3.0]).contains("NaN"));
    }
}
