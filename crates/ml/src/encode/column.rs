//! The fitted encoding of one input column.

use std::collections::HashMap;

use domain::row::Cell;
use domain::specification::ColumnKind;

use super::inputs::{InputColumn, MISSING_MOMENT};
use super::moment;
use super::vocabulary::{self, MAX_FREQUENT_TEXTS, MAX_WORDS, MIN_TEXT_ROWS};
use crate::features::{Feature, FeatureKind};

/// How the cells of a column become features.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Encoding {
    Number,
    Boolean,
    Words { words: Vec<String>, codes: HashMap<String, u32>, other: bool },
    Moment { yearly: bool },
}

impl Encoding {
    pub(super) fn fit(kind: ColumnKind, cells: &InputColumn) -> Self {
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

    pub(super) fn words(words: Vec<String>, other: bool) -> Self {
        let codes = vocabulary::index(&words);
        Self::Words { words, codes, other }
    }

    pub(super) fn width(&self) -> usize {
        if let Self::Moment { yearly } = self { moment::parts(*yearly) } else { 1 }
    }

    pub(super) fn named(&self, column: &str) -> Vec<(String, FeatureKind)> {
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

    pub(super) fn write(&self, cell: &Cell, out: &mut [f32]) {
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

    pub(super) fn fill(&self, cells: &InputColumn, out: &mut [Feature]) {
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
