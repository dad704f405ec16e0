//! Whether a probability of 0.7 comes true in 7 of 10 cases.

use leptos::prelude::*;

use super::Series;
use super::figure::{ChartFigure, Data};
use super::plot::{Axis, Side, dots, line, plot, words};
use super::svg::Ink;
use super::thin::{DRAWN, thin};

const HEIGHT: u32 = 230;

/// Observed share against predicted probability: points are the bins.
#[component]
pub fn Calibration(
    /// The version the page is about.
    current: Series,
    /// The champion.
    #[prop(optional_no_strip, into)]
    reference: Option<Series>,
) -> impl IntoView {
    let body = plot(HEIGHT, &Axis::share("predicted", 6), &Axis::share("observed", 5), |chart| {
        line(chart, vec![(0.0, 0.0), (1.0, 1.0)], Ink::Ideal)?;
        if let Some(reference) = &reference {
            let points = thin(&reference.points, DRAWN);
            line(chart, points.clone(), Ink::Series1)?;
            if let Some(at) = points.get(points.len() / 2) {
                words(chart, &reference.name, *at, Side::BelowLeft, Ink::Label1)?;
            }
        }
        let points = thin(&current.points, DRAWN);
        line(chart, points.clone(), Ink::Series2)?;
        dots(chart, &points, 30, Ink::Series2)?;
        match points.get(points.len() * 3 / 4) {
            Some(at) => words(chart, &current.name, *at, Side::Left, Ink::Label2),
            None => Ok(()),
        }
    });
    let against = reference.as_ref().map(|r| format!(" against {}, dashed", r.name)).unwrap_or_default();
    let description = format!(
        "{}{against}: observed share over predicted probability; the dotted diagonal is perfect.",
        current.name
    );
    let series: Vec<&Series> = std::iter::once(&current).chain(&reference).collect();
    let data = Data::of_series(&series, "predicted", "observed");
    view! { <ChartFigure title="Calibration" description body height=HEIGHT data/> }.into_any()
}
