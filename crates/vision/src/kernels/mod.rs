//! The arithmetic of a convolutional network on plain `f32` buffers, forward and backward by hand.
//!
//! It does not go through candle's autograd. There the time of such small networks goes to the convolution's backward
//! pass and as much again to what is cheap by itself (pooling, relu, bias sums, adding gradients, the optimiser), because
//! each is a pass over memory of its own; and candle 0.11 scales the gradient of a pooled maximum by 1/k². Here a slice of
//! the batch goes through the whole network on one thread, in buffers that stay in its cache.
//!
//! Everything in here works on one thread and on one slice, so nothing depends on how many threads there are.

mod adam;
mod convolution;
mod grid;
mod normalisation;
mod pooling;
mod product;
#[cfg(test)]
mod tests;

pub(crate) use adam::{AdamW, Step};
pub(crate) use convolution::{Channels, by_input, by_kernel, convolve, rotated};
pub(crate) use grid::Grid;
pub(crate) use normalisation::{Lines, Moments, by_normalised, by_shift, moments};
pub(crate) use pooling::Pooling;
pub use pooling::Window;
pub(crate) use product::{View, multiply};

/// Runs `work` compiled for the widest vectors that this processor has, as far as `work` is inlined.
pub(crate) fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(work)
}
