//! Decision forests: growing, predicting, explaining, storing.
//!
//! There is one representation, [`Forest`], and a grower for each way of making one: [`boosted`] (gradient boosting) and
//! [`random`] (random forests). A grower sees binned columns and leaves behind trees that split on bins; the forest turns
//! bins back into thresholds and category sets, so that prediction needs nothing from training.

pub mod boosted;
pub mod random;

mod bins;
mod checks;
mod contributions;
mod error;
mod forest;
mod grown;
mod growth;
mod histogram;
mod loss;
mod predict;
mod quantile;
mod sampling;
mod split;
mod split_categorical;
mod stored;
#[cfg(test)]
mod tests;

pub use error::{LoadError, TrainError};
pub use forest::{Forest, Link, MAX_DEPTH};
