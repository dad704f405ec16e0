//! Precision–recall, ROC and learning curves.

use leptos::prelude::*;

use super::figure::{ChartFigure, Data};
use super::plot::{Axis, Chart, Drawn, Side, dots, line, plot, words};
use super::svg::Ink;
use super::thin::{DRAWN, thin};
use super::{Marker, Series};
use crate::number;

const HEIGHT: u32 = 230;
/// Where words stand beside a falling line: beyond it, and under it.
const FALLING: (Side, Side) = (Side::AboveRight, Side::BelowLeft);
/// The same beside a rising line.
const RISING: (Side, Side) = (Side::AboveLeft, Side::BelowRight);

/// Precision against recall: points are `(recall, precision)`.
#[component]
pub fn PrecisionRecall(
    /// The version the page is about.
    current: Series,
    /// The champion.
    #[prop(optional_no_strip, into)]
    reference: Option<Series>,
    /// Where the threshold lies.
    #[prop(optional_no_strip, into)]
    threshold: Option<Marker>,
) -> impl IntoView {
    let body = plot(HEIGHT, &Axis::share("recall", 6), &Axis::share("precision", 5), |chart| {
        compared(chart, FALLING, &current, reference.as_ref(), threshold.as_ref())
    });
    let description = described("precision over recall", &current, reference.as_ref(), threshold.as_ref());
    let data = Data::of_series(&both(&current, reference.as_ref()), "recall", "precision");
    view! { <ChartFigure title="Precision–recall curve" description body height=HEIGHT data/> }.into_any()
}

/// True against false positives: points are `(false positive rate, recall)`.
#[component]
pub fn Roc(
    /// The version the page is about.
    current: Series,
    /// The champion.
    #[prop(optional_no_strip, into)]
    reference: Option<Series>,
    /// Where the threshold lies.
    #[prop(optional_no_strip, into)]
    threshold: Option<Marker>,
) -> impl IntoView {
    let body = plot(HEIGHT, &Axis::share("false positive rate", 6), &Axis::share("recall", 5), |chart| {
        line(chart, vec![(0.0, 0.0), (1.0, 1.0)], Ink::Ideal)?;
        compared(chart, RISING, &current, reference.as_ref(), threshold.as_ref())
    });
    let description = described(
        "recall over the false positive rate; the diagonal is guessing",
        &current,
        reference.as_ref(),
        threshold.as_ref(),
    );
    let data = Data::of_series(&both(&current, reference.as_ref()), "false positive rate", "recall");
    view! { <ChartFigure title="ROC curve" description body height=HEIGHT data/> }.into_any()
}

/// Up to four courses over rounds, epochs or trees: the first is the reference (held back), the second the current one
/// (learnt from).
#[component]
pub fn LearningCurve(
    /// The courses.
    series: Vec<Series>,
    /// What is counted to the right: `trees`.
    x: &'static str,
    /// What is measured upwards: `log loss`.
    y: &'static str,
) -> impl IntoView {
    let series: Vec<Series> = series.into_iter().take(4).collect();
    let points = || series.iter().flat_map(|series| &series.points).filter(|(x, y)| x.is_finite() && y.is_finite());
    let range = |values: Vec<f64>, air: f64| {
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let air = (most - least) * air;
        if least < most { least - air..most + air } else { least - 0.5..least + 0.5 }
    };
    let body = if points().next().is_none() {
        String::new()
    } else {
        let x_axis =
            Axis { range: range(points().map(|p| p.0).collect(), 0.0), labels: 6, name: x, write: number::value };
        let y_axis =
            Axis { range: range(points().map(|p| p.1).collect(), 0.12), labels: 5, name: y, write: number::value };
        plot(HEIGHT, &x_axis, &y_axis, |chart| courses(chart, &series))
    };
    let names = series.iter().map(|series| series.name.as_str()).collect::<Vec<_>>().join(", ");
    let data = Data::of_series(&series.iter().collect::<Vec<_>>(), x, y);
    view! { <ChartFigure title="Learning curve" description=format!("{y} over {x}: {names}.") body height=HEIGHT data/> }.into_any()
}

fn both<'a>(current: &'a Series, reference: Option<&'a Series>) -> Vec<&'a Series> {
    std::iter::once(current).chain(reference).collect()
}

fn described(what: &str, current: &Series, reference: Option<&Series>, threshold: Option<&Marker>) -> String {
    let against = reference.map(|reference| format!(" against {}, dashed", reference.name)).unwrap_or_default();
    let at = threshold
        .map(|marker| {
            let (x, y) = (number::value(marker.at.0), number::value(marker.at.1));
            format!(" At {} it stands at {x} and {y}.", marker.text)
        })
        .unwrap_or_default();
    format!("{}: {what}{against}.{at}", current.name)
}

/// The reference, the current line over it, the threshold on that, and words where the two lie farthest apart.
fn compared(
    chart: &mut Chart<'_, '_>,
    (outside, inside): (Side, Side),
    current: &Series,
    reference: Option<&Series>,
    mark: Option<&Marker>,
) -> Drawn {
    let drawn = thin(&current.points, DRAWN);
    let reference = reference.map(|reference| (reference, thin(&reference.points, DRAWN)));
    if let Some((_, points)) = &reference {
        line(chart, points.clone(), Ink::Series1)?;
    }
    line(chart, drawn.clone(), Ink::Series2)?;
    if let Some((reference, points)) = &reference
        && let Some((at, other)) = farthest(&drawn, points)
    {
        let (side, other_side) = if at.1 >= other.1 { (outside, inside) } else { (inside, outside) };
        words(chart, &reference.name, other, other_side, Ink::Label1)?;
        words(chart, &current.name, at, side, Ink::Label2)?;
    } else if let Some(at) = drawn.get(drawn.len() / 3) {
        words(chart, &current.name, *at, outside, Ink::Label2)?;
    }
    if let Some(marker) = mark {
        dots(chart, &[marker.at], 45, Ink::Series2)?;
        let side = if marker.at.0 > 0.4 { Side::BelowLeft } else { Side::Right };
        words(chart, &marker.text, marker.at, side, Ink::Note)?;
    }
    Ok(())
}

/// The point of `a` that lies farthest above or below `b`, and the point of `b` beside it. Ends are left out: words have
/// no room there.
fn farthest(a: &[(f64, f64)], b: &[(f64, f64)]) -> Option<((f64, f64), (f64, f64))> {
    let beside = |x: f64| b.iter().copied().min_by(|p, q| (p.0 - x).abs().total_cmp(&(q.0 - x).abs()));
    let inner = a.iter().copied().filter(|(x, _)| (0.12..0.88).contains(x));
    let pairs = inner.filter_map(|at| beside(at.0).map(|other| (at, other)));
    pairs.max_by(|p, q| (p.0.1 - p.1.1).abs().total_cmp(&(q.0.1 - q.1.1).abs()))
}

/// The lines, each with its name where it has run level; the uppermost name stands over its line, the others under theirs.
fn courses(chart: &mut Chart<'_, '_>, series: &[Series]) -> Drawn {
    let columns = chart.x_range();
    let mut drawn = Vec::new();
    for (i, series) in series.iter().enumerate() {
        let points = thin(&series.points, DRAWN);
        // Each name stands over another part, so that close lines do not pile theirs up.
        let x = columns.start + (columns.end - columns.start) * (0.75 - 0.15 * i as f64);
        let beside = points.iter().copied().min_by(|p, q| (p.0 - x).abs().total_cmp(&(q.0 - x).abs()));
        line(chart, points, Ink::of_series(i).0)?;
        drawn.extend(beside.map(|at| (i, series, at)));
    }
    let highest = drawn.iter().max_by(|a, b| a.2.1.total_cmp(&b.2.1)).map(|highest| highest.0);
    for (i, series, at) in drawn {
        let side = if Some(i) == highest { Side::Above } else { Side::Below };
        words(chart, &series.name, at, side, Ink::of_series(i).1)?;
    }
    Ok(())
}
