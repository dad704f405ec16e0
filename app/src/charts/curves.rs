//! Precision–recall and ROC curves.

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
