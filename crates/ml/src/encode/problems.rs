//! What is wrong with a table, said by line and column.

/// Bad cells that an error lists; the others are counted.
const LISTED: usize = 20;

/// Why a table is not what a specification asks for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Columns that are not in the table.
    #[error("the data has no column {}", quoted(.0))]
    MissingColumns(Vec<String>),
    /// Cells that cannot be read.
    #[error("{}", listed(.cells, *.total))]
    Cells {
        /// The first of them.
        cells: Vec<BadCell>,
        /// How many there are.
        total: usize,
    },
}

/// A cell that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column `{column}`: {reason}")]
pub struct BadCell {
    /// Line of the file, the header being line 1.
    pub line: usize,
    /// Name of the column.
    pub column: String,
    /// What is wrong with it.
    pub reason: String,
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn listed(cells: &[BadCell], total: usize) -> String {
    let mut text = cells.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    if total > cells.len() {
        text.push_str(&format!("; and {} more cells", total - cells.len()));
    }
    text
}

/// Collects what is wrong, keeping the first few.
#[derive(Default)]
pub(crate) struct Problems {
    cells: Vec<BadCell>,
    total: usize,
}

impl Problems {
    pub(crate) fn add(&mut self, row: usize, column: &str, reason: String) {
        self.total += 1;
        if self.cells.len() < LISTED {
            // the header is line 1
            self.cells.push(BadCell { line: row + 2, column: column.to_owned(), reason });
        }
    }

    pub(crate) fn none(self) -> Result<(), ReadError> {
        if self.total == 0 { Ok(()) } else { Err(ReadError::Cells { cells: self.cells, total: self.total }) }
    }
}
