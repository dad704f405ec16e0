//! From pictures with their texts to a reader.

use domain::reading::Reading;
use ml::progress::{Cancelled, Report};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Reader;
use crate::picture::Picture;

/// A picture with the text that is on it.
#[derive(Clone, Copy, Debug)]
pub struct Example<'a> {
    /// The picture.
    pub picture: &'a Picture,
    /// What it shows.
    pub text: &'a str,
    /// Which meter or camera it came from.
    pub source: &'a str,
}

/// What is to be learnt, from what.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The rules.
    pub reading: &'a Reading,
    /// All pictures.
    pub examples: &'a [Example<'a>],
    /// Positions of those that are not learnt from, ascending.
    pub held_back: &'a [usize],
    /// A reader to go on from.
    pub from: Option<&'a Reader>,
    /// Seed of every random choice.
    pub seed: u64,
    /// What differs from the defaults.
    pub parameters: &'a Map<String, Value>,
}

/// Keeps the newest bytes of one training.
pub trait Checkpoints {
    /// What was kept last, if anything.
    fn load(&mut self) -> Option<Vec<u8>>;
    /// Keeps `bytes` in place of what was kept before.
    fn save(&mut self, bytes: Vec<u8>);
}

/// Keeps nothing.
#[derive(Clone, Copy, Debug)]
pub struct NoCheckpoints;

impl Checkpoints for NoCheckpoints {
    fn load(&mut self) -> Option<Vec<u8>> {
        None
    }

    fn save(&mut self, _: Vec<u8>) {}
}

/// What a training gives.
#[derive(Clone, Debug)]
pub struct Trained {
    /// It reads.
    pub reader: Reader,
    /// How well.
    pub evaluation: ReadingEvaluation,
}

/// The story of a training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadingEvaluation {
    /// On the held-back examples; `None` without any.
    pub report: Option<ReadingReport>,
    /// Mean loss of each epoch.
    pub losses: Vec<f64>,
    /// Examples that were learnt from.
    pub learnt: usize,
    /// Examples that confidences were calibrated on.
    pub calibrated: usize,
}

/// How well pictures are read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadingReport {
    /// Pictures.
    pub n: usize,
    /// Share read without a mistake.
    pub exact: f64,
    /// Edits for each character of the truth.
    pub cer: f64,
    /// Share of numbers close enough.
    pub within_tolerance: Option<f64>,
    /// How far confidence is from the share of exact readings.
    pub expected_calibration_error: f64,
    /// The same for each source.
    pub by_source: Vec<SourceReport>,
    /// Those read worst.
    pub worst: Vec<WorstExample>,
}

/// How well the pictures of one source are read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceReport {
    /// Which.
    pub source: String,
    /// Pictures.
    pub n: usize,
    /// Share read without a mistake.
    pub exact: f64,
    /// Edits for each character of the truth.
    pub cer: f64,
    /// Share of numbers close enough.
    pub within_tolerance: Option<f64>,
}

/// A picture that was not read as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorstExample {
    /// Position among the examples.
    pub index: usize,
    /// What was read.
    pub text: String,
    /// What it shows.
    pub truth: String,
    /// How sure the reader was.
    pub confidence: f64,
}

/// Why there is no reader.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TrainError {
    /// The caller asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// There is no way.
    #[error("{0}")]
    Impossible(String),
}

/// Learns.
///
/// # Errors
/// [`TrainError`].
pub fn train(
    _request: &Request<'_>,
    _checkpoints: &mut dyn Checkpoints,
    _report: Report<'_>,
) -> Result<Trained, TrainError> {
    Err(TrainError::Impossible(String::from("this program does not learn to read images yet")))
}

/// Measures; `None` without examples.
#[must_use]
pub fn evaluate(reader: &Reader, _reading: &Reading, _examples: &[Example<'_>]) -> Option<ReadingReport> {
    match *reader {}
}
