//! Where each weight lies in the flat buffer that the optimiser moves.

use std::ops::Range;

use rand_chacha::ChaCha8Rng;

use super::affine::Trainable;
use super::random::normal;
use super::shape::Shape;
use crate::kernels::{Channels, Grid, Pooling, Window};

/// Weights of one block.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BlockLayout {
    pub(crate) channels: Channels,
    pub(crate) grid: Grid,
    pub(crate) window: Window,
    pub(crate) shortcut: bool,
    pub(crate) kernel: Range<usize>,
    pub(crate) gain: Range<usize>,
    pub(crate) offset: Range<usize>,
}

impl BlockLayout {
    pub(crate) fn trainable<'a>(&'a self, weights: &'a [f32]) -> Trainable<'a> {
        Trainable { weights, gain: &self.gain, offset: &self.offset }
    }

    pub(crate) fn pooling(&self, images: usize) -> Pooling {
        Pooling { grid: self.grid, window: self.window, images, channels: self.channels.output }
    }
}

/// Weights of two dense layers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HeadLayout {
    pub(crate) grid: Grid,
    pub(crate) channels: usize,
    pub(crate) steps: usize,
    pub(crate) features: usize,
    pub(crate) hidden: usize,
    pub(crate) outputs: usize,
    /// features × hidden
    pub(crate) inner: Range<usize>,
    pub(crate) gain: Range<usize>,
    pub(crate) offset: Range<usize>,
    /// hidden × outputs
    pub(crate) outer: Range<usize>,
    pub(crate) outer_bias: Range<usize>,
}

impl HeadLayout {
    pub(crate) fn trainable<'a>(&'a self, weights: &'a [f32]) -> Trainable<'a> {
        Trainable { weights, gain: &self.gain, offset: &self.offset }
    }
}

/// Weights of a network.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Layout {
    pub(crate) blocks: Vec<BlockLayout>,
    pub(crate) head: HeadLayout,
    pub(crate) normalise: bool,
}

impl Layout {
    pub(crate) fn new(shape: &Shape) -> Self {
        let mut end = 0;
        let mut take = |count: usize| {
            end += count;
            end - count..end
        };
        let grids = shape.grids();
        let mut input = shape.channels;
        let mut blocks = Vec::with_capacity(shape.blocks.len());
        for (block, grid) in shape.blocks.iter().zip(&grids) {
            let channels = Channels { input, output: block.channels };
            blocks.push(BlockLayout {
                channels,
                grid: *grid,
                window: block.pool,
                shortcut: block.shortcut,
                kernel: take(9 * input * block.channels),
                gain: take(block.channels),
                offset: take(block.channels),
            });
            input = block.channels;
        }
        let (features, hidden, outputs) = (shape.features(), shape.hidden, shape.outputs);
        let head = HeadLayout {
            grid: grids[grids.len() - 1],
            channels: input,
            steps: shape.steps(),
            features,
            hidden,
            outputs,
            inner: take(features * hidden),
            gain: take(hidden),
            offset: take(hidden),
            outer: take(hidden * outputs),
            outer_bias: take(outputs),
        };
        Self { blocks, head, normalise: shape.normalise }
    }

    /// Channels of everything that is normalised: the blocks and the dense layer.
    pub(crate) fn normalised(&self) -> impl Iterator<Item = usize> {
        self.blocks.iter().map(|block| block.channels.output).chain([self.head.hidden])
    }

    /// Number of weights.
    pub(crate) fn len(&self) -> usize {
        self.head.outer_bias.end
    }

    /// 1 for weights that decay: kernels and matrices.
    pub(crate) fn decays(&self) -> Vec<f32> {
        let mut decays = vec![0.0; self.len()];
        let kernels = self.blocks.iter().map(|block| block.kernel.clone());
        kernels.chain([self.head.inner.clone(), self.head.outer.clone()]).for_each(|range| decays[range].fill(1.0));
        decays
    }

    /// First weights: normal, of a spread that keeps the variance through relu (He et al. 2015).
    pub(crate) fn initial(&self, rng: &mut ChaCha8Rng) -> Vec<f32> {
        let mut weights = vec![0.0; self.len()];
        let mut fill = |range: &Range<usize>, variance: f32| {
            weights[range.clone()].iter_mut().for_each(|weight| *weight = normal(rng) * variance.sqrt());
        };
        for block in &self.blocks {
            fill(&block.kernel, 2.0 / (9 * block.channels.input) as f32);
        }
        fill(&self.head.inner, 2.0 / self.head.features as f32);
        fill(&self.head.outer, 1.0 / self.head.hidden as f32);
        let gains = self.blocks.iter().map(|block| &block.gain).chain([&self.head.gain]);
        gains.for_each(|gain| weights[gain.clone()].fill(1.0));
        weights
    }
}
