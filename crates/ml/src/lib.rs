//! Numbers: data sets become tensors, estimators learn from them, and what they learnt is measured, explained and
//! turned into bytes. Nothing in here reads a file, a database or a clock; randomness comes in as a seed, and progress
//! goes out through a callback that may stop the work.

pub mod encode;
pub mod evaluation;
pub mod features;
pub mod linear;
pub mod measure;
pub mod model;
pub mod network;
pub mod progress;
pub mod table;
pub mod training;
pub mod trees;
