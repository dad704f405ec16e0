//! The backlog by reason, and the labelers.

use std::collections::BTreeMap;

use domain::PersonId;
use domain::labeling::Origin;
use domain::labeling::agreement::Agreement;
use leptos::prelude::*;

use super::Loop;
use crate::components::{Cell, Column, EmptyState, Row, Table, Time};
use crate::number;

/// Why somebody must look, in words.
fn reason(origin: Origin) -> &'static str {
    match origin {
        Origin::Report => "reported by a client",
        Origin::Audit => "drawn for audit",
        Origin::Selection => "chosen to learn from",
        Origin::Limit => "under the limit",
        Origin::Rule => "breaks a rule",
        Origin::Import => "brought in to be labelled",
    }
}

/// What waits, by reason, in the order in which it is given out.
pub(super) fn backlog(board: &Loop) -> impl IntoView + use<> {
    let rows = Origin::ALL.into_iter().filter_map(|origin| {
        let own = || board.figures.backlog.iter().filter(move |count| count.origin == origin);
        let oldest = own().map(|count| count.oldest_at).min()?;
        let of = |state: &str| own().filter(|count| count.state == state).map(|count| count.tasks).sum::<i64>();
        Some(Row::new(vec![
            Cell::text(reason(origin)),
            Cell::text(number::count(of("open"))),
            Cell::text(number::count(of("disputed"))),
            Cell::text(number::count(of("flagged"))),
            Cell::view(view! { <Time at=oldest/> }),
        ]))
    });
    let columns = vec![
        Column::text("Why"),
        Column::number("Open"),
        Column::number("Disputed"),
        Column::number("Flagged"),
        Column::text("The oldest"),
    ];
    view! {
        <Table label="What waits, by reason" columns rows=rows.collect() keep=true>
            <EmptyState title="Nothing waits" text="Everything that somebody had to look at is settled."/>
        </Table>
    }
    .into_any()
}

/// What one labeler did.
#[derive(Default)]
struct Work {
    read: i64,
    changed: i64,
    median_seconds: Option<f64>,
    with_others: Agreement,
    with_known: Agreement,
}

/// Each labeler: how much, how fast, and how far they agree.
pub(super) fn labelers(board: &Loop) -> impl IntoView + use<> {
    let mut people: BTreeMap<PersonId, Work> = BTreeMap::new();
    for day in &board.figures.annotated {
        let work = people.entry(day.person).or_default();
        work.read += day.read;
        work.changed += day.changed;
    }
    for pace in &board.figures.paces {
        people.entry(pace.person).or_default().median_seconds = Some(pace.median_seconds);
    }
    for labeler in &board.agreement.labelers {
        let work = people.entry(labeler.person).or_default();
        (work.with_others, work.with_known) = (labeler.with_others, labeler.with_known);
    }
    let mut people: Vec<_> = people.into_iter().collect();
    people.sort_by_key(|(_, work)| -work.read);
    let rows = people.into_iter().map(|(person, work)| labeler(board.names.of(person), &work));
    let columns = vec![
        Column::text("Labeler"),
        Column::number("Looked at"),
        Column::number("Corrected"),
        Column::number("Median time"),
        Column::number("Same as others"),
        Column::number("Characters apart"),
        Column::number("Kappa"),
        Column::number("Right where known"),
    ];
    view! {
        <Table label="Labelers" columns rows=rows.collect()>
            <EmptyState title="Nobody has labeled in this period" text="Who labels, how fast and how well, stands here."/>
        </Table>
    }
    .into_any()
}

fn labeler(name: String, work: &Work) -> Row {
    let dash = || String::from("–");
    let pace = work.median_seconds.map_or_else(dash, |seconds| number::duration((seconds * 1e6) as i64));
    let Work { with_others, with_known, .. } = work;
    Row::new(vec![
        Cell::text(name),
        Cell::text(number::count(work.read)),
        Cell::text(number::count(work.changed)),
        Cell::text(pace),
        Cell::text(exact(with_others)),
        Cell::text(with_others.character_error_rate.map_or_else(dash, number::percent)),
        Cell::text(with_others.kappa.map_or_else(dash, |kappa| number::fixed(kappa, 2))),
        Cell::text(exact(with_known)),
    ])
}

/// `96.0 % of 50`.
fn exact(agreement: &Agreement) -> String {
    if agreement.n == 0 {
        return String::from("–");
    }
    let share = agreement.exact as f64 / agreement.n as f64;
    format!("{} of {}", number::percent(share), number::count(agreement.n as i64))
}

/// How far all agree, in a sentence.
pub(super) fn together(board: &Loop) -> String {
    let (pairs, known) = (&board.agreement.pairs, &board.agreement.known);
    let said = |agreement: &Agreement, none: &str, of: &str| {
        if agreement.n == 0 { String::from(none) } else { format!("{} {of}", exact(agreement)) }
    };
    format!(
        "{}; {}. Two people read a share of the images without seeing each other; kappa is agreement beyond chance, where \
         there are few different answers.",
        said(pairs, "No image was read by two people", "pairs of blind readings are the same"),
        said(known, "no image with a known answer was read", "readings of images with a known answer are right"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_says_what_it_is_of() {
        let agreement = Agreement { n: 50, exact: 48, ..Agreement::default() };
        assert_eq!(exact(&agreement).replace(number::NO_BREAK, " "), "96.0 % of 50");
        assert_eq!(exact(&Agreement::default()), "–");
    }
}
