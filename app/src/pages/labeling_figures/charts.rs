//! Days and weeks.

use std::collections::BTreeMap;

use desk::labeling::AuditedWeek;
use domain::labeling::Origin;
use domain::time::{DAY, SECOND};
use leptos::prelude::*;

use super::Loop;
use crate::charts::{DayBars, Part, WeekLine, WeekLines};

/// Versions that have a line of their own.
const MOST_LINES: usize = 4;

/// The days of the period by the tenant's clocks.
fn days(board: &Loop) -> std::ops::RangeInclusive<i64> {
    let local = |at: i64| at.saturating_add(board.figures.offset_seconds * SECOND).div_euclid(DAY);
    local(board.figures.from.0)..=local(board.figures.until.0)
}

/// Counts of all days of the period, of those that have any.
fn each_day(board: &Loop, counted: impl Iterator<Item = (i64, i64)>) -> Vec<i64> {
    let mut by_day: BTreeMap<i64, i64> = BTreeMap::new();
    counted.for_each(|(day, count)| *by_day.entry(day).or_default() += count);
    days(board).map(|day| by_day.get(&day).copied().unwrap_or(0)).collect()
}

/// Readings, and those under the limit.
pub(super) fn captured(board: &Loop) -> impl IntoView + use<> {
    let figures = &board.figures;
    let counts = each_day(board, figures.captured.iter().map(|(day, count)| (*day, *count)));
    let under = figures.made.iter().filter(|made| made.origin == Origin::Limit);
    let part = Part { name: "under the limit", counts: each_day(board, under.map(|made| (made.day, made.tasks))) };
    view! { <DayBars name="readings" first=*days(board).start() counts part/> }.into_any()
}

/// What people looked at, and what they corrected.
pub(super) fn read(board: &Loop) -> impl IntoView + use<> {
    let annotated = &board.figures.annotated;
    let counts = each_day(board, annotated.iter().map(|day| (day.day, day.read)));
    let part = Part { name: "corrected", counts: each_day(board, annotated.iter().map(|day| (day.day, day.changed))) };
    view! { <DayBars name="looked at" first=*days(board).start() counts part/> }.into_any()
}

/// Errors among what was accepted, as the random draws tell.
pub(super) fn accepted(board: &Loop) -> impl IntoView + use<> {
    let lines = lines(&board.figures.audited);
    view! { <WeekLines title="Errors among accepted readings" name="wrong" lines/> }.into_any()
}

/// Errors among everything that somebody looked at.
pub(super) fn all(board: &Loop) -> impl IntoView + use<> {
    let lines = lines(&board.figures.corrected);
    view! { <WeekLines title="Errors among all readings looked at" name="wrong" lines/> }.into_any()
}

/// A line for each of the newest versions; who reads nothing makes no errors of reading.
fn lines(weeks: &[AuditedWeek]) -> Vec<WeekLine> {
    let mut versions: BTreeMap<i64, Vec<(i64, i64, i64)>> = BTreeMap::new();
    for week in weeks.iter().filter(|week| week.right + week.wrong > 0) {
        let Some(version) = week.version else { continue };
        // Weeks are counted from Monday, 1969-12-29.
        let monday = week.week.saturating_mul(7).saturating_sub(3);
        versions.entry(version).or_default().push((monday, week.wrong, week.right + week.wrong));
    }
    let skipped = versions.len().saturating_sub(MOST_LINES);
    versions.into_iter().skip(skipped).map(|(version, weeks)| WeekLine { name: format!("v{version}"), weeks }).collect()
}
