//! What the inputs looked like when the model was trained.

use domain::specification::Column;
use domain::time::DAY;
use serde::{Deserialize, Serialize};

use crate::encode::{InputColumn, Inputs, MISSING_MOMENT};

/// Steps between the quantiles that are kept.
const STEPS: usize = 20;
/// Words that are kept by name.
const WORDS: usize = 30;

/// The distribution of one input column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// Name of the column.
    pub column: String,
    /// Rows looked at.
    pub rows: u64,
    /// Share of the rows without a value.
    pub missing: f64,
    /// How the values that are there are spread.
    pub shape: Shape,
}

/// How values are spread; shares are of the values that are there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Shape {
    /// Numbers: the quantiles 0 %, 5 %, …, 100 % (empty without a value), mean and standard deviation.
    Numbers {
        /// Ascending.
        quantiles: Vec<f64>,
        /// Arithmetic mean.
        mean: f64,
        /// Standard deviation.
        deviation: f64,
    },
    /// True and false.
    Booleans {
        /// Share of true.
        share: f64,
    },
    /// Words.
    Words {
        /// The most frequent with their shares, the most frequent first.
        frequent: Vec<(String, f64)>,
        /// Share of all others.
        others: f64,
    },
    /// Moments.
    Moments {
        /// Share of each weekday, Monday first (UTC).
        weekdays: Vec<f64>,
        /// Share of each hour of the day (UTC).
        hours: Vec<f64>,
    },
}

impl Reference {
    /// Whether every row holds the same value, or none.
    pub(super) fn is_constant(&self) -> bool {
        let single = match &self.shape {
            Shape::Numbers { quantiles, .. } => quantiles.first() == quantiles.last(),
            Shape::Booleans { share } => *share == 0.0 || *share == 1.0,
            Shape::Words { frequent, .. } => frequent.len() <= 1,
            Shape::Moments { .. } => false,
        };
        self.missing == 1.0 || self.missing == 0.0 && single
    }
}

/// The distribution of each column of `inputs`, one for each of `columns`.
#[must_use]
pub fn references(columns: &[Column], inputs: &Inputs) -> Vec<Reference> {
    let reference = |(column, cells): (&Column, &InputColumn)| {
        let (known, shape) = shape(cells);
        let missing = 1.0 - known as f64 / inputs.rows.max(1) as f64;
        Reference { column: column.name.clone(), rows: inputs.rows as u64, missing, shape }
    };
    columns.iter().zip(&inputs.columns).map(reference).collect()
}

/// Values that are there, and how they are spread.
fn shape(cells: &InputColumn) -> (usize, Shape) {
    match cells {
        InputColumn::Numbers(values) => {
            let mut known: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
            known.sort_unstable_by(f64::total_cmp);
            (known.len(), numbers(&known))
        }
        InputColumn::Booleans(values) => {
            let known = values.iter().filter(|value| !value.is_nan()).count();
            let yes = values.iter().filter(|value| **value > 0.5).count();
            (known, Shape::Booleans { share: yes as f64 / known.max(1) as f64 })
        }
        InputColumn::Words { codes, words } => words_shape(codes, words),
        InputColumn::Moments(moments) => moments_shape(moments),
    }
}

fn numbers(sorted: &[f64]) -> Shape {
    let n = sorted.len().max(1) as f64;
    let mean = sorted.iter().sum::<f64>() / n;
    let variance = sorted.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
    Shape::Numbers { quantiles: quantiles(sorted), mean, deviation: variance.sqrt() }
}

/// The quantiles 0 %, 5 %, …, 100 % of ascending values, without interpolation; empty without a value.
pub(super) fn quantiles(sorted: &[f64]) -> Vec<f64> {
    let Some(last) = sorted.len().checked_sub(1) else { return Vec::new() };
    (0..=STEPS).map(|step| sorted[(last * step + STEPS / 2) / STEPS]).collect()
}

fn words_shape(codes: &[u32], words: &[String]) -> (usize, Shape) {
    let mut counts = vec![0_usize; words.len()];
    codes.iter().filter_map(|&code| words.get(code as usize).map(|_| code as usize)).for_each(|code| counts[code] += 1);
    let known: usize = counts.iter().sum();
    let mut order: Vec<usize> = (0..words.len()).filter(|&code| counts[code] > 0).collect();
    order.sort_unstable_by(|&a, &b| counts[b].cmp(&counts[a]).then_with(|| words[a].cmp(&words[b])));
    let share = |count: usize| count as f64 / known.max(1) as f64;
    let frequent = order.iter().take(WORDS).map(|&code| (words[code].clone(), share(counts[code]))).collect();
    let others = order.iter().skip(WORDS).map(|&code| counts[code]).sum();
    (known, Shape::Words { frequent, others: share(others) })
}

fn moments_shape(moments: &[i64]) -> (usize, Shape) {
    let known: Vec<i64> = moments.iter().copied().filter(|&moment| moment != MISSING_MOMENT).collect();
    let share = |parts: usize, part: &dyn Fn(i64) -> i64| {
        let mut counts = vec![0_usize; parts];
        known.iter().for_each(|&moment| counts[part(moment) as usize] += 1);
        counts.iter().map(|&count| count as f64 / known.len().max(1) as f64).collect()
    };
    // 1970-01-01 was a Thursday
    let weekdays = share(7, &|moment| (moment.div_euclid(DAY) + 3).rem_euclid(7));
    let hours = share(24, &|moment| moment.rem_euclid(DAY) / domain::time::HOUR);
    (known.len(), Shape::Moments { weekdays, hours })
}
