//! One row through the network, in plain loops.
//!
//! A single row is too little work for a matrix product to share out among threads, and a served prediction must not wait
//! behind training in the same thread pool. [`forward`](super::forward::forward) gives the same up to rounding.

use super::forward::with_numbers;
use super::layout::Layout;
use super::weights::{Layer, Weights};

/// The members' scores, members × outputs, from the embeddings of one row.
pub(crate) fn scores(layout: &Layout, weights: &Weights, inputs: &[f32]) -> candle_core::Result<Vec<f32>> {
    let shape = layout.shape;
    let mut state: Vec<f32> = inputs.repeat(shape.members);
    for layer in &weights.layers {
        state = hidden(layer, &state, shape.members, shape.width)?;
    }
    let mut scores = weights.head_bias.clone();
    with_numbers(&weights.head, |head| {
        let members = scores.chunks_exact_mut(shape.outputs).zip(state.chunks_exact(shape.width));
        for ((scores, state), head) in members.zip(head.chunks_exact(shape.width * shape.outputs)) {
            for (x, row) in state.iter().zip(head.chunks_exact(shape.outputs)) {
                add_scaled(scores, *x, row);
            }
        }
    })?;
    Ok(scores)
}

fn hidden(layer: &Layer, state: &[f32], members: usize, width: usize) -> candle_core::Result<Vec<f32>> {
    let inputs = state.len() / members;
    let mut sums = vec![0.0; members * width];
    with_numbers(&layer.matrix, |matrix| {
        let rows = state.chunks_exact(inputs).zip(layer.r.chunks_exact(inputs));
        for (sums, (state, r)) in sums.chunks_exact_mut(width).zip(rows) {
            // Half of a hidden layer's units are silent: their rows need not be added.
            let active = state.iter().zip(r).zip(matrix.chunks_exact(width)).filter(|((x, _), _)| **x != 0.0);
            active.for_each(|((x, r), row)| add_scaled(sums, x * r, row));
        }
    })?;
    for ((sum, s), b) in sums.iter_mut().zip(&layer.s).zip(&layer.b) {
        *sum = (*sum * s + b).max(0.0);
    }
    Ok(sums)
}

fn add_scaled(to: &mut [f32], factor: f32, values: &[f32]) {
    for (to, value) in to.iter_mut().zip(values) {
        *to += factor * value;
    }
}
