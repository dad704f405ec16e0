//! The evidence for a version: matrix, curves, importance, examples.

use std::sync::Arc;

use desk::measure::ConfusionMatrix as Counts;
use desk::versions::Report;
use domain::specification::Task;
use leptos::prelude::*;

use crate::address::encode;
use crate::charts::{Calibration, Importance, ImportanceChart, Marker, PrecisionRecall, Roc, ScoreHistogram, Series};
use crate::components::{Cell, CellLink, Column, ConfusionMatrix, Panel, Row, Table};
use crate::number;

/// Inputs named by themselves.
const MOST_INPUTS: usize = 15;

/// Counts as the table of the page wants them.
pub(super) fn rows_of(confusion: &Counts) -> Vec<Vec<u64>> {
    let classes = 0..confusion.classes;
    classes.clone().map(|actual| classes.clone().map(|predicted| confusion.at(actual, predicted)).collect()).collect()
}

/// Matrix, curves, histogram and importance of the held-back rows; the champion's curves behind the version's own.
pub(super) fn evidence(
    model: &str,
    version: i64,
    report: &Report,
    champion: Option<(i64, &Report)>,
) -> impl IntoView + use<> {
    let link: CellLink = Arc::new(|actual: &str, predicted: &str| format!("#{}", anchor(actual, predicted)));
    let matrix = report.confusion.as_ref().map(|confusion| {
        let (classes, counts, threshold) = (report.classes.clone(), rows_of(confusion), report.threshold);
        view! {
            <Panel title="Confusion matrix">
                <ConfusionMatrix classes counts threshold rows="held back" link=Some(link)/>
            </Panel>
        }
    });
    let current = Lines::of(version, report);
    // A champion that looked for another class drew curves of something else.
    let reference = champion.filter(|(_, other)| report.task == Task::Binary && other.classes == report.classes);
    let reference = reference.map(|(number, other)| Lines::of(number, other));
    let dashed = reference
        .as_ref()
        .map(|lines| format!(" Dashed: the champion, {}, on the rows held back from it.", lines.roc.name));
    view! {
        <div class="columns">
            {matrix}
            {(report.task == Task::Binary).then(|| curves(current, reference, report))}
            {(!report.importance.is_empty()).then(|| importance(report))}
        </div>
        <p class="muted">{format!("Held-back rows of {model}: none of them was learnt from, tuned on, or used to choose the threshold.")}{dashed}</p>
    }
    .into_any()
}

/// The curves of one version.
struct Lines {
    precision_recall: Series,
    roc: Series,
    calibration: Series,
}

impl Lines {
    fn of(version: i64, report: &Report) -> Self {
        let series = |points: Vec<(f64, f64)>| Series { name: format!("v{version}"), points };
        Self {
            precision_recall: series(report.precision_recall.iter().map(|p| (p.recall, p.precision)).collect()),
            roc: series(report.roc.iter().map(|p| (p.false_positive_rate, p.true_positive_rate)).collect()),
            calibration: series(report.calibration.iter().map(|bin| (bin.predicted, bin.observed)).collect()),
        }
    }
}

fn curves(current: Lines, reference: Option<Lines>, report: &Report) -> impl IntoView + use<> {
    let metrics = &report.metrics;
    let text = report.threshold.map(|threshold| format!("threshold {}", number::metric(threshold)));
    let at_pr = metrics.recall.zip(metrics.precision).zip(text.clone()).map(|(at, text)| Marker { at, text });
    let at_roc = metrics.false_positive_rate.zip(metrics.recall).zip(text).map(|(at, text)| Marker { at, text });
    let Lines { precision_recall, roc, calibration } = current;
    let (pr_behind, roc_behind, calibration_behind) = match reference {
        Some(lines) => (Some(lines.precision_recall), Some(lines.roc), Some(lines.calibration)),
        None => (None, None, None),
    };
    view! {
        <Panel title="Precision–recall">
            <PrecisionRecall current=precision_recall reference=pr_behind threshold=at_pr/>
        </Panel>
        <Panel title="ROC"><Roc current=roc reference=roc_behind threshold=at_roc/></Panel>
        <Panel title="Calibration"><Calibration current=calibration reference=calibration_behind/></Panel>
        {histogram(report)}
    }
    .into_any()
}

fn histogram(report: &Report) -> impl IntoView + use<> {
    let [low, high] = report.histogram.series.as_slice() else { return ().into_any() };
    let (negative, negatives) = (low.name.clone(), low.counts.clone());
    let (positive, positives, threshold) = (high.name.clone(), high.counts.clone(), report.threshold);
    view! {
        <Panel title="Scores by class">
            <ScoreHistogram negative negatives positive positives threshold/>
        </Panel>
    }
    .into_any()
}

/// What the version looks at.
pub(super) fn importance(report: &Report) -> impl IntoView + use<> {
    let item = |column: &desk::versions::ColumnImportance| Importance {
        name: column.column.clone(),
        value: column.mean,
        interval: Some((column.mean - 2.0 * column.deviation, column.mean + 2.0 * column.deviation)),
    };
    let items: Vec<Importance> = report.importance.iter().take(MOST_INPUTS).map(item).collect();
    let measured = desk::measure::metric(&report.importance_metric).map_or("", |info| info.name);
    view! {
        <Panel title="Importance" note=String::from("of each input, by shuffling it")>
            <ImportanceChart items measure=format!("loss of {measured} when the input is shuffled")/>
        </Panel>
    }
    .into_any()
}

/// Rows of each cell of the matrix, for people to look at.
pub(super) fn examples(report: &Report) -> impl IntoView + use<> {
    let mut cells: Vec<(String, String)> =
        report.examples.iter().map(|e| (e.actual.clone(), e.predicted.clone())).collect();
    cells.sort();
    cells.dedup();
    let is_regression = report.task == Task::Regression;
    if is_regression {
        let table = example_table(report, None);
        return view! { <Panel title="Largest errors">{table}</Panel> }.into_any();
    }
    let groups = cells.into_iter().map(|cell| {
        let right = if cell.0 == cell.1 { "right" } else { "wrong" };
        view! {
            <details id=anchor(&cell.0, &cell.1)>
                <summary>{format!("Actually “{}”, called “{}” ({right})", cell.0, cell.1)}</summary>
                {example_table(report, Some(&cell))}
            </details>
        }
    });
    let groups = groups.collect_view();
    view! { <Panel title="Examples" note=String::from("held-back rows, cell by cell")>{groups}</Panel> }.into_any()
}

fn example_table(report: &Report, cell: Option<&(String, String)>) -> impl IntoView + use<> {
    let chosen = report
        .examples
        .iter()
        .filter(|e| cell.is_none_or(|(actual, predicted)| e.actual == *actual && e.predicted == *predicted));
    let rows: Vec<Row> = chosen
        .map(|example| {
            let inputs: Vec<String> =
                example.inputs.iter().map(|(name, value)| format!("{name} {}", plain(value))).collect();
            Row::new(vec![
                Cell::text(number::count(example.row as i64 + 1)),
                Cell::text(number::metric(example.score)),
                Cell::text(example.actual.clone()),
                Cell::text(inputs.join(" · ")),
            ])
        })
        .collect();
    let columns = vec![Column::number("Row"), Column::number("Score"), Column::text("Truth"), Column::text("Inputs")];
    view! { <Table label="Examples" columns rows/> }.into_any()
}

fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null => String::from("–"),
        other => other.to_string(),
    }
}

/// Where on the page the examples of a cell stand.
fn anchor(actual: &str, predicted: &str) -> String {
    format!("cell-{}-{}", encode(actual).replace(['%', '/'], "_"), encode(predicted).replace(['%', '/'], "_"))
}
