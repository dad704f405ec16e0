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

/// Keeps what a killed training needs to go on.
pub trait Checkpoints {
    /// What an earlier attempt left behind.
    fn load(&mut self) -> Option<Vec<u8>>;
    /// Whether it is time for the next one.
    fn is_due(&self) -> bool;
    /// Keeps one in the place of the one before.
    fn keep(&mut self, bytes: Vec<u8>);
}

/// Keeps nothing.
pub struct NoCheckpoints;

impl Checkpoints for NoCheckpoints {
    fn load(&mut self) -> Option<Vec<u8>> {
        None
    }

    fn is_due(&self) -> bool {
        false
    }

    fn keep(&mut self, _: Vec<u8>) {}
}

/// A reader with what is known about it.
pub struct Trained {
    /// What reads.
    pub reader: Reader,
    /// How well, on what was held back.
    pub report: ReadingReport,
    /// What one should know.
    pub notes: Vec<String>,
}

/// How well pictures are read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReadingReport {
    /// Pictures.
    pub n: u64,
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
    pub worst: Vec<Misread>,
}

/// How well the pictures of one source are read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceReport {
    /// Which.
    pub source: String,
    /// Pictures.
    pub n: u64,
    /// Share read without a mistake.
    pub exact: f64,
    /// Edits for each character of the truth.
    pub cer: f64,
    /// Share of numbers close enough.
    pub within_tolerance: Option<f64>,
}

/// A picture that was not read as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Misread {
    /// Position among the examples.
    pub example: usize,
    /// What it shows.
    pub truth: String,
    /// What was read.
    pub text: String,
    /// How sure the reader was.
    pub confidence: f64,
}

/// Why there is no reader.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
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

/// Measures.
#[must_use]
pub fn evaluate(reader: &Reader, _reading: &Reading, _examples: &[Example<'_>]) -> ReadingReport {
    match *reader {}
}
