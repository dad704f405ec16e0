//! The flat weights as tables and matrices to compute with.

use std::ops::Range;

use candle_core::{Device, Tensor};

use super::inputs::Cell;
use super::layout::{Layout, Table};

/// Weights ready for a pass.
#[derive(Clone, Debug)]
pub(crate) struct Weights {
    /// slots × embedding for each feature: the embedding at each knot, or of each category.
    pub(crate) tables: Vec<Vec<f32>>,
    pub(crate) layers: Vec<Layer>,
    /// members × width × outputs
    pub(crate) head: Tensor,
    /// members × outputs
    pub(crate) head_bias: Vec<f32>,
}

/// One hidden layer's weights; see [`Hidden`](super::layout::Hidden).
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    /// inputs × width
    pub(crate) matrix: Tensor,
    pub(crate) r: Vec<f32>,
    pub(crate) s: Vec<f32>,
    pub(crate) b: Vec<f32>,
}

impl Weights {
    pub(crate) fn new(layout: &Layout, flat: &[f32]) -> candle_core::Result<Self> {
        let shape = layout.shape;
        let copy = |range: &Range<usize>| flat[range.clone()].to_vec();
        let layers = layout.hidden.iter().map(|hidden| {
            let matrix = Tensor::from_slice(&flat[hidden.matrix.clone()], (hidden.inputs, shape.width), &Device::Cpu)?;
            Ok(Layer { matrix, r: copy(&hidden.r), s: copy(&hidden.s), b: copy(&hidden.b) })
        });
        let head_shape = (shape.members, shape.width, shape.outputs);
        Ok(Self {
            tables: layout.tables.iter().map(|t| knots(t, &flat[t.weights.clone()], shape.embedding)).collect(),
            layers: layers.collect::<candle_core::Result<_>>()?,
            head: Tensor::from_slice(&flat[layout.head.clone()], head_shape, &Device::Cpu)?,
            head_bias: copy(&layout.head_bias),
        })
    }

    /// Embeddings of rows of cells: rows × inputs.
    pub(crate) fn embed(&self, layout: &Layout, cells: &[Cell]) -> Vec<f32> {
        let embedding = layout.shape.embedding;
        let mut inputs = vec![0.0; cells.len() / self.tables.len() * layout.inputs()];
        let lines = inputs.chunks_exact_mut(layout.inputs()).zip(cells.chunks_exact(self.tables.len()));
        for (line, cells) in lines {
            let seen = self.tables.iter().zip(cells).filter(|(table, _)| !table.is_empty());
            for (out, (table, cell)) in line.chunks_exact_mut(embedding).zip(seen) {
                look_up(table, *cell, out);
            }
        }
        inputs
    }
}

fn look_up(table: &[f32], cell: Cell, out: &mut [f32]) {
    let start = cell.slot as usize * out.len();
    let low = &table[start..start + out.len()];
    if cell.fraction == 0.0 {
        out.copy_from_slice(low);
        return;
    }
    let high = &table[start + out.len()..start + 2 * out.len()];
    for ((out, low), high) in out.iter_mut().zip(low).zip(high) {
        *out = low + cell.fraction * (high - low);
    }
}

/// A number's table holds a sum: slope × score, plus every piece passed. Summed up once, a look-up costs the same whatever
/// the number of pieces; a category's table is itself.
fn knots(table: &Table, weights: &[f32], embedding: usize) -> Vec<f32> {
    if table.edges.is_empty() {
        return weights.to_vec();
    }
    let (pieces, rest) = weights.split_at((table.edges.len() - 1) * embedding);
    let (slope, missing) = rest.split_at(embedding);
    let mut passed = vec![0.0; embedding];
    let mut knots = Vec::with_capacity(table.slots * embedding);
    for (place, edge) in table.edges.iter().enumerate() {
        knots.extend(passed.iter().zip(slope).map(|(passed, slope)| passed + slope * edge));
        if let Some(piece) = pieces.chunks_exact(embedding).nth(place) {
            passed.iter_mut().zip(piece).for_each(|(passed, piece)| *passed += piece);
        }
    }
    knots.extend_from_slice(missing);
    knots
}

/// Adds to `gradient` (of the table's weights) what `by_knot` (of its knots) means for them: the transpose of [`knots`].
pub(crate) fn pull_back_knots(table: &Table, by_knot: &[f32], embedding: usize, gradient: &mut [f32]) {
    if table.edges.is_empty() {
        gradient.iter_mut().zip(by_knot).for_each(|(g, k)| *g += k);
        return;
    }
    let (pieces, rest) = gradient.split_at_mut((table.edges.len() - 1) * embedding);
    let (slope, missing) = rest.split_at_mut(embedding);
    let mut beyond = vec![0.0; embedding];
    for place in (0..table.edges.len()).rev() {
        let knot = &by_knot[place * embedding..][..embedding];
        slope.iter_mut().zip(knot).for_each(|(slope, k)| *slope += k * table.edges[place]);
        beyond.iter_mut().zip(knot).for_each(|(sum, k)| *sum += k);
        if place > 0 {
            let piece = &mut pieces[(place - 1) * embedding..][..embedding];
            piece.iter_mut().zip(&beyond).for_each(|(piece, sum)| *piece += sum);
        }
    }
    let last = &by_knot[table.edges.len() * embedding..];
    missing.iter_mut().zip(last).for_each(|(missing, k)| *missing += k);
}
