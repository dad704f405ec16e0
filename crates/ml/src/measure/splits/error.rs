//! Why rows cannot be split.

/// Rows that do not suffice, or a plan that does not fit them.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum SplitError {
    /// The plan needs a column that was not given.
    #[error("this split needs a {0} column")]
    MissingColumn(&'static str),
    /// A column with another number of entries than rows.
    #[error("the {column} column holds {length} entries for {rows} rows")]
    Length {
        /// Which column.
        column: &'static str,
        /// Its entries.
        length: usize,
        /// Number of rows.
        rows: usize,
    },
    /// A row that does not exist.
    #[error("there is no row {row} among {rows} rows")]
    UnknownRow {
        /// The row asked for.
        row: usize,
        /// Number of rows.
        rows: usize,
    },
    /// A share that leaves one part empty.
    #[error("the share held back must be between 0 and 1, not {0}")]
    Share(f64),
    /// Cross-validation needs at least two folds.
    #[error("at least two folds are needed, not {folds}")]
    TooFewFolds {
        /// Folds asked for.
        folds: usize,
    },
    /// Too few rows.
    #[error("{rows} rows are too few: at least {needed} are needed")]
    TooFewRows {
        /// Rows there.
        rows: usize,
        /// Rows needed.
        needed: usize,
    },
    /// Too few rows of a class for it to be in every part.
    #[error("class {class} has {rows} rows: at least {needed} are needed to have it in every part")]
    TooFewOfClass {
        /// Class code.
        class: u32,
        /// Its rows.
        rows: usize,
        /// Rows needed.
        needed: usize,
    },
    /// Too few groups.
    #[error("{groups} groups are too few: at least {needed} are needed")]
    TooFewGroups {
        /// Distinct groups.
        groups: usize,
        /// Groups needed.
        needed: usize,
    },
    /// The groups are so uneven that a part lacks rows of a class.
    #[error("one of the parts would hold no row of class {class}: too few groups have it")]
    ClassInTooFewGroups {
        /// Class code.
        class: u32,
    },
    /// Too few distinct moments to cut between.
    #[error("the rows are of {moments} different times: at least {needed} are needed")]
    TooFewMoments {
        /// Distinct moments.
        moments: usize,
        /// Moments needed.
        needed: usize,
    },
}
