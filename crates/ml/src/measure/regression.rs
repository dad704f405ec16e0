//! Figures of predicted against actual values.

use super::error::{MeasureError, check_finite, check_lengths};
use super::metrics::Metrics;

/// Checked values, ready to be measured again and again with other weights.
#[derive(Clone, Debug)]
pub(super) struct RegressionRows {
    predicted: Vec<f32>,
    actual: Vec<f32>,
}

impl RegressionRows {
    pub(super) fn new(predicted: &[f32], actual: &[f32]) -> Result<Self, MeasureError> {
        check_lengths(predicted.len(), actual.len())?;
        check_finite(predicted, 1)?;
        check_finite(actual, 1)?;
        Ok(Self { predicted: predicted.to_vec(), actual: actual.to_vec() })
    }

    pub(super) fn rows(&self) -> usize {
        self.actual.len()
    }

    pub(super) fn metrics(&self, weights: Option<&[u32]>) -> Metrics {
        let weight = |row: usize| f64::from(weights.map_or(1, |weights| weights[row]));
        let total: f64 = (0..self.rows()).map(weight).sum();
        let mut metrics = Metrics { n: Some(total), ..Metrics::default() };
        if total == 0.0 {
            return metrics;
        }
        let mean = (0..self.rows()).map(|row| weight(row) * f64::from(self.actual[row])).sum::<f64>() / total;
        let (mut absolute, mut squared, mut variation) = (0.0, 0.0, 0.0);
        for row in 0..self.rows() {
            let actual = f64::from(self.actual[row]);
            let error = f64::from(self.predicted[row]) - actual;
            absolute += weight(row) * error.abs();
            squared += weight(row) * error * error;
            variation += weight(row) * (actual - mean).powi(2);
        }
        metrics.mae = Some(absolute / total);
        metrics.rmse = Some((squared / total).sqrt());
        metrics.r2 = (variation > 0.0).then(|| 1.0 - squared / variation);
        metrics
    }
}
