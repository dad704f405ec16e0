//! A network as bytes and back.

use serde::{Deserialize, Serialize};

use super::inputs::Encoding;
use super::layout::{Layout, Shape};
use super::model::Network;
use super::parameters::NetworkParameters;
use crate::linear::{LoadError, Task, numbers, read, write};

const KIND: &str = "network/1";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    kind: String,
    task: Task,
    shape: Shape,
    encodings: Vec<Encoding>,
}

impl Network {
    /// The network in the safetensors format; equal networks give equal bytes.
    ///
    /// # Errors
    /// [`LoadError`] if a weight is not finite.
    pub fn to_safetensors(&self) -> Result<Vec<u8>, LoadError> {
        let header =
            Header { kind: KIND.into(), task: self.task, shape: self.layout.shape, encodings: self.encodings.clone() };
        let scale = [self.scale.0, self.scale.1];
        write(&header, &[("scale", vec![2], &scale), ("weights", vec![self.flat.len()], &self.flat)])
    }

    /// Reads what [`Network::to_safetensors`] wrote, trusting nothing in it.
    ///
    /// # Errors
    /// [`LoadError`] on other or damaged content.
    pub fn from_safetensors(bytes: &[u8]) -> Result<Self, LoadError> {
        let (header, tensors) = read::<Header>(bytes)?;
        if header.kind != KIND {
            return Err(LoadError::content(format!("kind is {}, not {KIND}", header.kind)));
        }
        check(&header)?;
        let layout = Layout::new(header.shape, &header.encodings);
        if layout.inputs() == 0 {
            return Err(LoadError::content("the network sees no feature"));
        }
        let flat = numbers(&tensors, "weights", &[layout.len()])?;
        let scale = numbers(&tensors, "scale", &[2])?;
        if scale[1] <= 0.0 {
            return Err(LoadError::content("the deviation of the values is not positive"));
        }
        let built = Self::new(header.task, header.encodings, layout, flat, (scale[0], scale[1]));
        built.map_err(|e| LoadError::content(e.to_string()))
    }
}

fn check(header: &Header) -> Result<(), LoadError> {
    if matches!(header.task, Task::Multiclass { classes } if classes < 3) {
        return Err(LoadError::content("a task of several classes needs three"));
    }
    let shape = header.shape;
    // The same limits as for training, so that a forged shape cannot make us reserve memory for it.
    let params = NetworkParameters {
        members: shape.members,
        width: shape.width,
        depth: shape.depth,
        embedding: shape.embedding,
        ..NetworkParameters::default()
    };
    if params.validate().is_err() || shape.outputs != header.task.outputs() {
        return Err(LoadError::content("the network's shape is impossible"));
    }
    if header.encodings.is_empty() || !header.encodings.iter().all(Encoding::is_sound) {
        return Err(LoadError::content("a feature's encoding is broken"));
    }
    Ok(())
}
