//! Figures by source, characters taken for others, and what goes before people.

use std::collections::HashMap;

use desk::measure::wilson;
use desk::versions::{Comparison, Confusion, ReadingReport, SourceDifference, SourceReport, VersionDetail};
use leptos::prelude::*;

use crate::components::{Badge, Cell, Column, Row, Table, Tone};
use crate::number::{self, Unit};

/// Sources that are listed.
pub(super) const MOST_SOURCES: usize = 30;
/// Confusions that are listed.
const MOST_CONFUSIONS: usize = 12;

/// Figures of each source, those with the most images first.
pub(super) fn by_source(detail: &VersionDetail, report: &ReadingReport) -> impl IntoView + use<> {
    let mut sources: Vec<&SourceReport> = report.by_source.iter().collect();
    sources.sort_by(|a, b| b.n.cmp(&a.n).then_with(|| a.source.cmp(&b.source)));
    let are_numbers = report.within_tolerance.is_some();
    let compared = detail.comparison.as_deref();
    let mut columns =
        vec![Column::text("Source"), Column::number("Images"), Column::number("Exact"), Column::number("95 %")];
    columns.extend(compared.map(|_| Column::number("Against champion")));
    columns.push(Column::number("Characters wrong"));
    columns.extend(are_numbers.then(|| Column::number("In tolerance")));
    let rows = sources.into_iter().take(MOST_SOURCES).map(|one| {
        let n = one.n as f64;
        let (low, high) = wilson((one.exact * n).round(), n);
        let mut cells = vec![
            Cell::text(source_name(&one.source)),
            Cell::text(number::count(one.n as i64)),
            Cell::text(number::percent(one.exact)),
            Cell::text(interval(low, high)),
        ];
        cells.extend(compared.map(|both| against(both, &one.source)));
        cells.push(Cell::text(number::percent(one.cer)));
        cells.extend(one.within_tolerance.map(|share| Cell::text(number::percent(share))));
        Row::new(cells)
    });
    view! { <Table label="Held-back images by source" columns rows=rows.collect()/> }.into_any()
}

/// `70–85 %`.
fn interval(low: f64, high: f64) -> String {
    format!("{}–{}", number::fixed(low * 100.0, 0), number::whole_percent(high))
}

/// How a source is called that nobody named.
pub(super) fn source_name(source: &str) -> String {
    if source.is_empty() { String::from("not said") } else { source.to_owned() }
}

fn against(both: &Comparison, source: &str) -> Cell {
    let found = both.by_source.iter().find(|one| one.source == source);
    let Some((champion, here)) = found.and_then(|one| one.a.exact.zip(one.b.exact)) else { return Cell::text("–") };
    let difference = Unit::Share.write_pair(here, champion).2;
    Cell::text(difference.unwrap_or_else(|| String::from("same")))
}

/// Two versions on the images of each source that neither has learnt from.
pub(in crate::pages) fn by_source_compared(a: i64, b: i64, comparison: &Comparison) -> impl IntoView + use<> {
    let rows = comparison.by_source.iter().filter_map(compared_row);
    let columns = vec![
        Column::text("Source"),
        Column::number("Images"),
        Column::number(format!("v{a} exact")),
        Column::number(format!("v{b} exact")),
        Column::number("Difference"),
        Column::number("95 % interval"),
        Column::tight("Verdict"),
    ];
    view! { <Table label="Exact readings of both by source" columns rows=rows.collect()/> }.into_any()
}

fn compared_row(one: &SourceDifference) -> Option<Row> {
    let (a, b) = one.a.exact.zip(one.b.exact)?;
    let (second, first, signed) = Unit::Share.write_pair(b, a);
    let difference = one.differences.iter().find(|difference| difference.key == "exact");
    let points = |share: f64| number::signed(share * 100.0, 1);
    let (interval, badge) = match difference {
        Some(d) if d.low > 0.0 => (true, view! { <Badge tone=Tone::Ok text="better"/> }),
        Some(d) if d.high < 0.0 => (true, view! { <Badge tone=Tone::Bad text="worse"/> }),
        found => (found.is_some(), view! { <Badge text="not told apart"/> }),
    };
    let interval = difference.filter(|_| interval).map(|d| format!("{} to {} pt", points(d.low), points(d.high)));
    Some(Row::new(vec![
        Cell::text(source_name(&one.source)),
        Cell::text(number::count(one.a.n.unwrap_or(0.0) as i64)),
        Cell::text(first),
        Cell::text(second),
        Cell::text(signed.unwrap_or_else(|| String::from("same"))),
        Cell::text(interval.unwrap_or_else(|| String::from("–"))),
        Cell::view(badge),
    ]))
}

/// The commonest mistakes: what stood there, and what was read instead.
pub(super) fn confusions(report: &ReadingReport) -> impl IntoView + use<> {
    let mut shown: HashMap<Option<char>, u64> = HashMap::new();
    for confusion in &report.confusions {
        *shown.entry(confusion.truth).or_default() += confusion.count;
    }
    let wrong: Vec<&Confusion> =
        report.confusions.iter().filter(|confusion| confusion.truth != confusion.read).collect();
    if wrong.is_empty() {
        return view! { <p class="muted">"Every character was read as it is."</p> }.into_any();
    }
    let rows = wrong.iter().take(MOST_CONFUSIONS).map(|confusion| {
        let all = shown.get(&confusion.truth).copied().unwrap_or(0);
        let share = confusion.truth.map(|_| number::percent(confusion.count as f64 / all.max(1) as f64));
        Row::new(vec![
            Cell::view(letter(confusion.read, "nothing")),
            Cell::view(letter(confusion.truth, "nothing")),
            Cell::text(number::count(confusion.count)),
            Cell::text(share.unwrap_or_else(|| String::from("–"))),
        ])
    });
    let rows: Vec<Row> = rows.collect();
    let rest: u64 = wrong.iter().skip(MOST_CONFUSIONS).map(|confusion| confusion.count).sum();
    let rest = (rest > 0).then(|| {
        let times = number::counted(rest, "mistake of another kind is", "mistakes of other kinds are");
        view! { <p class="muted small">{format!("{times} rarer.")}</p> }
    });
    let columns =
        vec![Column::text("Read"), Column::text("Is"), Column::number("Times"), Column::number("Of all such")];
    view! { <Table label="Characters taken for others" columns rows keep=true/>{rest} }.into_any()
}

fn letter(character: Option<char>, none: &'static str) -> impl IntoView {
    match character {
        Some(' ') => view! { "a space" }.into_any(),
        Some(character) => view! { <span class="reading-text">{character.to_string()}</span> }.into_any(),
        None => view! { <span class="muted">{none}</span> }.into_any(),
    }
}

/// What the limit parts.
pub(super) fn review(report: &ReadingReport) -> impl IntoView + use<> {
    let review = &report.review;
    let limit = number::value(review.below);
    let below = (review.share * report.n as f64).round() as i64;
    let rows = [
        (format!("under {limit}"), below, review.share, None),
        (format!("{limit} and more"), report.n as i64 - below, 1.0 - review.share, review.exact_above),
    ];
    let rows = rows.into_iter().map(|(confidence, images, share, exact)| {
        Row::new(vec![
            Cell::text(confidence),
            Cell::text(number::count(images)),
            Cell::text(number::percent(share)),
            Cell::text(exact.map_or_else(|| String::from("–"), number::percent)),
        ])
    });
    let columns =
        vec![Column::text("Confidence"), Column::number("Images"), Column::number("Share"), Column::number("Exact")];
    view! {
        <Table label="What goes before people" columns rows=rows.collect() keep=true/>
        <p class="muted small">"What is under the limit is corrected by people. A rule broken, a random draw for audit and a report by a client bring more before people."</p>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_without_a_name_is_called_so() {
        assert_eq!((source_name(""), source_name("gate-3")), (String::from("not said"), String::from("gate-3")));
        assert_eq!(interval(0.702, 0.848).replace(number::NO_BREAK, " "), "70–85 %");
    }
}
