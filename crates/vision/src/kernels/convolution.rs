//! 3 × 3 convolutions with a margin of zeros, and what they pull back.
//!
//! The kernel lies as \[row of the window\]\[column of the window\]\[input channel\]\[output channel\]. Its three rows are
//! three matrices, each multiplied with the windows' rows: three pixels that follow one another in a [`Grid`], starting at
//! every pixel, hence a matrix whose rows overlap. Results also appear on the frame between the images; who reads them must
//! leave it out.

use super::grid::Grid;
use super::product::{View, multiply};

/// Input and output channels of a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Channels {
    pub(crate) input: usize,
    pub(crate) output: usize,
}

/// The convolution of `input` (its frame zero) with `kernel`, on top of what is there if `add`.
pub(crate) fn convolve(
    grid: Grid,
    images: usize,
    input: &[f32],
    kernel: &[f32],
    channels: Channels,
    out: &mut [f32],
    add: bool,
) {
    let out = &mut out[grid.lead() * channels.output..];
    let matrices = kernel.chunks_exact(3 * channels.input * channels.output);
    for (row, matrix) in matrices.enumerate() {
        let windows = windows(grid, images, input, channels.input, row);
        multiply(out, windows, View::new(matrix, 3 * channels.input, channels.output), add || row > 0);
    }
}

/// The derivative by the kernel, from the `slopes` by the output (their frame zero).
pub(crate) fn by_kernel(grid: Grid, images: usize, input: &[f32], slopes: &[f32], channels: Channels, out: &mut [f32]) {
    let slopes = View::new(&slopes[grid.lead() * channels.output..], grid.span(images), channels.output);
    for (row, matrix) in out.chunks_exact_mut(3 * channels.input * channels.output).enumerate() {
        multiply(matrix, windows(grid, images, input, channels.input, row).transposed(), slopes, false);
    }
}

/// The derivative by the input: the convolution of the `slopes` by the output (their frame zero) with the kernel as
/// [`rotated`] gives it; on top of what is there if `add`.
pub(crate) fn by_input(
    grid: Grid,
    images: usize,
    slopes: &[f32],
    rotated: &[f32],
    channels: Channels,
    out: &mut [f32],
    add: bool,
) {
    let back = Channels { input: channels.output, output: channels.input };
    convolve(grid, images, slopes, rotated, back, out, add);
}

/// The kernel turned by half a circle, with its output channels first.
pub(crate) fn rotated(kernel: &[f32], channels: Channels) -> Vec<f32> {
    let mut out = Vec::with_capacity(kernel.len());
    for tap in kernel.chunks_exact(channels.input * channels.output).rev() {
        for output in 0..channels.output {
            out.extend(tap.iter().skip(output).step_by(channels.output));
        }
    }
    out
}

/// Row `row` of the window round every pixel: pixels × (3 · channels).
fn windows(grid: Grid, images: usize, input: &[f32], channels: usize, row: usize) -> View<'_> {
    View {
        data: &input[row * grid.row() * channels..],
        rows: grid.span(images),
        columns: 3 * channels,
        row_stride: channels,
        column_stride: 1,
    }
}
