//! A free increasing curve through the observed shares.

use super::logistic::Logistic;
use crate::measure::sweep::Sweep;

/// Weight of the logistic line in the blend. Small enough to follow the curve, large enough that the flat ends of the
/// curve still rise in `f32`, and that no score is ever mapped to exactly 0 or 1.
const BLEND: f64 = 0.02;

/// Isotonic regression whose blocks are joined at their centres (Oron and Flournoy, Statistics in Biopharmaceutical
/// Research 9, 2017) instead of drawn as steps, blended with a logistic line. Both make it increase strictly: a step
/// curve would tie scores that the model tells apart and so lower ROC-AUC.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Isotonic {
    /// Mean score of each block, ascending.
    pub scores: Vec<f64>,
    /// Share of positives in each block, ascending.
    pub shares: Vec<f64>,
    /// What it is blended with.
    pub logistic: Logistic,
}

impl Isotonic {
    /// The calibrated probability of a score between 0 and 1.
    #[must_use]
    pub fn apply(&self, score: f32) -> f32 {
        let curve = self.curve(f64::from(score));
        ((1.0 - BLEND) * curve + BLEND * f64::from(self.logistic.apply(score))) as f32
    }

    fn curve(&self, score: f64) -> f64 {
        let above = self.scores.partition_point(|&centre| centre < score);
        match (self.at(above.checked_sub(1)), self.at(Some(above))) {
            (Some(below), Some(above)) => below.1 + (above.1 - below.1) * (score - below.0) / (above.0 - below.0),
            (Some((_, share)), None) | (None, Some((_, share))) => share,
            (None, None) => score,
        }
    }

    fn at(&self, block: Option<usize>) -> Option<(f64, f64)> {
        let block = block?;
        Some((*self.scores.get(block)?, *self.shares.get(block)?))
    }

    /// Pool-adjacent-violators over the distinct scores. `None` when the logistic line has no answer either.
    #[must_use]
    pub fn fit(sweep: &Sweep) -> Option<Self> {
        let logistic = Logistic::fit(sweep)?;
        let blocks = pooled(sweep);
        Some(Self {
            scores: blocks.iter().map(|block| block.scores / block.rows).collect(),
            shares: blocks.iter().map(|block| block.positives / block.rows).collect(),
            logistic,
        })
    }
}

#[derive(Clone, Copy)]
struct Block {
    rows: f64,
    positives: f64,
    /// Sum over the rows.
    scores: f64,
}

/// Blocks of ascending scores with strictly ascending shares.
fn pooled(sweep: &Sweep) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for step in sweep.steps().iter().rev() {
        let rows = f64::from(step.positives) + f64::from(step.negatives);
        let mut block = Block { rows, positives: f64::from(step.positives), scores: f64::from(step.score) * rows };
        // Shares compared crosswise: the counts are whole numbers, so this is exact.
        while let Some(last) = blocks.last().filter(|last| last.positives * block.rows >= block.positives * last.rows) {
            block.rows += last.rows;
            block.positives += last.positives;
            block.scores += last.scores;
            blocks.pop();
        }
        blocks.push(block);
    }
    blocks
}
