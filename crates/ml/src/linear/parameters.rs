//! Settings of a linear fit.

use serde::{Deserialize, Serialize};

use super::error::{TrainError, require};
use super::task::ClassWeight;

/// Settings of [`fit`](super::fit).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinearParameters {
    /// Strength λ of the ridge penalty `λ/2 · ‖coefficients‖²` beside the sum of the rows' losses (the intercept goes
    /// free); the reciprocal of what other libraries call C. Default 1.
    pub l2: f32,
    /// Extra weight by class. Default: all alike.
    pub class_weight: ClassWeight,
    /// Whether numbers with heavy tails also enter on a signed logarithmic scale. Default true.
    pub signed_log: bool,
    /// A category seen in fewer training rows shares one column with the other rare ones. Default 10.
    pub min_category_rows: u32,
    /// Most optimiser steps. Default 500.
    pub max_iterations: usize,
    /// The fit has converged when no component of the mean loss's gradient is larger. Default 1e-5.
    pub tolerance: f32,
}

impl Default for LinearParameters {
    fn default() -> Self {
        Self {
            l2: 1.0,
            class_weight: ClassWeight::Equal,
            signed_log: true,
            min_category_rows: 10,
            max_iterations: 500,
            tolerance: 1e-5,
        }
    }
}

impl LinearParameters {
    /// Checks every setting.
    ///
    /// # Errors
    /// [`TrainError::Invalid`] naming the first wrong field.
    pub fn validate(&self) -> Result<(), TrainError> {
        require(self.l2.is_finite() && self.l2 >= 0.0, "l2", "must be finite and not negative")?;
        self.class_weight.validate()?;
        require((1..=100_000).contains(&self.max_iterations), "max_iterations", "must be 1 to 100000")?;
        require(self.tolerance > 0.0 && self.tolerance < 1.0, "tolerance", "must be between 0 and 1")
    }
}
