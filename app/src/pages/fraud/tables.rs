//! Cases by threshold, site and week.

use std::collections::BTreeMap;

use desk::cases::{Dashboard, ThresholdRow};
use domain::SiteId;
use domain::attendance::Site;
use domain::case::{Origin, Verdict};
use leptos::prelude::*;

use crate::actions::cases::Queue;
use crate::charts::date;
use crate::components::{Cell, Column, Row, Table};
use crate::number;
use crate::pages::sites::name_of;

/// What each threshold would have found, passed over and alarmed about.
pub(super) fn thresholds(board: &Dashboard) -> AnyView {
    if board.thresholds.is_empty() {
        return view! { <p class="muted">"No alert of this period is decided yet."</p> }.into_any();
    }
    let is_estimated = board.recall.is_some();
    let rows = board.thresholds.iter().enumerate().map(|(i, row)| threshold_row(row, i == 0, is_estimated));
    let columns = vec![
        Column::text("From"),
        Column::number("Right"),
        Column::number("False"),
        Column::number("Missed"),
        Column::number("Precision"),
        Column::number("Recall"),
    ];
    view! { <Table label="What other thresholds would give" columns rows=rows.collect() keep=true/> }.into_any()
}

/// Without decided draws, only what a higher threshold gives up is known to be missed.
fn threshold_row(row: &ThresholdRow, is_present: bool, is_estimated: bool) -> Row {
    let dash = || String::from("–");
    let count = |cases: f64| number::count(cases.round() as i64);
    let percent = |share: Option<f64>| share.map_or_else(dash, number::percent);
    let (missed, recall) = match (is_estimated, is_present) {
        (true, _) => (count(row.missed), row.recall().map_or_else(dash, number::whole_percent)),
        (false, true) => (dash(), dash()),
        (false, false) => (
            format!("≥ {}", count(row.missed)),
            row.recall().map_or_else(dash, |r| format!("≤ {}", number::whole_percent(r))),
        ),
    };
    let name = number::fixed(row.percent as f64 / 100.0, 2);
    Row::new(vec![
        if is_present { Cell::view(view! { <b title="the present one">{name}</b> }) } else { Cell::text(name) },
        Cell::text(count(row.right)),
        Cell::text(count(row.false_alarms)),
        Cell::text(missed),
        Cell::text(percent(row.precision())),
        Cell::text(recall),
    ])
}

/// Alerts of one site or week.
#[derive(Clone, Copy, Default)]
struct Tally {
    alerts: i64,
    decided: i64,
    right: i64,
}

impl Tally {
    fn count(&mut self, origin: Origin, verdict: Option<Verdict>, cases: i64) {
        if origin == Origin::Threshold {
            self.alerts += cases;
            self.decided += if verdict.is_some() { cases } else { 0 };
            self.right += if verdict.is_some_and(Verdict::is_right) { cases } else { 0 };
        }
    }

    fn row(self, name: Cell) -> Row {
        let share = self.right as f64 / self.decided as f64;
        Row::new(vec![
            name,
            Cell::text(number::count(self.alerts)),
            Cell::text(format!("{} of {}", number::count(self.right), number::count(self.decided))),
            Cell::text(if self.decided > 0 { number::percent(share) } else { String::from("–") }),
        ])
    }
}

fn columns(first: &str) -> Vec<Column> {
    let mut columns = vec![Column::text(first)];
    columns.extend(["Alerts", "Right", "Share"].map(Column::number));
    columns
}

/// The sites with the most alerts first.
pub(super) fn by_site(board: &Dashboard, sites: &[Site]) -> impl IntoView + use<> {
    let mut tallies: BTreeMap<SiteId, Tally> = BTreeMap::new();
    for (site, count) in &board.by_site {
        tallies.entry(*site).or_default().count(count.origin, count.verdict, count.cases);
    }
    let mut tallies: Vec<_> = tallies.into_iter().filter(|(_, tally)| tally.alerts > 0).collect();
    tallies.sort_by_key(|(_, tally)| -tally.alerts);
    let rows = tallies.into_iter().map(|(site, tally)| tally.row(Cell::link(name_of(sites, site), alerts_of(site))));
    view! { <Table label="Alerts by site" columns=columns("Site") rows=rows.collect() keep=true/> }.into_any()
}

/// What is counted of a site: its alerts, whatever became of them.
fn alerts_of(site: SiteId) -> String {
    let queue = Queue {
        state: String::from("all"),
        site: site.to_string(),
        origin: Origin::Threshold.as_str().to_owned(),
        ..Queue::default()
    };
    queue.address("/cases")
}

/// The newest week first.
pub(super) fn by_week(board: &Dashboard) -> impl IntoView + use<> {
    let mut tallies: BTreeMap<i64, Tally> = BTreeMap::new();
    for count in &board.by_week {
        tallies.entry(count.key).or_default().count(count.origin, count.verdict, count.cases);
    }
    let rows = tallies.into_iter().rev().filter(|(_, tally)| tally.alerts > 0).map(|(week, tally)| {
        // Weeks are counted from Monday, 1969-12-29.
        let monday = date(week.saturating_mul(7).saturating_sub(3));
        let name = monday.map_or_else(String::new, |day| format!("from {}", day.strftime("%-d %b %Y")));
        tally.row(Cell::text(name))
    });
    view! { <Table label="Alerts by week" columns=columns("Week") rows=rows.collect() keep=true/> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_leads_to_its_alerts_whatever_became_of_them() {
        assert_eq!(alerts_of(SiteId(3)), "/cases?state=all&site=3&origin=threshold");
    }
}
