//! Why text is not a table.

/// What is wrong with the text, and where. Lines count from 1, the header being the first.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// Not even a header.
    #[error("the file is empty")]
    Empty,
    /// A column without a name.
    #[error("column {position} has no name in the header")]
    UnnamedColumn {
        /// Position from 1.
        position: usize,
    },
    /// Two columns with one name.
    #[error("the column name “{name}” is used twice")]
    DuplicateColumn {
        /// The name.
        name: String,
    },
    /// A line with more or fewer cells than the header.
    #[error("line {line} has {found} cells, but the header names {expected} columns")]
    Ragged {
        /// Where the row begins.
        line: u64,
        /// Cells found.
        found: usize,
        /// Columns in the header.
        expected: usize,
    },
    /// Bytes that are not text.
    #[error("line {line} is not UTF-8 text: save the file as UTF-8 and try again")]
    NotUtf8 {
        /// Where the row begins.
        line: u64,
    },
    /// Too many rows.
    #[error("the file has more than {limit} rows")]
    TooManyRows {
        /// The most that is read.
        limit: usize,
    },
    /// Too many columns.
    #[error("the file has {found} columns: at most {limit} are read")]
    TooManyColumns {
        /// Columns found.
        found: usize,
        /// The most that is read.
        limit: usize,
    },
    /// A cell too long.
    #[error("line {line} holds a cell of more than {limit} bytes (is a quotation mark left open?)")]
    CellTooLong {
        /// Where the row begins.
        line: u64,
        /// The most that is read.
        limit: usize,
    },
    /// A column whose cells add up to more than 4 GiB.
    #[error("the cells of column “{name}” are too long together")]
    ColumnTooLong {
        /// The column.
        name: String,
    },
    /// The reader failed.
    #[error("the file could not be read")]
    Io(#[source] std::io::Error),
}
