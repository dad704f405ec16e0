//! Settings of the network and its training.

use serde::{Deserialize, Serialize};

use crate::linear::{ClassWeight, TrainError, require};

/// Settings of [`fit`](super::fit).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkParameters {
    /// Members of the ensemble, 1 to 64. Training time grows in proportion; the paper takes 32. Default 8.
    pub members: usize,
    /// Units of a hidden layer, 4 to 1024. Default 128.
    pub width: usize,
    /// Hidden layers, 1 to 8. Default 2.
    pub depth: usize,
    /// Numbers that stand for one feature's value, 1 to 64. Default 8.
    pub embedding: usize,
    /// Most pieces of a number's piecewise-linear embedding, 1 to 128; cut at training quantiles. Default 24.
    pub bins: usize,
    /// A category seen in fewer training rows is treated as unknown. Default 5.
    pub min_category_rows: u32,
    /// Share of hidden units silenced at random in training, 0 to 0.9. Default 0.1.
    pub dropout: f32,
    /// Step size of AdamW. Default 0.002.
    pub learning_rate: f32,
    /// Decay of the weight matrices a step, times the step size. Default 0.0003.
    pub weight_decay: f32,
    /// Rows a step. Default 256.
    pub batch_rows: usize,
    /// Most passes over the training rows. Default 100.
    pub max_epochs: usize,
    /// Passes without a better validation loss after which training ends. Default 5.
    pub patience: usize,
    /// Share of the rows kept from training to decide when to stop, if no validation rows are given; 0 = stop by the
    /// training loss. Default 0.15.
    pub holdout: f32,
    /// Extra weight by class. Default: all alike.
    pub class_weight: ClassWeight,
}

impl Default for NetworkParameters {
    fn default() -> Self {
        Self {
            members: 8,
            width: 128,
            depth: 2,
            embedding: 8,
            bins: 24,
            min_category_rows: 5,
            dropout: 0.1,
            learning_rate: 2e-3,
            weight_decay: 3e-4,
            batch_rows: 256,
            max_epochs: 100,
            patience: 5,
            holdout: 0.15,
            class_weight: ClassWeight::Equal,
        }
    }
}

impl NetworkParameters {
    /// Checks every setting.
    ///
    /// # Errors
    /// [`TrainError::Invalid`] naming the first wrong field.
    pub fn validate(&self) -> Result<(), TrainError> {
        require((1..=64).contains(&self.members), "members", "must be 1 to 64")?;
        require((4..=1024).contains(&self.width), "width", "must be 4 to 1024")?;
        require((1..=8).contains(&self.depth), "depth", "must be 1 to 8")?;
        require((1..=64).contains(&self.embedding), "embedding", "must be 1 to 64")?;
        require((1..=128).contains(&self.bins), "bins", "must be 1 to 128")?;
        require((0.0..=0.9).contains(&self.dropout), "dropout", "must be 0 to 0.9")?;
        require(self.learning_rate > 0.0 && self.learning_rate <= 1.0, "learning_rate", "must be above 0, at most 1")?;
        require((0.0..=1.0).contains(&self.weight_decay), "weight_decay", "must be 0 to 1")?;
        require((1..=65_536).contains(&self.batch_rows), "batch_rows", "must be 1 to 65536")?;
        require((1..=10_000).contains(&self.max_epochs), "max_epochs", "must be 1 to 10000")?;
        require(self.patience >= 1, "patience", "must be at least 1")?;
        require((0.0..=0.5).contains(&self.holdout), "holdout", "must be 0 to 0.5")?;
        self.class_weight.validate()
    }
}
