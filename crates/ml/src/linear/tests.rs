//! Checks of the linear estimator.
