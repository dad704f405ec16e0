use crate::trees::TrainError;
use crate::trees::bins::MAX_BINS;
use crate::trees::forest::MAX_DEPTH;
use crate::trees::growth::Limits;
use crate::trees::split::Rules;

/// The validation figure that early stopping watches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopOn {
    /// Logarithmic loss (classes) or mean squared error (values); less is better.
    #[default]
    Loss,
    /// Average precision of class 1, a summary of the precision-recall curve; more is better. Binary tasks only.
    AveragePrecision,
}

/// How to boost. Every field has a default.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BoostedParameters {
    /// Rounds at most; each adds one tree an output. 1 to 100,000. Default 300.
    pub rounds: u32,
    /// Factor on every leaf value, in (0, 1]. Default 0.1.
    pub learning_rate: f32,
    /// Deepest level of a tree (the root is level 0), 1 to 64. Default 6.
    pub max_depth: u32,
    /// Leaves a tree may have, 2 to 65,536. When set, the leaf with most gain is split first, else trees grow level by
    /// level. Default: not set.
    pub max_leaves: Option<u32>,
    /// L2 term added to a leaf's curvature, ≥ 0. Default 1.
    pub lambda: f32,
    /// L1 term taken off a leaf's slope, ≥ 0. Default 0.
    pub alpha: f32,
    /// Least gain of a split (twice the fall of the objective), ≥ 0. Default 0.
    pub gamma: f32,
    /// Least curvature on each side of a split, ≥ 0: a number of rows for squared error, less for classes. Default 1.
    pub min_child_weight: f32,
    /// Share of rows drawn for each tree, in (0, 1]. Default 1.
    pub row_share: f32,
    /// Share of columns drawn for each tree, in (0, 1]. Default 1.
    pub column_share: f32,
    /// Share of a tree's columns drawn for each node, in (0, 1]. Default 1.
    pub node_column_share: f32,
    /// Bins a feature, 2 to 255; categories have at most 63, the rarest of more share one. Default 255.
    pub max_bins: u32,
    /// Curvature added when categories are ordered by their mean gradient, ≥ 0. Default 10.
    pub category_smoothing: f32,
    /// Further L2 term on splits by many categories, ≥ 0. Default 10.
    pub category_lambda: f32,
    /// Curvature under which a node's categories are pooled, ≥ 0. Default 1.
    pub min_category_weight: f32,
    /// Up to this many categories in a node each is tried against all others; beyond, they are ordered. Default 4.
    pub one_vs_rest_categories: u32,
    /// Factor on the weight of rows of class 1 (binary tasks), in training and in validation, > 0. Other than 1 it shifts the
    /// probabilities. Default 1.
    pub positive_weight: f32,
    /// Stop after this many rounds in which the validation figure did not improve. Default: not set.
    pub rounds_without_improvement: Option<u32>,
    /// What early stopping watches. Default: the loss.
    pub stop_on: StopOn,
}

impl Default for BoostedParameters {
    fn default() -> Self {
        Self {
            rounds: 300,
            learning_rate: 0.1,
            max_depth: 6,
            max_leaves: None,
            lambda: 1.0,
            alpha: 0.0,
            gamma: 0.0,
            min_child_weight: 1.0,
            row_share: 1.0,
            column_share: 1.0,
            node_column_share: 1.0,
            max_bins: MAX_BINS as u32,
            category_smoothing: 10.0,
            category_lambda: 10.0,
            min_category_weight: 1.0,
            one_vs_rest_categories: 4,
            positive_weight: 1.0,
            rounds_without_improvement: None,
            stop_on: StopOn::Loss,
        }
    }
}

impl BoostedParameters {
    /// Checks every field.
    ///
    /// # Errors
    /// [`TrainError::Invalid`] with the name of the first field out of its range.
    pub fn validate(&self) -> Result<(), TrainError> {
        whole("rounds", self.rounds, 1, 100_000)?;
        whole("max_depth", self.max_depth, 1, MAX_DEPTH)?;
        whole("max_leaves", self.max_leaves.unwrap_or(2), 2, 65_536)?;
        whole("max_bins", self.max_bins, 2, MAX_BINS as u32)?;
        whole("one_vs_rest_categories", self.one_vs_rest_categories, 0, MAX_BINS as u32)?;
        whole("rounds_without_improvement", self.rounds_without_improvement.unwrap_or(1), 1, u32::MAX)?;
        share("learning_rate", self.learning_rate)?;
        share("row_share", self.row_share)?;
        share("column_share", self.column_share)?;
        share("node_column_share", self.node_column_share)?;
        not_negative("lambda", self.lambda)?;
        not_negative("alpha", self.alpha)?;
        not_negative("gamma", self.gamma)?;
        not_negative("min_child_weight", self.min_child_weight)?;
        not_negative("category_smoothing", self.category_smoothing)?;
        not_negative("category_lambda", self.category_lambda)?;
        not_negative("min_category_weight", self.min_category_weight)?;
        positive("positive_weight", self.positive_weight)
    }

    pub(super) fn rules(&self) -> Rules {
        Rules {
            lambda: self.lambda.into(),
            alpha: self.alpha.into(),
            gamma: self.gamma.into(),
            min_child_weight: self.min_child_weight.into(),
            category_smoothing: self.category_smoothing.into(),
            category_lambda: self.category_lambda.into(),
            min_category_weight: self.min_category_weight.into(),
            one_vs_rest: self.one_vs_rest_categories as usize,
        }
    }

    pub(super) fn limits(&self) -> Limits {
        Limits {
            max_depth: self.max_depth,
            max_leaves: self.max_leaves.map(|leaves| leaves as usize),
            node_column_share: self.node_column_share,
        }
    }
}

/// Refuses whole numbers outside `low ..= high`.
pub(in crate::trees) fn whole(field: &'static str, value: u32, low: u32, high: u32) -> Result<(), TrainError> {
    let reason = || format!("must be a whole number from {low} to {high}");
    if (low..=high).contains(&value) { Ok(()) } else { Err(TrainError::invalid(field, reason())) }
}

/// Refuses what is not in (0, 1].
pub(in crate::trees) fn share(field: &'static str, value: f32) -> Result<(), TrainError> {
    if value > 0.0 && value <= 1.0 { Ok(()) } else { Err(TrainError::invalid(field, "must be above 0 and at most 1")) }
}

/// Refuses what is not finite and above zero.
pub(in crate::trees) fn positive(field: &'static str, value: f32) -> Result<(), TrainError> {
    if value > 0.0 && value.is_finite() { Ok(()) } else { Err(TrainError::invalid(field, "must be a number above 0")) }
}

fn not_negative(field: &'static str, value: f32) -> Result<(), TrainError> {
    if value >= 0.0 && value.is_finite() {
        Ok(())
    } else {
        Err(TrainError::invalid(field, "must be a number of at least 0"))
    }
}
