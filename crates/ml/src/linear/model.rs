//! A fitted linear model: predicting and explaining.

use super::design::Encoding;
use super::task::Task;
use crate::features::{Contributions, Features};

/// A fitted linear model.
#[derive(Clone, Debug)]
pub struct Linear {
    pub(super) task: Task,
    pub(super) encodings: Vec<Encoding>,
    /// Training mean of each design column.
    pub(super) means: Vec<f32>,
    /// Design columns × outputs, row-major.
    pub(super) coefficients: Vec<f32>,
    /// Score of the average training row, one an output.
    pub(super) base: Vec<f32>,
    /// First design column of each feature.
    firsts: Vec<usize>,
    /// Features × outputs: what the average row's columns of that feature add to a score.
    average: Vec<f32>,
    iterations: usize,
    gradient_norm: f64,
}

impl Linear {
    pub(super) fn new(
        task: Task,
        encodings: Vec<Encoding>,
        means: Vec<f32>,
        coefficients: Vec<f32>,
        base: Vec<f32>,
    ) -> Self {
        let outputs = task.outputs();
        let mut firsts = Vec::with_capacity(encodings.len());
        let mut average = Vec::with_capacity(encodings.len() * outputs);
        let mut first = 0;
        for encoding in &encodings {
            let columns = first..first + encoding.width();
            let share =
                |output: usize| columns.clone().map(|c| coefficients[c * outputs + output] * means[c]).sum::<f32>();
            average.extend((0..outputs).map(share));
            firsts.push(first);
            first = columns.end;
        }
        Self { task, encodings, means, coefficients, base, firsts, average, iterations: 0, gradient_norm: 0.0 }
    }

    pub(super) fn with_convergence(mut self, iterations: usize, gradient_norm: f64) -> Self {
        (self.iterations, self.gradient_norm) = (iterations, gradient_norm);
        self
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

    /// Steps the optimiser took (0 for a model read from bytes).
    #[must_use]
    pub fn iterations(&self) -> usize {
        self.iterations
    }

    /// Largest component of the gradient at the end; above the tolerance the fit had not converged.
    #[must_use]
    pub fn gradient_norm(&self) -> f64 {
        self.gradient_norm
    }

    /// Predicts one row (one value a feature, `NaN` = missing, a short row is missing at its end): the probability of
    /// class 1, one probability a class, or the value.
    #[must_use]
    pub fn predict_row(&self, row: &[f32]) -> Vec<f32> {
        let mut scores = self.base.clone();
        self.add_scores(row, &mut scores);
        self.respond(&mut scores);
        scores
    }

    /// Predicts all rows: rows × outputs, row-major.
    #[must_use]
    pub fn predict(&self, x: &Features) -> Vec<f32> {
        let mut row = vec![f32::NAN; x.columns.len()];
        let mut answers = Vec::with_capacity(x.rows * self.base.len());
        for index in 0..x.rows {
            x.copy_row(index, &mut row);
            let start = answers.len();
            answers.extend_from_slice(&self.base);
            self.add_scores(&row, &mut answers[start..]);
            self.respond(&mut answers[start..]);
        }
        answers
    }

    /// Why `row` got its score for `output` (an index into the prediction), exactly: each feature's coefficients times
    /// (value − training mean), from the score of the average row.
    ///
    /// The score is the log-odds of class 1, or the value. For three or more classes it is the class's linear predictor,
    /// which is the logarithm of its probability over the geometric mean of all classes' probabilities.
    #[must_use]
    pub fn contributions(&self, row: &[f32], output: usize) -> Contributions {
        let output = output.min(self.base.len() - 1);
        let values = (0..self.encodings.len()).map(|feature| {
            let value = row.get(feature).copied().unwrap_or(f32::NAN);
            self.share(feature, value, output)
        });
        Contributions { base: self.base[output], values: values.collect(), unit: self.task.unit() }
    }

    fn add_scores(&self, row: &[f32], scores: &mut [f32]) {
        for feature in 0..self.encodings.len() {
            let value = row.get(feature).copied().unwrap_or(f32::NAN);
            for (output, score) in scores.iter_mut().enumerate() {
                *score += self.share(feature, value, output);
            }
        }
    }

    fn share(&self, feature: usize, value: f32, output: usize) -> f32 {
        let Some(active) = self.encodings[feature].active(value) else { return 0.0 };
        let outputs = self.base.len();
        let coefficient = |column: usize| self.coefficients[(self.firsts[feature] + column) * outputs + output];
        let sum: f32 = active.into_iter().map(|(column, value)| coefficient(column) * value).sum();
        sum - self.average[feature * outputs + output]
    }

    /// Scores to answers, in place.
    fn respond(&self, scores: &mut [f32]) {
        match self.task {
            Task::Regression => {}
            Task::Binary => scores[0] = sigmoid(scores[0]),
            Task::Multiclass { .. } => softmax(scores),
        }
    }
}

/// The probability whose log-odds are `score`.
pub(crate) fn sigmoid(score: f32) -> f32 {
    1.0 / (1.0 + (-score).exp())
}

/// Probabilities whose logarithms differ like `scores`, in place.
pub(crate) fn softmax(scores: &mut [f32]) {
    let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    scores.iter_mut().for_each(|score| *score = (*score - most).exp());
    let total: f32 = scores.iter().sum();
    scores.iter_mut().for_each(|score| *score /= total);
}
