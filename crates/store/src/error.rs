use sqlx::error::ErrorKind;

/// Why the database did not do it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such row for this tenant.
    #[error("not found")]
    NotFound,
    /// Something else got there first; the words say what.
    #[error("{0}")]
    Conflict(&'static str),
    /// A text holds the character NUL, which PostgreSQL does not keep.
    #[error("a text holds the character NUL")]
    Nul,
    /// The database cannot be reached or has no place for us now. Worth another try.
    #[error("the database is unavailable: {0}")]
    Unavailable(#[source] sqlx::Error),
    /// The disk that the database lies on has no room left.
    #[error("the database's disk is full: {0}")]
    Full(#[source] sqlx::Error),
    /// A stored value is not what this program writes.
    #[error("stored data cannot be read: {0}")]
    Corrupt(String),
    /// What the migrations say does not fit the database.
    #[error("the database's tables cannot be brought up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The settings name no database.
    #[error("{0}")]
    Settings(String),
    /// Anything else; a mistake of ours.
    #[error("the database refused: {0}")]
    Internal(#[source] sqlx::Error),
}

impl Error {
    /// This error, or, if a unique constraint said no, a conflict described by `what`.
    #[must_use]
    pub(crate) fn or_conflict(self, what: &'static str) -> Self {
        match &self {
            Self::Internal(sqlx::Error::Database(e)) if e.kind() == ErrorKind::UniqueViolation => Self::Conflict(what),
            _ => self,
        }
    }

    /// This error, or, if a foreign key said no, [`Error::NotFound`].
    #[must_use]
    pub(crate) fn or_not_found(self) -> Self {
        match &self {
            Self::Internal(sqlx::Error::Database(e)) if e.kind() == ErrorKind::ForeignKeyViolation => Self::NotFound,
            _ => self,
        }
    }

    pub(crate) fn corrupt(what: &str, value: impl std::fmt::Display) -> Self {
        Self::Corrupt(format!("{what}: {value}"))
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => {
                Self::Unavailable(error)
            }
            sqlx::Error::Database(e) if e.code().is_some_and(|code| is_full(&code)) => Self::Full(error),
            sqlx::Error::Database(e) if e.code().is_some_and(|code| is_passing(&code)) => Self::Unavailable(error),
            _ => Self::Internal(error),
        }
    }
}

/// PostgreSQL's `disk_full`, or SQLite's primary code for it.
fn is_full(code: &str) -> bool {
    code == "53100" || (code.len() < 5 && code.parse::<i32>().is_ok_and(|code| code & 0xff == 13))
}

/// Codes after which the same statement may well succeed.
fn is_passing(code: &str) -> bool {
    match code.len() {
        // PostgreSQL, SQLSTATE: serialization failure, deadlock, connection trouble, resources, shutting down
        5 => code == "40001" || code == "40P01" || ["08", "53", "57"].iter().any(|class| code.starts_with(class)),
        // SQLite, primary code: busy, locked, input/output, cannot open
        _ => code.parse::<i32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 10 | 14)),
    }
}
