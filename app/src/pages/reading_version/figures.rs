//! The figures that stand first, each with its interval and against the champion.

use desk::measure::metric;
use desk::versions::{ReadingEvaluation, VersionDetail};

use crate::components::{Difference, Figure};
use crate::number;
use crate::pages::figures::{leading, unit};

/// Exact, character errors, within tolerance, calibration; then the trivial reader and what goes before people.
pub(super) fn strip(detail: &VersionDetail, evaluation: &ReadingEvaluation) -> Vec<Figure> {
    let report = &evaluation.report;
    let keys = leading(detail.specification.task).iter();
    let mut figures: Vec<Figure> = keys.filter_map(|key| one(key, detail, evaluation)).collect();
    figures.push(
        Figure::new("Always the same", number::percent(report.baseline.exact))
            .with_note(format!("exact, by saying “{}”", report.baseline.text)),
    );
    figures
}

fn one(key: &str, detail: &VersionDetail, evaluation: &ReadingEvaluation) -> Option<Figure> {
    let (info, value) = (metric(key)?, *detail.version.summary.metrics.get(key)?);
    let unit = unit(info);
    let difference = detail.comparison.as_ref().and_then(|both| {
        // Both on the images that neither has learnt from, which may be fewer than those of the figure.
        let (champion, here) = (both.a.metrics.get(key)?, both.b.metrics.get(key)?);
        Some(Difference::of(unit, here, champion, info.higher_is_better.unwrap_or(true)))
    });
    let n = number::count(evaluation.report.n as i64);
    let interval = evaluation.intervals.iter().find(|interval| interval.key == key);
    let note = match interval {
        Some(i) => format!("95 %: {} – {}, n {n}", unit.write(i.low), unit.write(i.high)),
        None => format!("n {n}"),
    };
    Some(Figure { difference, ..Figure::new(info.name, unit.write(value)).with_note(note) })
}
