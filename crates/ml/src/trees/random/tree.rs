use std::ops::{ControlFlow, Range};

use rand_chacha::ChaCha8Rng;

use super::RandomParameters;
use super::node::{BinSums, Sample};
use super::statistic::Statistic;
use crate::trees::grown::{Grown, Split};
use crate::trees::growth::part_node;
use crate::trees::sampling;

/// Rows summed between two questions whether to go on: some ten milliseconds of work.
const PATIENCE: usize = 1_000_000;

/// Asked now and then whether to go on.
pub(super) type Pulse<'a> = &'a mut dyn FnMut() -> ControlFlow<()>;

/// A tree under way.
pub(super) struct Growing<'a> {
    sample: Sample<'a>,
    parameters: &'a RandomParameters,
    rows: Vec<u32>,
    scratch: Vec<u32>,
    features: Vec<u32>,
    bins: BinSums,
    rng: ChaCha8Rng,
    tree: Grown,
    worked: usize,
}

impl<'a> Growing<'a> {
    /// A tree on the `rows` of `sample`, with leaves of `width` values.
    pub(super) fn new(
        sample: Sample<'a>,
        rows: Vec<u32>,
        width: usize,
        parameters: &'a RandomParameters,
        rng: ChaCha8Rng,
    ) -> Self {
        Self {
            bins: BinSums::new(sample.statistic.channels()),
            features: (0..sample.cuts.len() as u32).collect(),
            scratch: vec![0; rows.len()],
            tree: Grown::root(width),
            sample,
            parameters,
            rows,
            rng,
            worked: 0,
        }
    }

    /// Grows to the end, or answers nothing when `pulse` breaks.
    pub(super) fn run(mut self, pulse: Pulse<'_>) -> Option<Grown> {
        let mut open = vec![(0, 0..self.rows.len(), 0)];
        while let Some((node, range, depth)) = open.pop() {
            if self.worked >= PATIENCE {
                self.worked = 0;
                if pulse().is_break() {
                    return None;
                }
            }
            let total = self.total(&range);
            let Some(split) = self.best_split(&range, &total, depth) else {
                self.settle(node, &total);
                continue;
            };
            let middle = range.start + self.part(&range, &split);
            let left = self.tree.split(node, split);
            open.push((left + 1, middle..range.end, depth + 1));
            open.push((left, range.start..middle, depth + 1));
        }
        self.tree.sum_covers();
        Some(self.tree)
    }

    fn total(&self, range: &Range<usize>) -> Vec<f64> {
        let mut total = vec![0.0; self.sample.statistic.channels()];
        for &row in &self.rows[range.clone()] {
            self.sample.statistic.add(row as usize, self.sample.weights[row as usize], &mut total);
        }
        total
    }

    /// The best split among a few features drawn at random; draws on while none of them can split.
    fn best_split(&mut self, range: &Range<usize>, total: &[f64], depth: u32) -> Option<Split> {
        let rows = &self.rows[range.clone()];
        if depth == self.parameters.max_depth || rows.len() < 2 * self.sample.min_leaf || self.is_pure(total) {
            return None;
        }
        let wanted = self.parameters.max_features.of(self.features.len());
        let mut best: Option<Split> = None;
        for drawn in 0..self.features.len() {
            if drawn >= wanted && best.is_some() {
                break;
            }
            let other = drawn + sampling::below(&mut self.rng, self.features.len() - drawn);
            self.features.swap(drawn, other);
            let split = self.bins.best(&self.sample, self.features[drawn] as usize, rows, total);
            self.worked += rows.len() + 256;
            if let Some(split) = split.filter(|split| best.is_none_or(|best| split.gain > best.gain)) {
                best = Some(split);
            }
        }
        best
    }

    fn is_pure(&self, total: &[f64]) -> bool {
        match self.sample.statistic {
            Statistic::Classes { .. } => total.iter().filter(|&&weight| weight > 0.0).count() < 2,
            Statistic::Values(_) => false,
        }
    }

    fn part(&mut self, range: &Range<usize>, split: &Split) -> usize {
        part_node(self.sample.binned, split, &mut self.rows[range.clone()], &mut self.scratch[range.clone()])
    }

    fn settle(&mut self, node: u32, total: &[f64]) {
        let weight = self.sample.statistic.weight(total);
        let share = |sum: f64| if weight > 0.0 { (sum / weight) as f32 } else { 0.0 };
        match self.sample.statistic {
            // class 1 of two, or the mean
            _ if self.tree.width == 1 => self.tree.settle(node, &[share(total[1])], weight as f32),
            _ => {
                let values: Vec<f32> = total.iter().map(|&sum| share(sum)).collect();
                self.tree.settle(node, &values, weight as f32);
            }
        }
    }
}
