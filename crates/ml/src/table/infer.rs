//! A guess at what each column holds, with what a person should look at before trusting it.

use super::Table;
use super::column::RawColumn;
use super::kind::Tally;

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// Every cell is a finite number.
    Numeric,
    /// Few different words.
    Categorical,
    /// Exactly two values, of one pair such as yes/no (see [`super::parse_boolean`]).
    Boolean,
    /// Every cell is a date or a time (see [`super::parse_datetime`]).
    DateTime,
    /// Mostly different words: more than 100 of them, and more than half of all.
    Text,
}

/// One column, as guessed from all of its cells.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct InferredColumn {
    /// Name from the header.
    pub name: String,
    /// What its cells are.
    pub kind: ColumnKind,
    /// Different values, without the missing ones, as text: `1` and `1.0` are two.
    pub distinct: usize,
    /// Missing cells.
    pub missing: usize,
    /// The first different values, at most five.
    pub examples: Vec<String>,
    /// Smallest number, of a numeric column.
    pub min: Option<f64>,
    /// Largest number, of a numeric column.
    pub max: Option<f64>,
    /// What to look at, for people.
    pub note: Option<String>,
}

/// Guesses every column of the table.
#[must_use]
pub fn infer(table: &Table) -> Vec<InferredColumn> {
    table.columns.iter().map(infer_column).collect()
}

fn infer_column(column: &RawColumn) -> InferredColumn {
    let tally = Tally::of(column);
    let kind = tally.kind();
    let numeric = kind == ColumnKind::Numeric;
    InferredColumn {
        name: column.name.clone(),
        kind,
        distinct: tally.distinct(),
        missing: tally.missing,
        examples: tally.examples.iter().map(|&example| shortened(example)).collect(),
        min: numeric.then_some(tally.min),
        max: numeric.then_some(tally.max),
        note: tally.note(kind),
    }
}

/// At most 80 characters, for a page or a message.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
