//! The gradient of the members' scores by every weight: [`forward`](super::forward::forward) transposed, step by step.

use candle_core::{Device, Tensor};

use super::forward::{LayerPass, Pass, with_numbers};
use super::inputs::Cell;
use super::layout::{Hidden, Layout};
use super::weights::{Layer, Weights, pull_back_knots};

/// Gradient by all weights, in the order of the layout. `slopes` holds the loss's derivative by each of `pass.scores`;
/// `cells` are those that `pass` began with.
pub(crate) fn backward(
    layout: &Layout,
    weights: &Weights,
    pass: &Pass,
    cells: &[Cell],
    slopes: Vec<f32>,
) -> candle_core::Result<Vec<f32>> {
    let mut gradient = vec![0.0; layout.len()];
    let Some(last) = pass.layers.last() else { return Ok(gradient) };
    let mut by_output = head(layout, weights, last, pass.rows, slopes, &mut gradient)?;
    for depth in (0..pass.layers.len()).rev() {
        let (layer, hidden, made) = (&weights.layers[depth], &layout.hidden[depth], &pass.layers[depth]);
        let by_product = activation(layout, layer, hidden, made, &by_output, &mut gradient)?;
        let by_scaled = product(layer, hidden, made, by_product, &mut gradient)?;
        by_output = match depth {
            0 => scale_shared(hidden, layer, &pass.inputs, &by_scaled, &mut gradient)?,
            _ => scale_own(hidden, layer, &pass.layers[depth - 1].output, &by_scaled, &mut gradient)?,
        };
    }
    embeddings(layout, cells, &by_output, &mut gradient);
    Ok(gradient)
}

fn head(
    layout: &Layout,
    weights: &Weights,
    last: &LayerPass,
    rows: usize,
    slopes: Vec<f32>,
    gradient: &mut [f32],
) -> candle_core::Result<Vec<f32>> {
    let shape = layout.shape;
    let biases = gradient[layout.head_bias.clone()].chunks_exact_mut(shape.outputs);
    for (bias, slopes) in biases.zip(slopes.chunks_exact(rows * shape.outputs)) {
        for row in slopes.chunks_exact(shape.outputs) {
            bias.iter_mut().zip(row).for_each(|(sum, slope)| *sum += slope);
        }
    }
    let slopes = Tensor::from_vec(slopes, (shape.members, rows, shape.outputs), &Device::Cpu)?;
    let activations = Tensor::from_slice(&last.output, (shape.members, rows, shape.width), &Device::Cpu)?;
    let by_head = activations.t()?.matmul(&slopes)?;
    with_numbers(&by_head, |numbers| gradient[layout.head.clone()].copy_from_slice(numbers))?;
    slopes.matmul(&weights.head.t()?)?.flatten_all()?.to_vec1()
}

/// Through dropout, relu, b and s.
fn activation(
    layout: &Layout,
    layer: &Layer,
    hidden: &Hidden,
    made: &LayerPass,
    by_output: &[f32],
    gradient: &mut [f32],
) -> candle_core::Result<Vec<f32>> {
    let width = layout.shape.width;
    let size = by_output.len() / layout.shape.members;
    let mut by_product = Vec::with_capacity(by_output.len());
    let (mut by_s, mut by_b) = (vec![0.0; layer.s.len()], vec![0.0; layer.b.len()]);
    with_numbers(&made.product, |product| {
        let sums = by_s.chunks_exact_mut(width).zip(by_b.chunks_exact_mut(width)).zip(layer.s.chunks_exact(width));
        for (member, ((by_s, by_b), s)) in sums.enumerate() {
            let rows = member * size..(member + 1) * size;
            let (up, out, product) = (&by_output[rows.clone()], &made.output[rows.clone()], &product[rows]);
            for ((up, out), product) in
                up.chunks_exact(width).zip(out.chunks_exact(width)).zip(product.chunks_exact(width))
            {
                // What came out positive was neither cut nor silenced.
                let slopes = up.iter().zip(out).map(|(up, out)| if *out > 0.0 { up * made.kept } else { 0.0 });
                let sums = by_s.iter_mut().zip(by_b.iter_mut());
                by_product.extend(slopes.zip(s).zip(product).zip(sums).map(|(((slope, s), product), (by_s, by_b))| {
                    *by_s += slope * product;
                    *by_b += slope;
                    slope * s
                }));
            }
        }
    })?;
    gradient[hidden.s.clone()].copy_from_slice(&by_s);
    gradient[hidden.b.clone()].copy_from_slice(&by_b);
    Ok(by_product)
}

/// Through the shared matrix.
fn product(
    layer: &Layer,
    hidden: &Hidden,
    made: &LayerPass,
    by_product: Vec<f32>,
    gradient: &mut [f32],
) -> candle_core::Result<Tensor> {
    let by_product = Tensor::from_vec(by_product, made.product.shape(), &Device::Cpu)?;
    let by_matrix = made.scaled.t()?.matmul(&by_product)?;
    with_numbers(&by_matrix, |numbers| gradient[hidden.matrix.clone()].copy_from_slice(numbers))?;
    by_product.matmul(&layer.matrix.t()?)
}

/// Through the first layer's r: the members' shares of a row add up.
fn scale_shared(
    hidden: &Hidden,
    layer: &Layer,
    inputs: &[f32],
    by_scaled: &Tensor,
    gradient: &mut [f32],
) -> candle_core::Result<Vec<f32>> {
    let mut by_inputs = vec![0.0; inputs.len()];
    let width = hidden.inputs;
    with_numbers(by_scaled, |by_scaled| {
        let members = gradient[hidden.r.clone()].chunks_exact_mut(width).zip(layer.r.chunks_exact(width));
        for ((by_r, r), by_scaled) in members.zip(by_scaled.chunks_exact(inputs.len())) {
            let rows = by_inputs.chunks_exact_mut(width).zip(inputs.chunks_exact(width));
            for ((down, x), up) in rows.zip(by_scaled.chunks_exact(width)) {
                for ((((down, x), up), r), by_r) in down.iter_mut().zip(x).zip(up).zip(r).zip(by_r.iter_mut()) {
                    *by_r += up * x;
                    *down += up * r;
                }
            }
        }
    })?;
    Ok(by_inputs)
}

/// Through a later layer's r.
fn scale_own(
    hidden: &Hidden,
    layer: &Layer,
    outputs: &[f32],
    by_scaled: &Tensor,
    gradient: &mut [f32],
) -> candle_core::Result<Vec<f32>> {
    let mut by_outputs = Vec::with_capacity(outputs.len());
    let width = hidden.inputs;
    let size = outputs.len() * width / layer.r.len();
    with_numbers(by_scaled, |by_scaled| {
        let members = gradient[hidden.r.clone()].chunks_exact_mut(width).zip(layer.r.chunks_exact(width));
        for ((by_r, r), (x, up)) in members.zip(outputs.chunks_exact(size).zip(by_scaled.chunks_exact(size))) {
            for (x, up) in x.chunks_exact(width).zip(up.chunks_exact(width)) {
                by_outputs.extend(x.iter().zip(up).zip(r).zip(by_r.iter_mut()).map(|(((x, up), r), by_r)| {
                    *by_r += up * x;
                    up * r
                }));
            }
        }
    })?;
    Ok(by_outputs)
}

/// Through the embedding tables.
fn embeddings(layout: &Layout, cells: &[Cell], by_inputs: &[f32], gradient: &mut [f32]) {
    let embedding = layout.shape.embedding;
    let mut by_knot: Vec<Vec<f32>> = layout.tables.iter().map(|t| vec![0.0; t.slots * embedding]).collect();
    for (line, cells) in by_inputs.chunks_exact(layout.inputs()).zip(cells.chunks_exact(by_knot.len())) {
        let seen = by_knot.iter_mut().zip(cells).filter(|(table, _)| !table.is_empty());
        for (slopes, (table, cell)) in line.chunks_exact(embedding).zip(seen) {
            spread(table, *cell, slopes);
        }
    }
    for (table, by_knot) in layout.tables.iter().zip(&by_knot).filter(|(table, _)| table.slots > 0) {
        pull_back_knots(table, by_knot, embedding, &mut gradient[table.weights.clone()]);
    }
}

fn spread(table: &mut [f32], cell: Cell, slopes: &[f32]) {
    let start = cell.slot as usize * slopes.len();
    for (knot, slope) in table[start..].iter_mut().zip(slopes) {
        *knot += (1.0 - cell.fraction) * slope;
    }
    if cell.fraction > 0.0 {
        for (knot, slope) in table[start + slopes.len()..].iter_mut().zip(slopes) {
            *knot += cell.fraction * slope;
        }
    }
}
