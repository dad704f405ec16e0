//! The cells of one column, end to end in one string.

/// One column. A cell costs its bytes and four more, so that a million rows of thirty short cells fit in a few hundred
/// megabytes. A missing cell is stored as an empty one, for an empty cell is missing anyway.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawColumn {
    /// Name from the header.
    pub name: String,
    text: String,
    /// Where each cell ends in `text`.
    ends: Vec<u32>,
}

impl RawColumn {
    /// A column without cells.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Number of cells.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no cell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The cell of one row; `None` when it is missing or there is no such row.
    #[must_use]
    pub fn cell(&self, row: usize) -> Option<&str> {
        let start = match row.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        let cell = self.text.get(start as usize..*self.ends.get(row)? as usize)?;
        (!cell.is_empty()).then_some(cell)
    }

    /// All cells in order, `None` where one is missing.
    pub fn cells(&self) -> impl ExactSizeIterator<Item = Option<&str>> + '_ {
        (0..self.len()).map(|row| self.cell(row))
    }

    /// Adds a cell. `false` when the text of the column would pass 4 GiB: then nothing was added.
    #[must_use]
    pub fn push(&mut self, cell: Option<&str>) -> bool {
        let cell = cell.unwrap_or("");
        let Ok(end) = u32::try_from(self.text.len() + cell.len()) else { return false };
        self.text.push_str(cell);
        self.ends.push(end);
        true
    }
}
