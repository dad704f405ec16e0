//! How good a model should be by its own scores, while nobody knows the truth.
//!
//! If a score means what it says, a row that scores 0.9 and is called positive is right nine times in ten. Added over all
//! rows that gives the confusion matrix to expect, and every figure that follows from it: confidence-based performance
//! estimation (Kivimäki, Białek, Kuberski and Nurminen, "Performance estimation in binary classification using calibrated
//! confidence", 2025; first in NannyML). It needs no truth, and is blind to what truths alone can show: that the world now
//! answers the same rows otherwise.

use super::estimate::Estimate;
use super::strata::Stratum;

/// Figures to expect of predictions by their scores. Intervals hold in 95 of 100 periods what would be measured if
/// every truth were known and every score meant what it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// Predictions.
    pub predictions: u64,
    /// Share that is decided rightly.
    pub accuracy: Option<Estimate>,
    /// Share of what is called positive that is; of more than two classes the mean over those that were decided for.
    pub precision: Option<Estimate>,
    /// Share of the positive that is found; `None` for more than two classes, whose other probabilities are not kept.
    pub recall: Option<Estimate>,
    /// Harmonic mean of the two.
    pub f1: Option<Estimate>,
}

/// Rows of one decision.
#[derive(Clone, Copy, Default)]
struct Side {
    rows: f64,
    /// Expected number of class 1, or of right decisions.
    sum: f64,
    /// Its variance: the rows are independent, and each is a toss with its own chance. Taken bin by bin, which makes it
    /// rather larger than smaller.
    variance: f64,
}

impl Expected {
    /// What the scores of predictions of `classes` classes let expect; `None` without predictions.
    #[must_use]
    pub fn of(strata: &[Stratum], classes: usize) -> Option<Self> {
        let predictions: u64 = strata.iter().map(|stratum| stratum.predictions).sum();
        if predictions == 0 {
            return None;
        }
        let mut sides = vec![Side::default(); classes];
        for stratum in strata.iter().filter(|stratum| stratum.predictions > 0) {
            let (rows, side) = (stratum.predictions as f64, &mut sides[stratum.decision]);
            let mean = (stratum.scores / rows).clamp(0.0, 1.0);
            *side = Side {
                rows: side.rows + rows,
                sum: side.sum + rows * mean,
                variance: side.variance + rows * mean * (1.0 - mean),
            };
        }
        Some(match sides.as_slice() {
            [negative, positive] => Self::of_two(predictions, negative, positive),
            _ => Self::of_many(predictions, &sides),
        })
    }

    fn of_two(predictions: u64, negative: &Side, positive: &Side) -> Self {
        let (found, missed) = (positive.sum, negative.sum);
        let (called, all) = (positive.rows, found + missed);
        // f(found, missed) with its derivatives by either
        let figure = |value: f64, by_found: f64, by_missed: f64| {
            let variance = by_found * by_found * positive.variance + by_missed * by_missed * negative.variance;
            Estimate::normal(value, variance, (0.0, 1.0))
        };
        let n = predictions as f64;
        let f1 = 2.0 * found / (called + all);
        Self {
            predictions,
            accuracy: Some(figure((found + negative.rows - missed) / n, 1.0 / n, -1.0 / n)),
            precision: (called > 0.0).then(|| figure(found / called, 1.0 / called, 0.0)),
            recall: (all > 0.0).then(|| figure(found / all, missed / (all * all), -found / (all * all))),
            f1: (called + all > 0.0).then(|| figure(f1, (2.0 - f1) / (called + all), -f1 / (called + all))),
        }
    }

    fn of_many(predictions: u64, sides: &[Side]) -> Self {
        let n = predictions as f64;
        let (right, variance) =
            sides.iter().fold((0.0, 0.0), |(sum, variance), side| (sum + side.sum, variance + side.variance));
        let called: Vec<&Side> = sides.iter().filter(|side| side.rows > 0.0).collect();
        let classes = called.len() as f64;
        let precision = called.iter().map(|side| side.sum / side.rows).sum::<f64>() / classes;
        let spread = called.iter().map(|side| side.variance / (side.rows * side.rows)).sum::<f64>();
        Self {
            predictions,
            accuracy: Some(Estimate::normal(right / n, variance / (n * n), (0.0, 1.0))),
            precision: Some(Estimate::normal(precision, spread / (classes * classes), (0.0, 1.0))),
            recall: None,
            f1: None,
        }
    }
}
