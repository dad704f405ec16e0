//! Where each weight of the network lies in one flat vector, and how the weights begin.
//!
//! One vector makes the optimiser one loop, the sum of gradients one loop, and the best weights one copy.

use std::ops::Range;

use rand_chacha::ChaCha8Rng;

use super::inputs::Encoding;
use super::random;

/// Shape of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Shape {
    pub(crate) members: usize,
    pub(crate) width: usize,
    pub(crate) depth: usize,
    pub(crate) embedding: usize,
    pub(crate) outputs: usize,
}

/// One feature's embedding table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Table {
    /// Normal scores of the knots of a number; empty for a category.
    pub(crate) edges: Vec<f32>,
    /// Rows of the table.
    pub(crate) slots: usize,
    /// For a number: a vector a piece, the slope, the missing vector. For a category: a vector a slot.
    pub(crate) weights: Range<usize>,
}

/// One hidden layer `relu((x ∘ r) W ∘ s + b)`; r, s and b have a row for each member, W is shared.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Hidden {
    pub(crate) inputs: usize,
    pub(crate) matrix: Range<usize>,
    pub(crate) r: Range<usize>,
    pub(crate) s: Range<usize>,
    pub(crate) b: Range<usize>,
}

/// Where everything lies.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Layout {
    pub(crate) shape: Shape,
    /// One a feature; tables of dropped features have no slot.
    pub(crate) tables: Vec<Table>,
    pub(crate) hidden: Vec<Hidden>,
    /// members × width × outputs
    pub(crate) head: Range<usize>,
    /// members × outputs
    pub(crate) head_bias: Range<usize>,
}

impl Layout {
    pub(crate) fn new(shape: Shape, encodings: &[Encoding]) -> Self {
        let mut end = 0;
        let mut take = |count: usize| {
            end += count;
            end - count..end
        };
        let tables: Vec<Table> = encodings.iter().map(|encoding| table(encoding, shape.embedding, &mut take)).collect();
        let seen = tables.iter().filter(|table| table.slots > 0).count();
        let mut hidden = Vec::with_capacity(shape.depth);
        for depth in 0..shape.depth {
            let inputs = if depth == 0 { seen * shape.embedding } else { shape.width };
            hidden.push(Hidden {
                inputs,
                matrix: take(inputs * shape.width),
                r: take(shape.members * inputs),
                s: take(shape.members * shape.width),
                b: take(shape.members * shape.width),
            });
        }
        let head = take(shape.members * shape.width * shape.outputs);
        let head_bias = take(shape.members * shape.outputs);
        Self { shape, tables, hidden, head, head_bias }
    }

    /// Number of weights.
    pub(crate) fn len(&self) -> usize {
        self.head_bias.end
    }

    /// Numbers that a row becomes.
    pub(crate) fn inputs(&self) -> usize {
        self.hidden.first().map_or(0, |hidden| hidden.inputs)
    }

    /// Weights that decay: those of the matrices.
    pub(crate) fn decaying(&self) -> Vec<Range<usize>> {
        self.hidden.iter().map(|hidden| hidden.matrix.clone()).chain([self.head.clone()]).collect()
    }

    /// First weights. The members differ by the signs and sizes of the first scaling (one number a feature) and by their
    /// heads, as the paper advises; everything else begins alike.
    pub(crate) fn initial(&self, rng: &mut ChaCha8Rng) -> Vec<f32> {
        let mut weights = vec![0.0; self.len()];
        let embedding = self.shape.embedding;
        for table in &self.tables {
            let steps = table.edges.len().saturating_sub(1) * embedding;
            random::fill_uniform(rng, (embedding as f32).powf(-0.5), &mut weights[table.weights.clone()][steps..]);
        }
        for (depth, hidden) in self.hidden.iter().enumerate() {
            let bound = (hidden.inputs as f32).powf(-0.5);
            random::fill_uniform(rng, bound, &mut weights[hidden.matrix.clone()]);
            weights[hidden.s.clone()].fill(1.0);
            match depth {
                0 => weights[hidden.r.clone()].chunks_exact_mut(embedding).for_each(|r| r.fill(random::normal(rng))),
                _ => weights[hidden.r.clone()].fill(1.0),
            }
            let mut bias = vec![0.0; self.shape.width];
            random::fill_uniform(rng, bound, &mut bias);
            weights[hidden.b.clone()].chunks_exact_mut(bias.len()).for_each(|b| b.copy_from_slice(&bias));
        }
        let bound = (self.shape.width as f32).powf(-0.5);
        random::fill_uniform(rng, bound, &mut weights[self.head.start..self.head_bias.end]);
        weights
    }
}

fn table(encoding: &Encoding, embedding: usize, take: &mut impl FnMut(usize) -> Range<usize>) -> Table {
    let edges = match encoding {
        Encoding::Numeric { edges, .. } => edges.clone(),
        Encoding::Categorical { .. } | Encoding::Dropped => Vec::new(),
    };
    Table { edges, slots: encoding.slots(), weights: take(encoding.slots() * embedding) }
}
