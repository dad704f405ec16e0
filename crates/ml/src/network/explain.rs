//! Why a row got its score: sampled Shapley values.

use candle_core::Result;

use super::inputs::Cell;
use super::loss::SHARD_ROWS;
use super::model::Network;
use super::random;
use crate::features::Contributions;
use crate::linear::Task;

/// The name of the method, for people who read an explanation.
pub const METHOD: &str = "sampled Shapley values against the typical row (16 permutations and their reverses)";

const PERMUTATIONS: usize = 16;
/// Explanations of one row must not differ from call to call.
const SEED: u64 = 0x5eed;

impl Network {
    /// Why `row` got its score for `output` (an index into the prediction): Shapley values of the game in which a feature
    /// outside the coalition takes its typical value (training median, commonest category), estimated as in Štrumbelj &
    /// Kononenko (2014) from fixed random orders, each taken forwards and backwards.
    ///
    /// `base` is the typical row's score. Along an order the differences telescope, so `base` plus all values is the score
    /// up to rounding (1e-4); the sampling error is only in how the difference is shared out. Unit: log-odds of the
    /// explained class, or the value. Costs 32 · features predictions.
    ///
    /// # Errors
    /// As [`Network::predict_row`].
    pub fn contributions(&self, row: &[f32], output: usize) -> Result<Contributions> {
        let output = output.min(self.task.outputs() - 1);
        let own = self.row_cells(row);
        let typical: Vec<Cell> = self.encodings.iter().map(|encoding| encoding.typical()).collect();
        // A feature at its typical place changes nothing in any coalition.
        let mut order: Vec<usize> = (0..own.len()).filter(|&f| own[f] != typical[f]).collect();
        let base = self.scores(&typical, output)?.first().copied().unwrap_or(0.0);
        let mut rng = random::stream(SEED, 0);
        let mut orders = Vec::with_capacity(2 * PERMUTATIONS);
        for _ in 0..PERMUTATIONS {
            random::shuffle(&mut rng, &mut order);
            orders.push(order.clone());
            orders.push(order.iter().rev().copied().collect());
        }
        let walks: Vec<Cell> = orders.iter().flat_map(|order| walk(&typical, &own, order)).collect();
        let mut scores = self.scores(&walks, output)?.into_iter();
        let mut shares = vec![0.0; own.len()];
        for order in &orders {
            let mut before = base;
            for (&feature, score) in order.iter().zip(&mut scores) {
                shares[feature] += score - before;
                before = score;
            }
        }
        let values = shares.into_iter().map(|share| (share / orders.len() as f64) as f32).collect();
        Ok(Contributions { base: base as f32, values, unit: self.task.unit() })
    }

    /// Score of each row of cells for `output`.
    fn scores(&self, cells: &[Cell], output: usize) -> Result<Vec<f64>> {
        let mut scores = Vec::with_capacity(cells.len() / self.encodings.len());
        for cells in cells.chunks(SHARD_ROWS * self.encodings.len()) {
            let answers = self.answer(cells)?;
            let chosen = answers.chunks_exact(self.task.outputs()).map(|answers| f64::from(answers[output]));
            match self.task {
                Task::Regression => scores.extend(chosen),
                Task::Binary | Task::Multiclass { .. } => scores.extend(chosen.map(log_odds)),
            }
        }
        Ok(scores)
    }
}

/// The rows met on the way from the typical row to the own row, which takes its own features in `order`.
fn walk(typical: &[Cell], own: &[Cell], order: &[usize]) -> Vec<Cell> {
    let mut mixed = typical.to_vec();
    let mut rows = Vec::with_capacity(order.len() * own.len());
    for &feature in order {
        mixed[feature] = own[feature];
        rows.extend_from_slice(&mixed);
    }
    rows
}

/// Kept finite: an f32 probability of exactly 0 or 1 stands for one just inside.
fn log_odds(probability: f64) -> f64 {
    let inside = probability.clamp(1e-7, 1.0 - 1e-7);
    (inside / (1.0 - inside)).ln()
}
