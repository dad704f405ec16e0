//! Checked cells of many rows, column by column.

use std::collections::HashMap;

use domain::row::Cell;
use domain::specification::{Column, ColumnKind};
use domain::time::Timestamp;

/// Code of a word that is missing.
pub const MISSING_WORD: u32 = u32::MAX;
/// A moment that is missing.
pub const MISSING_MOMENT: i64 = i64::MIN;

/// One input column of all rows.
#[derive(Clone, Debug, PartialEq)]
pub enum InputColumn {
    /// Numbers; `NaN` is missing.
    Numbers(Vec<f64>),
    /// 0 or 1; `NaN` is missing.
    Booleans(Vec<f32>),
    /// Words of a categorical or text column.
    Words {
        /// Position in `words`, or [`MISSING_WORD`].
        codes: Vec<u32>,
        /// Distinct words in the order of their first row.
        words: Vec<String>,
    },
    /// Microseconds since the epoch, or [`MISSING_MOMENT`].
    Moments(Vec<i64>),
}

/// The inputs of `rows` rows, one entry of `columns` for each column of a specification.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inputs {
    /// Number of rows, the same in each column.
    pub rows: usize,
    /// In the specification's order.
    pub columns: Vec<InputColumn>,
}

impl Inputs {
    /// Gathers rows of cells; a cell that is not of its column's kind counts as missing.
    #[must_use]
    pub fn from_rows(columns: &[Column], rows: &[Vec<Cell>]) -> Self {
        let gather = |(at, column): (usize, &Column)| {
            let mut gathered = Gathering::new(column.kind, rows.len());
            rows.iter().for_each(|row| gathered.push(row.get(at).unwrap_or(&Cell::Missing)));
            gathered.finish()
        };
        Self { rows: rows.len(), columns: columns.iter().enumerate().map(gather).collect() }
    }

    /// One cell.
    #[must_use]
    pub fn cell(&self, row: usize, column: usize) -> Cell {
        self.columns[column].cell(row)
    }

    /// All cells of one row.
    #[must_use]
    pub fn row(&self, row: usize) -> Vec<Cell> {
        self.columns.iter().map(|column| column.cell(row)).collect()
    }

    /// The rows named by `rows`, in that order.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        Self { rows: rows.len(), columns: self.columns.iter().map(|column| column.select(rows)).collect() }
    }
}

impl InputColumn {
    /// One cell.
    #[must_use]
    pub fn cell(&self, row: usize) -> Cell {
        match self {
            Self::Numbers(values) if values[row].is_nan() => Cell::Missing,
            Self::Numbers(values) => Cell::Number(values[row]),
            Self::Booleans(values) if values[row].is_nan() => Cell::Missing,
            Self::Booleans(values) => Cell::Boolean(values[row] > 0.5),
            Self::Words { codes, words } => {
                words.get(codes[row] as usize).map_or(Cell::Missing, |word| Cell::Text(word.clone()))
            }
            Self::Moments(moments) if moments[row] == MISSING_MOMENT => Cell::Missing,
            Self::Moments(moments) => Cell::Time(Timestamp(moments[row])),
        }
    }

    /// The rows named by `rows`, in that order.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        match self {
            Self::Numbers(values) => Self::Numbers(rows.iter().map(|&row| values[row]).collect()),
            Self::Booleans(values) => Self::Booleans(rows.iter().map(|&row| values[row]).collect()),
            Self::Words { codes, words } => {
                Self::Words { codes: rows.iter().map(|&row| codes[row]).collect(), words: words.clone() }
            }
            Self::Moments(moments) => Self::Moments(rows.iter().map(|&row| moments[row]).collect()),
        }
    }
}

/// A column as it is being filled.
pub(super) struct Gathering {
    column: InputColumn,
    known: HashMap<String, u32>,
}

impl Gathering {
    pub(super) fn new(kind: ColumnKind, rows: usize) -> Self {
        let column = match kind {
            ColumnKind::Numeric => InputColumn::Numbers(Vec::with_capacity(rows)),
            ColumnKind::Boolean => InputColumn::Booleans(Vec::with_capacity(rows)),
            ColumnKind::DateTime => InputColumn::Moments(Vec::with_capacity(rows)),
            ColumnKind::Categorical | ColumnKind::Text => {
                InputColumn::Words { codes: Vec::with_capacity(rows), words: Vec::new() }
            }
        };
        Self { column, known: HashMap::new() }
    }

    pub(super) fn push(&mut self, cell: &Cell) {
        match &mut self.column {
            InputColumn::Numbers(values) => {
                values.push(if let Cell::Number(value) = cell { *value } else { f64::NAN });
            }
            InputColumn::Booleans(values) => {
                values.push(if let Cell::Boolean(value) = cell { f32::from(u8::from(*value)) } else { f32::NAN });
            }
            InputColumn::Moments(moments) => {
                moments.push(if let Cell::Time(moment) = cell { moment.0 } else { MISSING_MOMENT });
            }
            InputColumn::Words { codes, words } => {
                codes.push(if let Cell::Text(word) = cell {
                    intern(word, words, &mut self.known)
                } else {
                    MISSING_WORD
                });
            }
        }
    }

    pub(super) fn finish(self) -> InputColumn {
        self.column
    }
}

fn intern(word: &str, words: &mut Vec<String>, known: &mut HashMap<String, u32>) -> u32 {
    if let Some(&code) = known.get(word) {
        return code;
    }
    let code = words.len() as u32;
    words.push(word.to_owned());
    known.insert(word.to_owned(), code);
    code
}
