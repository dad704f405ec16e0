//! Raw tables: delimited text in, columns of cells with guessed types out. Nothing is converted yet: a cell stays the
//! text that was read, trimmed, or missing.

mod column;
mod datetime;
mod error;
mod infer;
mod kind;
mod read;
mod value;

#[cfg(test)]
mod tests;

pub use column::RawColumn;
pub use datetime::parse_datetime;
pub use error::TableError;
pub use infer::{ColumnKind, InferredColumn, infer};
pub use read::{Limits, delimiter, line_of, without_mark};
pub use value::{is_missing, parse_boolean, parse_number};

/// Columns of equally many cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// In the order of the header.
    pub columns: Vec<RawColumn>,
    /// Number of cells in each column.
    pub rows: usize,
}

impl Table {
    /// Reads delimited text (RFC 4180 quoting, UTF-8, with or without a byte order mark) whose first line names the
    /// columns. The delimiter is the one of comma, semicolon and tab that is most frequent in that line. Empty lines are
    /// skipped.
    ///
    /// # Errors
    /// [`TableError`] with the line or the column name: a limit exceeded, a name empty or used twice, a line with another
    /// number of cells than the header, bytes that are not UTF-8, or a reader that fails.
    pub fn read(reader: impl std::io::Read, limits: &Limits) -> Result<Self, TableError> {
        read::read(reader, limits)
    }

    /// The column with this name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&RawColumn> {
        self.columns.iter().find(|column| column.name == name)
    }
}
