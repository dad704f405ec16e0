//! The loss that training lowers, and the one that decides when to stop.

use candle_core::Result;
use rayon::prelude::*;

use super::backward::backward;
use super::forward::{Dropout, forward};
use super::inputs::Cell;
use super::layout::Layout;
use super::model::mean_response;
use super::weights::Weights;
use crate::linear::{Task, loss_and_slopes};

/// Rows that pass through the network together. Fixed, so that the order of every sum, and with it the result, does not
/// depend on the number of threads; small, so that the activations of all members stay in a core's cache.
pub(crate) const SHARD_ROWS: usize = 64;

/// Encoded rows with what is to be learnt from them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    /// rows × features
    pub(crate) cells: Vec<Cell>,
    /// Class code, or standardised value.
    pub(crate) targets: Vec<f32>,
    pub(crate) weights: Vec<f32>,
}

impl Rows {
    /// The rows named by `rows`, in that order.
    pub(crate) fn select(&self, rows: &[usize]) -> Self {
        let features = self.cells.len() / self.targets.len().max(1);
        Self {
            cells: rows.iter().flat_map(|row| &self.cells[row * features..(row + 1) * features]).copied().collect(),
            targets: rows.iter().map(|&row| self.targets[row]).collect(),
            weights: rows.iter().map(|&row| self.weights[row]).collect(),
        }
    }

    fn shards(&self) -> Vec<Self> {
        let rows: Vec<usize> = (0..self.targets.len()).collect();
        rows.chunks(SHARD_ROWS).map(|rows| self.select(rows)).collect()
    }
}

/// Mean over members of the weighted mean loss, and its gradient by all weights. Each member is judged by its own score:
/// that is what keeps the members different. `dropout` gives the generator of each shard.
pub(crate) fn members_loss(
    layout: &Layout,
    task: Task,
    weights: &Weights,
    batch: &Rows,
    share: f32,
    generator: impl Fn(usize) -> rand_chacha::ChaCha8Rng + Sync,
) -> Result<(f64, Vec<f32>)> {
    let total: f32 = batch.weights.iter().sum();
    let factor = 1.0 / (total.max(f32::MIN_POSITIVE) * layout.shape.members as f32);
    let parts: Vec<Result<(f64, Vec<f32>)>> = batch
        .shards()
        .par_iter()
        .enumerate()
        .map(|(index, shard)| {
            let mut rng = generator(index);
            let dropout = (share > 0.0).then_some(Dropout { rng: &mut rng, share });
            let pass = forward(layout, weights, weights.embed(layout, &shard.cells), dropout)?;
            let (loss, slopes) = score_slopes(task, &pass.scores, shard, factor);
            Ok((loss, backward(layout, weights, &pass, &shard.cells, slopes)?))
        })
        .collect();
    let mut sum = (0.0, vec![0.0; layout.len()]);
    for part in parts {
        let (loss, gradient) = part?;
        sum.0 += loss;
        sum.1.iter_mut().zip(gradient).for_each(|(sum, g)| *sum += g);
    }
    Ok(sum)
}

/// `factor` × the weighted loss summed over members and rows, and its derivative by each score.
fn score_slopes(task: Task, scores: &[f32], rows: &Rows, factor: f32) -> (f64, Vec<f32>) {
    let mut loss = 0.0;
    let mut all = Vec::with_capacity(scores.len());
    let lines = rows.targets.iter().zip(&rows.weights).cycle();
    for (scores, (&target, weight)) in scores.chunks_exact(task.outputs()).zip(lines) {
        let exact: Vec<f64> = scores.iter().map(|&score| f64::from(score)).collect();
        let (row_loss, slopes) = loss_and_slopes(task, &exact, target);
        loss += row_loss * f64::from(weight * factor);
        all.extend(slopes.into_iter().map(|slope| slope as f32 * weight * factor));
    }
    (loss, all)
}

/// Weighted mean loss of the members' joint answer: log loss, or half the squared error of standardised values.
pub(crate) fn joint_loss(layout: &Layout, task: Task, weights: &Weights, rows: &Rows) -> Result<f64> {
    let parts: Vec<Result<f64>> = rows
        .shards()
        .par_iter()
        .map(|shard| {
            let pass = forward(layout, weights, weights.embed(layout, &shard.cells), None)?;
            let answers = mean_response(task, layout.shape.members, &pass.scores);
            let lines = answers.chunks_exact(task.outputs()).zip(&shard.targets).zip(&shard.weights);
            Ok(lines.map(|((answer, &target), &weight)| f64::from(weight) * answer_loss(task, answer, target)).sum())
        })
        .collect();
    let total: f64 = rows.weights.iter().map(|&w| f64::from(w)).sum();
    let sum = parts.into_iter().sum::<Result<f64>>()?;
    Ok(sum / total.max(f64::MIN_POSITIVE))
}

fn answer_loss(task: Task, answer: &[f32], target: f32) -> f64 {
    let probability = match task {
        Task::Regression => return (f64::from(answer[0]) - f64::from(target)).powi(2) / 2.0,
        Task::Binary if target == 0.0 => 1.0 - f64::from(answer[0]),
        Task::Binary => f64::from(answer[0]),
        Task::Multiclass { .. } => f64::from(answer[target as usize]),
    };
    -probability.max(1e-7).ln()
}
