//! Why rows cannot be measured, and the checks that find out.

/// Input that no metric is computed on.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum MeasureError {
    /// Two columns of the same rows differ in length.
    #[error("{scores} scores but {labels} labels")]
    Lengths {
        /// Number of scores (or of rows of probabilities).
        scores: usize,
        /// Number of labels or actual values.
        labels: usize,
    },
    /// `NaN` or infinite.
    #[error("row {row} holds a number that is not finite")]
    NotFinite {
        /// Position of the row, from 0.
        row: usize,
    },
    /// A probability below 0 or above 1.
    #[error("row {row} holds {value}, which is not a probability")]
    NotAProbability {
        /// Position of the row, from 0.
        row: usize,
        /// What it holds.
        value: f32,
    },
    /// The probabilities of one row do not add up to 1.
    #[error("the probabilities of row {row} add up to {sum}, not to 1")]
    NotADistribution {
        /// Position of the row, from 0.
        row: usize,
        /// What they add up to.
        sum: f32,
    },
    /// A class code past the last class.
    #[error("row {row} has class {label}, but there are only {classes} classes")]
    UnknownClass {
        /// Position of the row, from 0.
        row: usize,
        /// The class code.
        label: u32,
        /// Number of classes.
        classes: u32,
    },
    /// A task with fewer than two classes.
    #[error("a classification needs at least two classes, not {classes}")]
    TooFewClasses {
        /// Number of classes.
        classes: u32,
    },
    /// The threshold is `NaN` or infinite.
    #[error("the threshold is not a finite number")]
    ThresholdNotFinite,
    /// A threshold rule with a number out of its range.
    #[error("threshold rule: {0}")]
    Rule(&'static str),
    /// No row is positive, so there is nothing to aim at.
    #[error("there is no positive row")]
    NoPositives,
    /// No row is negative, so there is nothing to tell apart.
    #[error("there is no negative row")]
    NoNegatives,
    /// There is no row at all.
    #[error("there are no rows")]
    Empty,
    /// Two things on the same rows that cannot be compared (another task, or another number of rows).
    #[error("the two do not measure the same rows of the same task")]
    NotComparable,
}

/// As many scores as labels.
pub(super) fn check_lengths(scores: usize, labels: usize) -> Result<(), MeasureError> {
    if scores == labels { Ok(()) } else { Err(MeasureError::Lengths { scores, labels }) }
}

/// Every value, of rows `width` wide, is a probability.
pub(super) fn check_probabilities(values: &[f32], width: usize) -> Result<(), MeasureError> {
    check_finite(values, width)?;
    match values.iter().position(|value| !(0.0..=1.0).contains(value)) {
        Some(at) => Err(MeasureError::NotAProbability { row: at / width, value: values[at] }),
        None => Ok(()),
    }
}

/// Every value, of rows `width` wide, is finite.
pub(super) fn check_finite(values: &[f32], width: usize) -> Result<(), MeasureError> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(at) => Err(MeasureError::NotFinite { row: at / width }),
        None => Ok(()),
    }
}

/// Every label is one of `classes` (at least two).
pub(super) fn check_labels(labels: &[u32], classes: u32) -> Result<(), MeasureError> {
    if classes < 2 {
        return Err(MeasureError::TooFewClasses { classes });
    }
    match labels.iter().position(|&label| label >= classes) {
        Some(row) => Err(MeasureError::UnknownClass { row, label: labels[row], classes }),
        None => Ok(()),
    }
}

/// The threshold can be compared with.
pub(super) fn check_threshold(threshold: f32) -> Result<(), MeasureError> {
    if threshold.is_finite() { Ok(()) } else { Err(MeasureError::ThresholdNotFinite) }
}
