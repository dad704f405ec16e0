//! Whether the parts of a model that was read fit one another.

use std::collections::HashSet;

use domain::specification::{Column, ColumnKind, Task};

use super::{Calibration, LoadError, Model};
use crate::measure::{Calibrator, Logistic};

impl Model {
    /// Whether every part fits the others, so that answering can rely on it.
    pub(super) fn check(&self) -> Result<(), LoadError> {
        require(self.classes_fit(), "its classes do not fit its task")?;
        require(self.encoder_fits(), "its encoding does not fit its columns")?;
        require(!self.members.is_empty(), "it has no estimator")?;
        for member in &self.members {
            require(member.weight.is_finite() && member.weight > 0.0, "an estimator's weight is not above 0")?;
            require(member.recoding.is_sound(self.encoder.features()), "a recoding does not fit its features")?;
            require(member.fitted.features() == self.encoder.features(), "an estimator has other features")?;
            require(member.fitted.answers(self.task, self.width()), "an estimator answers another task")?;
        }
        let total: f32 = self.members.iter().map(|member| member.weight).sum();
        require((total - 1.0).abs() < 1e-3, "its estimators' weights do not add up to 1")?;
        require(self.calibration_fits(), "its calibration cannot be used")?;
        let threshold = self.threshold.is_some_and(f32::is_finite);
        require(threshold == (self.task == Task::Binary), "its threshold does not fit its task")
    }

    fn classes_fit(&self) -> bool {
        let distinct: HashSet<_> = self.classes.iter().collect();
        let count = match self.task {
            Task::Binary => self.classes.len() == 2,
            Task::Multiclass => self.classes.len() >= 3,
            Task::Regression => self.classes.is_empty(),
            // Images are read by another crate.
            Task::TextRecognition => false,
        };
        count && distinct.len() == self.classes.len()
    }

    fn encoder_fits(&self) -> bool {
        let names = self.columns.iter().map(|column| &column.name).eq(self.encoder.names());
        names
            && !self.columns.is_empty()
            && self.columns.iter().enumerate().all(|(at, column)| self.kind_fits(at, column))
    }

    fn kind_fits(&self, at: usize, column: &Column) -> bool {
        let words = matches!(column.kind, ColumnKind::Categorical | ColumnKind::Text);
        let parts = self.encoder.features_of(at).len();
        let moment = column.kind == ColumnKind::DateTime;
        self.encoder.is_words(at) == words && (parts > 1) == moment
    }

    fn calibration_fits(&self) -> bool {
        match (&self.calibration, self.task) {
            (Calibration::None, Task::Regression) => true,
            (Calibration::Binary { calibrator }, Task::Binary) => is_sound(calibrator),
            (Calibration::Multiclass { temperature }, Task::Multiclass) => {
                temperature.temperature.is_finite() && temperature.temperature > 0.0
            }
            _ => false,
        }
    }
}

fn is_sound(calibrator: &Calibrator) -> bool {
    let line = |line: &Logistic| line.slope.is_finite() && line.slope > 0.0 && line.intercept.is_finite();
    match calibrator {
        Calibrator::Identity => true,
        Calibrator::Logistic(logistic) => line(logistic),
        Calibrator::Isotonic(isotonic) => {
            let rising = |values: &[f64]| values.windows(2).all(|pair| pair[0] < pair[1]);
            let share = |value: &f64| (0.0..=1.0).contains(value);
            line(&isotonic.logistic)
                && isotonic.scores.len() == isotonic.shares.len()
                && !isotonic.scores.is_empty()
                && rising(&isotonic.scores)
                && rising(&isotonic.shares)
                && isotonic.scores.iter().chain(&isotonic.shares).all(share)
        }
    }
}

fn require(holds: bool, otherwise: &'static str) -> Result<(), LoadError> {
    if holds { Ok(()) } else { Err(LoadError::Inconsistent(otherwise)) }
}
