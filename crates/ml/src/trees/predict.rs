//! Rows through trees.
//!
//! A walk is a chain of dependent loads, so one walk alone leaves the processor waiting. Eight walks go in step instead:
//! eight trees for a single row, eight rows for each tree of a batch. The two add up leaves in the same order and give
//! the same bits.

use rayon::prelude::*;

use super::forest::{Cell, Forest, Link, MISSING_CATEGORY, MISSING_LEFT, PRESENT};
use crate::features::Features;

/// Walks in step.
const LANES: usize = 8;
/// Rows that go through all trees together, a multiple of the lanes.
const BLOCK: usize = 64;

impl Forest {
    /// Predicts one row: `row` holds a value a feature (`NaN` is missing), `out` receives [`Forest::outputs`] numbers:
    /// the probability of class 1, one probability a class, or the value.
    ///
    /// # Panics
    /// When `row` is shorter than [`Forest::features`] or `out` shorter than [`Forest::outputs`].
    pub fn predict_row(&self, row: &[f32], out: &mut [f32]) {
        self.score_row(row, out);
        self.link_row(&mut out[..self.outputs()]);
    }

    /// As [`Forest::predict_row`], without the link: log-odds for boosted classifiers.
    ///
    /// # Panics
    /// As [`Forest::predict_row`].
    pub fn score_row(&self, row: &[f32], out: &mut [f32]) {
        let cells = self.cells(row);
        let out = &mut out[..self.outputs()];
        out.fill(0.0);
        let (groups, rest) = self.roots.as_chunks::<LANES>();
        for (group, roots) in groups.iter().enumerate() {
            let leaves = self.descend(*roots, |_, feature| cells[feature]);
            for (lane, leaf) in leaves.into_iter().enumerate() {
                self.add_leaf(group * LANES + lane, leaf, out);
            }
        }
        for (tree, &root) in rest.iter().enumerate() {
            let [leaf] = self.descend([root], |_, feature| cells[feature]);
            self.add_leaf(groups.len() * LANES + tree, leaf, out);
        }
        self.add_base(out);
    }

    /// What the nodes ask of a row: one cell a feature.
    pub(super) fn cells(&self, row: &[f32]) -> Vec<Cell> {
        self.bin_of.iter().zip(&row[..self.features()]).map(|(bin_of, &value)| cell(bin_of, value)).collect()
    }

    /// Predicts all rows: `rows × outputs` numbers, row by row, in the current thread pool.
    ///
    /// # Panics
    /// When `x` has fewer columns than [`Forest::features`].
    #[must_use]
    pub fn predict(&self, x: &Features) -> Vec<f32> {
        let mut scores = self.scores(x);
        scores.par_chunks_mut(self.outputs() * BLOCK).for_each(|block| {
            block.chunks_mut(self.outputs()).for_each(|out| self.link_row(out));
        });
        scores
    }

    /// As [`Forest::predict`], without the link.
    ///
    /// # Panics
    /// As [`Forest::predict`].
    #[must_use]
    pub fn scores(&self, x: &Features) -> Vec<f32> {
        let mut out = vec![0.0; x.rows * self.outputs()];
        let blocks = out.par_chunks_mut(self.outputs() * BLOCK).enumerate();
        blocks.for_each_init(Vec::new, |cells, (block, out)| {
            self.fill_cells(x, block * BLOCK, cells);
            self.score_block(cells, out);
        });
        out
    }

    /// The cells of up to `BLOCK` rows from `start`, row by row; lanes beyond the last row hold what was there before.
    fn fill_cells(&self, x: &Features, start: usize, cells: &mut Vec<Cell>) {
        let features = self.features();
        cells.resize(BLOCK * features, cell(&[], f32::NAN));
        let end = x.rows.min(start + BLOCK);
        for (feature, bin_of) in self.bin_of.iter().enumerate() {
            for (row, &value) in x.columns[feature].values[start..end].iter().enumerate() {
                cells[row * features + feature] = cell(bin_of, value);
            }
        }
    }

    /// Scores up to `BLOCK` rows; lanes beyond the last row walk along unused.
    fn score_block(&self, cells: &[Cell], out: &mut [f32]) {
        let (outputs, width) = (self.outputs(), self.features());
        for (tree, &root) in self.roots.iter().enumerate() {
            let groups = cells.chunks_exact(LANES * width).zip(out.chunks_mut(LANES * outputs));
            for (cells, out) in groups {
                let leaves = self.descend([root; LANES], |lane, feature| cells[lane * width + feature]);
                for (leaf, out) in leaves.into_iter().zip(out.chunks_mut(outputs)) {
                    self.add_leaf(tree, leaf, out);
                }
            }
        }
        out.chunks_mut(outputs).for_each(|out| self.add_base(out));
    }

    /// Walks every lane from its node to a leaf and answers the leaves' rows of values; `cell` tells a lane's feature.
    #[inline(always)]
    fn descend<const N: usize>(&self, mut at: [u32; N], cell: impl Fn(usize, usize) -> Cell) -> [u32; N] {
        let nodes = &self.nodes[..];
        loop {
            let mut moved = 0;
            for (lane, at) in at.iter_mut().enumerate() {
                let node = nodes[*at as usize];
                let next = node.left + node.goes_right(cell(lane, node.feature as usize));
                moved |= next ^ *at;
                *at = next;
            }
            if moved == 0 {
                return at.map(|at| self.leaves[at as usize]);
            }
        }
    }

    fn add_leaf(&self, tree: usize, leaf: u32, out: &mut [f32]) {
        if self.width == 1 {
            out[self.tree_output[tree] as usize] += self.values[leaf as usize];
        } else {
            let start = leaf as usize * self.width;
            out.iter_mut().zip(&self.values[start..start + self.width]).for_each(|(out, value)| *out += value);
        }
    }

    fn add_base(&self, out: &mut [f32]) {
        let scale = self.scale();
        out.iter_mut().zip(&self.base).for_each(|(out, base)| *out = *out * scale + base);
    }

    fn link_row(&self, out: &mut [f32]) {
        match self.link {
            Link::Logistic => out.iter_mut().for_each(|score| *score = logistic(*score)),
            Link::Softmax => softmax(out),
            Link::Identity | Link::MeanValue | Link::MeanProbability => {}
        }
    }
}

fn cell(bin_of: &[u8], value: f32) -> Cell {
    if bin_of.is_empty() {
        return Cell { value, bit: if value.is_nan() { MISSING_LEFT } else { PRESENT } };
    }
    let bin = code(value).and_then(|code| bin_of.get(code as usize));
    Cell { value: f32::NEG_INFINITY, bit: bin.map_or(MISSING_CATEGORY, |bin| 1 << bin) }
}

/// The category code in `value`; none when missing, negative, fractional or beyond 2³².
pub(super) fn code(value: f32) -> Option<u32> {
    let code = value as u32;
    (code as f32 == value).then_some(code)
}

/// Probability of log-odds.
pub(super) fn logistic(score: f32) -> f32 {
    1.0 / (1.0 + (-score).exp())
}

/// Scores to probabilities in place.
pub(super) fn softmax(scores: &mut [f32]) {
    let top = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    scores.iter_mut().for_each(|score| *score = (*score - top).exp());
    let sum: f32 = scores.iter().sum();
    scores.iter_mut().for_each(|score| *score /= sum);
}
