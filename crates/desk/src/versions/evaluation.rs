//! The account of a version, in the shape that its task asks for.

use domain::Task;
use domain::reading::Reading;
use ml::evaluation::Evaluation as RowEvaluation;
use ml::measure::{
    CALIBRATION_BINS, Interval, MeasureError, Metrics, ReadText, ReliabilityBin, reliability, text_intervals,
};
use serde::{Deserialize, Serialize};
use vision::training::ReadingReport;

use crate::training::EVALUATION;

/// What was measured when a version was trained.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Evaluation {
    /// Of a model that answers rows.
    Rows(Box<RowEvaluation>),
    /// Of a model that reads images.
    Images(Box<ReadingEvaluation>),
}

/// The full account of a version that reads images; it becomes `evaluation.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadingEvaluation {
    /// What was measured on the images held back.
    #[serde(flatten)]
    pub report: ReadingReport,
    /// How sure its figures are.
    pub intervals: Vec<Interval>,
    /// Confidence against the share read exactly, in bins of equal mass.
    pub calibration: Vec<ReliabilityBin>,
    /// Confidences counted by bin ([`domain::score::bin`]), lowest first; empty where they were not kept.
    #[serde(default)]
    pub score_bins: Vec<(i64, u64)>,
    /// Images learnt from.
    pub training_rows: u64,
    /// Images held back.
    pub held_back_rows: u64,
    /// How the images were divided, for people.
    pub split: String,
    /// Mean loss of each pass over the images.
    pub losses: Vec<f64>,
    /// Number of the version that it was fine-tuned from; none began from scratch.
    pub tuned_from: Option<i64>,
    /// The held-back images that were read worst, the surest mistakes first.
    pub misread: Vec<Misread>,
    /// What one should know: rows that were left out, and why.
    pub notes: Vec<String>,
}

/// An image beside what was read from it and what it shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Misread {
    /// SHA-256 of the image.
    pub image: String,
    /// Which meter or camera it came from.
    pub source: String,
    /// What it shows.
    pub truth: String,
    /// What was read.
    pub text: String,
    /// How sure the reader was.
    pub confidence: f64,
}

impl Evaluation {
    /// The account of a model that answers rows.
    #[must_use]
    pub fn rows(&self) -> Option<&RowEvaluation> {
        if let Self::Rows(evaluation) = self { Some(evaluation) } else { None }
    }

    /// The account of a model that reads images.
    #[must_use]
    pub fn images(&self) -> Option<&ReadingEvaluation> {
        if let Self::Images(evaluation) = self { Some(evaluation) } else { None }
    }

    /// The scores of what was held back, counted by bin; empty in a version that is older than their keeping.
    #[must_use]
    pub fn score_bins(&self) -> &[(i64, u64)] {
        match self {
            Self::Rows(evaluation) => &evaluation.report.score_bins,
            Self::Images(evaluation) => &evaluation.score_bins,
        }
    }

    /// How the examples were divided, for people.
    #[must_use]
    pub fn split(&self) -> &str {
        match self {
            Self::Rows(evaluation) => &evaluation.split,
            Self::Images(evaluation) => &evaluation.split,
        }
    }

    /// Reads the artifact of a version of this task.
    pub(super) fn read(task: Task, artifact: Option<&Vec<u8>>) -> Result<Self, String> {
        let bytes = artifact.ok_or_else(|| format!("artifact `{EVALUATION}` is missing"))?;
        let read = match task {
            Task::TextRecognition => serde_json::from_slice(bytes).map(Self::Images),
            Task::Binary | Task::Multiclass | Task::Regression => serde_json::from_slice(bytes).map(Self::Rows),
        };
        read.map_err(|error| format!("artifact `{EVALUATION}` cannot be read: {error}"))
    }
}

/// How sure the figures of readings are, and whether their confidence means what it says.
pub(crate) fn sureness(read: &[ReadText], seed: u64) -> Result<(Vec<Interval>, Vec<ReliabilityBin>), MeasureError> {
    let confidences: Vec<f32> = read.iter().map(|text| text.confidence).collect();
    let exact: Vec<u32> = read.iter().map(|text| u32::from(text.is_exact())).collect();
    Ok((text_intervals(read, seed)?, reliability(&confidences, &exact, CALIBRATION_BINS)?))
}

/// What learns to read texts of this kind, in words.
pub(crate) fn described(reading: &Reading) -> &'static str {
    if reading.number.as_ref().is_some_and(|number| number.wrap.is_some()) {
        "dial network"
    } else {
        "sequence network"
    }
}

/// The figures of a report under the keys that gates and pages know.
pub(crate) fn figures(report: &ReadingReport) -> Metrics {
    Metrics {
        n: Some(report.n as f64),
        exact: Some(report.exact),
        cer: Some(report.cer),
        within_tolerance: report.within_tolerance,
        calibration_error: Some(report.expected_calibration_error),
        ..Metrics::default()
    }
}

#[cfg(test)]
mod tests {
    use vision::text::confusions;
    use vision::training::{Baseline, Review, WorstExample};

    use super::*;

    #[test]
    fn the_account_of_a_reader_is_read_back_as_it_was_written() {
        let report = ReadingReport {
            n: 2,
            exact: 0.5,
            exact_low: 0.1,
            exact_high: 0.9,
            cer: 0.25,
            within_tolerance: None,
            expected_calibration_error: 0.1,
            by_source: Vec::new(),
            baseline: Baseline { text: String::from("3.3"), exact: 0.5 },
            confusions: confusions([("3.3", "3.8")]),
            worst: vec![WorstExample { index: 1, truth: "3.3".into(), text: "3.8".into(), confidence: 0.9 }],
            review: Review { below: 0.7, share: 0.5, exact_above: Some(1.0) },
        };
        let exact = ReadText { edits: 0, length: 3, within_tolerance: None, confidence: 0.75 };
        let (intervals, calibration) = sureness(&[exact, ReadText { edits: 1, ..exact }], 1).unwrap();
        let misread = Misread {
            image: String::from("ab"),
            source: String::from("meter-1"),
            truth: String::from("3.3"),
            text: String::from("3.8"),
            confidence: 0.9,
        };
        let account = ReadingEvaluation {
            report,
            intervals,
            calibration,
            score_bins: vec![(42, 2)],
            training_rows: 8,
            held_back_rows: 2,
            split: String::from("at random"),
            losses: vec![2.0, 1.0],
            tuned_from: None,
            misread: vec![misread],
            notes: Vec::new(),
        };
        let json = serde_json::to_vec(&account).unwrap();
        let back = Evaluation::read(Task::TextRecognition, Some(&json)).unwrap();
        assert_eq!(back.images(), Some(&account));
    }
}
