//! Every threshold from the highest score to the lowest, and the figures that need no chosen threshold.

use super::confusion::ConfusionMatrix;
use super::error::MeasureError;
use super::ranking::Ranking;
use super::reliability;

/// All rows that share one score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The score, a probability.
    pub score: f32,
    /// Positive rows with this score.
    pub positives: u32,
    /// Negative rows with this score.
    pub negatives: u32,
}

/// Binary scores and labels, reduced to what the metrics need: counts at each distinct score, highest first.
///
/// Rows with equal scores move together over a threshold, so ties are exact and the order of rows never matters.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    steps: Vec<Step>,
    positives: u64,
    negatives: u64,
}

impl Sweep {
    /// `scores` are probabilities of the positive class, `labels` are 0 or 1.
    ///
    /// # Errors
    /// When the lengths differ, a score is not a probability, or a label is not 0 or 1.
    pub fn new(scores: &[f32], labels: &[u32]) -> Result<Self, MeasureError> {
        Ok(Ranking::new(scores, labels)?.sweep(None))
    }

    pub(super) fn of(steps: Vec<Step>) -> Self {
        let positives = steps.iter().map(|step| u64::from(step.positives)).sum();
        let negatives = steps.iter().map(|step| u64::from(step.negatives)).sum();
        Self { steps, positives, negatives }
    }

    /// The distinct scores, highest first.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Number of positive rows.
    #[must_use]
    pub fn positives(&self) -> u64 {
        self.positives
    }

    /// Number of negative rows.
    #[must_use]
    pub fn negatives(&self) -> u64 {
        self.negatives
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.positives + self.negatives
    }

    /// For each distinct score taken as threshold, highest first: the score, true positives, false positives.
    pub fn thresholds(&self) -> impl Iterator<Item = (f32, u64, u64)> + '_ {
        self.steps.iter().scan((0, 0), |(hits, alarms), step| {
            *hits += u64::from(step.positives);
            *alarms += u64::from(step.negatives);
            Some((step.score, *hits, *alarms))
        })
    }

    /// Actual against predicted when every score from `threshold` up is called positive.
    #[must_use]
    pub fn confusion(&self, threshold: f32) -> ConfusionMatrix {
        let mut matrix = ConfusionMatrix::new(2);
        for step in &self.steps {
            let predicted = usize::from(step.score >= threshold);
            matrix.add(1, predicted, u64::from(step.positives));
            matrix.add(0, predicted, u64::from(step.negatives));
        }
        matrix
    }

    /// Chance that a random positive scores above a random negative, a tie counting half (the Mann–Whitney statistic).
    /// `None` unless both classes occur.
    #[must_use]
    pub fn roc_auc(&self) -> Option<f64> {
        let pairs = self.positives as f64 * self.negatives as f64;
        let mut won = 0.0;
        let mut above = 0;
        for step in &self.steps {
            let tied = f64::from(step.positives) / 2.0;
            won += f64::from(step.negatives) * (above as f64 + tied);
            above += u64::from(step.positives);
        }
        (pairs > 0.0).then(|| won / pairs)
    }

    /// Average precision: precision at each distinct score, weighted by the recall gained there, without
    /// interpolation (scikit-learn's `average_precision_score`). `None` without a positive.
    #[must_use]
    pub fn average_precision(&self) -> Option<f64> {
        let (mut before, mut sum) = (0, 0.0);
        for (_, hits, alarms) in self.thresholds() {
            if hits > before {
                sum += (hits - before) as f64 * (hits as f64 / (hits + alarms) as f64);
                before = hits;
            }
        }
        (self.positives > 0).then(|| sum / self.positives as f64)
    }

    /// The best precision that any threshold reaches while it finds at least 80 % of the positives.
    #[must_use]
    pub fn precision_at_80_recall(&self) -> Option<f64> {
        // In whole numbers, so that exactly four of five counts as 80 %.
        let enough = self.thresholds().filter(|&(_, hits, _)| hits > 0 && 5 * hits >= 4 * self.positives);
        enough.map(|(_, hits, alarms)| hits as f64 / (hits + alarms) as f64).max_by(f64::total_cmp)
    }

    /// Mean negative log-likelihood, in nats. Scores are kept `f32::EPSILON` away from 0 and 1, as scikit-learn does for
    /// `float32`, so that one confident mistake costs 16 and not infinity.
    #[must_use]
    pub fn log_loss(&self) -> Option<f64> {
        self.row_mean(|step| {
            let mut loss = 0.0;
            // Two logarithms a step would dominate the bootstrap, and most steps hold one class only.
            if step.positives > 0 {
                loss -= f64::from(step.positives) * clipped(step.score).ln();
            }
            if step.negatives > 0 {
                loss -= f64::from(step.negatives) * (1.0 - clipped(step.score)).ln();
            }
            loss
        })
    }

    /// Mean squared distance of the probability from the outcome.
    #[must_use]
    pub fn brier(&self) -> Option<f64> {
        self.row_mean(|step| {
            let score = f64::from(step.score);
            f64::from(step.positives) * (1.0 - score).powi(2) + f64::from(step.negatives) * score.powi(2)
        })
    }

    /// Expected calibration error: the distance between mean probability and observed share, averaged over
    /// [`reliability::CALIBRATION_BINS`] bins of equal mass, each weighted by its rows.
    #[must_use]
    pub fn calibration_error(&self) -> Option<f64> {
        reliability::calibration_error(self)
    }

    fn row_mean(&self, loss: impl Fn(&Step) -> f64) -> Option<f64> {
        (self.rows() > 0).then(|| self.steps.iter().map(loss).sum::<f64>() / self.rows() as f64)
    }
}

/// A probability that a logarithm can be taken of.
pub(super) fn clipped(probability: f32) -> f64 {
    let margin = f64::from(f32::EPSILON);
    f64::from(probability).clamp(margin, 1.0 - margin)
}
