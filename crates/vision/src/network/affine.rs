//! The affine maps behind convolutions and dense layer: normalisation, or plain biases.

use std::ops::Range;

use super::layout::Layout;
use crate::kernels::{Lines, Moments, by_normalised, by_shift, moments};

/// Where the affine maps come from.
#[derive(Clone, Copy)]
pub(crate) enum Affine<'a> {
    /// From the slice itself, or plain biases without normalisation.
    Own,
    /// As they were fixed after training: scale and shift of each block and of the dense layer.
    Fixed(&'a [(Vec<f32>, Vec<f32>)]),
}

/// Weights of one map.
pub(crate) struct Trainable<'a> {
    pub(crate) weights: &'a [f32],
    pub(crate) gain: &'a Range<usize>,
    /// Lies right behind the gain.
    pub(crate) offset: &'a Range<usize>,
}

impl Affine<'_> {
    /// Scale and shift of map number `number` for what lies in `lines` of `raw`; `kept` gets the moments for the way back.
    pub(crate) fn of(
        self,
        layout: &Layout,
        number: usize,
        trainable: &Trainable<'_>,
        (lines, raw): (impl Lines, &[f32]),
        kept: &mut Moments,
    ) -> (Vec<f32>, Vec<f32>) {
        let Trainable { weights, gain, offset } = trainable;
        let (gain, offset) = (&weights[(*gain).clone()], &weights[(*offset).clone()]);
        match self {
            Self::Fixed(maps) => maps[number].clone(),
            Self::Own if layout.normalise => {
                *kept = moments(lines, gain.len(), raw);
                kept.affine(gain, offset)
            }
            Self::Own => (gain.to_vec(), offset.to_vec()),
        }
    }
}

/// Turns the `slopes` by what the map gave into those by `raw`, and puts those by gain and offset into `gradient`. Without
/// normalisation the gain is 1 for ever.
pub(crate) fn backward(
    layout: &Layout,
    trainable: &Trainable<'_>,
    (lines, raw): (impl Lines, &[f32]),
    moments: &Moments,
    slopes: &mut [f32],
    gradient: &mut [f32],
) {
    let Trainable { weights, gain, offset } = trainable;
    let (by_gain, by_offset) = gradient[gain.start..offset.end].split_at_mut(gain.len());
    if layout.normalise {
        let gain = &weights[(*gain).clone()];
        by_normalised(lines, raw, (moments, gain), slopes, (by_gain, by_offset));
    } else {
        by_gain.fill(0.0);
        by_shift(lines, slopes, by_offset);
    }
}
