//! A linear model as bytes and back.

use std::collections::HashMap;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::design::Encoding;
use super::error::LoadError;
use super::model::Linear;
use super::task::Task;

/// The one metadata key. Metadata is a hash map in the format, so only a single entry gives the same bytes every time.
const KEY: &str = "model";
const KIND: &str = "linear/1";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    kind: String,
    task: Task,
    encodings: Vec<Encoding>,
}

impl Linear {
    /// The model in the safetensors format; equal models give equal bytes.
    ///
    /// # Errors
    /// [`LoadError`] if a number of the model is not finite.
    pub fn to_safetensors(&self) -> Result<Vec<u8>, LoadError> {
        let header = Header { kind: KIND.into(), task: self.task, encodings: self.encodings.clone() };
        let outputs = self.base.len();
        write(
            &header,
            &[
                ("base", vec![outputs], &self.base),
                ("coefficients", vec![self.means.len(), outputs], &self.coefficients),
                ("means", vec![self.means.len()], &self.means),
            ],
        )
    }

    /// Reads what [`Linear::to_safetensors`] wrote, trusting nothing in it.
    ///
    /// # Errors
    /// [`LoadError`] on other or damaged content.
    pub fn from_safetensors(bytes: &[u8]) -> Result<Self, LoadError> {
        let (header, tensors) = read::<Header>(bytes)?;
        if header.kind != KIND {
            return Err(LoadError::content(format!("kind is {}, not {KIND}", header.kind)));
        }
        if matches!(header.task, Task::Multiclass { classes } if classes < 3) {
            return Err(LoadError::content("a task of several classes needs three"));
        }
        if header.encodings.is_empty() || !header.encodings.iter().all(Encoding::is_sound) {
            return Err(LoadError::content("a feature's encoding is broken"));
        }
        let width: usize = header.encodings.iter().map(Encoding::width).sum();
        let outputs = header.task.outputs();
        let base = numbers(&tensors, "base", &[outputs])?;
        let coefficients = numbers(&tensors, "coefficients", &[width, outputs])?;
        let means = numbers(&tensors, "means", &[width])?;
        Ok(Self::new(header.task, header.encodings, means, coefficients, base))
    }
}

/// A header and named f32 tensors as safetensors bytes.
pub(crate) fn write<H: Serialize>(header: &H, tensors: &[(&str, Vec<usize>, &[f32])]) -> Result<Vec<u8>, LoadError> {
    if !tensors.iter().all(|(_, _, values)| values.iter().all(|v| v.is_finite())) {
        return Err(LoadError::content("a number is not finite"));
    }
    let text = serde_json::to_string(header).map_err(|e| LoadError::content(e.to_string()))?;
    let bytes: Vec<Vec<u8>> =
        tensors.iter().map(|(_, _, values)| values.iter().flat_map(|v| v.to_le_bytes()).collect()).collect();
    let views = tensors
        .iter()
        .zip(&bytes)
        .map(|((name, shape, _), bytes)| TensorView::new(Dtype::F32, shape.clone(), bytes).map(|view| (*name, view)));
    let views = views.collect::<Result<Vec<_>, _>>()?;
    Ok(safetensors::serialize(views, Some(HashMap::from([(KEY.to_owned(), text)])))?)
}

/// The header and the tensors that [`write`] stored.
pub(crate) fn read<H: DeserializeOwned>(bytes: &[u8]) -> Result<(H, SafeTensors<'_>), LoadError> {
    let (_, metadata) = SafeTensors::read_metadata(bytes)?;
    let text = metadata.metadata().as_ref().and_then(|entries| entries.get(KEY));
    let text = text.ok_or_else(|| LoadError::content("the description of the model is missing"))?;
    let header = serde_json::from_str(text).map_err(|e| LoadError::content(e.to_string()))?;
    Ok((header, SafeTensors::deserialize(bytes)?))
}

/// The finite numbers of tensor `name`, which must have `shape`.
pub(crate) fn numbers(tensors: &SafeTensors<'_>, name: &str, shape: &[usize]) -> Result<Vec<f32>, LoadError> {
    let view = tensors.tensor(name)?;
    if view.dtype() != Dtype::F32 || view.shape() != shape {
        return Err(LoadError::content(format!("{name} has type {:?} and shape {:?}", view.dtype(), view.shape())));
    }
    let (words, _) = view.data().as_chunks::<4>();
    let values: Vec<f32> = words.iter().map(|word| f32::from_le_bytes(*word)).collect();
    if !values.iter().all(|v| v.is_finite()) {
        return Err(LoadError::content(format!("{name} has a number that is not finite")));
    }
    Ok(values)
}
