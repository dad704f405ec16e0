//! A fitted network: predicting.

use candle_core::Result;
use rayon::prelude::*;

use super::forward::forward;
use super::inputs::{Cell, Encoding, cells};
use super::layout::Layout;
use super::loss::SHARD_ROWS;
use super::single;
use super::weights::Weights;
use crate::features::Features;
use crate::linear::{Task, sigmoid, softmax};

/// A fitted network.
#[derive(Clone, Debug)]
pub struct Network {
    pub(super) task: Task,
    pub(super) encodings: Vec<Encoding>,
    pub(super) layout: Layout,
    /// All weights, in the layout's order.
    pub(super) flat: Vec<f32>,
    /// Mean and deviation of the values learnt; (0, 1) for classes.
    pub(super) scale: (f32, f32),
    weights: Weights,
}

impl Network {
    pub(super) fn new(
        task: Task,
        encodings: Vec<Encoding>,
        layout: Layout,
        flat: Vec<f32>,
        scale: (f32, f32),
    ) -> Result<Self> {
        let weights = Weights::new(&layout, &flat)?;
        Ok(Self { task, encodings, layout, flat, scale, weights })
    }

    /// What the model answers.
    #[must_use]
    pub fn task(&self) -> Task {
        self.task
    }

    /// Number of features the model was fitted on.
    #[must_use]
    pub fn features(&self) -> usize {
        self.encodings.len()
    }

    /// Number of weights.
    #[must_use]
    pub fn size(&self) -> usize {
        self.flat.len()
    }

    /// Predicts one row (one value a feature, `NaN` = missing, a short row is missing at its end): the probability of
    /// class 1, one probability a class, or the value; each the mean of the members' answers.
    ///
    /// # Errors
    /// Only if candle refuses a product, which shapes checked at fitting and loading exclude.
    pub fn predict_row(&self, row: &[f32]) -> Result<Vec<f32>> {
        self.answer(&self.row_cells(row))
    }

    /// Predicts all rows: rows × outputs, row-major.
    ///
    /// # Errors
    /// As [`Network::predict_row`].
    pub fn predict(&self, x: &Features) -> Result<Vec<f32>> {
        let starts: Vec<usize> = (0..x.rows).step_by(SHARD_ROWS).collect();
        let parts = starts.into_par_iter().map(|start| {
            let rows = start..x.rows.min(start + SHARD_ROWS);
            self.answer(&cells(&self.encodings, x, rows))
        });
        Ok(parts.collect::<Result<Vec<_>>>()?.concat())
    }

    pub(super) fn row_cells(&self, row: &[f32]) -> Vec<Cell> {
        let value = |feature: usize| row.get(feature).copied().unwrap_or(f32::NAN);
        self.encodings.iter().enumerate().map(|(feature, encoding)| encoding.cell(value(feature))).collect()
    }

    /// Answers rows of cells: rows × outputs.
    pub(super) fn answer(&self, cells: &[Cell]) -> Result<Vec<f32>> {
        let inputs = self.weights.embed(&self.layout, cells);
        let scores = match inputs.len() > self.layout.inputs() {
            true => forward(&self.layout, &self.weights, inputs, None)?.scores,
            false => single::scores(&self.layout, &self.weights, &inputs)?,
        };
        let mut answers = mean_response(self.task, self.layout.shape.members, &scores);
        if self.task == Task::Regression {
            answers.iter_mut().for_each(|answer| *answer = *answer * self.scale.1 + self.scale.0);
        }
        Ok(answers)
    }
}

/// The mean over members of their answers: rows × outputs from members × rows × outputs.
pub(crate) fn mean_response(task: Task, members: usize, scores: &[f32]) -> Vec<f32> {
    let outputs = task.outputs();
    let mut mean = vec![0.0; scores.len() / members];
    for scores in scores.chunks_exact(mean.len().max(1)) {
        for (mean, scores) in mean.chunks_exact_mut(outputs).zip(scores.chunks_exact(outputs)) {
            let mut answer = scores.to_vec();
            match task {
                Task::Regression => {}
                Task::Binary => answer[0] = sigmoid(answer[0]),
                Task::Multiclass { .. } => softmax(&mut answer),
            }
            mean.iter_mut().zip(answer).for_each(|(mean, answer)| *mean += answer / members as f32);
        }
    }
    mean
}
