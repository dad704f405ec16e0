//! What was predicted against what was true, as a real table: the share of the row first, the count second.

use std::sync::Arc;

use leptos::prelude::*;

use crate::number;

/// Up to this many classes the matrix is shown whole; beyond, the most frequent confusions are listed.
pub const MOST_CLASSES: usize = 10;

/// How many confusions the list has.
const MOST_CONFUSIONS: usize = 12;

/// Address of the examples of a cell, from the true and the predicted class.
pub type CellLink = Arc<dyn Fn(&str, &str) -> String + Send + Sync>;

/// The matrix of a classification.
#[component]
pub fn ConfusionMatrix(
    /// The classes, in the order of rows and columns.
    classes: Vec<String>,
    /// `counts[actual][predicted]`.
    counts: Vec<Vec<u64>>,
    /// Where a binary model says yes.
    #[prop(optional_no_strip, into)]
    threshold: Option<f64>,
    /// What the rows were: `held back`.
    #[prop(optional, into)]
    rows: Option<String>,
    /// Where the examples of a cell are shown.
    #[prop(optional_no_strip)]
    link: Option<CellLink>,
    /// The predicted classes whose counts are estimated, and marked so.
    #[prop(optional)]
    estimated: Vec<usize>,
) -> impl IntoView {
    let total: u64 = counts.iter().flatten().sum();
    let caption = caption(total, threshold, rows.as_deref(), link.is_some(), !estimated.is_empty());
    if classes.len() > MOST_CLASSES {
        return confusions(&classes, &counts, caption, link.as_ref()).into_any();
    }
    let class = if is_many(&classes) { "confusion-matrix matrix-many" } else { "confusion-matrix" };
    let heads = classes.iter().map(|class| {
        view! { <th scope="col"><span class="visually-hidden">"predicted "</span>{class.clone()}</th> }
    });
    let heads = heads.collect_view();
    let lines =
        classes.iter().enumerate().map(|(i, actual)| line(i, actual, &classes, &counts, link.as_ref(), &estimated));
    let lines = lines.collect_view();
    view! {
        <table class=class>
            <caption>{caption}</caption>
            <thead>
                <tr>
                    <td class="corner"></td>
                    <th scope="colgroup" colspan=classes.len().to_string()>"predicted"</th>
                </tr>
                <tr>
                    <th scope="col" class="corner">"actually"</th>
                    {heads}
                </tr>
            </thead>
            <tbody>{lines}</tbody>
        </table>
    }
    .into_any()
}

/// Whether cells are too small for a digit after the point.
fn is_many(classes: &[String]) -> bool {
    classes.len() > 4
}

fn line(
    i: usize,
    actual: &str,
    classes: &[String],
    counts: &[Vec<u64>],
    link: Option<&CellLink>,
    estimated: &[usize],
) -> impl IntoView + use<> {
    let row = counts.get(i).map_or(&[][..], Vec::as_slice);
    let sum: u64 = row.iter().sum();
    let cells = classes.iter().enumerate().map(|(j, predicted)| {
        let count = row.get(j).copied().unwrap_or(0);
        let share = if sum == 0 { 0.0 } else { count as f64 / sum as f64 };
        let diagonal = if i == j { " diagonal" } else { "" };
        let class = format!("tint-{}{diagonal}", tint(share));
        // Where there are many cells, the empty ones keep quiet.
        if count == 0 && is_many(classes) {
            return view! { <td class=class><span class="nothing">"0"</span></td> }.into_any();
        }
        let written = match sum {
            0 => String::from("–"),
            _ if is_many(classes) => number::whole_percent(share),
            _ => number::percent(share),
        };
        view! {
            <td class=class>
                <span class="share">{written}</span>
                {counted(count, link.map(|link| link(actual, predicted)))}
                {estimated.contains(&j).then(|| view! { <span class="estimated">"estimated"</span> })}
            </td>
        }
        .into_any()
    });
    let cells = cells.collect_view();
    view! {
        <tr>
            <th scope="row"><span class="visually-hidden">"actually "</span>{actual.to_owned()}</th>
            {cells}
        </tr>
    }
    .into_any()
}

/// The count, leading to its examples where there are any.
fn counted(count: u64, href: Option<String>) -> AnyView {
    let text = number::count(count);
    match href.filter(|_| count > 0) {
        Some(href) => {
            view! { <a class="count" href=href>{text}<span class="visually-hidden">" examples"</span></a> }.into_any()
        }
        None => view! { <span class="count">{text}</span> }.into_any(),
    }
}

/// Ten steps; only nothing is step 0.
fn tint(share: f64) -> u8 {
    // A share lies from 0 to 1, so that this lies from 0 to 10.
    (share.clamp(0.0, 1.0) * 10.0).ceil() as u8
}

fn caption(total: u64, threshold: Option<f64>, rows: Option<&str>, linked: bool, is_estimated: bool) -> String {
    let threshold = threshold.map(|t| format!("Threshold {}. ", number::value(t))).unwrap_or_default();
    let rows = rows.map(|rows| format!(" {rows}")).unwrap_or_default();
    let linked = if linked { "; counts lead to their examples" } else { "" };
    let about = if is_estimated { "≈" } else { "=" };
    format!("{threshold}n {about} {}{rows}. Shares of each row{linked}.", number::count(total))
}

/// The pairs of classes that are mixed up most.
fn confusions(
    classes: &[String],
    counts: &[Vec<u64>],
    caption: String,
    link: Option<&CellLink>,
) -> impl IntoView + use<> {
    let mut pairs: Vec<(u64, f64, usize, usize)> = Vec::new();
    for (i, row) in counts.iter().enumerate() {
        let sum: u64 = row.iter().sum();
        for (j, count) in row.iter().enumerate().filter(|(j, count)| *j != i && **count > 0) {
            pairs.push((*count, *count as f64 / sum as f64, i, j));
        }
    }
    pairs.sort_by(|a, b| b.0.cmp(&a.0).then(a.2.cmp(&b.2)).then(a.3.cmp(&b.3)));
    let found = pairs.len();
    let items = pairs.into_iter().take(MOST_CONFUSIONS).filter_map(|(count, share, i, j)| {
        let (actual, predicted) = (classes.get(i)?, classes.get(j)?);
        let href = link.map(|link| link(actual, predicted));
        Some(view! {
            <li>
                <span><b>{actual.clone()}</b>" taken for "<b>{predicted.clone()}</b></span>
                <span class="nums nowrap">
                    {counted(count, href)}" · "{number::percent(share)}" of "{actual.clone()}
                </span>
            </li>
        })
    });
    let items = items.collect_view();
    view! {
        <p class="muted small">
            {format!("{} classes: the {} most frequent of {} kinds of confusion. {caption}", classes.len(), found.min(MOST_CONFUSIONS), number::count(found))}
        </p>
        <ol class="confusions">{items}</ol>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_nothing_has_no_tint() {
        assert_eq!(tint(0.0), 0);
        assert_eq!(tint(0.0001), 1);
        assert_eq!(tint(0.5), 5);
        assert_eq!(tint(1.0), 10);
        assert_eq!(tint(f64::NAN), 0);
    }

    #[test]
    fn estimated_cells_say_so() {
        let classes = vec![String::from("no"), String::from("yes")];
        let html =
            view! { <ConfusionMatrix classes counts=vec![vec![90, 3], vec![5, 2]] estimated=vec![0]/> }.to_html();
        assert_eq!(html.matches("class=\"estimated\"").count(), 2, "{html}");
        assert!(html.contains("n ≈ 100"));
    }

    #[test]
    fn the_caption_says_threshold_and_n() {
        assert_eq!(
            caption(24_180, Some(0.61), Some("held back"), true, false),
            "Threshold 0.61. n = 24,180 held back. Shares of each row; counts lead to their examples."
        );
    }
}
