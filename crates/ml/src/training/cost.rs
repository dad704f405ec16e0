//! How much work a fit was, in seconds of two quiet cores of an ordinary server, told from what was done and never from
//! a clock: a budget spent by the clock would make another model on another machine.

use super::recipe::Learner;
use crate::features::Features;
use crate::network::NetworkParameters;
use crate::trees::boosted::BoostedParameters;
use crate::trees::random::{MaxFeatures, RandomParameters};

/// Cells (rows × features) that a boosted tree of ordinary depth gets through in a second.
const BOOSTED: f64 = 80e6;
/// Rows that a boosted tree costs beside its own, for what does not grow with them.
const BOOSTED_ROWS: f64 = 1_500.0;
/// Cells that one level of a tree of a random forest gets through in a second.
const FOREST: f64 = 1e9;
/// Multiplications of a network in training in a second.
const NETWORK: f64 = 6e9;
/// Cells a linear fit gets through in a second.
const LINEAR: f64 = 0.8e6;

/// Seconds for fitting `learner` on `x`, having done `rounds` rounds (trees, epochs) for `outputs` outputs.
pub(crate) fn seconds(learner: &Learner, x: &Features, rounds: usize, outputs: usize) -> f64 {
    let cells = (x.rows * x.columns.len()) as f64;
    let columns = x.columns.len() as f64;
    let (rounds, outputs) = (rounds as f64, outputs as f64);
    match learner {
        Learner::Boosted(parameters) => boosted(parameters, cells, columns) * rounds * outputs,
        Learner::Forest(parameters) => random(parameters, cells, x.rows, columns) * rounds,
        Learner::Linear(_) => cells * outputs / LINEAR,
        Learner::Network(parameters) => network(parameters, columns, x.rows, rounds),
    }
}

/// Seconds that a fit of `learner` is expected to take, before it is known when it stops.
pub(crate) fn expected(learner: &Learner, rows: usize, features: usize, outputs: usize) -> f64 {
    let (columns, outputs) = (features as f64, outputs as f64);
    let cells = rows as f64 * columns;
    match learner {
        Learner::Boosted(parameters) => boosted(parameters, cells, columns) * 300.0 * outputs,
        Learner::Forest(parameters) => random(parameters, cells, rows, columns) * f64::from(parameters.trees),
        Learner::Linear(_) => cells * outputs / LINEAR,
        Learner::Network(parameters) => network(parameters, columns, rows, 25.0),
    }
}

/// Seconds of one boosted tree.
fn boosted(parameters: &BoostedParameters, cells: f64, columns: f64) -> f64 {
    let drawn = f64::from(parameters.column_share).max(0.3) + 0.3;
    let depth = f64::from(parameters.max_depth.min(12)) / 5.0;
    (cells + BOOSTED_ROWS * columns) * drawn * depth / BOOSTED
}

/// Seconds of one tree of a random forest.
fn random(parameters: &RandomParameters, cells: f64, rows: usize, columns: f64) -> f64 {
    let looked_at = match parameters.max_features {
        MaxFeatures::Sqrt => columns.sqrt(),
        MaxFeatures::All => columns,
        MaxFeatures::Share(share) => columns * f64::from(share),
    };
    cells * depth(rows) * (looked_at / columns.sqrt()) / FOREST
}

fn network(parameters: &NetworkParameters, columns: f64, rows: usize, epochs: f64) -> f64 {
    let (inputs, width) = (columns * parameters.embedding as f64, parameters.width as f64);
    let products = parameters.members as f64 * (inputs * width + (parameters.depth as f64 - 1.0) * width * width);
    3.0 * products * rows as f64 * epochs / NETWORK
}

fn depth(rows: usize) -> f64 {
    (rows.max(2) as f64).log2()
}
