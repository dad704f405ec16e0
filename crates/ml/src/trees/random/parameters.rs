use crate::trees::TrainError;
use crate::trees::bins::MAX_BINS;
use crate::trees::boosted::{positive, share, whole};
use crate::trees::forest::MAX_DEPTH;

/// How many features a node looks at before it splits.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaxFeatures {
    /// The square root of their number, rounded down, at least 1.
    #[default]
    Sqrt,
    /// All of them.
    All,
    /// This share of them, in (0, 1], at least one.
    Share(f32),
}

impl MaxFeatures {
    pub(super) fn of(self, features: usize) -> usize {
        match self {
            Self::Sqrt => features.isqrt().max(1),
            Self::All => features,
            Self::Share(share) => crate::trees::sampling::portion(features, share),
        }
    }
}

/// How to grow a random forest. Every field has a default.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RandomParameters {
    /// Trees, 1 to 10,000. Default 300.
    pub trees: u32,
    /// Deepest level of a tree (the root is level 0), 1 to 64. Default 32.
    pub max_depth: u32,
    /// Fewest different rows in a leaf, at least 1. Default 1.
    pub min_leaf: u32,
    /// Features looked at per node. Default: the square root of their number.
    pub max_features: MaxFeatures,
    /// Whether each tree draws its rows with replacement; if not, all trees see all rows and none is out of bag. Default
    /// true.
    pub bootstrap: bool,
    /// Bins a feature, 2 to 255; categories have at most 63, the rarest of more share one. Default 255.
    pub max_bins: u32,
    /// Whether classes are weighted up to the same total weight. It shifts the probabilities. Default false.
    pub balanced: bool,
    /// Factor on the weight of rows of class 1 (binary tasks), > 0. It shifts the probabilities. Default 1.
    pub positive_weight: f32,
}

impl Default for RandomParameters {
    fn default() -> Self {
        Self {
            trees: 300,
            max_depth: 32,
            min_leaf: 1,
            max_features: MaxFeatures::Sqrt,
            bootstrap: true,
            max_bins: MAX_BINS as u32,
            balanced: false,
            positive_weight: 1.0,
        }
    }
}

impl RandomParameters {
    /// Checks every field.
    ///
    /// # Errors
    /// [`TrainError::Invalid`] with the name of the first field out of its range.
    pub fn validate(&self) -> Result<(), TrainError> {
        whole("trees", self.trees, 1, 10_000)?;
        whole("max_depth", self.max_depth, 1, MAX_DEPTH)?;
        whole("min_leaf", self.min_leaf, 1, u32::MAX)?;
        whole("max_bins", self.max_bins, 2, MAX_BINS as u32)?;
        if let MaxFeatures::Share(value) = self.max_features {
            share("max_features", value)?;
        }
        positive("positive_weight", self.positive_weight)
    }
}
