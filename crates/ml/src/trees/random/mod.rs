//! Random forests (Breiman 2001): trees grown apart from each other, each on a bootstrap sample of the rows and choosing
//! each split from a few features; their mean predicts.

mod fit;
mod node;
mod parameters;
mod statistic;
mod tree;

pub use fit::fit;
pub use parameters::{MaxFeatures, RandomParameters};
