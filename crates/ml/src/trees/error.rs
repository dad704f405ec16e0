use crate::progress::Cancelled;

/// Why no forest was grown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrainError {
    /// The report callback asked to stop.
    #[error("cancelled")]
    Cancelled,
    /// There is nothing to learn from.
    #[error("no rows to learn from")]
    NoRows,
    /// All rows with weight carry the same class, so there is nothing to tell apart.
    #[error("all rows belong to one class")]
    OneClass,
    /// A parameter or an input that cannot be worked with.
    #[error("{field}: {reason}")]
    Invalid {
        /// The parameter or input at fault.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

impl TrainError {
    pub(super) fn invalid(field: &'static str, reason: impl Into<String>) -> Self {
        Self::Invalid { field, reason: reason.into() }
    }
}

impl From<Cancelled> for TrainError {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// Why bytes are not a forest, or a forest cannot become bytes.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Not a safetensors container, or a tensor is absent.
    #[error("not a forest container: {0}")]
    Container(#[from] safetensors::SafeTensorError),
    /// The description beside the tensors is absent or not understood.
    #[error("forest description: {0}")]
    Description(String),
    /// The tensors contradict one another, or would lead a prediction astray.
    #[error("corrupt forest: {0}")]
    Corrupt(&'static str),
}
