//! What is kept while a training runs, so that a killed one goes on where it was.

use serde::{Deserialize, Serialize};

use crate::network::Learner;
use crate::tensors::{self, TensorError};

/// Keeps the newest bytes of one training. All randomness hangs on the seed and the step, so that a training which goes on
/// ends with the same weights as one that was never interrupted.
pub trait Checkpoints {
    /// What was kept last, if anything.
    fn load(&mut self) -> Option<Vec<u8>>;

    /// Keeps `bytes` in place of what was kept before. Called after every epoch; whoever finds that too often may let
    /// some go.
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

#[derive(Serialize, Deserialize)]
struct About {
    /// Of what is learnt, from what and how.
    fingerprint: String,
    losses: Vec<f64>,
    steps: i32,
}

/// The learner after as many epochs as there are losses.
pub(super) fn write(learner: &Learner, fingerprint: &str, losses: &[f64]) -> Result<Vec<u8>, TensorError> {
    let optimiser = &learner.optimiser;
    let about = About { fingerprint: fingerprint.to_owned(), losses: losses.to_vec(), steps: optimiser.steps };
    let about = serde_json::to_string(&about).map_err(|error| TensorError::new(error.to_string()))?;
    tensors::write(
        &about,
        &[
            ("weights", &learner.weights),
            ("first", &optimiser.first),
            ("second", &optimiser.second),
            ("mean", &optimiser.mean),
        ],
    )
}

/// Puts the learner where it was and gives the losses so far. Bytes of another training change nothing.
pub(super) fn read(learner: &mut Learner, fingerprint: &str, bytes: &[u8]) -> Option<Vec<f64>> {
    let length = learner.weights.len();
    let names = ["weights", "first", "second", "mean"].map(|name| (name, length));
    let (about, tensors) = tensors::read(bytes, &names).ok()?;
    let about: About = serde_json::from_str(&about).ok()?;
    if about.fingerprint != fingerprint {
        return None;
    }
    let [weights, first, second, mean] = <[Vec<f32>; 4]>::try_from(tensors).ok()?;
    learner.weights = weights;
    let optimiser = &mut learner.optimiser;
    (optimiser.first, optimiser.second, optimiser.mean, optimiser.steps) = (first, second, mean, about.steps);
    Some(about.losses)
}
