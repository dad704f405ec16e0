//! The fitted encoding of each input column.

use domain::row::Cell;
use domain::specification::Column;
use serde::{Deserialize, Serialize};

use super::column::Encoding;
use super::inputs::Inputs;
use super::stored::Stored;
use crate::features::{Feature, Features};

/// Turns rows of cells into features, always in the same way.
///
/// Numbers and booleans become one numeric feature; words become codes of a fitted vocabulary (a categorical word that
/// was never seen is missing, a rare text shares the last code with all other rare ones); a moment becomes the sine and
/// cosine of its cycles.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Encoder {
    columns: Vec<Encoding>,
    /// First feature of each column, and the number of features at the end.
    firsts: Vec<usize>,
    names: Vec<String>,
}

impl Encoder {
    /// Learns the vocabularies of `inputs`, which has one column for each of `columns`.
    #[must_use]
    pub fn fit(columns: &[Column], inputs: &Inputs) -> Self {
        let encodings = columns.iter().zip(&inputs.columns).map(|(column, cells)| Encoding::fit(column.kind, cells));
        Self::new(encodings.collect(), columns.iter().map(|column| column.name.clone()).collect())
    }

    pub(super) fn new(columns: Vec<Encoding>, names: Vec<String>) -> Self {
        let mut firsts = vec![0];
        for encoding in &columns {
            firsts.push(firsts[firsts.len() - 1] + encoding.width());
        }
        Self { columns, firsts, names }
    }

    /// Encodings and names of the columns.
    pub(super) fn into_parts(self) -> (Vec<Encoding>, Vec<String>) {
        (self.columns, self.names)
    }

    /// Number of input columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns.len()
    }

    /// Names of the input columns, in their order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Number of features.
    #[must_use]
    pub fn features(&self) -> usize {
        self.firsts[self.columns.len()]
    }

    /// The features that input column `column` became.
    #[must_use]
    pub fn features_of(&self, column: usize) -> std::ops::Range<usize> {
        self.firsts[column]..self.firsts[column + 1]
    }

    /// The words that have a code of their own in input column `column`; empty for other kinds.
    #[must_use]
    pub fn words(&self, column: usize) -> &[String] {
        if let Encoding::Words { words, .. } = &self.columns[column] { words } else { &[] }
    }

    /// Whether input column `column` is one of words.
    #[must_use]
    pub fn is_words(&self, column: usize) -> bool {
        matches!(self.columns[column], Encoding::Words { .. })
    }

    /// Encodes one row into `out`, which holds [`Encoder::features`] numbers. A cell that is absent or of another kind
    /// than its column is missing.
    pub fn encode_row(&self, row: &[Cell], out: &mut [f32]) {
        for (at, encoding) in self.columns.iter().enumerate() {
            let out = &mut out[self.firsts[at]..self.firsts[at + 1]];
            match row.get(at) {
                Some(cell) => encoding.write(cell, out),
                None => out.fill(f32::NAN),
            }
        }
    }

    /// Encodes rows of cells; the same numbers as [`Encoder::encode_row`].
    #[must_use]
    pub fn encode_rows(&self, rows: &[Vec<Cell>]) -> Features {
        let mut columns = self.empty(rows.len());
        let mut buffer = vec![f32::NAN; self.features()];
        for (at, row) in rows.iter().enumerate() {
            self.encode_row(row, &mut buffer);
            columns.iter_mut().zip(&buffer).for_each(|(column, &value)| column.values[at] = value);
        }
        Features { rows: rows.len(), columns }
    }

    /// Encodes columns of inputs; the same numbers as [`Encoder::encode_row`].
    #[must_use]
    pub fn encode(&self, inputs: &Inputs) -> Features {
        let mut columns = self.empty(inputs.rows);
        for (at, (encoding, cells)) in self.columns.iter().zip(&inputs.columns).enumerate() {
            encoding.fill(cells, &mut columns[self.firsts[at]..self.firsts[at + 1]]);
        }
        Features { rows: inputs.rows, columns }
    }

    fn empty(&self, rows: usize) -> Vec<Feature> {
        let named = self.columns.iter().zip(&self.names).flat_map(|(encoding, name)| encoding.named(name));
        named.map(|(name, kind)| Feature { name, kind, values: vec![f32::NAN; rows] }).collect()
    }
}
