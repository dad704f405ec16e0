//! What outcomes say about a model while it serves.

use desk::overview::OutcomeCell;
use domain::model::Version;

use crate::number;

/// Decisions that turned out right, and all whose truth is known.
#[must_use]
pub(super) fn right_of(cells: &[OutcomeCell]) -> (u64, u64) {
    let right = cells.iter().filter(|cell| cell.decision == cell.truth).map(|cell| cell.outcomes as u64).sum();
    (right, cells.iter().map(|cell| cell.outcomes as u64).sum())
}

/// One line about the quality that outcomes show: precision where there is a threshold, else accuracy.
#[must_use]
pub(super) fn quality(cells: &[OutcomeCell], champion: Option<&Version>) -> String {
    let (right, known) = right_of(cells);
    if known == 0 {
        return String::from("no outcomes yet");
    }
    let is_regression = champion.is_some_and(|version| version.summary.metrics.contains_key("r2"));
    if is_regression {
        return format!("{} outcomes", number::count(known));
    }
    format!("right {} (n {})", number::percent(right as f64 / known as f64), number::count(known))
}

/// Counts of a live confusion matrix, `counts[actual][predicted]`, over `classes`.
#[must_use]
pub(super) fn matrix(cells: &[OutcomeCell], classes: &[String]) -> Vec<Vec<u64>> {
    let mut counts = vec![vec![0; classes.len()]; classes.len()];
    let position = |class: &str| classes.iter().position(|known| known == class);
    for cell in cells {
        if let (Some(actual), Some(predicted)) = (position(&cell.truth), position(&cell.decision)) {
            counts[actual][predicted] += cell.outcomes as u64;
        }
    }
    counts
}
