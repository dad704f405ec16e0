//! From cells to the members' scores.
//!
//! TabM (Gorishniy et al., 2024, "TabM: advancing tabular deep learning with parameter-efficient ensembling"): the
//! members share each layer's matrix and differ by scalings around it, so that all members and rows go through one
//! matrix product. Rows are ordered by member: member 0's rows first.
//!
//! The products are candle's. What lies between two products is one hand-written loop, forward and backward, and the
//! gradient is written out as well: recorded operation by operation, each scaling, bias, relu and dropout would walk over
//! all members' activations several times and cost more than the products do.

use candle_core::{Device, Storage, Tensor};
use rand_chacha::ChaCha8Rng;

use super::layout::Layout;
use super::random;
use super::weights::{Layer, Weights};

/// What a pass computed and its gradient needs.
pub(crate) struct Pass {
    pub(crate) rows: usize,
    /// rows × inputs: the embeddings.
    pub(crate) inputs: Vec<f32>,
    pub(crate) layers: Vec<LayerPass>,
    /// members × rows × outputs
    pub(crate) scores: Vec<f32>,
}

/// What one hidden layer computed.
pub(crate) struct LayerPass {
    /// (members · rows) × inputs: what went into the matrix, scaled by r.
    pub(crate) scaled: Tensor,
    /// (members · rows) × width: what came out of it.
    pub(crate) product: Tensor,
    /// members × rows × width: after s, b, relu and dropout.
    pub(crate) output: Vec<f32>,
    /// What dropout multiplied the units it let through by.
    pub(crate) kept: f32,
}

/// Silences units while training.
pub(crate) struct Dropout<'a> {
    pub(crate) rng: &'a mut ChaCha8Rng,
    pub(crate) share: f32,
}

/// Runs `inputs` (rows × inputs, from [`Weights::embed`]) through the network.
pub(crate) fn forward(
    layout: &Layout,
    weights: &Weights,
    inputs: Vec<f32>,
    mut dropout: Option<Dropout<'_>>,
) -> candle_core::Result<Pass> {
    let rows = inputs.len() / layout.inputs();
    let members = layout.shape.members;
    let mut layers: Vec<LayerPass> = Vec::with_capacity(weights.layers.len());
    for (layer, hidden) in weights.layers.iter().zip(&layout.hidden) {
        let scaled = match layers.last() {
            None => scale_shared(&inputs, &layer.r, hidden.inputs),
            Some(before) => scale_own(&before.output, &layer.r, hidden.inputs, members),
        };
        let scaled = Tensor::from_vec(scaled, (members * rows, hidden.inputs), &Device::Cpu)?;
        let product = scaled.matmul(&layer.matrix)?;
        let kept = dropout.as_ref().map_or(1.0, |dropout| random::kept_factor(dropout.share));
        let output = activate(&product, layer, layout, dropout.as_mut())?;
        layers.push(LayerPass { scaled, product, output, kept });
    }
    let scores = match layers.last() {
        Some(last) => head(layout, weights, &last.output)?,
        None => Vec::new(),
    };
    Ok(Pass { rows, inputs, layers, scores })
}

/// Hands the numbers of a freshly computed (hence contiguous) tensor to `use_them`, without a copy.
pub(crate) fn with_numbers<R>(tensor: &Tensor, use_them: impl FnOnce(&[f32]) -> R) -> candle_core::Result<R> {
    let (storage, _) = tensor.storage_and_layout();
    match &*storage {
        Storage::Cpu(numbers) => Ok(use_them(numbers.as_slice::<f32>()?)),
        _ => candle_core::bail!("a tensor left the processor's memory"),
    }
}

/// Every member scales the same rows.
fn scale_shared(rows: &[f32], r: &[f32], width: usize) -> Vec<f32> {
    let mut scaled = Vec::with_capacity(rows.len() * r.len() / width);
    for r in r.chunks_exact(width) {
        for row in rows.chunks_exact(width) {
            scaled.extend(row.iter().zip(r).map(|(x, r)| x * r));
        }
    }
    scaled
}

/// Every member scales its own rows.
fn scale_own(rows: &[f32], r: &[f32], width: usize, members: usize) -> Vec<f32> {
    let mut scaled = Vec::with_capacity(rows.len());
    for (rows, r) in rows.chunks_exact(rows.len() / members).zip(r.chunks_exact(width)) {
        for row in rows.chunks_exact(width) {
            scaled.extend(row.iter().zip(r).map(|(x, r)| x * r));
        }
    }
    scaled
}

/// `relu(product ∘ s + b)`, then dropout.
fn activate(
    product: &Tensor,
    layer: &Layer,
    layout: &Layout,
    dropout: Option<&mut Dropout<'_>>,
) -> candle_core::Result<Vec<f32>> {
    let (members, width) = (layout.shape.members, layout.shape.width);
    with_numbers(product, |product| {
        let mut output = vec![1.0; product.len()];
        if let Some(dropout) = dropout {
            random::fill_dropout(dropout.rng, dropout.share, &mut output);
        }
        let size = product.len() / members;
        let scalings = layer.s.chunks_exact(width).zip(layer.b.chunks_exact(width));
        for ((s, b), (product, output)) in scalings.zip(product.chunks_exact(size).zip(output.chunks_exact_mut(size))) {
            for (product, output) in product.chunks_exact(width).zip(output.chunks_exact_mut(width)) {
                for (((out, y), s), b) in output.iter_mut().zip(product).zip(s).zip(b) {
                    *out *= (y * s + b).max(0.0);
                }
            }
        }
        output
    })
}

/// Each member's own last layer.
fn head(layout: &Layout, weights: &Weights, activations: &[f32]) -> candle_core::Result<Vec<f32>> {
    let shape = layout.shape;
    let rows = activations.len() / shape.members / shape.width;
    let activations = Tensor::from_slice(activations, (shape.members, rows, shape.width), &Device::Cpu)?;
    let mut scores = activations.matmul(&weights.head)?.flatten_all()?.to_vec1::<f32>()?;
    let biases = weights.head_bias.chunks_exact(shape.outputs);
    for (scores, bias) in scores.chunks_exact_mut(rows * shape.outputs).zip(biases) {
        for row in scores.chunks_exact_mut(shape.outputs) {
            row.iter_mut().zip(bias).for_each(|(score, bias)| *score += bias);
        }
    }
    Ok(scores)
}
