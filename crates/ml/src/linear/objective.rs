//! The penalised mean loss of a linear model and its gradient, on candle matrices.

use candle_core::{Device, Tensor};
use rayon::prelude::*;

use super::design::Encoding;
use super::task::Task;
use crate::features::{Features, Target};

/// Rows a matrix block: large enough for fast products, and sums over blocks are kept in f64.
const BLOCK_ROWS: usize = 2048;

/// Training data as blocks of a centred design matrix.
pub(crate) struct Objective {
    blocks: Vec<Block>,
    task: Task,
    width: usize,
    l2: f64,
    total_weight: f64,
}

struct Block {
    /// rows × width, each column less its training mean.
    design: Tensor,
    /// Class code, or the value to meet.
    targets: Vec<f32>,
    weights: Vec<f32>,
}

/// Loss and gradient of some rows, not yet divided by their weight.
struct Part {
    loss: f64,
    gradient: Vec<f64>,
}

impl Objective {
    /// Lays the rows out in blocks. `means` holds each design column's mean; `targets` one number a row.
    pub(crate) fn new(
        x: &Features,
        encodings: &[Encoding],
        means: &[f32],
        task: Task,
        targets: &[f32],
        weights: &[f32],
        l2: f32,
    ) -> candle_core::Result<Self> {
        let starts: Vec<usize> = (0..x.rows).step_by(BLOCK_ROWS).collect();
        let blocks = starts.into_par_iter().map(|start| {
            let rows = start..x.rows.min(start + BLOCK_ROWS);
            let cells = centred_rows(x, encodings, means, rows.clone());
            let design = Tensor::from_vec(cells, (rows.len(), means.len()), &Device::Cpu)?;
            Ok(Block { design, targets: targets[rows.clone()].to_vec(), weights: weights[rows].to_vec() })
        });
        Ok(Self {
            blocks: blocks.collect::<candle_core::Result<_>>()?,
            task,
            width: means.len(),
            l2: f64::from(l2),
            total_weight: weights.iter().map(|&w| f64::from(w)).sum(),
        })
    }

    /// Numbers to be found: coefficients (width × outputs, row-major), then one base score an output.
    pub(crate) fn unknowns(&self) -> usize {
        (self.width + 1) * self.task.outputs()
    }

    /// Mean loss plus penalty at `point`, and the gradient.
    pub(crate) fn evaluate(&self, point: &[f64]) -> candle_core::Result<(f64, Vec<f64>)> {
        let outputs = self.task.outputs();
        let (coefficients, base) = point.split_at(self.width * outputs);
        let narrow: Vec<f32> = coefficients.iter().map(|&c| c as f32).collect();
        let matrix = Tensor::from_vec(narrow, (self.width, outputs), &Device::Cpu)?;
        let parts: Vec<_> = self.blocks.par_iter().map(|b| b.evaluate(self.task, &matrix, base)).collect();
        let mut loss = self.l2 / 2.0 * coefficients.iter().map(|c| c * c).sum::<f64>();
        let mut gradient: Vec<f64> = coefficients.iter().map(|c| self.l2 * c).collect();
        gradient.resize(point.len(), 0.0);
        // Added in the blocks' order, so the sum does not depend on how threads were scheduled.
        for part in parts {
            let part = part?;
            loss += part.loss;
            gradient.iter_mut().zip(part.gradient).for_each(|(sum, g)| *sum += g);
        }
        gradient.iter_mut().for_each(|g| *g /= self.total_weight);
        Ok((loss / self.total_weight, gradient))
    }
}

impl Block {
    fn evaluate(&self, task: Task, coefficients: &Tensor, base: &[f64]) -> candle_core::Result<Part> {
        let width = coefficients.dim(0)?;
        let mut scores = match width {
            0 => vec![0.0; self.targets.len() * base.len()],
            _ => self.design.matmul(coefficients)?.flatten_all()?.to_vec1::<f32>()?,
        };
        let mut loss = 0.0;
        let mut base_gradient = vec![0.0; base.len()];
        for ((scores, &target), &weight) in scores.chunks_exact_mut(base.len()).zip(&self.targets).zip(&self.weights) {
            let exact: Vec<f64> = scores.iter().zip(base).map(|(&score, base)| f64::from(score) + base).collect();
            let (row_loss, slopes) = loss_and_slopes(task, &exact, target);
            loss += row_loss * f64::from(weight);
            for ((out, sum), slope) in scores.iter_mut().zip(&mut base_gradient).zip(slopes) {
                *sum += slope * f64::from(weight);
                *out = slope as f32 * weight;
            }
        }
        let mut gradient = self.pull_back(scores, width, base.len())?;
        gradient.extend(base_gradient);
        Ok(Part { loss, gradient })
    }

    /// Gradient by coefficient from the slope by score of each row.
    fn pull_back(&self, slopes: Vec<f32>, width: usize, outputs: usize) -> candle_core::Result<Vec<f64>> {
        if width == 0 {
            return Ok(Vec::new());
        }
        let slopes = Tensor::from_vec(slopes, (self.targets.len(), outputs), &Device::Cpu)?;
        let product = self.design.t()?.matmul(&slopes)?.flatten_all()?.to_vec1::<f32>()?;
        Ok(product.into_iter().map(f64::from).collect())
    }
}

/// Loss of one row and its derivative by each score: log loss for classes, half the squared error for values.
pub(crate) fn loss_and_slopes(task: Task, scores: &[f64], target: f32) -> (f64, Vec<f64>) {
    match task {
        Task::Binary => {
            let (score, truth) = (scores[0], f64::from(target));
            let softplus = score.max(0.0) + (-score.abs()).exp().ln_1p();
            (softplus - truth * score, vec![1.0 / (1.0 + (-score).exp()) - truth])
        }
        Task::Regression => {
            let error = scores[0] - f64::from(target);
            (error * error / 2.0, vec![error])
        }
        Task::Multiclass { .. } => {
            let truth = target as usize;
            let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let mut slopes: Vec<f64> = scores.iter().map(|s| (s - most).exp()).collect();
            let total: f64 = slopes.iter().sum();
            slopes.iter_mut().for_each(|p| *p /= total);
            slopes[truth] -= 1.0;
            (most + total.ln() - scores[truth], slopes)
        }
    }
}

/// One number a row to learn from: the class code or the value.
pub(crate) fn targets(y: &Target) -> Vec<f32> {
    match y {
        Target::Classes { labels, .. } => labels.iter().map(|&label| label as f32).collect(),
        Target::Values(values) => values.clone(),
    }
}

fn centred_rows(x: &Features, encodings: &[Encoding], means: &[f32], rows: std::ops::Range<usize>) -> Vec<f32> {
    let width = means.len();
    let mut cells = Vec::with_capacity(rows.len() * width);
    rows.clone().for_each(|_| cells.extend(means.iter().map(|mean| -mean)));
    let mut first = 0;
    for (encoding, column) in encodings.iter().zip(&x.columns) {
        if encoding.width() == 0 {
            continue;
        }
        for (line, &value) in cells.chunks_exact_mut(width).zip(&column.values[rows.clone()]) {
            let line = &mut line[first..first + encoding.width()];
            match encoding.active(value) {
                Some(active) => active.into_iter().for_each(|(column, value)| line[column] += value),
                None => line.fill(0.0),
            }
        }
        first += encoding.width();
    }
    cells
}

/// Mean of each design column over all rows.
pub(crate) fn column_means(x: &Features, encodings: &[Encoding]) -> Vec<f32> {
    let mut means = Vec::new();
    for (encoding, column) in encodings.iter().zip(&x.columns) {
        let mut sums = vec![0.0_f64; encoding.width()];
        for active in column.values.iter().filter_map(|&value| encoding.active(value)) {
            active.into_iter().for_each(|(column, value)| sums[column] += f64::from(value));
        }
        means.extend(sums.into_iter().map(|sum| (sum / x.rows as f64) as f32));
    }
    means
}
