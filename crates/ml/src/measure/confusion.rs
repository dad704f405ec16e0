//! Actual against predicted classes, and every figure that follows from the counts alone.

use super::error::{MeasureError, check_labels, check_lengths};

/// Counts of rows by actual class (row) and predicted class (column).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ConfusionMatrix {
    /// Number of classes.
    pub classes: usize,
    /// `classes × classes` counts, row-major: `counts[actual * classes + predicted]`.
    pub counts: Vec<u64>,
}

impl ConfusionMatrix {
    /// A matrix of zeros.
    #[must_use]
    pub fn new(classes: usize) -> Self {
        Self { classes, counts: vec![0; classes * classes] }
    }

    /// Counts predicted class codes against actual ones.
    ///
    /// # Errors
    /// When the lengths differ or a code is not below `classes`.
    pub fn of(predicted: &[u32], actual: &[u32], classes: u32) -> Result<Self, MeasureError> {
        check_lengths(predicted.len(), actual.len())?;
        check_labels(predicted, classes)?;
        check_labels(actual, classes)?;
        let mut matrix = Self::new(classes as usize);
        for (&predicted, &actual) in predicted.iter().zip(actual) {
            matrix.add(actual as usize, predicted as usize, 1);
        }
        Ok(matrix)
    }

    pub(super) fn add(&mut self, actual: usize, predicted: usize, count: u64) {
        self.counts[actual * self.classes + predicted] += count;
    }

    /// Rows of class `actual` that were called `predicted`; 0 for a class that does not exist.
    #[must_use]
    pub fn at(&self, actual: usize, predicted: usize) -> u64 {
        if actual >= self.classes || predicted >= self.classes {
            return 0;
        }
        self.counts.get(actual * self.classes + predicted).copied().unwrap_or(0)
    }

    /// All rows.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Rows whose actual class is `class`.
    #[must_use]
    pub fn actual(&self, class: usize) -> u64 {
        (0..self.classes).map(|predicted| self.at(class, predicted)).sum()
    }

    /// Rows that were called `class`.
    #[must_use]
    pub fn predicted(&self, class: usize) -> u64 {
        (0..self.classes).map(|actual| self.at(actual, class)).sum()
    }

    /// Rows called what they are.
    #[must_use]
    pub fn correct(&self) -> u64 {
        (0..self.classes).map(|class| self.at(class, class)).sum()
    }

    /// Share (0 to 1) of the rows of class `actual` that were called `predicted`; `None` when the class has no row.
    #[must_use]
    pub fn row_share(&self, actual: usize, predicted: usize) -> Option<f64> {
        ratio(self.at(actual, predicted), self.actual(actual))
    }

    /// Share of rows called what they are.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        ratio(self.correct(), self.total())
    }

    /// Mean recall of the classes that occur; `None` when fewer than two do.
    #[must_use]
    pub fn balanced_accuracy(&self) -> Option<f64> {
        let recalls: Vec<f64> = (0..self.classes).filter_map(|class| self.recall(class)).collect();
        if recalls.len() < 2 { None } else { mean(recalls) }
    }

    /// Share of the rows called `class` that are; `None` when none was.
    #[must_use]
    pub fn precision(&self, class: usize) -> Option<f64> {
        ratio(self.at(class, class), self.predicted(class))
    }

    /// Share of the rows of `class` that were found; `None` when there is none.
    #[must_use]
    pub fn recall(&self, class: usize) -> Option<f64> {
        ratio(self.at(class, class), self.actual(class))
    }

    /// Harmonic mean of precision and recall, as `2·TP / (2·TP + FP + FN)`, which is 0 (not undefined) when the class
    /// occurs and was never found. `None` when the class neither occurs nor was predicted.
    #[must_use]
    pub fn f1(&self, class: usize) -> Option<f64> {
        ratio(2 * self.at(class, class), self.predicted(class) + self.actual(class))
    }

    /// Share of the rows that are not `class` and were called so.
    #[must_use]
    pub fn false_positive_rate(&self, class: usize) -> Option<f64> {
        let others = self.total() - self.actual(class);
        ratio(self.predicted(class) - self.at(class, class), others)
    }

    /// Matthews correlation, in Gorodkin's form for any number of classes (Computational Biology and Chemistry 28,
    /// 2004). `None` when all rows are of one class or all were called one class: the quotient is then 0 / 0.
    #[must_use]
    pub fn mcc(&self) -> Option<f64> {
        let total = self.total() as f64;
        let (mut together, mut actual_squares, mut predicted_squares) = (0.0, 0.0, 0.0);
        for class in 0..self.classes {
            let (actual, predicted) = (self.actual(class) as f64, self.predicted(class) as f64);
            together += actual * predicted;
            actual_squares += actual * actual;
            predicted_squares += predicted * predicted;
        }
        let spread = (total * total - actual_squares) * (total * total - predicted_squares);
        (spread > 0.0).then(|| (self.correct() as f64 * total - together) / spread.sqrt())
    }

    /// Mean of `figure` over the classes that occur or were predicted; an undefined one counts as 0, as in scikit-learn
    /// (a class that was never predicted must not be left out of the mean just because the model ignores it).
    pub(super) fn macro_mean(&self, figure: impl Fn(&Self, usize) -> Option<f64>) -> Option<f64> {
        let seen = (0..self.classes).filter(|&class| self.actual(class) + self.predicted(class) > 0);
        mean(seen.map(|class| figure(self, class).unwrap_or(0.0)).collect())
    }
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

pub(super) fn mean(values: Vec<f64>) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}
