//! Rows to look at, for each cell of the confusion matrix.

use domain::row::Cell;
use domain::specification::Column;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::truth::Answered;
use crate::features::Target;
use crate::model::Model;

/// Examples of a cell of a binary task.
const BINARY: usize = 20;
/// Examples of a cell of several classes.
const MULTICLASS: usize = 5;
/// Examples in all.
const ALL: usize = 200;

/// One row with what was said and what was true.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Example {
    /// Position of the row in the data set, from 0.
    pub row: usize,
    /// Its class, or its value as text.
    pub actual: String,
    /// The class decided for, or the value predicted as text.
    pub predicted: String,
    /// Binary: probability of the positive class. Multiclass: of the decided class. Regression: the predicted value.
    pub score: f64,
    /// The row's inputs by column.
    pub inputs: Map<String, Value>,
}

/// The surest rows of each cell: of mistakes those that say most, of right answers the clearest. For regression, the
/// rows with the largest errors. `positions` are the rows' places in the data set.
pub(super) fn examples(model: &Model, answered: &Answered, positions: &[usize]) -> Vec<Example> {
    match &answered.target {
        Target::Values(values) => {
            let error = |row: &usize| (f64::from(answered.outputs[*row]) - f64::from(values[*row])).abs();
            let mut rows: Vec<usize> = (0..values.len()).collect();
            rows.sort_by(|a, b| error(b).total_cmp(&error(a)));
            rows.truncate(BINARY);
            rows.into_iter().map(|row| example(model, answered, positions, row)).collect()
        }
        Target::Classes { labels, classes } => {
            let decided: Vec<(usize, f64)> = (0..labels.len()).map(|row| decided(model, answered, row)).collect();
            let most = if *classes == 2 { BINARY } else { MULTICLASS };
            let cells = (0..*classes).flat_map(|actual| (0..*classes as usize).map(move |said| (actual, said)));
            let mut chosen = Vec::new();
            for (actual, said) in cells {
                let is_in = |row: &usize| labels[*row] == actual && decided[*row].0 == said;
                let mut rows: Vec<usize> = (0..labels.len()).filter(is_in).collect();
                rows.sort_by(|&a, &b| decided[b].1.total_cmp(&decided[a].1));
                rows.truncate(most.min(ALL.saturating_sub(chosen.len())));
                chosen.extend(rows);
            }
            chosen.into_iter().map(|row| example(model, answered, positions, row)).collect()
        }
    }
}

/// The class decided for and how sure the model is of it.
fn decided(model: &Model, answered: &Answered, row: usize) -> (usize, f64) {
    let outputs = answered.outputs_of(row);
    if outputs.len() > 1 {
        let best = super::histogram::argmax(&outputs);
        return (best, outputs[best]);
    }
    let yes = answered.outputs[row] >= super::truth::threshold(model);
    (usize::from(yes), if yes { outputs[0] } else { 1.0 - outputs[0] })
}

pub(super) fn example(model: &Model, answered: &Answered, positions: &[usize], row: usize) -> Example {
    let answer = model.decide(&answered.outputs_of(row));
    Example {
        row: positions.get(row).copied().unwrap_or(row),
        actual: actual(model, &answered.target, row),
        predicted: answer.decision,
        score: answer.score,
        inputs: json(model.columns(), &answered.inputs.row(row)),
    }
}

pub(super) fn actual(model: &Model, target: &Target, row: usize) -> String {
    match target {
        Target::Values(values) => values[row].to_string(),
        Target::Classes { labels, .. } => model.classes().get(labels[row] as usize).cloned().unwrap_or_default(),
    }
}

/// A row as a request would write it.
pub(super) fn json(columns: &[Column], cells: &[Cell]) -> Map<String, Value> {
    let value = |cell: &Cell| match cell {
        Cell::Missing => Value::Null,
        Cell::Number(number) => serde_json::Number::from_f64(*number).map_or(Value::Null, Value::Number),
        Cell::Text(text) => Value::String(text.clone()),
        Cell::Boolean(boolean) => Value::Bool(*boolean),
        Cell::Time(at) => Value::String(at.rfc3339()),
    };
    columns.iter().zip(cells).map(|(column, cell)| (column.name.clone(), value(cell))).collect()
}
