//! What is asked of an estimator, and how much each row counts.

use serde::{Deserialize, Serialize};

use super::error::{TrainError, require};
use crate::features::{Features, Target, Unit};

/// The kind of answer an estimator gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Task {
    /// The probability of class 1 of two.
    Binary,
    /// A probability for each of three or more classes.
    Multiclass {
        /// How many classes.
        classes: u32,
    },
    /// A real value.
    Regression,
}

impl Task {
    /// The task that `target` sets.
    #[must_use]
    pub fn of(target: &Target) -> Self {
        match target {
            Target::Classes { classes: 2, .. } => Self::Binary,
            Target::Classes { classes, .. } => Self::Multiclass { classes: *classes },
            Target::Values(_) => Self::Regression,
        }
    }

    /// Numbers given for one row.
    #[must_use]
    pub fn outputs(self) -> usize {
        match self {
            Self::Binary | Self::Regression => 1,
            Self::Multiclass { classes } => classes as usize,
        }
    }

    /// The unit in which contributions to this task's scores add up.
    #[must_use]
    pub fn unit(self) -> Unit {
        if self == Self::Regression { Unit::Value } else { Unit::LogOdds }
    }
}

/// How much a row of each class counts, on top of the row's own weight.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassWeight {
    /// All rows count alike.
    #[default]
    Equal,
    /// Each class counts as much as any other in total. Shifts the probabilities: calibrate afterwards.
    Balanced,
    /// One positive factor a class.
    Given(Vec<f32>),
}

impl ClassWeight {
    /// Checks that given factors can be used.
    ///
    /// # Errors
    /// [`TrainError::Invalid`] on a factor that is not positive and finite.
    pub fn validate(&self) -> Result<(), TrainError> {
        let fine = match self {
            Self::Given(factors) => factors.iter().all(|f| f.is_finite() && *f > 0.0),
            Self::Equal | Self::Balanced => true,
        };
        require(fine, "class_weight", "factors must be positive and finite")
    }
}

/// What each row counts for.
#[derive(Clone, Debug)]
pub(crate) struct RowWeights {
    /// Weight of each row, its class's factor multiplied in.
    pub(crate) rows: Vec<f32>,
    /// Factor of each class; empty when there are no classes.
    pub(crate) factors: Vec<f32>,
}

/// Checks that `x`, `y` and `weights` belong together and can be learnt from, and weighs the rows.
pub(crate) fn row_weights(
    x: &Features,
    y: &Target,
    weights: Option<&[f32]>,
    class_weight: &ClassWeight,
) -> Result<RowWeights, TrainError> {
    let mut rows = own_weights(x, y, weights)?;
    if !rows.iter().any(|w| *w > 0.0) {
        return Err(TrainError::NoRows);
    }
    let factors = match y {
        Target::Classes { labels, classes } => class_factors(&rows, labels, *classes, class_weight)?,
        Target::Values(_) => Vec::new(),
    };
    multiply(&mut rows, y, &factors);
    Ok(RowWeights { rows, factors })
}

/// Checks that the rows belong together, and gives each row's own weight.
pub(crate) fn own_weights(x: &Features, y: &Target, weights: Option<&[f32]>) -> Result<Vec<f32>, TrainError> {
    check_features(x)?;
    check_target(x.rows, y)?;
    let rows = weights.map_or_else(|| vec![1.0; x.rows], <[f32]>::to_vec);
    require(rows.len() == x.rows, "weights", "must be one for each row")?;
    require(rows.iter().all(|w| w.is_finite() && *w >= 0.0), "weights", "must be finite and not negative")?;
    Ok(rows)
}

/// Multiplies each row's weight by the factor of its class.
pub(crate) fn multiply(rows: &mut [f32], y: &Target, factors: &[f32]) {
    if let Target::Classes { labels, .. } = y {
        rows.iter_mut().zip(labels).for_each(|(row, &label)| *row *= factors[label as usize]);
    }
}

fn check_features(x: &Features) -> Result<(), TrainError> {
    require(!x.columns.is_empty(), "features", "there are none")?;
    require(x.columns.iter().all(|c| c.values.len() == x.rows), "features", "columns differ in length")
}

fn check_target(rows: usize, y: &Target) -> Result<(), TrainError> {
    require(y.rows() == rows, "target", "must have as many rows as the features")?;
    match y {
        Target::Classes { labels, classes } => {
            require(*classes >= 2, "target", "needs at least two classes")?;
            require(labels.iter().all(|label| label < classes), "target", "has a code beyond its classes")
        }
        Target::Values(values) => {
            require(values.iter().all(|v| v.is_finite()), "target", "has a value that is not finite")
        }
    }
}

fn class_factors(
    rows: &[f32],
    labels: &[u32],
    classes: u32,
    class_weight: &ClassWeight,
) -> Result<Vec<f32>, TrainError> {
    let mut totals = vec![0.0_f64; classes as usize];
    for (&label, &weight) in labels.iter().zip(rows) {
        totals[label as usize] += f64::from(weight);
    }
    let present = totals.iter().filter(|total| **total > 0.0).count();
    if present < 2 {
        return Err(TrainError::OneClass);
    }
    let factors = match class_weight {
        ClassWeight::Equal => vec![1.0; totals.len()],
        ClassWeight::Given(factors) => factors.clone(),
        ClassWeight::Balanced => balanced(&totals, present),
    };
    require(factors.len() == totals.len(), "class_weight", "must be one for each class")?;
    Ok(factors)
}

fn balanced(totals: &[f64], present: usize) -> Vec<f32> {
    let share = totals.iter().sum::<f64>() / present as f64;
    totals.iter().map(|&total| if total > 0.0 { (share / total) as f32 } else { 1.0 }).collect()
}
