//! The figure around a drawing: its name, its description and its points as a table.

use leptos::prelude::*;

use super::Series;
use super::plot::WIDTH;
use super::thin::{LISTED, thin};
use crate::number;
use crate::shell::escape;

/// The points behind a drawing.
pub(super) struct Data {
    pub(super) heads: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

impl Data {
    /// The points of some lines, thinned.
    pub(super) fn of_series(series: &[&Series], x: &str, y: &str) -> Self {
        let rows = series.iter().flat_map(|series| {
            let points = thin(&series.points, LISTED);
            points.into_iter().map(|(x, y)| vec![series.name.clone(), number::value(round(x)), number::value(round(y))])
        });
        Self { heads: vec![String::from("line"), x.to_owned(), y.to_owned()], rows: rows.collect() }
    }
}

/// To four digits: a table of a curve is read, not computed with.
fn round(x: f64) -> f64 {
    if x.abs() < 10.0 { (x * 1e4).round() / 1e4 } else { x }
}

/// A drawing of `height` pixels with everything around it.
#[component]
pub(super) fn ChartFigure(
    /// What it is: `Precision–recall curve`.
    #[prop(into)]
    title: String,
    /// What is seen on it, in a sentence.
    #[prop(into)]
    description: String,
    /// The drawing.
    body: String,
    /// Its height.
    height: u32,
    /// Its points.
    data: Data,
) -> impl IntoView {
    if body.is_empty() || data.rows.is_empty() {
        return view! { <p class="muted">{format!("{title}: there are no points to draw.")}</p> }.into_any();
    }
    let svg = document(&title, &description, height, &body);
    let heads = data.heads.into_iter().map(|head| view! { <th scope="col">{head}</th> }).collect_view();
    let rows = data.rows.into_iter().map(|row| {
        let cells = row.into_iter().enumerate().map(|(i, cell)| match i {
            0 => view! { <th scope="row">{cell}</th> }.into_any(),
            _ => view! { <td>{cell}</td> }.into_any(),
        });
        let cells = cells.collect_view();
        view! { <tr>{cells}</tr> }
    });
    let rows = rows.collect_view();
    view! {
        <figure class="chart">
            <div inner_html=svg></div>
            <details class="chart-data">
                <summary>"Data table"<span class="visually-hidden">{format!(" of {title}")}</span></summary>
                <div class="chart-data-area" tabindex="0" role="region" aria-label=format!("Points of {title}")>
                    <table>
                        <thead>
                            <tr>{heads}</tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </details>
        </figure>
    }
    .into_any()
}

fn document(title: &str, description: &str, height: u32, body: &str) -> String {
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{name}. {description}\"><title>{name}</title>\
         <desc>{description}</desc>{body}</svg>",
        name = escape(title),
        description = escape(description),
    )
}
