//! How good a model is, told so that it can be believed: on rows it has not seen, with intervals, beside what a guess
//! would reach, with examples of each kind of mistake.

mod background;
mod compare;
mod error;
mod examples;
mod histogram;
mod importance;
mod reference;
mod report;
#[cfg(test)]
mod tests;
mod truth;

use domain::specification::Specification;
use serde::{Deserialize, Serialize};

pub use crate::encode::{Labelled, ReadError, read_inputs, read_table};
pub(crate) use background::{Background, of_training};
pub use compare::{Comparison, Disagreement, Side, SourceDifference, compare};
pub use error::EvaluateError;
pub use examples::Example;
pub use histogram::{Histogram, Series};
pub use importance::ColumnImportance;
pub use reference::{Reference, Shape, references};
pub use report::{Report, evaluate, score_bins};

use crate::table::Table;
use crate::training::TrainError;

/// The full account of a version; it becomes `evaluation.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// What was measured on the rows held back.
    #[serde(flatten)]
    pub report: Report,
    /// Rows learnt from.
    pub training_rows: u64,
    /// Rows held back; those of `report`.
    pub held_back_rows: u64,
    /// How the rows were divided, for people.
    pub split: String,
    /// Key of the figure by which the leaderboard is ordered.
    pub headline: String,
    /// What cross-validation on the rows learnt from said about each learner, the best first.
    pub leaderboard: Vec<Standing>,
    /// What one should know: columns that tell nothing, folds that could not be judged.
    pub notes: Vec<String>,
    /// What the inputs looked like in training, to be compared with what comes later.
    pub references: Vec<Reference>,
}

/// One line of the leaderboard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// The learner.
    pub estimator: String,
    /// What differs from its defaults.
    pub parameters: serde_json::Map<String, serde_json::Value>,
    /// Mean of the headline figure over the folds.
    pub mean: f64,
    /// Its standard deviation over the folds.
    pub deviation: f64,
    /// Folds that were judged.
    pub folds: usize,
    /// Its weight in the model; `None` when it was not taken.
    pub weight: Option<f32>,
}

/// Positions of the rows of a table that training by each of the specifications holds back, ascending: what no version
/// learnt from. The same row stays on the same side as rows are added; splits by time or order hold back the latest, which
/// move on.
///
/// # Errors
/// When the table does not fit a specification or cannot be divided, or when no row is held back by all.
pub fn held_back(specifications: &[&Specification], table: &Table) -> Result<Vec<usize>, TrainError> {
    let mut rows: Vec<usize> = (0..table.rows).collect();
    for specification in specifications {
        let target = read_table(specification, table)?.target;
        let held_back = crate::training::divide(specification, table, &target)?.held_back;
        rows.retain(|row| held_back.binary_search(row).is_ok());
    }
    if rows.is_empty() {
        return Err(TrainError::Undividable(String::from("no row is held back by every version")));
    }
    Ok(rows)
}

/// Positions of the rows of a table that training by the specification learns from, ascending.
///
/// # Errors
/// When the table does not fit the specification or cannot be divided.
pub fn learnt_from(specification: &Specification, table: &Table) -> Result<Vec<usize>, TrainError> {
    let target = read_table(specification, table)?.target;
    Ok(crate::training::divide(specification, table, &target)?.development)
}
