//! A reader as files and back.

use std::collections::BTreeMap;

use domain::reading::Reading;
use serde::{Deserialize, Serialize};

use super::{Alphabet, Reader, View};
use crate::kernels::Moments;
use crate::network::{Layout, Network, Shape};
use crate::tensors::{self, TensorError};

/// Name of the file that describes the reader.
const DESCRIPTION: &str = "reader.json";
/// Name of the file with the network's weights.
const WEIGHTS: &str = "reader.safetensors";
const FORMAT: &str = "verdict-reader/1";

/// Why files are no reader.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// A file is not there.
    #[error("the reader's file `{0}` is missing")]
    Missing(&'static str),
    /// A file cannot be read.
    #[error("the reader's file `{file}` cannot be read: {reason}")]
    Unreadable {
        /// Its name.
        file: &'static str,
        /// Why.
        reason: String,
    },
    /// The files contradict one another.
    #[error("the reader contradicts itself: {0}")]
    Inconsistent(&'static str),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: String,
    reading: Reading,
    view: View,
    shape: Shape,
    temperature: f64,
}

impl Reader {
    /// The reader as named files; equal readers give equal bytes.
    ///
    /// # Errors
    /// [`TensorError`] when a weight is not finite.
    pub fn to_files(&self) -> Result<BTreeMap<String, Vec<u8>>, TensorError> {
        let stored = Stored {
            format: FORMAT.into(),
            reading: self.reading.clone(),
            view: self.view,
            shape: self.network.shape.clone(),
            temperature: self.temperature,
        };
        let (means, variances) = flat(&self.network.moments);
        let weights = tensors::write(
            "verdict-weights/1",
            &[("weights", &self.network.weights), ("means", &means), ("variances", &variances)],
        )?;
        let description = serde_json::to_vec_pretty(&stored).map_err(|error| TensorError::new(error.to_string()))?;
        Ok(BTreeMap::from([(DESCRIPTION.to_owned(), description), (WEIGHTS.to_owned(), weights)]))
    }

    /// Reads what [`Reader::to_files`] wrote, trusting nothing in it; further files are not looked at.
    ///
    /// # Errors
    /// [`LoadError`] naming the file or the contradiction.
    pub fn from_files(files: &BTreeMap<String, Vec<u8>>) -> Result<Self, LoadError> {
        let stored: Stored = serde_json::from_slice(bytes(files, DESCRIPTION)?)
            .map_err(|error| LoadError::Unreadable { file: DESCRIPTION, reason: error.to_string() })?;
        let alphabet = checked(&stored)?;
        let layout = Layout::new(&stored.shape);
        let channels: usize = layout.normalised().sum();
        let channels = if stored.shape.normalise { channels } else { 0 };
        let lengths = [("weights", layout.len()), ("means", channels), ("variances", channels)];
        let unreadable = |error: TensorError| LoadError::Unreadable { file: WEIGHTS, reason: error.to_string() };
        let (_, found) = tensors::read(bytes(files, WEIGHTS)?, &lengths).map_err(unreadable)?;
        let [weights, means, variances] =
            <[Vec<f32>; 3]>::try_from(found).map_err(|_| LoadError::Inconsistent("a tensor is missing"))?;
        if variances.iter().any(|variance| *variance < 0.0) {
            return Err(LoadError::Inconsistent("a variance is negative"));
        }
        let moments = if stored.shape.normalise { apart(&layout, &means, &variances) } else { Vec::new() };
        let network = Network::new(stored.shape, weights, moments);
        Ok(Self { reading: stored.reading, alphabet, view: stored.view, network, temperature: stored.temperature })
    }
}

fn bytes<'a>(files: &'a BTreeMap<String, Vec<u8>>, name: &'static str) -> Result<&'a [u8], LoadError> {
    files.get(name).map(Vec::as_slice).ok_or(LoadError::Missing(name))
}

fn checked(stored: &Stored) -> Result<Alphabet, LoadError> {
    let (shape, view) = (&stored.shape, &stored.view);
    let alphabet = Alphabet::of(&stored.reading);
    let is_sequence = matches!(alphabet, Alphabet::Sequence(_));
    let rules = [
        (stored.format == FORMAT, "its format is of another program"),
        (shape.is_possible(), "the network's shape is impossible"),
        (
            (view.height, view.width, view.channels) == (shape.height, shape.width, shape.channels),
            "view and network differ",
        ),
        (shape.outputs == alphabet.outputs() && shape.columns == is_sequence, "reading and network differ"),
        (stored.temperature.is_finite() && stored.temperature > 0.0, "the temperature is not positive"),
    ];
    match rules.iter().find(|(holds, _)| !holds) {
        Some((_, reason)) => Err(LoadError::Inconsistent(reason)),
        None => Ok(alphabet),
    }
}

fn flat(moments: &[Moments]) -> (Vec<f32>, Vec<f32>) {
    let means = moments.iter().flat_map(|moments| moments.mean.iter().copied()).collect();
    (means, moments.iter().flat_map(|moments| moments.variance.iter().copied()).collect())
}

fn apart(layout: &Layout, means: &[f32], variances: &[f32]) -> Vec<Moments> {
    let mut start = 0;
    let mut moments = Vec::new();
    for channels in layout.normalised() {
        let range = start..start + channels;
        start = range.end;
        moments.push(Moments { mean: means[range.clone()].to_vec(), variance: variances[range].to_vec() });
    }
    moments
}
