//! Named rows of numbers as safetensors bytes.

use std::collections::HashMap;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

/// The one metadata key. Metadata is a hash map in the format, so only a single entry gives the same bytes every time.
const KEY: &str = "about";

/// Why numbers cannot be written or read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TensorError(String);

impl TensorError {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl From<safetensors::SafeTensorError> for TensorError {
    fn from(error: safetensors::SafeTensorError) -> Self {
        Self(error.to_string())
    }
}

/// `tensors` by name, with one line `about` them.
pub(crate) fn write(about: &str, tensors: &[(&str, &[f32])]) -> Result<Vec<u8>, TensorError> {
    if !tensors.iter().all(|(_, values)| values.iter().all(|value| value.is_finite())) {
        return Err(TensorError::new("a number is not finite"));
    }
    let bytes: Vec<Vec<u8>> =
        tensors.iter().map(|(_, values)| values.iter().flat_map(|value| value.to_le_bytes()).collect()).collect();
    let views = tensors.iter().zip(&bytes).map(|((name, values), bytes)| {
        TensorView::new(Dtype::F32, vec![values.len()], bytes).map(|view| (*name, view))
    });
    let views = views.collect::<Result<Vec<_>, _>>()?;
    Ok(safetensors::serialize(views, Some(HashMap::from([(KEY.to_owned(), about.to_owned())])))?)
}

/// What [`write`] wrote: the line, and the tensors of these names and lengths, in this order.
pub(crate) fn read(bytes: &[u8], wanted: &[(&str, usize)]) -> Result<(String, Vec<Vec<f32>>), TensorError> {
    let (_, metadata) = SafeTensors::read_metadata(bytes)?;
    let about = metadata.metadata().as_ref().and_then(|entries| entries.get(KEY));
    let about = about.cloned().ok_or_else(|| TensorError::new("it does not say what it is about"))?;
    let tensors = SafeTensors::deserialize(bytes)?;
    let tensor = |(name, length): &(&str, usize)| {
        let view = tensors.tensor(name)?;
        if view.dtype() != Dtype::F32 || view.shape() != [*length] {
            let reason = format!("{name} has type {:?} and shape {:?}", view.dtype(), view.shape());
            return Err(TensorError::new(reason));
        }
        let (words, _) = view.data().as_chunks::<4>();
        let values: Vec<f32> = words.iter().map(|word| f32::from_le_bytes(*word)).collect();
        if values.iter().all(|value| value.is_finite()) {
            Ok(values)
        } else {
            Err(TensorError::new(format!("{name} has a number that is not finite")))
        }
    };
    Ok((about, wanted.iter().map(tensor).collect::<Result<_, _>>()?))
}
