//! What a verb answers when it does not do what was asked.

use domain::{FieldError, Refused};

/// Why a verb did nothing. Each kind has one meaning for REST, for pages and for the command line.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing in the actor's tenant; another tenant's things are not there either.
    #[error("there is no {0}")]
    NotFound(String),
    /// The actor may not do this.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The input cannot be accepted; every wrong field is named.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<FieldError>),
    /// It does not fit with what is there now.
    #[error("{0}")]
    Conflict(String),
    /// More than the desk takes at once.
    #[error("{0}")]
    TooLarge(String),
    /// A kind of file that is not read here.
    #[error("{0}")]
    Unsupported(String),
    /// Not now; the same request may succeed after these seconds.
    #[error("{reason}")]
    Unavailable {
        /// What is busy.
        reason: String,
        /// Seconds to wait.
        retry_after: u32,
    },
    /// Something broke inside. Logged once, at the rim; never shown.
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What verbs return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<FieldError> for Error {
    fn from(wrong: FieldError) -> Self {
        Self::Invalid(vec![wrong])
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::NotFound => Self::not_found("such thing"),
            store::Error::Conflict(reason) => Self::Conflict(reason.to_owned()),
            store::Error::Nul => Self::field("text", "the character NUL is not possible"),
            store::Error::Unavailable(source) => {
                tracing::error!(%source, "the database is unavailable");
                Self::Unavailable { reason: String::from("the database is busy or away"), retry_after: 2 }
            }
            store::Error::Full(source) => {
                tracing::error!(%source, "the database's disk is full");
                Self::full("the disk of the database is full: make room on it")
            }
            other => Self::internal(other),
        }
    }
}

impl From<store::WriteError> for Error {
    fn from(error: store::WriteError) -> Self {
        match error {
            store::WriteError::Full => {
                Self::Unavailable { reason: String::from("the prediction log is full just now"), retry_after: 1 }
            }
            store::WriteError::Closed => {
                Self::Unavailable { reason: String::from("the desk is shutting down"), retry_after: 5 }
            }
            store::WriteError::Failed(error) => error.into(),
        }
    }
}

impl From<store::ArtifactError> for Error {
    fn from(error: store::ArtifactError) -> Self {
        match error {
            store::ArtifactError::Unavailable(source) => {
                tracing::error!(%source, "the place of the artifacts is unavailable");
                Self::Unavailable { reason: String::from("the place of the artifacts is busy or away"), retry_after: 5 }
            }
            store::ArtifactError::Full(source) => {
                tracing::error!(%source, "the disk of the artifacts is full");
                Self::full("the disk of the data directory is full: make room on it")
            }
            store::ArtifactError::Folder(source) => {
                tracing::error!(%source, "the folder of the artifacts cannot be written");
                let reason = format!("the data directory cannot be written to: {}", source.kind());
                Self::Unavailable { reason, retry_after: 60 }
            }
            other => Self::internal(other),
        }
    }
}

impl Error {
    fn full(reason: &str) -> Self {
        Self::Unavailable { reason: String::from(reason), retry_after: 60 }
    }

    /// One wrong field.
    pub fn field(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, reason)])
    }

    /// Something broke inside.
    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }

    /// `what` is not there.
    pub fn not_found(what: impl Into<String>) -> Self {
        Self::NotFound(what.into())
    }
}
