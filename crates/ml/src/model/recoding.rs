//! Category codes as ordered numbers, for estimators that would otherwise learn too much from rare categories.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::features::{FeatureKind, Features};

/// Which categorical features become numeric, and the number of each of their codes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Recoding {
    pub(crate) tables: Vec<Table>,
}

/// The numbers of one feature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    pub(crate) feature: usize,
    /// The number of each code.
    pub(crate) numbers: Vec<f32>,
}

impl Table {
    pub(crate) fn number(&self, code: f32) -> f32 {
        let position = code as usize;
        if position as f32 == code { self.numbers.get(position).copied().unwrap_or(f32::NAN) } else { f32::NAN }
    }
}

impl Recoding {
    pub(crate) fn from_tables(tables: Vec<Table>) -> Self {
        Self { tables }
    }

    /// Whether every feature stays as it is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// Recodes one row in place.
    pub fn apply_row(&self, row: &mut [f32]) {
        for table in &self.tables {
            row[table.feature] = table.number(row[table.feature]);
        }
    }

    /// Recodes all rows.
    #[must_use]
    pub fn apply<'a>(&self, features: &'a Features) -> Cow<'a, Features> {
        if self.is_empty() {
            return Cow::Borrowed(features);
        }
        let mut recoded = features.clone();
        for table in &self.tables {
            let column = &mut recoded.columns[table.feature];
            column.kind = FeatureKind::Numeric;
            column.values.iter_mut().for_each(|value| *value = table.number(*value));
        }
        Cow::Owned(recoded)
    }

    /// Whether it can be applied to rows of `features` numbers.
    pub(crate) fn is_sound(&self, features: usize) -> bool {
        self.tables.iter().all(|table| table.feature < features && table.numbers.iter().all(|n| n.is_finite()))
    }
}

/// The numbers of one feature's codes.
pub(crate) fn recoding_table(feature: usize, numbers: Vec<f32>) -> Table {
    Table { feature, numbers }
}
