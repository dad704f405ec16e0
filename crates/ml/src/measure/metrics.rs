//! One set of figures for every task, and what each of them means.

use super::error::{MeasureError, check_threshold};
use super::multiclass::MulticlassRows;
use super::ranking::Ranking;
use super::regression::RegressionRows;
use super::sweep::Sweep;

/// What was measured; a figure that does not apply to the task or is not defined on these rows is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Metrics {
    /// Rows measured.
    pub n: Option<f64>,
    /// Positive rows (binary only).
    pub positives: Option<f64>,
    /// Share of rows called what they are.
    pub accuracy: Option<f64>,
    /// Mean recall of the classes that occur.
    pub balanced_accuracy: Option<f64>,
    /// Of the positive class; the mean of all classes when there are more than two.
    pub precision: Option<f64>,
    /// Of the positive class; the mean of all classes when there are more than two.
    pub recall: Option<f64>,
    /// Of the positive class; the mean of all classes when there are more than two.
    pub f1: Option<f64>,
    /// Matthews correlation, −1 to 1.
    pub mcc: Option<f64>,
    /// Area under the ROC curve; the mean of each class against the rest when there are more than two.
    pub roc_auc: Option<f64>,
    /// Average precision; the mean of each class against the rest when there are more than two.
    pub pr_auc: Option<f64>,
    /// Mean negative log-likelihood, in nats.
    pub log_loss: Option<f64>,
    /// Mean squared error of the probabilities: 0 to 1 for binary tasks, 0 to 2 (summed over classes) for others.
    pub brier: Option<f64>,
    /// Expected calibration error over ten bins of equal mass; of the predicted class when there are more than two.
    pub calibration_error: Option<f64>,
    /// Best precision at any threshold that finds at least 80 % of the positives (binary only).
    pub precision_at_80_recall: Option<f64>,
    /// Share of the negatives called positive (binary only).
    pub false_positive_rate: Option<f64>,
    /// Coefficient of determination (regression only).
    pub r2: Option<f64>,
    /// Mean absolute error, in the target's unit (regression only).
    pub mae: Option<f64>,
    /// Root mean squared error, in the target's unit (regression only).
    pub rmse: Option<f64>,
    /// Share of the texts read character by character as they are (text recognition only).
    pub exact: Option<f64>,
    /// Edits that the readings need to become the truth, for each of its characters (text recognition only).
    pub cer: Option<f64>,
    /// Share of the numbers read within their tolerance (text recognition only).
    pub within_tolerance: Option<f64>,
    /// Score from which a row is called positive (binary only).
    pub threshold: Option<f64>,
}

impl Metrics {
    /// Measures `scores` (probabilities of the positive class) against `labels` (0 or 1), deciding at `threshold`.
    ///
    /// # Errors
    /// When the lengths differ, a score is not a probability, a label is not 0 or 1, or the threshold is not finite.
    pub fn binary(scores: &[f32], labels: &[u32], threshold: f32) -> Result<Self, MeasureError> {
        check_threshold(threshold)?;
        Ok(Self::of_sweep(&Ranking::new(scores, labels)?.sweep(None), threshold))
    }

    /// Measures `probabilities` (row-major, `labels.len() × classes`) against class codes; the likeliest class is
    /// the prediction.
    ///
    /// # Errors
    /// When the shape does not fit, a row is not a distribution, or a label is not below `classes`.
    pub fn multiclass(probabilities: &[f32], labels: &[u32], classes: u32) -> Result<Self, MeasureError> {
        Ok(MulticlassRows::new(probabilities, labels, classes)?.metrics(None))
    }

    /// Measures predicted against actual values.
    ///
    /// # Errors
    /// When the lengths differ or a value is not finite.
    pub fn regression(predicted: &[f32], actual: &[f32]) -> Result<Self, MeasureError> {
        Ok(RegressionRows::new(predicted, actual)?.metrics(None))
    }

    /// The figure with this key (see [`METRICS`]); `None` when it is undefined or there is no such key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<f64> {
        metric(key).and_then(|info| (info.read)(self))
    }

    pub(super) fn of_sweep(sweep: &Sweep, threshold: f32) -> Self {
        let confusion = sweep.confusion(threshold);
        Self {
            n: Some(sweep.rows() as f64),
            positives: Some(sweep.positives() as f64),
            accuracy: confusion.accuracy(),
            balanced_accuracy: confusion.balanced_accuracy(),
            precision: confusion.precision(1),
            recall: confusion.recall(1),
            f1: confusion.f1(1),
            mcc: confusion.mcc(),
            roc_auc: sweep.roc_auc(),
            pr_auc: sweep.average_precision(),
            log_loss: sweep.log_loss(),
            brier: sweep.brier(),
            calibration_error: sweep.calibration_error(),
            precision_at_80_recall: sweep.precision_at_80_recall(),
            false_positive_rate: confusion.false_positive_rate(1),
            threshold: Some(f64::from(threshold)),
            ..Self::default()
        }
    }
}

/// How to show and judge one figure.
#[derive(Clone, Copy, Debug)]
pub struct MetricInfo {
    /// Stable name, the field of [`Metrics`].
    pub key: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// Which direction is better; `None` for a figure that is not a quality.
    pub higher_is_better: Option<bool>,
    /// Shown as a percentage.
    pub share: bool,
    /// One sentence for people.
    pub explanation: &'static str,
    /// Takes the figure out of a [`Metrics`].
    pub read: fn(&Metrics) -> Option<f64>,
}

/// The description of the figure with this key.
#[must_use]
pub fn metric(key: &str) -> Option<&'static MetricInfo> {
    METRICS.iter().find(|info| info.key == key)
}

const UP: Option<bool> = Some(true);
const DOWN: Option<bool> = Some(false);

/// Every figure, in the order of a report.
#[rustfmt::skip]
pub static METRICS: &[MetricInfo] = &[
    MetricInfo { key: "pr_auc", name: "PR-AUC", higher_is_better: UP, share: false, read: |m| m.pr_auc,
        explanation: "Average precision over all levels of recall; the fairest single figure when positives are rare." },
    MetricInfo { key: "roc_auc", name: "ROC-AUC", higher_is_better: UP, share: false, read: |m| m.roc_auc,
        explanation: "Chance that a random positive scores higher than a random negative; 0.5 is guessing." },
    MetricInfo { key: "precision_at_80_recall", name: "Precision at 80 % recall", higher_is_better: UP, share: true, read: |m| m.precision_at_80_recall,
        explanation: "Share of alarms that are right when the threshold is low enough to find four of five positives." },
    MetricInfo { key: "precision", name: "Precision", higher_is_better: UP, share: true, read: |m| m.precision,
        explanation: "Share of the cases called positive that really are." },
    MetricInfo { key: "recall", name: "Recall", higher_is_better: UP, share: true, read: |m| m.recall,
        explanation: "Share of the positive cases that were found." },
    MetricInfo { key: "f1", name: "F1", higher_is_better: UP, share: false, read: |m| m.f1,
        explanation: "Harmonic mean of precision and recall: high only when both are." },
    MetricInfo { key: "false_positive_rate", name: "False-positive rate", higher_is_better: DOWN, share: true, read: |m| m.false_positive_rate,
        explanation: "Share of the negative cases that raised a false alarm." },
    MetricInfo { key: "accuracy", name: "Accuracy", higher_is_better: UP, share: true, read: |m| m.accuracy,
        explanation: "Share of all cases called correctly; flattering when one class is rare." },
    MetricInfo { key: "balanced_accuracy", name: "Balanced accuracy", higher_is_better: UP, share: true, read: |m| m.balanced_accuracy,
        explanation: "Recall averaged over the classes, so that a rare class counts as much as a common one." },
    MetricInfo { key: "mcc", name: "Matthews correlation", higher_is_better: UP, share: false, read: |m| m.mcc,
        explanation: "Correlation between called and actual classes, from −1 over 0 (guessing) to 1." },
    MetricInfo { key: "log_loss", name: "Log loss", higher_is_better: DOWN, share: false, read: |m| m.log_loss,
        explanation: "Penalty for the probability given to what really happened; confident mistakes cost most." },
    MetricInfo { key: "brier", name: "Brier score", higher_is_better: DOWN, share: false, read: |m| m.brier,
        explanation: "Mean squared distance between the probabilities and what really happened." },
    MetricInfo { key: "calibration_error", name: "Calibration error", higher_is_better: DOWN, share: true, read: |m| m.calibration_error,
        explanation: "How far predicted probabilities are from observed shares, on average over ten bins of equally many cases." },
    MetricInfo { key: "r2", name: "R²", higher_is_better: UP, share: false, read: |m| m.r2,
        explanation: "Share of the target's variation that is explained; 0 is as good as always saying the mean." },
    MetricInfo { key: "mae", name: "Mean absolute error", higher_is_better: DOWN, share: false, read: |m| m.mae,
        explanation: "Average distance between predicted and actual value, in the target's unit." },
    MetricInfo { key: "rmse", name: "Root mean squared error", higher_is_better: DOWN, share: false, read: |m| m.rmse,
        explanation: "Typical distance between predicted and actual value, with large misses weighing more." },
    MetricInfo { key: "exact", name: "Exact readings", higher_is_better: UP, share: true, read: |m| m.exact,
        explanation: "Share of the texts that were read without any mistake." },
    MetricInfo { key: "cer", name: "Character error rate", higher_is_better: DOWN, share: true, read: |m| m.cer,
        explanation: "Characters to change, add or take away until the readings are right, for each character that is there." },
    MetricInfo { key: "within_tolerance", name: "Within tolerance", higher_is_better: UP, share: true, read: |m| m.within_tolerance,
        explanation: "Share of the numbers that were read closely enough to serve, counting round where the digits roll." },
    MetricInfo { key: "n", name: "Rows", higher_is_better: None, share: false, read: |m| m.n,
        explanation: "Number of cases that were measured." },
    MetricInfo { key: "positives", name: "Positives", higher_is_better: None, share: false, read: |m| m.positives,
        explanation: "Number of measured cases that really are positive." },
    MetricInfo { key: "threshold", name: "Threshold", higher_is_better: None, share: false, read: |m| m.threshold,
        explanation: "Score from which a case is called positive." },
];
