//! Figures of more than two classes: one ranking a class against the rest, and one of the top class against its errors.

use super::confusion::{ConfusionMatrix, mean};
use super::error::{MeasureError, check_labels, check_lengths, check_probabilities};
use super::metrics::Metrics;
use super::ranking::Ranking;
use super::sweep::{Sweep, clipped};

/// How far the probabilities of a row may be from adding up to 1, for rounding in `f32`.
const SUM_TOLERANCE: f32 = 1e-3;

/// Checked rows, ready to be measured again and again with other weights.
#[derive(Clone, Debug)]
pub(super) struct MulticlassRows {
    classes: usize,
    predicted: Vec<u32>,
    labels: Vec<u32>,
    log_losses: Vec<f64>,
    briers: Vec<f64>,
    /// One ranking a class: its probability, and whether the row is of that class.
    against_rest: Vec<Ranking>,
    /// Probability of the predicted class, and whether it was right.
    top: Ranking,
}

impl MulticlassRows {
    /// `probabilities` is row-major, `labels.len() × classes`.
    pub(super) fn new(probabilities: &[f32], labels: &[u32], classes: u32) -> Result<Self, MeasureError> {
        check_distributions(probabilities, labels, classes)?;
        let width = classes as usize;
        let rows = || probabilities.chunks_exact(width).zip(labels);
        let predicted: Vec<u32> = rows().map(|(row, _)| top_class(row)).collect();
        let confidence: Vec<f32> = rows().zip(&predicted).map(|((row, _), &top)| row[top as usize]).collect();
        let against_rest = (0..width).map(|class| {
            let scores: Vec<f32> = rows().map(|(row, _)| row[class]).collect();
            Ranking::of(&scores, |row| labels[row] as usize == class)
        });
        Ok(Self {
            classes: width,
            log_losses: rows().map(|(row, &label)| -clipped(row[label as usize]).ln()).collect(),
            briers: rows().map(|(row, &label)| brier(row, label as usize)).collect(),
            against_rest: against_rest.collect(),
            top: Ranking::of(&confidence, |row| predicted[row] == labels[row]),
            predicted,
            labels: labels.to_vec(),
        })
    }

    pub(super) fn rows(&self) -> usize {
        self.labels.len()
    }

    pub(super) fn classes(&self) -> usize {
        self.classes
    }

    pub(super) fn confusion(&self, weights: Option<&[u32]>) -> ConfusionMatrix {
        let mut matrix = ConfusionMatrix::new(self.classes);
        for (row, (&predicted, &actual)) in self.predicted.iter().zip(&self.labels).enumerate() {
            let weight = weights.map_or(1, |weights| weights[row]);
            matrix.add(actual as usize, predicted as usize, u64::from(weight));
        }
        matrix
    }

    pub(super) fn metrics(&self, weights: Option<&[u32]>) -> Metrics {
        let confusion = self.confusion(weights);
        let sweeps: Vec<Sweep> = self.against_rest.iter().map(|ranking| ranking.sweep(weights)).collect();
        Metrics {
            n: Some(confusion.total() as f64),
            accuracy: confusion.accuracy(),
            balanced_accuracy: confusion.balanced_accuracy(),
            precision: confusion.macro_mean(ConfusionMatrix::precision),
            recall: confusion.macro_mean(ConfusionMatrix::recall),
            f1: confusion.macro_mean(ConfusionMatrix::f1),
            mcc: confusion.mcc(),
            roc_auc: mean(sweeps.iter().filter_map(Sweep::roc_auc).collect()),
            pr_auc: mean(sweeps.iter().filter_map(Sweep::average_precision).collect()),
            log_loss: weighted_mean(&self.log_losses, weights),
            brier: weighted_mean(&self.briers, weights),
            calibration_error: self.top.sweep(weights).calibration_error(),
            ..Metrics::default()
        }
    }
}

pub(super) fn check_distributions(probabilities: &[f32], labels: &[u32], classes: u32) -> Result<(), MeasureError> {
    check_labels(labels, classes)?;
    let width = classes as usize;
    if probabilities.len() != labels.len() * width {
        check_lengths(probabilities.len().div_ceil(width), labels.len())?;
        return Err(MeasureError::NotADistribution { row: probabilities.len() / width, sum: 0.0 });
    }
    check_probabilities(probabilities, width)?;
    for (row, shares) in probabilities.chunks_exact(width).enumerate() {
        let sum: f32 = shares.iter().sum();
        if (sum - 1.0).abs() > SUM_TOLERANCE {
            return Err(MeasureError::NotADistribution { row, sum });
        }
    }
    Ok(())
}

/// The likeliest class; the first of several equally likely ones.
fn top_class(row: &[f32]) -> u32 {
    let mut top = 0;
    for (class, share) in row.iter().enumerate() {
        if *share > row[top] {
            top = class;
        }
    }
    top as u32
}

/// Squared distance of the row from the certain answer, 0 to 2 (Brier, Monthly Weather Review 78, 1950).
fn brier(row: &[f32], label: usize) -> f64 {
    let distance = |(class, &share): (usize, &f32)| (f64::from(share) - f64::from(u8::from(class == label))).powi(2);
    row.iter().enumerate().map(distance).sum()
}

fn weighted_mean(values: &[f64], weights: Option<&[u32]>) -> Option<f64> {
    let Some(weights) = weights else { return mean(values.to_vec()) };
    let total: f64 = weights.iter().map(|&weight| f64::from(weight)).sum();
    let sum: f64 = values.iter().zip(weights).map(|(value, &weight)| value * f64::from(weight)).sum();
    (total > 0.0).then(|| sum / total)
}
