//! Why nothing was trained, in sentences that say what is missing.

use crate::encode::ReadError;
use crate::measure::{MeasureError, SplitError};
use crate::progress::Cancelled;
use crate::{linear, trees};

/// Why there is no model.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The caller asked to stop; nothing was produced.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The table is not what the specification asks for.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The column that divides the rows is not in the data.
    #[error("the data has no column `{0}`, by which the rows are to be divided")]
    NoSplitColumn(String),
    /// Too few rows.
    #[error("there are {rows} rows; at least {needed} are needed to learn and to judge what was learnt")]
    TooFewRows {
        /// Rows there.
        rows: usize,
        /// Rows needed.
        needed: usize,
    },
    /// Only one class occurs.
    #[error("every row is of class `{0}`, so there is nothing to tell apart")]
    OneClass(String),
    /// A class is too rare in the part that is learnt from.
    #[error("only {rows} of the rows to learn from are of class `{class}`; at least {needed} are needed")]
    TooFewOfClass {
        /// Its name.
        class: String,
        /// Its rows.
        rows: usize,
        /// Rows needed.
        needed: usize,
    },
    /// The value to learn is always the same.
    #[error("the value to learn is the same in every row, so there is nothing to learn")]
    ConstantTarget,
    /// Every input is empty or always the same.
    #[error("no input column holds two different values, so there is nothing to learn from")]
    ConstantInputs,
    /// The rows cannot be divided as asked.
    #[error("the rows cannot be divided into a part to learn from and a part to judge by: {0}")]
    Undividable(String),
    /// The estimator's parameters are not understood.
    #[error("estimator.parameters: {0}")]
    Parameters(String),
    /// The estimator gave up.
    #[error("the learner gave up: {reason}")]
    Estimator {
        /// Why.
        reason: String,
    },
    /// What was learnt cannot be measured or stored.
    #[error("what was learnt cannot be used: {0}")]
    Unusable(String),
}

impl From<SplitError> for TrainError {
    fn from(error: SplitError) -> Self {
        Self::Undividable(error.to_string())
    }
}

impl From<MeasureError> for TrainError {
    fn from(error: MeasureError) -> Self {
        Self::Unusable(error.to_string())
    }
}

impl From<linear::TrainError> for TrainError {
    fn from(error: linear::TrainError) -> Self {
        match error {
            linear::TrainError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            // linear models and networks share this type
            linear::TrainError::Invalid { field, reason } => Self::Parameters(format!("{field} {reason}")),
            other => Self::Estimator { reason: other.to_string() },
        }
    }
}

impl From<trees::TrainError> for TrainError {
    fn from(error: trees::TrainError) -> Self {
        match error {
            trees::TrainError::Cancelled => Self::Cancelled(Cancelled),
            trees::TrainError::Invalid { field, reason } => Self::Parameters(format!("{field} {reason}")),
            other => Self::Estimator { reason: other.to_string() },
        }
    }
}
