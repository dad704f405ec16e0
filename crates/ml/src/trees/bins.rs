//! Feature values as bin codes, laid out for histograms.

use rayon::prelude::*;

use super::forest::{MISSING_CATEGORY, MISSING_LEFT, PRESENT};
use super::grown::{BinSet, MISSING};
use super::predict::code;
use super::quantile;
use crate::features::{Feature, FeatureKind, Features};

/// Value bins of a feature at most; one more code is for missing values.
pub(super) const MAX_BINS: usize = 255;

/// Bins of a categorical feature at most: a split's set of them and of the missing ones is one word of 64 bits.
pub(super) const MAX_CATEGORY_BINS: usize = 63;

/// Features in a block at most: with 256 sums of 16 bytes each, a block's histograms fit a 32 KiB first-level cache.
const BLOCK_WIDTH: usize = 8;

/// How the values of one feature become bins.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cuts {
    /// Ascending upper bounds (inclusive) of all bins but the last, which is open.
    Numeric(Vec<f32>),
    /// The bin of each category. With more categories than bins the rarest share the last one.
    Categorical {
        /// Indexed by category code.
        bin_of: Vec<u8>,
        /// Bins in use.
        bins: usize,
    },
}

impl Cuts {
    fn of(feature: &Feature, bins: usize) -> Self {
        match feature.kind {
            FeatureKind::Numeric => Self::Numeric(quantile::cuts(&feature.values, bins)),
            FeatureKind::Categorical { categories } => {
                Self::categorical(&feature.values, categories as usize, bins.min(MAX_CATEGORY_BINS))
            }
        }
    }

    fn categorical(values: &[f32], categories: usize, bins: usize) -> Self {
        let mut counts = vec![0_usize; categories];
        for at in values.iter().filter_map(|&value| code(value)) {
            if let Some(count) = counts.get_mut(at as usize) {
                *count += 1;
            }
        }
        let mut order: Vec<usize> = (0..categories).collect();
        if categories > bins {
            order.sort_by_key(|&category| std::cmp::Reverse(counts[category]));
        }
        let mut bin_of = vec![0; categories];
        for (place, category) in order.into_iter().enumerate() {
            bin_of[category] = place.min(bins - 1) as u8;
        }
        Self::Categorical { bin_of, bins: categories.clamp(1, bins) }
    }

    /// Value bins in use, at least 1.
    pub(super) fn bins(&self) -> usize {
        match self {
            Self::Numeric(cuts) => cuts.len() + 1,
            Self::Categorical { bins, .. } => *bins,
        }
    }

    fn bin(&self, value: f32) -> u8 {
        match self {
            _ if value.is_nan() => MISSING,
            Self::Numeric(cuts) => cuts.partition_point(|&cut| cut < value) as u8,
            Self::Categorical { bin_of, .. } => {
                code(value).and_then(|code| bin_of.get(code as usize).copied()).unwrap_or(MISSING)
            }
        }
    }

    /// What a node asks of a row's cell so as to send `left` left; see [`super::forest::Node`].
    pub(super) fn test(&self, left: &BinSet) -> u64 {
        match self {
            Self::Numeric(cuts) => {
                let last = left.last_value().and_then(|bin| cuts.get(usize::from(bin)));
                let threshold = last.copied().unwrap_or(f32::INFINITY).to_bits();
                let missing = if left.missing() { MISSING_LEFT } else { 0 };
                u64::from(threshold) | PRESENT | missing
            }
            Self::Categorical { bins, .. } => {
                let missing = if left.missing() { MISSING_CATEGORY } else { 0 };
                (0..*bins).filter(|&bin| left.contains(bin as u8)).fold(missing, |set, bin| set | 1 << bin)
            }
        }
    }

    /// The bin of each category; empty for numbers.
    pub(super) fn bin_of(&self) -> &[u8] {
        match self {
            Self::Numeric(_) => &[],
            Self::Categorical { bin_of, .. } => bin_of,
        }
    }
}

/// The cuts of every feature.
pub(super) fn cuts(x: &Features, bins: usize) -> Vec<Cuts> {
    x.columns.par_iter().map(|feature| Cuts::of(feature, bins)).collect()
}

/// Codes of up to eight neighbouring features, row by row.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// Position of the first feature.
    pub(super) first: usize,
    /// Number of features.
    pub(super) width: usize,
    /// `rows × width` codes.
    pub(super) codes: Vec<u8>,
}

impl Block {
    fn of(columns: &[Vec<u8>], first: usize) -> Self {
        let width = columns.len();
        let mut codes = vec![0; columns[0].len() * width];
        for (offset, column) in columns.iter().enumerate() {
            codes.iter_mut().skip(offset).step_by(width).zip(column).for_each(|(code, &value)| *code = value);
        }
        Self { first, width, codes }
    }
}

/// All rows as codes.
#[derive(Clone, Debug)]
pub(super) struct Binned {
    pub(super) rows: usize,
    /// One code a row for each feature.
    pub(super) columns: Vec<Vec<u8>>,
}

impl Binned {
    pub(super) fn of(x: &Features, cuts: &[Cuts]) -> Self {
        let columns = x.columns.par_iter().zip(cuts);
        let columns = columns.map(|(feature, cuts)| feature.values.iter().map(|&value| cuts.bin(value)).collect());
        Self { rows: x.rows, columns: columns.collect() }
    }

    /// The same codes by blocks of features. A sum over rows wants the features of a row side by side; walks and
    /// partings ask one feature at a time and want columns.
    pub(super) fn blocks(&self) -> Vec<Block> {
        // at least two blocks, so that two threads have something to do
        let blocks = self.columns.len().div_ceil(BLOCK_WIDTH).max(2);
        let width = self.columns.len().div_ceil(blocks).max(1);
        let columns = self.columns.par_chunks(width).enumerate();
        columns.map(|(block, columns)| Block::of(columns, block * width)).collect()
    }

    /// The code of one feature in one row.
    pub(super) fn code(&self, row: usize, feature: usize) -> u8 {
        self.columns[feature][row]
    }
}
