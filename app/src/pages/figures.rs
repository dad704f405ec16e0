//! Which figures stand first, and how they are written.

use std::collections::BTreeMap;

use desk::measure::{MetricInfo, metric};
use domain::specification::Task;

use crate::components::Figure;
use crate::number::{self, Unit};

/// Figures of the strip on top of a page, most important first.
#[must_use]
pub(super) fn leading(task: Task) -> &'static [&'static str] {
    match task {
        Task::Binary => &["pr_auc", "recall", "precision", "false_positive_rate", "roc_auc", "calibration_error"],
        Task::Multiclass => &["accuracy", "balanced_accuracy", "f1", "roc_auc", "log_loss", "calibration_error"],
        Task::Regression => &["r2", "mae", "rmse"],
        Task::TextRecognition => &["exact", "cer", "within_tolerance", "calibration_error"],
    }
}

/// The one figure of a list: `PR-AUC 0.842`.
#[must_use]
pub(super) fn headline(task: Task, metrics: &BTreeMap<String, f64>) -> String {
    let key = leading(task)[0];
    let value = metrics.get(key).map_or_else(|| String::from("–"), |value| number::metric(*value));
    format!("{} {value}", metric(key).map_or(key, |info| info.name))
}

/// How a figure is written.
#[must_use]
pub(super) fn unit(info: &MetricInfo) -> Unit {
    if info.share { Unit::Share } else { Unit::Plain }
}

/// A figure against its reference, with its interval below.
#[must_use]
pub(super) fn figure(key: &str, value: Option<f64>, reference: Option<f64>, interval: Option<(f64, f64)>) -> Figure {
    let Some(info) = metric(key) else { return Figure::new(key, "–") };
    let Some(value) = value else { return Figure::new(info.name, "–") };
    let figure = Figure::compared(info.name, unit(info), value, reference, info.higher_is_better.unwrap_or(true));
    match interval {
        Some((low, high)) => figure.with_note(format!("95 %: {} – {}", unit(info).write(low), unit(info).write(high))),
        None => figure,
    }
}
