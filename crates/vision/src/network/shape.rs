//! What a network is made of.

use serde::{Deserialize, Serialize};

use crate::kernels::{Grid, Window};

/// Limits, so that a forged shape cannot make us reserve memory for it.
const MOST_SIDE: usize = 1024;
const MOST_BLOCKS: usize = 32;
const MOST_CHANNELS: usize = 512;
const MOST_HIDDEN: usize = 2048;
const MOST_OUTPUTS: usize = 1024;
const MOST_FEATURES: usize = 1 << 15;

/// A 3 × 3 convolution, normalised if the shape says so, with relu and pooling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// What comes out.
    pub channels: usize,
    /// Whether the input is added before relu (He et al. 2016). Takes as many channels as come in.
    pub shortcut: bool,
    /// Of each window only the largest goes on.
    pub pool: Window,
}

/// A network's measures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// Rows of pixels.
    pub height: usize,
    /// Columns of pixels.
    pub width: usize,
    /// 1 for grey, 3 for colours.
    pub channels: usize,
    /// From the pixels on.
    pub blocks: Vec<Block>,
    /// Whether blocks normalise over the batch.
    pub normalise: bool,
    /// Units of the dense layer.
    pub hidden: usize,
    /// Numbers of one answer.
    pub outputs: usize,
    /// Whether each column of the last map gets an answer, or the whole map one.
    pub columns: bool,
}

impl Shape {
    /// Answers for one picture.
    #[must_use]
    pub fn steps(&self) -> usize {
        if self.columns { self.last().width } else { 1 }
    }

    /// Numbers of one picture: height × width × channels.
    #[must_use]
    pub fn pixels(&self) -> usize {
        self.height * self.width * self.channels
    }

    /// Inputs of the dense layer.
    pub(crate) fn features(&self) -> usize {
        let grid = self.last();
        grid.height * (grid.width / self.steps()) * self.last_channels()
    }

    pub(crate) fn last_channels(&self) -> usize {
        self.blocks.last().map_or(self.channels, |block| block.channels)
    }

    /// The grid of each block's input, and that of the last one's output.
    pub(crate) fn grids(&self) -> Vec<Grid> {
        let mut grids = vec![Grid::new(self.height, self.width)];
        for (number, block) in self.blocks.iter().enumerate() {
            grids.push(block.pool.pooled(grids[number]));
        }
        grids
    }

    fn last(&self) -> Grid {
        self.blocks.iter().fold(Grid::new(self.height, self.width), |grid, block| block.pool.pooled(grid))
    }

    /// Whether such a network can be.
    pub(crate) fn is_possible(&self) -> bool {
        let within = |value: usize, most: usize| (1..=most).contains(&value);
        if !(within(self.height, MOST_SIDE) && within(self.width, MOST_SIDE) && within(self.blocks.len(), MOST_BLOCKS))
        {
            return false;
        }
        let (mut grid, mut channels) = (Grid::new(self.height, self.width), self.channels);
        for block in &self.blocks {
            let window = within(block.pool.height, 4) && within(block.pool.width, 4);
            if !window || !within(block.channels, MOST_CHANNELS) || block.shortcut && block.channels != channels {
                return false;
            }
            (grid, channels) = (block.pool.pooled(grid), block.channels);
            if grid.height == 0 || grid.width == 0 {
                return false;
            }
        }
        matches!(self.channels, 1 | 3)
            && within(self.hidden, MOST_HIDDEN)
            && within(self.outputs, MOST_OUTPUTS)
            && self.features() <= MOST_FEATURES
    }
}
