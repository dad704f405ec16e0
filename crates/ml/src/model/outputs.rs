//! From a row to calibrated outputs.

use domain::row::Cell;
use domain::specification::Task;
use serde::{Deserialize, Serialize};

use super::Model;
use crate::features::Features;
use crate::measure::{Calibrator, Temperature};

/// Rows from which a batch goes column by column through each estimator.
const BATCH: usize = 16;
/// Margins beyond this are as sure as a number can say.
pub(crate) const SUREST: f64 = 40.0;

/// How outputs are made to mean what they say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Calibration {
    /// Values of a regression stay as they are.
    None,
    /// The probability of the positive class.
    Binary {
        /// Its map.
        calibrator: Calibrator,
    },
    /// One temperature for all classes.
    Multiclass {
        /// Its number.
        temperature: Temperature,
    },
}

impl Model {
    /// Calibrated outputs for one row, one cell for each of [`Model::columns`]: the probability of the positive class, one
    /// probability a class, or the value. A cell that is absent or of another kind is missing.
    #[must_use]
    pub fn outputs(&self, row: &[Cell]) -> Vec<f64> {
        let mut encoded = vec![f32::NAN; self.encoder.features()];
        self.encoder.encode_row(row, &mut encoded);
        let mut margins = vec![0.0; self.width()];
        self.add_margins(&encoded, &mut margins);
        self.finish(&mut margins);
        margins
    }

    /// As [`Model::outputs`] for each of `rows`, faster for many.
    #[must_use]
    pub fn outputs_of(&self, rows: &[Vec<Cell>]) -> Vec<Vec<f64>> {
        if rows.len() < BATCH {
            return rows.iter().map(|row| self.outputs(row)).collect();
        }
        let outputs = self.outputs_of_features(&self.encoder.encode_rows(rows));
        outputs.chunks_exact(self.width()).map(<[f64]>::to_vec).collect()
    }

    /// As [`Model::outputs`] for encoded rows: rows × outputs, row by row.
    #[must_use]
    pub fn outputs_of_features(&self, features: &Features) -> Vec<f64> {
        let mut margins = self.margins_of_features(features);
        margins.chunks_exact_mut(self.width()).for_each(|row| self.finish(row));
        margins
    }

    pub(crate) fn margins_of_features(&self, features: &Features) -> Vec<f64> {
        let mut sum = vec![0.0; features.rows * self.width()];
        for member in &self.members {
            let weight = f64::from(member.weight);
            sum.iter_mut().zip(member.margins_of(features)).for_each(|(sum, margin)| *sum += weight * margin);
        }
        sum
    }

    fn add_margins(&self, encoded: &[f32], sum: &mut [f64]) {
        let mut margins = vec![0.0; sum.len()];
        for member in &self.members {
            member.margins(encoded, &mut margins);
            let weight = f64::from(member.weight);
            sum.iter_mut().zip(&margins).for_each(|(sum, margin)| *sum += weight * margin);
        }
    }

    /// Margins of one row to calibrated outputs, in place.
    fn finish(&self, margins: &mut [f64]) {
        uncalibrated(self.task, margins);
        match &self.calibration {
            Calibration::None => {}
            Calibration::Binary { calibrator } => margins[0] = f64::from(calibrator.apply(margins[0] as f32)),
            Calibration::Multiclass { temperature } => {
                let mut row: Vec<f32> = margins.iter().map(|&p| p as f32).collect();
                temperature.apply(&mut row);
                margins.iter_mut().zip(row).for_each(|(out, p)| *out = f64::from(p));
            }
        }
    }
}

/// Margins of one row to outputs, in place: log-odds to a probability, logarithms of unnormalised probabilities to
/// probabilities; values stay.
pub(crate) fn uncalibrated(task: Task, margins: &mut [f64]) {
    match task {
        Task::Regression | Task::TextRecognition => {}
        Task::Binary => margins[0] = 1.0 / (1.0 + (-margins[0].clamp(-SUREST, SUREST)).exp()),
        Task::Multiclass => {
            let most = margins.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            margins.iter_mut().for_each(|margin| *margin = (*margin - most).exp());
            let total: f64 = margins.iter().sum();
            margins.iter_mut().for_each(|margin| *margin /= total);
        }
    }
}
