//! Rows sorted by score once, so that a thousand resamples need no further sorting.

use super::error::{MeasureError, check_labels, check_lengths, check_probabilities};
use super::sweep::{Step, Sweep};

/// Checked rows from the highest to the lowest score, with equal scores grouped.
#[derive(Clone, Debug)]
pub(super) struct Ranking {
    /// Row at each rank.
    order: Vec<u32>,
    /// Whether the row at each rank is positive.
    positive: Vec<bool>,
    /// Each distinct score, descending, with the rank just past its last row.
    groups: Vec<(f32, u32)>,
}

impl Ranking {
    /// `scores` are probabilities of the positive class, `labels` 0 or 1.
    pub(super) fn new(scores: &[f32], labels: &[u32]) -> Result<Self, MeasureError> {
        check_lengths(scores.len(), labels.len())?;
        check_probabilities(scores, 1)?;
        check_labels(labels, 2)?;
        Ok(Self::of(scores, |row| labels[row] == 1))
    }

    /// Ranks rows that were checked before.
    pub(super) fn of(scores: &[f32], positive: impl Fn(usize) -> bool) -> Self {
        let mut order: Vec<u32> = (0..scores.len() as u32).collect();
        order.sort_unstable_by(|&a, &b| scores[b as usize].total_cmp(&scores[a as usize]).then(a.cmp(&b)));
        let positive = order.iter().map(|&row| positive(row as usize)).collect();
        let mut groups: Vec<(f32, u32)> = Vec::new();
        for (rank, &row) in order.iter().enumerate() {
            let (score, end) = (scores[row as usize], rank as u32 + 1);
            match groups.last_mut() {
                Some(last) if last.0 == score => last.1 = end,
                _ => groups.push((score, end)),
            }
        }
        Self { order, positive, groups }
    }

    /// Forgets which row is which: weights then go by rank. A resample does not care, and reads memory in order.
    pub(super) fn by_rank(mut self) -> Self {
        self.order = (0..self.order.len() as u32).collect();
        self
    }

    /// Counts positives and negatives at each distinct score; `weights`, one a row, says how often each row counts
    /// (once each when `None`).
    pub(super) fn sweep(&self, weights: Option<&[u32]>) -> Sweep {
        let mut steps = Vec::with_capacity(self.groups.len());
        let mut start = 0;
        for &(score, end) in &self.groups {
            let step = self.step(score, start..end as usize, weights);
            if step.positives + step.negatives > 0 {
                steps.push(step);
            }
            start = end as usize;
        }
        Sweep::of(steps)
    }

    fn step(&self, score: f32, ranks: std::ops::Range<usize>, weights: Option<&[u32]>) -> Step {
        let mut step = Step { score, positives: 0, negatives: 0 };
        for rank in ranks {
            let weight = weights.map_or(1, |weights| weights[self.order[rank] as usize]);
            let count = if self.positive[rank] { &mut step.positives } else { &mut step.negatives };
            *count += weight;
        }
        step
    }
}
