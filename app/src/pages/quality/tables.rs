//! Figures side by side.

use std::collections::BTreeMap;

use desk::quality::{Estimate, Figures, LiveQuality};
use domain::Task;
use leptos::prelude::*;

use crate::components::{Cell, Column, Figure, Row, Table};
use crate::number::{self, Unit};

/// A figure as it is measured, expected, and was at the evaluation.
struct Line {
    name: &'static str,
    measured: Option<Estimate>,
    expected: Option<Estimate>,
    held_back: Option<f64>,
}

/// The figures of a task, the most important first; `held_back` are those of the version's evaluation.
fn lines(task: Task, figures: &Figures, held_back: &BTreeMap<String, f64>) -> Vec<Line> {
    let (measured, expected) = (figures.measured.as_ref(), figures.expected.as_ref());
    let line = |name, key: &str, measured: Option<Estimate>, expected: Option<Estimate>| Line {
        name,
        measured,
        expected,
        held_back: held_back.get(key).copied(),
    };
    let share = |name, key: &str, of: fn(&Both<'_>) -> [Option<Estimate>; 2]| {
        let [measured, expected] = of(&Both { measured, expected });
        line(name, key, measured, expected)
    };
    let calibration = figures.calibration.as_ref().map(|calibration| calibration.error);
    let calibration = line("Calibration error", "calibration_error", calibration, None);
    let accuracy = |name, key| share(name, key, |both| both.pick(|live| live.accuracy, |expected| expected.accuracy));
    match task {
        Task::Regression => {
            let mean = figures.errors.map(|errors| errors.mean_absolute);
            vec![line("Mean absolute error", "mae", mean, None)]
        }
        Task::TextRecognition => vec![accuracy("Exact readings", "exact"), calibration],
        Task::Binary | Task::Multiclass => vec![
            accuracy("Accuracy", "accuracy"),
            share("Precision", "precision", |both| both.pick(|live| live.precision, |expected| expected.precision)),
            share("Recall", "recall", |both| both.pick(|live| live.recall, |expected| expected.recall)),
            share("F1", "f1", |both| both.pick(|live| live.f1, |expected| expected.f1)),
            calibration,
        ],
    }
}

/// What is measured and what is expected.
struct Both<'a> {
    measured: Option<&'a desk::quality::Live>,
    expected: Option<&'a desk::quality::Expected>,
}

impl Both<'_> {
    fn pick(
        &self,
        measured: impl Fn(&desk::quality::Live) -> Option<Estimate>,
        expected: impl Fn(&desk::quality::Expected) -> Option<Estimate>,
    ) -> [Option<Estimate>; 2] {
        [self.measured.and_then(measured), self.expected.and_then(expected)]
    }
}

fn unit(task: Task) -> Unit {
    if task == Task::Regression { Unit::Plain } else { Unit::Share }
}

/// The strip under the sentence: what is measured, with what was to be expected.
pub(super) fn strip(quality: &LiveQuality) -> Vec<Figure> {
    let (task, whole) = (quality.model.task(), &quality.whole);
    let tile = |line: Line| {
        let Some(measured) = line.measured else {
            return Figure::new(line.name, "–").with_note("cannot be told yet");
        };
        let write = |value: f64| unit(task).write(value);
        let note = format!("95 %: {} – {}", write(measured.low), write(measured.high));
        Figure::new(line.name, write(measured.value)).with_note(note)
    };
    let mut figures: Vec<Figure> = lines(task, whole, &BTreeMap::new()).into_iter().map(tile).collect();
    let known = number::count(whole.known);
    let of = number::counted(whole.predictions, "prediction", "predictions");
    let coverage = whole.coverage().map_or_else(|| String::from("–"), number::percent);
    figures.push(Figure::new("Truth known", coverage).with_note(format!("{known} of {of}")));
    figures
}

/// Measured, expected and held back, one figure a row.
pub(in crate::pages) fn side_by_side(
    task: Task,
    figures: &Figures,
    held_back: &BTreeMap<String, f64>,
) -> impl IntoView + use<> {
    let dash = || Cell::text("–");
    // Versions together were never evaluated.
    let of_one_version = !held_back.is_empty();
    let write = move |value: f64| unit(task).write(value);
    let rows = lines(task, figures, held_back).into_iter().map(|line| {
        let interval = |figure: Estimate| Cell::text(format!("{} – {}", write(figure.low), write(figure.high)));
        let value = |figure: Estimate| Cell::text(write(figure.value));
        let mut cells = vec![
            Cell::text(line.name),
            line.measured.map_or_else(dash, value),
            line.measured.map_or_else(dash, interval),
            line.expected.map_or_else(dash, value),
        ];
        if of_one_version {
            cells.push(line.held_back.map_or_else(dash, |value| Cell::text(write(value))));
        }
        Row::new(cells)
    });
    let mut columns = vec![
        Column::text("Figure"),
        Column::number("Measured"),
        Column::number("95 % interval"),
        Column::number("Expected"),
    ];
    if of_one_version {
        columns.push(Column::number("At evaluation"));
    }
    view! { <Table label="Measured beside expected" columns rows=rows.collect()/> }.into_any()
}

/// Every version that answered in this time.
pub(super) fn versions(quality: &LiveQuality, days: i64) -> impl IntoView + use<> {
    let (task, name) = (quality.model.task(), &quality.model.name);
    let leading: Vec<&'static str> =
        lines(task, &quality.whole, &BTreeMap::new()).into_iter().map(|line| line.name).collect();
    let rows = quality.versions.iter().map(|(version, figures)| {
        let number = version.unwrap_or(0);
        let words = version.map_or_else(|| String::from("heuristic"), |number| format!("v{number}"));
        let href = format!("/models/{name}/quality?version={number}&days={days}");
        let mut cells = vec![
            Cell::link(words, href),
            Cell::text(number::count(figures.predictions)),
            Cell::text(figures.coverage().map_or_else(|| String::from("–"), number::percent)),
        ];
        let measured = lines(task, figures, &BTreeMap::new()).into_iter().map(|line| {
            Cell::text(line.measured.map_or_else(|| String::from("–"), |figure| unit(task).write(figure.value)))
        });
        cells.extend(measured);
        let expected = figures.expected.as_ref().and_then(|expected| expected.accuracy);
        cells.push(Cell::text(expected.map_or_else(|| String::from("–"), |share| number::percent(share.value))));
        Row::new(cells)
    });
    let mut columns = vec![Column::text("Version"), Column::number("Predictions"), Column::number("Truth known")];
    columns.extend(leading.into_iter().map(Column::number));
    columns.push(Column::number("Expected right"));
    view! { <Table label="Versions that answered" columns rows=rows.collect()/> }.into_any()
}
