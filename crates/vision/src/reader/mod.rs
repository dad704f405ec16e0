//! A network with everything that is needed to read: how pictures are laid before it and what its answers mean.

mod alphabet;
mod dial;
mod posterior;
mod sequence;
mod stored;
mod view;

use domain::reading::Reading;

pub(crate) use alphabet::Alphabet;
pub use stored::LoadError;
pub(crate) use view::{Placement, View};

use crate::network::Network;
use crate::picture::Picture;

/// One character of a reading.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct CharacterConfidence {
    /// The character.
    pub character: char,
    /// Probability that just this character stands in this place, from 0 to 1.
    pub confidence: f64,
}

/// What was read from a picture.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Readout {
    /// The text.
    pub text: String,
    /// Probability that the whole text is right, from 0 to 1.
    pub confidence: f64,
    /// One entry a character of the text.
    pub characters: Vec<CharacterConfidence>,
}

/// Reads texts from pictures. Immutable; may be shared by threads.
#[derive(Clone, Debug, PartialEq)]
pub struct Reader {
    pub(crate) reading: Reading,
    pub(crate) alphabet: Alphabet,
    pub(crate) view: View,
    pub(crate) network: Network,
    /// What logits are divided by, so that confidences mean what they say.
    pub(crate) temperature: f64,
}

impl Reader {
    /// The rules of the texts that it was made for.
    #[must_use]
    pub fn reading(&self) -> &Reading {
        &self.reading
    }

    /// What it is, in words.
    #[must_use]
    pub fn describe(&self) -> String {
        let kind = match &self.alphabet {
            Alphabet::Dial(dial) => format!("of {} values", dial.texts().len()),
            Alphabet::Sequence(characters) => format!("of sequences of {} characters", characters.len()),
        };
        format!("convolutional reader {kind}")
    }

    /// The network's measures.
    #[must_use]
    pub fn shape(&self) -> &crate::network::Shape {
        self.network.shape()
    }

    /// Reads each picture, of whatever size.
    #[must_use]
    pub fn read(&self, pictures: &[&Picture]) -> Vec<Readout> {
        use rayon::prelude::*;
        let logits = self.answers(pictures).logits;
        let size = self.network.shape().steps() * self.network.shape().outputs;
        logits.par_chunks_exact(size).map(|logits| self.readout(logits, self.temperature)).collect()
    }

    /// What the network decides on, for each picture: pictures that look alike to it lie close together. Means over the
    /// columns where there are several.
    #[must_use]
    pub fn embedding(&self, pictures: &[&Picture]) -> Vec<Vec<f32>> {
        let features = self.answers(pictures).features;
        let (steps, width) = (self.network.shape().steps(), self.network.shape().hidden);
        let mean = |picture: &[f32]| {
            let mut mean = vec![0.0; width];
            for step in picture.chunks_exact(width) {
                mean.iter_mut().zip(step).for_each(|(mean, value)| *mean += value / steps as f32);
            }
            mean
        };
        features.chunks_exact(steps * width).map(mean).collect()
    }

    pub(crate) fn answers(&self, pictures: &[&Picture]) -> crate::network::Answers {
        self.network.answers(pictures.len(), |number, pixels| {
            let sheet = self.view.sheet(pictures[number]);
            self.view.render(&sheet, &Placement::default(), pixels);
            self.view.normalise(pixels);
        })
    }

    pub(crate) fn readout(&self, logits: &[f32], temperature: f64) -> Readout {
        match &self.alphabet {
            Alphabet::Dial(dial) => dial.readout(logits, temperature),
            Alphabet::Sequence(characters) => sequence::readout(&self.reading, characters, logits, temperature),
        }
    }
}
