//! The fitted encoding of each input column.

use std::collections::HashMap;

use domain::row::Cell;
use domain::specification::{Column, ColumnKind};
use serde::{Deserialize, Serialize};

use super::inputs::{InputColumn, Inputs, MISSING_MOMENT};
use super::moment;
use super::vocabulary::{self, MAX_FREQUENT_TEXTS, MAX_WORDS, MIN_TEXT_ROWS};
use crate::features::{Feature, FeatureKind, Features};

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

#[derive(Clone, Debug, PartialEq)]
enum Encoding {
    Number,
    Boolean,
    Words { words: Vec<String>, codes: HashMap<String, u32>, other: bool },
    Moment { yearly: bool },
}

impl Encoder {
    /// Learns the vocabularies of `inputs`, which has one column for each of `columns`.
    #[must_use]
    pub fn fit(columns: &[Column], inputs: &Inputs) -> Self {
        let encodings = columns.iter().zip(&inputs.columns).map(|(column, cells)| Encoding::fit(column.kind, cells));
        Self::new(encodings.collect(), columns.iter().map(|column| column.name.clone()).collect())
    }

    fn new(columns: Vec<Encoding>, names: Vec<String>) -> Self {
        let mut firsts = vec![0];
        for encoding in &columns {
            firsts.push(firsts[firsts.len() - 1] + encoding.width());
        }
        Self { columns, firsts, names }
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

impl Encoding {
    fn fit(kind: ColumnKind, cells: &InputColumn) -> Self {
        match (kind, cells) {
            (ColumnKind::Text, InputColumn::Words { codes, words }) => {
                let kept = vocabulary::frequent(codes, words, MIN_TEXT_ROWS, MAX_FREQUENT_TEXTS);
                Self::words(kept, true)
            }
            (_, InputColumn::Words { codes, words }) => {
                Self::words(vocabulary::frequent(codes, words, 1, MAX_WORDS), false)
            }
            (_, InputColumn::Booleans(_)) => Self::Boolean,
            (_, InputColumn::Numbers(_)) => Self::Number,
            (_, InputColumn::Moments(moments)) => {
                let known = || moments.iter().copied().filter(|&moment| moment != MISSING_MOMENT);
                let (first, last) = (known().min().unwrap_or(0), known().max().unwrap_or(0));
                Self::Moment { yearly: moment::covers_years(first, last) }
            }
        }
    }

    fn words(words: Vec<String>, other: bool) -> Self {
        let codes = vocabulary::index(&words);
        Self::Words { words, codes, other }
    }

    fn width(&self) -> usize {
        if let Self::Moment { yearly } = self { moment::parts(*yearly) } else { 1 }
    }

    fn named(&self, column: &str) -> Vec<(String, FeatureKind)> {
        match self {
            Self::Number | Self::Boolean => vec![(column.to_owned(), FeatureKind::Numeric)],
            Self::Words { words, other, .. } => {
                let categories = words.len() as u32 + u32::from(*other);
                vec![(column.to_owned(), FeatureKind::Categorical { categories })]
            }
            Self::Moment { yearly } => moment::PARTS[..moment::parts(*yearly)]
                .iter()
                .map(|part| (format!("{column}: {part}"), FeatureKind::Numeric))
                .collect(),
        }
    }

    fn write(&self, cell: &Cell, out: &mut [f32]) {
        match (self, cell) {
            (Self::Number, Cell::Number(value)) => out[0] = number(*value),
            (Self::Boolean, Cell::Boolean(value)) => out[0] = f32::from(u8::from(*value)),
            (Self::Words { .. }, Cell::Text(word)) => out[0] = self.code(word),
            (Self::Moment { .. }, Cell::Time(at)) => moment::write(*at, out),
            _ => out.fill(f32::NAN),
        }
    }

    fn code(&self, word: &str) -> f32 {
        let Self::Words { words, codes, other } = self else { return f32::NAN };
        match codes.get(word) {
            Some(&code) => code as f32,
            None if *other => words.len() as f32,
            None => f32::NAN,
        }
    }

    fn fill(&self, cells: &InputColumn, out: &mut [Feature]) {
        match (self, cells) {
            (Self::Number, InputColumn::Numbers(values)) => {
                out[0].values.iter_mut().zip(values).for_each(|(out, &value)| *out = number(value));
            }
            (Self::Boolean, InputColumn::Booleans(values)) => out[0].values.copy_from_slice(values),
            (Self::Words { .. }, InputColumn::Words { codes, words }) => {
                let recode: Vec<f32> = words.iter().map(|word| self.code(word)).collect();
                let known = |code: u32| recode.get(code as usize).copied().unwrap_or(f32::NAN);
                out[0].values.iter_mut().zip(codes).for_each(|(out, &code)| *out = known(code));
            }
            (Self::Moment { .. }, InputColumn::Moments(moments)) => {
                let mut parts = [0.0; moment::PARTS.len()];
                for (row, &at) in moments.iter().enumerate().filter(|(_, at)| **at != MISSING_MOMENT) {
                    moment::write(domain::Timestamp(at), &mut parts[..out.len()]);
                    out.iter_mut().zip(parts).for_each(|(column, part)| column.values[row] = part);
                }
            }
            _ => {}
        }
    }
}

/// A number too large for `f32` takes the largest one: an infinite value would be no value.
fn number(value: f64) -> f32 {
    (value as f32).clamp(f32::MIN, f32::MAX)
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    columns: Vec<StoredColumn>,
}

#[derive(Clone, Serialize, Deserialize)]
struct StoredColumn {
    name: String,
    #[serde(flatten)]
    encoding: StoredEncoding,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "encoding")]
enum StoredEncoding {
    Number,
    Boolean,
    Words { words: Vec<String>, other: bool },
    Moment { yearly: bool },
}

impl From<Encoder> for Stored {
    fn from(encoder: Encoder) -> Self {
        let column = |(encoding, name)| StoredColumn {
            name,
            encoding: match encoding {
                Encoding::Number => StoredEncoding::Number,
                Encoding::Boolean => StoredEncoding::Boolean,
                Encoding::Words { words, other, .. } => StoredEncoding::Words { words, other },
                Encoding::Moment { yearly } => StoredEncoding::Moment { yearly },
            },
        };
        Self { columns: encoder.columns.into_iter().zip(encoder.names).map(column).collect() }
    }
}

impl TryFrom<Stored> for Encoder {
    type Error = String;
    fn try_from(stored: Stored) -> Result<Self, String> {
        let mut names = Vec::new();
        let mut columns = Vec::new();
        for column in stored.columns {
            columns.push(match column.encoding {
                StoredEncoding::Number => Encoding::Number,
                StoredEncoding::Boolean => Encoding::Boolean,
                StoredEncoding::Moment { yearly } => Encoding::Moment { yearly },
                StoredEncoding::Words { words, other } => {
                    if vocabulary::index(&words).len() != words.len() {
                        return Err(format!("a word of `{}` appears twice", column.name));
                    }
                    Encoding::words(words, other)
                }
            });
            names.push(column.name);
        }
        Ok(Self::new(columns, names))
    }
}
