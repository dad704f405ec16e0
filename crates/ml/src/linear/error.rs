//! What can go wrong in training and in reading a stored model.

use crate::progress::Cancelled;

/// Why nothing was learnt.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The caller asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A parameter or an input that makes no sense.
    #[error("{field}: {reason}")]
    Invalid {
        /// The parameter or input at fault.
        field: &'static str,
        /// What is wrong with it, for people.
        reason: String,
    },
    /// No row, or none with a positive weight.
    #[error("there are no rows to learn from")]
    NoRows,
    /// Every row that counts has the same class.
    #[error("all rows belong to one class")]
    OneClass,
    /// A tensor operation failed.
    #[error("arithmetic failed: {0}")]
    Numeric(#[from] candle_core::Error),
}

impl TrainError {
    /// Names the field at fault.
    pub(crate) fn invalid(field: &'static str, reason: impl Into<String>) -> Self {
        Self::Invalid { field, reason: reason.into() }
    }
}

/// Why bytes are no model.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Not the safetensors format.
    #[error("not a safetensors file: {0}")]
    Format(#[from] safetensors::SafeTensorError),
    /// Well formed, but the content contradicts itself or is of another kind.
    #[error("not a usable model: {0}")]
    Content(String),
}

impl LoadError {
    /// Content that contradicts itself.
    pub(crate) fn content(reason: impl Into<String>) -> Self {
        Self::Content(reason.into())
    }
}

/// Turns a broken rule about a parameter into an error that names it.
pub(crate) fn require(holds: bool, field: &'static str, reason: &str) -> Result<(), TrainError> {
    if holds { Ok(()) } else { Err(TrainError::invalid(field, reason)) }
}
