//! What reads pictures. The network comes later: until then there is no reader, and so nothing that could answer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::picture::Picture;

/// A network that reads pictures; immutable.
#[derive(Clone, Debug)]
pub enum Reader {}

/// A text with how sure the reader is of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Readout {
    /// What was read.
    pub text: String,
    /// Chance that every character is right.
    pub confidence: f64,
    /// Each character with the chance that it is right.
    pub characters: Vec<CharacterConfidence>,
}

/// One character of a reading.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CharacterConfidence {
    /// What was read.
    pub character: char,
    /// Chance that it is right.
    pub confidence: f64,
}

/// Why files are no reader.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unsound(pub String);

impl Reader {
    /// What is written in each picture.
    #[must_use]
    pub fn read(&self, _pictures: &[&Picture]) -> Vec<Readout> {
        match *self {}
    }

    /// The rules of the texts that it was made for.
    #[must_use]
    pub fn reading(&self) -> &domain::reading::Reading {
        match *self {}
    }

    /// Its artifacts.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn to_files(&self) -> Result<BTreeMap<String, Vec<u8>>, Unsound> {
        match *self {}
    }

    /// A reader of its artifacts.
    ///
    /// # Errors
    /// When they are not sound.
    pub fn from_files(_files: &BTreeMap<String, Vec<u8>>) -> Result<Self, Unsound> {
        Err(Unsound(String::from("this program does not read images yet")))
    }
}
