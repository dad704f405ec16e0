//! Gradient boosting on histograms: each round adds a tree that follows the second-order expansion of the loss
//! (Friedman 2001; Chen & Guestrin 2016).

mod fit;
mod parameters;

pub use fit::{BoostedFit, Validation, fit};
pub use parameters::{BoostedParameters, StopOn};

pub(super) use parameters::{positive, share, whole};
