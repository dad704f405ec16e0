//! Two models on the same rows.

use domain::specification::{Specification, Task};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::error::EvaluateError;
use super::examples::{actual, json};
use super::truth::{Answered, threshold};
use crate::measure::{ConfusionMatrix, Difference, Metrics, Scored, paired_difference};
use crate::model::Model;
use crate::table::Table;

/// Rows that are listed.
const LISTED: usize = 50;
/// Seed of the resampling, fixed so that a comparison can be repeated.
const SEED: u64 = 1;

/// What two models said about the same rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Rows compared on.
    pub n: u64,
    /// The first model, usually the champion.
    pub a: Side,
    /// The second model, usually the candidate.
    pub b: Side,
    /// Each figure's change from a to b, with its 95 % interval by paired resampling.
    pub differences: Vec<Difference>,
    /// The same for the images of each source, the most images first; empty for rows.
    pub by_source: Vec<SourceDifference>,
    /// Rows that the two decide differently (none for regression).
    pub disagreeing: u64,
    /// Those of them on which the two are furthest apart, at most 50; for regression the rows furthest apart.
    pub disagreements: Vec<Disagreement>,
}

/// What two readers said to the images of one source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceDifference {
    /// Which meter or camera.
    pub source: String,
    /// Figures of the first reader.
    pub a: Metrics,
    /// Figures of the second.
    pub b: Metrics,
    /// Each figure's change from a to b, with its 95 % interval by paired resampling.
    pub differences: Vec<Difference>,
}

/// One model of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Side {
    /// What was learnt, in words.
    pub estimator: String,
    /// Score from which a binary model says yes.
    pub threshold: Option<f64>,
    /// Its figures.
    pub metrics: Metrics,
    /// Actual against predicted classes; `None` for regression.
    pub confusion: Option<ConfusionMatrix>,
}

/// A row that two models see differently.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Disagreement {
    /// Position of the row in the table, from 0.
    pub row: usize,
    /// Its class, or its value as text.
    pub actual: String,
    /// What a decided.
    pub a: String,
    /// The score of a, see [`domain::prediction::Answer::score`].
    pub a_score: f64,
    /// What b decided.
    pub b: String,
    /// The score of b.
    pub b_score: f64,
    /// The row's inputs, by the columns of b.
    pub inputs: Map<String, Value>,
}

/// Measures two models on the rows `rows` (positions) of a table. Each model reads its own columns, which may differ.
///
/// # Errors
/// [`EvaluateError`]: a table that does not fit, no rows, or a model of another task.
pub fn compare(
    a: &Model,
    b: &Model,
    specification: &Specification,
    table: &Table,
    rows: &[usize],
) -> Result<Comparison, EvaluateError> {
    let first = Answered::read(a, specification, table, Some(rows))?;
    let second = Answered::read(b, specification, table, Some(rows))?;
    if first.rows() == 0 {
        return Err(EvaluateError::NoRows);
    }
    let scored = (
        Scored::new(&first.target, &first.outputs, threshold(a)),
        Scored::new(&second.target, &second.outputs, threshold(b)),
    );
    let (disagreeing, disagreements) = disagreements(a, b, &first, &second, rows);
    Ok(Comparison {
        n: first.rows() as u64,
        a: side(a, &scored.0)?,
        b: side(b, &scored.1)?,
        differences: paired_difference(&scored.0, &scored.1, SEED)?,
        by_source: Vec::new(),
        disagreeing,
        disagreements,
    })
}

fn side(model: &Model, scored: &Scored<'_>) -> Result<Side, EvaluateError> {
    Ok(Side {
        estimator: model.estimator_name(),
        threshold: model.threshold(),
        metrics: scored.metrics()?,
        confusion: scored.confusion()?,
    })
}

fn disagreements(
    a: &Model,
    b: &Model,
    first: &Answered,
    second: &Answered,
    rows: &[usize],
) -> (u64, Vec<Disagreement>) {
    let regression = a.task() == Task::Regression;
    let mut apart: Vec<(f64, usize)> = Vec::new();
    for row in 0..first.rows() {
        let (said_a, said_b) = (first.outputs_of(row), second.outputs_of(row));
        if regression || a.decide(&said_a).decision != b.decide(&said_b).decision {
            apart.push((said_a.iter().zip(&said_b).map(|(a, b)| (a - b).abs()).sum(), row));
        }
    }
    let disagreeing = if regression { 0 } else { apart.len() as u64 };
    apart.sort_by(|x, y| y.0.total_cmp(&x.0).then(x.1.cmp(&y.1)));
    let listed = apart.iter().take(LISTED).map(|&(_, row)| {
        let (said_a, said_b) = (a.decide(&first.outputs_of(row)), b.decide(&second.outputs_of(row)));
        Disagreement {
            row: rows[row],
            actual: actual(b, &second.target, row),
            a: said_a.decision,
            a_score: said_a.score,
            b: said_b.decision,
            b_score: said_b.score,
            inputs: json(b.columns(), &second.inputs.row(row)),
        }
    });
    (disagreeing, listed.collect())
}
