//! Why nothing was measured.

use crate::encode::ReadError;
use crate::measure::MeasureError;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// The table is not what the model asks for.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The rows do not allow a measurement.
    #[error("the rows cannot be measured: {0}")]
    Measure(#[from] MeasureError),
    /// There are no rows.
    #[error("there are no rows to measure on")]
    NoRows,
    /// The model is of another task or has other classes than the specification.
    #[error("the model does not answer what the specification asks: its task or its classes differ")]
    AnotherTask,
}
