//! Predictions beside the truth, whatever the task.

use super::confusion::ConfusionMatrix;
use super::error::{MeasureError, check_threshold};
use super::metrics::Metrics;
use super::multiclass::MulticlassRows;
use super::ranking::Ranking;
use super::regression::RegressionRows;
use crate::features::Target;

/// What a model said and what was true, one entry a row.
#[derive(Clone, Copy, Debug)]
pub enum Scored<'a> {
    /// Two classes.
    Binary {
        /// Probability of the positive class.
        scores: &'a [f32],
        /// 0 or 1.
        labels: &'a [u32],
        /// Score from which a row is called positive.
        threshold: f32,
    },
    /// More classes.
    Multiclass {
        /// Row-major, `labels.len() × classes`.
        probabilities: &'a [f32],
        /// Codes below `classes`.
        labels: &'a [u32],
        /// Number of classes.
        classes: u32,
    },
    /// Real values.
    Regression {
        /// What the model said.
        predicted: &'a [f32],
        /// What was true.
        actual: &'a [f32],
    },
}

impl<'a> Scored<'a> {
    /// Pairs a target with an estimator's outputs, [`Target::outputs`] a row; `threshold` matters to binary tasks only.
    #[must_use]
    pub fn new(target: &'a Target, outputs: &'a [f32], threshold: f32) -> Self {
        match target {
            Target::Classes { labels, classes: 2 } => Self::Binary { scores: outputs, labels, threshold },
            Target::Classes { labels, classes } => {
                Self::Multiclass { probabilities: outputs, labels, classes: *classes }
            }
            Target::Values(actual) => Self::Regression { predicted: outputs, actual },
        }
    }

    /// All figures of the task.
    ///
    /// # Errors
    /// As [`Metrics::binary`], [`Metrics::multiclass`] and [`Metrics::regression`].
    pub fn metrics(&self) -> Result<Metrics, MeasureError> {
        Ok(self.rows()?.metrics(None))
    }

    /// Actual against predicted classes; `None` for regression.
    ///
    /// # Errors
    /// As [`Scored::metrics`].
    pub fn confusion(&self) -> Result<Option<ConfusionMatrix>, MeasureError> {
        Ok(match self.rows()? {
            ScoredRows::Binary { ranking, threshold, .. } => Some(ranking.sweep(None).confusion(threshold)),
            ScoredRows::Multiclass(rows) => Some(rows.confusion(None)),
            ScoredRows::Regression(_) => None,
        })
    }

    /// Checks and sorts once, to be measured with many weights.
    pub(super) fn rows(&self) -> Result<ScoredRows, MeasureError> {
        match *self {
            Self::Binary { scores, labels, threshold } => {
                check_threshold(threshold)?;
                let ranking = Ranking::new(scores, labels)?;
                Ok(ScoredRows::Binary { ranking, threshold, rows: labels.len() })
            }
            Self::Multiclass { probabilities, labels, classes } => {
                MulticlassRows::new(probabilities, labels, classes).map(ScoredRows::Multiclass)
            }
            Self::Regression { predicted, actual } => {
                RegressionRows::new(predicted, actual).map(ScoredRows::Regression)
            }
        }
    }
}

/// The checked form of [`Scored`].
pub(super) enum ScoredRows {
    Binary { ranking: Ranking, threshold: f32, rows: usize },
    Multiclass(MulticlassRows),
    Regression(RegressionRows),
}

impl ScoredRows {
    /// The figures when row `i` counts `weights[i]` times (once each when `None`).
    pub(super) fn metrics(&self, weights: Option<&[u32]>) -> Metrics {
        match self {
            Self::Binary { ranking, threshold, .. } => Metrics::of_sweep(&ranking.sweep(weights), *threshold),
            Self::Multiclass(rows) => rows.metrics(weights),
            Self::Regression(rows) => rows.metrics(weights),
        }
    }

    /// Lets the rows be reordered for speed; weights then belong to no row in particular.
    pub(super) fn in_any_order(self) -> Self {
        match self {
            Self::Binary { ranking, threshold, rows } => Self::Binary { ranking: ranking.by_rank(), threshold, rows },
            other => other,
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Binary { rows, .. } => *rows,
            Self::Multiclass(rows) => rows.rows(),
            Self::Regression(rows) => rows.rows(),
        }
    }

    /// Classes, or 1 for regression: what must be equal for two to be comparable, and what the work grows with.
    pub(super) fn width(&self) -> usize {
        match self {
            Self::Binary { .. } => 2,
            Self::Multiclass(rows) => rows.classes(),
            Self::Regression(_) => 1,
        }
    }
}
