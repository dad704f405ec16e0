//! What boosting minimises.

use rayon::prelude::*;

use super::forest::Link;
use super::histogram::{Gradient, Grid};
use super::predict::{logistic, softmax};

/// Rows a thread takes at a time; fixed, so that sums of floats come out the same for any number of threads.
const CHUNK: usize = 4096;

/// Labels or values to be learnt.
#[derive(Clone, Debug)]
pub(super) enum Goal<'a> {
    /// Logarithmic loss over two classes.
    Binary(&'a [u32]),
    /// Logarithmic loss over more classes.
    Classes { labels: &'a [u32], classes: usize },
    /// Half the squared error.
    Values(&'a [f32]),
}

impl Goal<'_> {
    pub(super) fn outputs(&self) -> usize {
        match self {
            Self::Classes { classes, .. } => *classes,
            Self::Binary(_) | Self::Values(_) => 1,
        }
    }

    pub(super) fn link(&self) -> Link {
        match self {
            Self::Binary(_) => Link::Logistic,
            Self::Classes { .. } => Link::Softmax,
            Self::Values(_) => Link::Identity,
        }
    }

    /// The best constant scores.
    pub(super) fn base(&self, weights: &[f32]) -> Vec<f32> {
        let total: f64 = weights.iter().map(|&weight| f64::from(weight)).sum();
        let share = |label: u32, labels: &[u32]| {
            let hits = labels.iter().zip(weights).filter(|(other, _)| **other == label);
            // an absent class keeps a finite score
            (hits.map(|(_, &weight)| f64::from(weight)).sum::<f64>() / total).clamp(1e-6, 1.0 - 1e-6)
        };
        match self {
            Self::Binary(labels) => {
                let positive = share(1, labels);
                vec![(positive / (1.0 - positive)).ln() as f32]
            }
            Self::Classes { labels, classes } => {
                (0..*classes).map(|class| share(class as u32, labels).ln() as f32).collect()
            }
            Self::Values(values) => {
                let sum: f64 =
                    values.iter().zip(weights).map(|(&value, &weight)| f64::from(value) * f64::from(weight)).sum();
                vec![(sum / total) as f32]
            }
        }
    }

    /// Turns scores (`rows × outputs`) into predictions.
    pub(super) fn predict(&self, scores: &[f32], out: &mut [f32]) {
        let outputs = self.outputs();
        out.par_chunks_mut(CHUNK * outputs).zip(scores.par_chunks(CHUNK * outputs)).for_each(
            |(out, scores)| match self {
                Self::Binary(_) => out.iter_mut().zip(scores).for_each(|(out, &score)| *out = logistic(score)),
                Self::Values(_) => out.copy_from_slice(scores),
                Self::Classes { .. } => {
                    out.copy_from_slice(scores);
                    out.chunks_mut(outputs).for_each(softmax);
                }
            },
        );
    }

    /// Slopes and curvatures of the loss by the scores of `output`, given predictions (`rows × outputs`). `heaviest` is the
    /// largest weight.
    pub(super) fn gradients(
        &self,
        predictions: &[f32],
        weights: &[f32],
        heaviest: f32,
        output: usize,
        out: &mut [Gradient],
    ) {
        let grid = Grid::new(weights.len(), self.steepest(predictions, weights, heaviest), 2.0 * heaviest);
        out.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, out)| {
            for (row, out) in (chunk * CHUNK..).zip(out) {
                let (slope, curvature) = self.derivatives(predictions, row, output);
                *out = grid.round(slope * weights[row], curvature * weights[row]);
            }
        });
    }

    fn derivatives(&self, predictions: &[f32], row: usize, output: usize) -> (f32, f32) {
        match self {
            Self::Binary(labels) => {
                let p = predictions[row];
                (p - labels[row] as f32, p * (1.0 - p))
            }
            Self::Classes { labels, classes } => {
                let p = predictions[row * classes + output];
                let hit = if labels[row] as usize == output { 1.0 } else { 0.0 };
                // the factor makes up for one redundant output (Friedman 2001, algorithm 6)
                (p - hit, p * (1.0 - p) * *classes as f32 / (*classes as f32 - 1.0))
            }
            Self::Values(values) => (predictions[row] - values[row], 1.0),
        }
    }

    /// A bound of the slopes' sizes.
    fn steepest(&self, predictions: &[f32], weights: &[f32], heaviest: f32) -> f32 {
        let Self::Values(values) = self else { return heaviest };
        let slopes =
            predictions.iter().zip(*values).zip(weights).map(|((p, value), weight)| ((p - value) * weight).abs());
        slopes.fold(0.0, f32::max)
    }

    /// Weighted mean loss of scores (`rows × outputs`): logarithmic loss in nats, or the mean squared error.
    pub(super) fn loss(&self, scores: &[f32], weights: &[f32]) -> f64 {
        let outputs = self.outputs();
        let sums: Vec<(f64, f64)> = weights
            .par_chunks(CHUNK)
            .enumerate()
            .map(|(chunk, weights)| {
                let rows = (chunk * CHUNK..).zip(weights);
                rows.fold((0.0, 0.0), |(loss, total), (row, &weight)| {
                    let scores = &scores[row * outputs..(row + 1) * outputs];
                    (loss + self.row_loss(scores, row) * f64::from(weight), total + f64::from(weight))
                })
            })
            .collect();
        let (loss, total) = sums.into_iter().fold((0.0, 0.0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
        loss / total
    }

    fn row_loss(&self, scores: &[f32], row: usize) -> f64 {
        match self {
            Self::Binary(labels) => {
                let margin = f64::from(if labels[row] == 1 { -scores[0] } else { scores[0] });
                margin.max(0.0) + (-margin.abs()).exp().ln_1p()
            }
            Self::Classes { labels, .. } => {
                let top = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let sum: f64 = scores.iter().map(|score| f64::from(score - top).exp()).sum();
                sum.ln() - f64::from(scores[labels[row] as usize] - top)
            }
            Self::Values(values) => (f64::from(scores[0]) - f64::from(values[row])).powi(2),
        }
    }

    /// Average precision of scores for class 1, weighted; 0 unless binary or without positive rows.
    pub(super) fn average_precision(&self, scores: &[f32], weights: &[f32]) -> f64 {
        let Self::Binary(labels) = self else { return 0.0 };
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_unstable_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
        let (mut hits, mut seen, mut sum) = (0.0, 0.0, 0.0);
        // rows of one score stand or fall together
        for ties in order.chunk_by(|&a, &b| scores[a] == scores[b]) {
            let weight = |row: &&usize| f64::from(weights[**row]);
            let positive: f64 = ties.iter().filter(|&&row| labels[row] == 1).map(|row| weight(&row)).sum();
            hits += positive;
            seen += ties.iter().map(|row| weight(&row)).sum::<f64>();
            if positive > 0.0 {
                sum += positive * hits / seen;
            }
        }
        if hits > 0.0 { sum / hits } else { 0.0 }
    }
}
