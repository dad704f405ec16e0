//! How much work a fit was, in seconds of two quiet cores of an ordinary server, told from what was done and never from
//! a clock: a budget spent by the clock would make another model on another machine.

use super::recipe::Learner;
use crate::features::Features;
use crate::network::NetworkParameters;

/// Cells (rows × features) that one level of one boosted tree gets through in a second.
const BOOSTED: f64 = 100e6;
/// The same of a random forest.
const FOREST: f64 = 40e6;
/// Multiplications of a network in training in a second.
const NETWORK: f64 = 6e9;
/// Cells a linear fit gets through in a second.
const LINEAR: f64 = 1.5e6;

/// Seconds for fitting `learner` on `x`, having done `rounds` rounds (trees, epochs) for `outputs` outputs.
pub(crate) fn seconds(learner: &Learner, x: &Features, rounds: usize, outputs: usize) -> f64 {
    let cells = (x.rows * x.columns.len()) as f64;
    let (rounds, outputs) = (rounds as f64, outputs as f64);
    match learner {
        Learner::Boosted(_) => (cells + 20_000.0) * rounds * outputs * 6.0 / BOOSTED,
        Learner::Forest(_) => cells * rounds * depth(x.rows) / 3.0 / FOREST,
        Learner::Linear(_) => cells * outputs / LINEAR,
        Learner::Network(parameters) => network(parameters, x, rounds),
    }
}

/// Seconds that a fit of `learner` may take at most, before it is known when it stops.
pub(crate) fn expected(learner: &Learner, rows: usize, features: usize, outputs: usize) -> f64 {
    let x = Features { rows, columns: Vec::new() };
    let cells = (rows * features) as f64;
    match learner {
        Learner::Network(parameters) => {
            let width = features as f64 * parameters.embedding as f64;
            network_work(parameters, width, x.rows, 25.0)
        }
        Learner::Boosted(_) => (cells + 20_000.0) * 300.0 * outputs as f64 * 6.0 / BOOSTED,
        Learner::Forest(_) => cells * 200.0 * depth(rows) / 3.0 / FOREST,
        Learner::Linear(_) => cells * outputs as f64 / LINEAR,
    }
}

fn network(parameters: &NetworkParameters, x: &Features, epochs: f64) -> f64 {
    let width = x.columns.len() as f64 * parameters.embedding as f64;
    network_work(parameters, width, x.rows, epochs)
}

fn network_work(parameters: &NetworkParameters, inputs: f64, rows: usize, epochs: f64) -> f64 {
    let width = parameters.width as f64;
    let products = parameters.members as f64 * (inputs * width + (parameters.depth as f64 - 1.0) * width * width);
    3.0 * products * rows as f64 * epochs / NETWORK
}

fn depth(rows: usize) -> f64 {
    (rows.max(2) as f64).log2()
}
