//! What a model must beat: the answer that ignores every feature.

use super::error::MeasureError;
use super::metrics::Metrics;
use super::scored::Scored;
use crate::features::Target;

/// The same answer for each row, learnt from the targets alone.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Baseline {
    /// The share of each class as its probability, which makes the majority class the prediction.
    Prior {
        /// One share a class, adding up to 1.
        shares: Vec<f32>,
    },
    /// The mean of the values.
    Mean {
        /// In the target's unit.
        value: f32,
    },
}

impl Baseline {
    /// Learns from training rows.
    ///
    /// # Errors
    /// Without rows, with an unknown class, or with a value that is not finite.
    pub fn fit(target: &Target) -> Result<Self, MeasureError> {
        if target.rows() == 0 {
            return Err(MeasureError::Empty);
        }
        let rows = target.rows() as f64;
        match target {
            Target::Classes { labels, classes } => {
                super::error::check_labels(labels, *classes)?;
                let mut counts = vec![0_u64; *classes as usize];
                labels.iter().for_each(|&label| counts[label as usize] += 1);
                let shares = counts.iter().map(|&count| (count as f64 / rows) as f32).collect();
                Ok(Self::Prior { shares })
            }
            Target::Values(values) => {
                super::error::check_finite(values, 1)?;
                let sum: f64 = values.iter().map(|&value| f64::from(value)).sum();
                Ok(Self::Mean { value: (sum / rows) as f32 })
            }
        }
    }

    /// Outputs for `rows` rows in the layout of an estimator: the positive share for two classes, one share a class
    /// for more (row-major), the mean for regression.
    #[must_use]
    pub fn predict(&self, rows: usize) -> Vec<f32> {
        match self {
            Self::Prior { shares } if shares.len() == 2 => vec![shares[1]; rows],
            Self::Prior { shares } => shares.repeat(rows),
            Self::Mean { value } => vec![*value; rows],
        }
    }

    /// The figures of the baseline on rows it was not learnt from; binary tasks decide at 0.5, which is the majority
    /// class.
    ///
    /// # Errors
    /// When the target is of another task, or as [`Scored::metrics`].
    pub fn metrics(&self, target: &Target) -> Result<Metrics, MeasureError> {
        let fits = match (self, target) {
            (Self::Prior { shares }, Target::Classes { classes, .. }) => shares.len() == *classes as usize,
            (Self::Mean { .. }, Target::Values(_)) => true,
            _ => false,
        };
        if !fits {
            return Err(MeasureError::NotComparable);
        }
        Scored::new(target, &self.predict(target.rows()), 0.5).metrics()
    }
}
