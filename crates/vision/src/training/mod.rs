//! Training a [`Reader`] and measuring it.

mod augment;
mod calibration;
mod checkpoint;
mod division;
mod lesson;
mod parameters;
mod report;
mod run;
mod start;
#[cfg(test)]
mod tests;

use domain::reading::Reading;
use ml::progress::Cancelled;

pub use checkpoint::{Checkpoints, NoCheckpoints};
pub use parameters::Parameters;
pub use report::{Baseline, ReadingReport, Review, SourceReport, WorstExample, evaluate};
pub use run::train;

use crate::picture::Picture;
use crate::reader::Reader;

/// A picture and what it shows.
#[derive(Clone, Copy, Debug)]
pub struct Example<'a> {
    /// The picture, of any size.
    pub picture: &'a Picture,
    /// The text that people read from it.
    pub text: &'a str,
    /// Which meter or camera it came from.
    pub source: &'a str,
}

/// What a training is about.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The rules of the texts.
    pub reading: &'a Reading,
    /// All pictures, the held-back ones among them.
    pub examples: &'a [Example<'a>],
    /// Positions in `examples` of those that are only reported on.
    pub held_back: &'a [usize],
    /// A reader to go on from. It may know more characters, or other ones; one that reads dials is of no use to sequences,
    /// nor the other way round, and is left aside.
    pub from: Option<&'a Reader>,
    /// The same seed on the same examples gives the same reader, whatever the number of threads.
    pub seed: u64,
    /// Settings by name, see [`Parameters`]; what is not named is as usual.
    pub parameters: &'a serde_json::Map<String, serde_json::Value>,
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
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ReadingEvaluation {
    /// On the held-back examples; `None` without any.
    pub report: Option<ReadingReport>,
    /// Mean loss of each epoch, on distorted pictures.
    pub losses: Vec<f64>,
    /// Examples that were learnt from.
    pub learnt: usize,
    /// Examples that confidences were calibrated on; neither learnt from nor reported on.
    pub calibrated: usize,
}

/// Why nothing was learnt.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TrainError {
    /// The caller asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A parameter that makes no sense.
    #[error("{field}: {reason}")]
    Invalid {
        /// Its name.
        field: String,
        /// What is wrong with it, for people.
        reason: String,
    },
    /// An example whose text the rules exclude.
    #[error("example {index}: {reason}")]
    Example {
        /// Its position.
        index: usize,
        /// What is wrong with it, for people.
        reason: String,
    },
    /// Too few examples are left to learn from.
    #[error("there are too few pictures to learn from: {0}")]
    TooFew(usize),
    /// The loss is no longer finite.
    #[error("the loss is no longer finite; a smaller learning_rate may help")]
    Diverged,
}
