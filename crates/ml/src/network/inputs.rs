//! From feature values to places in embedding tables, fitted once on the training rows.
//!
//! A number goes to a normal score by its training quantile, and that score to a place between two knots, so that its
//! embedding is piecewise linear (Gorishniy et al., 2022, "On embeddings for numerical features in tabular deep
//! learning"). A category goes to a row of its own.

use serde::{Deserialize, Serialize};

use super::ranks::{evenly, interpolate, mid_rank, normal_score};
use crate::features::{Feature, FeatureKind, Features};
use crate::linear::code;

/// Quantiles that describe a number's training distribution.
const QUANTILES: usize = 256;

/// A place in a feature's embedding table: `fraction` of the way from row `slot` to row `slot + 1`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Cell {
    pub(crate) slot: u32,
    pub(crate) fraction: f32,
}

/// How one feature finds its place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Encoding {
    /// Tells nothing: the network does not see it.
    Dropped,
    /// Slots: one an edge, then one for missing.
    Numeric {
        /// Training quantiles, ascending and distinct.
        quantiles: Vec<f32>,
        /// Normal score of each quantile, ascending.
        scores: Vec<f32>,
        /// Normal scores at which the embedding may bend, ascending and distinct.
        edges: Vec<f32>,
        /// The median, taken for missing values if training had none.
        median: f32,
        /// Whether training had missing values.
        missing: bool,
        /// Whether most training values were missing.
        mostly_missing: bool,
    },
    /// Slots: one a kept category, then one for rare, unknown and missing.
    Categorical {
        /// Slot of each code; `None` = rare or never seen.
        codes: Vec<Option<u32>>,
        /// Slot of the commonest.
        common: u32,
    },
}

impl Encoding {
    /// Learns how to encode `feature`.
    pub(crate) fn fit(feature: &Feature, bins: usize, min_category_rows: u32) -> Self {
        match feature.kind {
            FeatureKind::Numeric => fit_numeric(&feature.values, bins),
            FeatureKind::Categorical { categories } => fit_categorical(&feature.values, categories, min_category_rows),
        }
    }

    /// Rows of the embedding table.
    pub(crate) fn slots(&self) -> usize {
        match self {
            Self::Dropped => 0,
            Self::Numeric { edges, .. } => edges.len() + 1,
            Self::Categorical { codes, .. } => codes.iter().flatten().count() + 1,
        }
    }

    /// The place of `value`; what is not finite is missing.
    pub(crate) fn cell(&self, value: f32) -> Cell {
        match self {
            Self::Dropped => Cell::default(),
            Self::Numeric { edges, missing: true, .. } if !value.is_finite() => {
                Cell { slot: edges.len() as u32, fraction: 0.0 }
            }
            Self::Numeric { quantiles, scores, edges, median, .. } => {
                let known = if value.is_finite() { value } else { *median };
                between(edges, interpolate(quantiles, scores, known))
            }
            Self::Categorical { codes, .. } => {
                let slot = code(value, codes.len()).and_then(|code| codes[code]);
                Cell { slot: slot.unwrap_or(self.slots() as u32 - 1), fraction: 0.0 }
            }
        }
    }

    /// The place of the training median, or of the commonest category.
    pub(crate) fn typical(&self) -> Cell {
        match self {
            Self::Dropped => Cell::default(),
            Self::Numeric { mostly_missing: true, .. } => self.cell(f32::NAN),
            Self::Numeric { median, .. } => self.cell(*median),
            Self::Categorical { common, .. } => Cell { slot: *common, fraction: 0.0 },
        }
    }

    /// Whether stored numbers can be computed with.
    pub(crate) fn is_sound(&self) -> bool {
        match self {
            Self::Dropped => true,
            Self::Numeric { quantiles, scores, edges, median, .. } => {
                let aligned = quantiles.len() == scores.len() && !quantiles.is_empty() && !edges.is_empty();
                aligned && ascending(quantiles) && ascending(scores) && ascending(edges) && median.is_finite()
            }
            Self::Categorical { codes, common } => {
                let mut slots: Vec<u32> = codes.iter().flatten().copied().collect();
                slots.sort_unstable();
                slots.iter().zip(0..).all(|(&slot, place)| slot == place) && (*common as usize) < self.slots()
            }
        }
    }
}

/// Encodes rows `rows` of `x`, one cell a feature, row by row.
pub(crate) fn cells(encodings: &[Encoding], x: &Features, rows: std::ops::Range<usize>) -> Vec<Cell> {
    let mut cells = vec![Cell::default(); rows.len() * encodings.len()];
    for (feature, (encoding, column)) in encodings.iter().zip(&x.columns).enumerate() {
        for (line, &value) in cells.chunks_exact_mut(encodings.len()).zip(&column.values[rows.clone()]) {
            line[feature] = encoding.cell(value);
        }
    }
    // Features that `x` does not have are missing.
    for (feature, encoding) in encodings.iter().enumerate().skip(x.columns.len()) {
        cells.chunks_exact_mut(encodings.len()).for_each(|line| line[feature] = encoding.cell(f32::NAN));
    }
    cells
}

fn ascending(values: &[f32]) -> bool {
    values.iter().all(|v| v.is_finite()) && values.windows(2).all(|pair| pair[0] < pair[1])
}

fn fit_numeric(values: &[f32], bins: usize) -> Encoding {
    let mut known: Vec<f32> = values.iter().copied().filter(|v| v.is_finite()).collect();
    known.sort_unstable_by(f32::total_cmp);
    // −0 and +0 are one value.
    known.iter_mut().for_each(|v| *v += 0.0);
    let missing = known.len() < values.len();
    let mut quantiles = evenly(&known, QUANTILES);
    quantiles.dedup();
    if quantiles.len() + usize::from(missing) < 2 {
        return Encoding::Dropped;
    }
    let Some(&median) = known.get(known.len() / 2) else { return Encoding::Dropped };
    let mut scores: Vec<f32> = quantiles.iter().map(|&q| normal_score(mid_rank(&known, q))).collect();
    separate(&mut quantiles, &mut scores);
    let edges = edges(&known, &quantiles, &scores, bins);
    let mostly_missing = known.len() * 2 < values.len();
    Encoding::Numeric { quantiles, scores, edges, median, missing, mostly_missing }
}

/// Drops quantiles whose scores coincide after rounding, so that both stay strictly ascending.
fn separate(quantiles: &mut Vec<f32>, scores: &mut Vec<f32>) {
    let mut pairs: Vec<(f32, f32)> = quantiles.drain(..).zip(scores.drain(..)).collect();
    pairs.dedup_by(|next, kept| next.1 <= kept.1);
    (*quantiles, *scores) = pairs.into_iter().unzip();
}

fn edges(known: &[f32], quantiles: &[f32], scores: &[f32], bins: usize) -> Vec<f32> {
    if quantiles.len() <= bins + 1 {
        return scores.to_vec();
    }
    let cuts = evenly(known, bins + 1);
    let mut edges: Vec<f32> = cuts.iter().map(|&cut| interpolate(quantiles, scores, cut)).collect();
    edges.dedup_by(|next, kept| *next <= *kept);
    edges
}

fn between(edges: &[f32], score: f32) -> Cell {
    if edges.len() < 2 {
        return Cell::default();
    }
    let slot = edges.partition_point(|&edge| edge <= score).clamp(1, edges.len() - 1) - 1;
    let fraction = (score - edges[slot]) / (edges[slot + 1] - edges[slot]);
    Cell { slot: slot as u32, fraction: fraction.clamp(0.0, 1.0) }
}

fn fit_categorical(values: &[f32], categories: u32, min_rows: u32) -> Encoding {
    let mut counts = vec![0_u32; categories as usize];
    let mut others = 0;
    for &value in values {
        match code(value, counts.len()) {
            Some(code) => counts[code] += 1,
            None => others += 1,
        }
    }
    others += counts.iter().filter(|&&n| n < min_rows).sum::<u32>();
    let mut sizes: Vec<u32> = counts.iter().copied().filter(|&n| n >= min_rows.max(1)).collect();
    sizes.push(others);
    if sizes.iter().filter(|&&n| n > 0).count() < 2 {
        return Encoding::Dropped;
    }
    let mut next = 0..;
    let codes = counts.iter().map(|&n| if n >= min_rows.max(1) { next.next() } else { None }).collect();
    let common = (0..sizes.len()).rev().max_by_key(|&slot| sizes[slot]).unwrap_or(0) as u32;
    Encoding::Categorical { codes, common }
}
