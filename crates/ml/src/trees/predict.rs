//! Rows through trees.
//!
//! A walk is a chain of dependent loads, so one walk alone leaves the processor waiting. Eight walks go in step instead:
//! eight trees for a single row, eight rows for each tree of a batch. The two add up leaves in the same order and give
//! the same bits.

use rayon::prelude::*;

use super::forest::{CATEGORICAL, Forest, Link, MISSING_RIGHT, Node, SPLIT};
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
        let row = &row[..self.features];
        let out = &mut out[..self.outputs()];
        out.fill(0.0);
        let (groups, rest) = self.roots.as_chunks::<LANES>();
        for (group, roots) in groups.iter().enumerate() {
            let leaves = self.descend(*roots, |_, feature| row[feature]);
            for (lane, leaf) in leaves.into_iter().enumerate() {
                self.add_leaf(group * LANES + lane, leaf, out);
            }
        }
        for (tree, &root) in rest.iter().enumerate() {
            let [leaf] = self.descend([root], |_, feature| row[feature]);
            self.add_leaf(groups.len() * LANES + tree, leaf, out);
        }
        self.add_base(out);
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
        out.par_chunks_mut(self.outputs() * BLOCK).enumerate().for_each_init(
            || vec![0.0; BLOCK * self.features],
            |buffer, (block, out)| {
                copy_rows(x, block * BLOCK, self.features, buffer);
                self.score_block(buffer, out);
            },
        );
        out
    }

    /// Scores up to `BLOCK` rows held row by row in `rows`; lanes beyond the last row walk along unused.
    fn score_block(&self, rows: &[f32], out: &mut [f32]) {
        let (outputs, width) = (self.outputs(), self.features);
        for (tree, &root) in self.roots.iter().enumerate() {
            let groups = rows.chunks_exact(LANES * width).zip(out.chunks_mut(LANES * outputs));
            for (rows, out) in groups {
                let leaves = self.descend([root; LANES], |lane, feature| rows[lane * width + feature]);
                for (leaf, out) in leaves.into_iter().zip(out.chunks_mut(outputs)) {
                    self.add_leaf(tree, leaf, out);
                }
            }
        }
        out.chunks_mut(outputs).for_each(|out| self.add_base(out));
    }

    /// Walks every lane from its node to a leaf and answers the leaves' rows of values; `value` tells a lane's feature.
    #[inline(always)]
    fn descend<const N: usize>(&self, at: [u32; N], value: impl Fn(usize, usize) -> f32) -> [u32; N] {
        // a forest without category sets spares every step the question
        if self.words.is_empty() {
            self.walk(at, |lane, node| beyond_threshold(node, value(lane, node.feature as usize)))
        } else {
            self.walk(at, |lane, node| self.goes_right(node, value(lane, node.feature as usize)))
        }
    }

    #[inline(always)]
    fn walk<const N: usize>(&self, mut at: [u32; N], goes_right: impl Fn(usize, Node) -> u32) -> [u32; N] {
        let nodes = &self.nodes[..];
        loop {
            let mut moving = 0;
            for (lane, at) in at.iter_mut().enumerate() {
                let node = nodes[*at as usize];
                moving |= node.flags;
                *at = node.left + goes_right(lane, node);
            }
            if moving & SPLIT == 0 {
                return at.map(|at| nodes[at as usize].payload);
            }
        }
    }

    /// 1 when a row with `value` goes to the right child, else 0; always 0 in a leaf.
    ///
    /// Both sorts of splits are asked, and the one that counts is picked: which sort comes next cannot be predicted, and
    /// a wrong guess costs more than the idle question.
    #[inline(always)]
    pub(super) fn goes_right(&self, node: Node, value: f32) -> u32 {
        let categorical = (node.flags / CATEGORICAL) & 1;
        let outside = self.outside_set(node.payload * categorical, value, (node.flags / MISSING_RIGHT) & 1);
        let right =
            outside & 0_u32.wrapping_sub(categorical) | beyond_threshold(node, value) & categorical.wrapping_sub(1);
        right & node.flags & SPLIT
    }

    /// 1 when the category in `value` is not in the set at `start`; `unknown` when it is none, or beyond the set.
    #[inline(always)]
    fn outside_set(&self, start: u32, value: f32, unknown: u32) -> u32 {
        let start = start as usize;
        let Some(&length) = self.words.get(start) else { return unknown };
        let code = value as u32;
        let known = u32::from(code as f32 == value) & u32::from(code / 32 < length);
        // beyond the set, any word will do: its answer is not taken
        let word = self.words.get(start + 1 + (code / 32 * known) as usize).copied().unwrap_or(0);
        let outside = !(word >> (code % 32)) & 1;
        outside & known | unknown & (known ^ 1)
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

/// [`Forest::goes_right`] of a node that is not categorical.
#[inline(always)]
fn beyond_threshold(node: Node, value: f32) -> u32 {
    // a comparison with a missing value is false, so only the flag can send it right
    let missing = u32::from(value.is_nan()) & (node.flags / MISSING_RIGHT);
    (u32::from(value > f32::from_bits(node.payload)) | missing) & node.flags & SPLIT
}

/// The category code in `value`; none when missing, negative, fractional or beyond 2³².
pub(super) fn code(value: f32) -> Option<u32> {
    let code = value as u32;
    (code as f32 == value).then_some(code)
}

fn copy_rows(x: &Features, start: usize, features: usize, rows: &mut [f32]) {
    let end = x.rows.min(start + BLOCK);
    for (feature, column) in x.columns[..features].iter().enumerate() {
        for (row, &value) in column.values[start..end].iter().enumerate() {
            rows[row * features + feature] = value;
        }
    }
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
