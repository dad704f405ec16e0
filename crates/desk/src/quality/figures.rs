//! Figures from hourly counts.

use std::collections::BTreeMap;

use domain::{Specification, Task};
use ml::measure::{Calibration, Estimate, Expected, Live, Stratum};
use store::{ScoreCell, TruthCell};

/// What is known of some predictions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// Predictions.
    pub predictions: u64,
    /// Those whose truth is known.
    pub known: u64,
    /// Figures from the truths; of readings the accuracy is the share that was read exactly. None for a regression.
    pub measured: Option<Live>,
    /// Figures to expect by the scores of versions; none for a regression or the heuristic, whose scores promise nothing.
    pub expected: Option<Expected>,
    /// Whether scores mean what they say; none where no truth is known or scores promise nothing.
    pub calibration: Option<Calibration>,
    /// Errors of a regression, if a truth is known.
    pub errors: Option<Errors>,
}

/// How far a regression is off, in the target's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Errors {
    /// Mean absolute error, with its normal interval.
    pub mean_absolute: Estimate,
    /// Root of the mean squared error. What is kept does not tell how sure it is.
    pub root_mean_squared: f64,
}

impl Figures {
    /// Share (0 to 1) of the predictions whose truth is known; none without predictions.
    #[must_use]
    pub fn coverage(&self) -> Option<f64> {
        (self.predictions > 0).then(|| self.known as f64 / self.predictions as f64)
    }

    /// Share that was decided rightly, or read exactly.
    #[must_use]
    pub fn accuracy(&self) -> Option<Estimate> {
        self.measured.as_ref().and_then(|live| live.accuracy)
    }

    /// The figures of cells, of whatever periods and versions they are.
    pub(super) fn of(specification: &Specification, scores: &[&ScoreCell], truths: &[&TruthCell]) -> Self {
        let counted = |n: i64| u64::try_from(n).unwrap_or(0);
        let counts = Self {
            predictions: scores.iter().map(|cell| counted(cell.predictions)).sum(),
            known: truths.iter().map(|cell| counted(cell.outcomes)).sum(),
            ..Self::default()
        };
        if specification.task == Task::Regression {
            return Self { errors: errors(truths), ..counts };
        }
        let classes = Classes::of(specification);
        let promised = classes.strata(
            scores.iter().copied().filter(|cell| cell.version.is_some()),
            truths.iter().copied().filter(|cell| cell.version.is_some()),
        );
        let all = classes.strata(scores.iter().copied(), truths.iter().copied());
        Self {
            measured: Some(Live::measure(&all, classes.count())),
            expected: Expected::of(&promised, classes.count()),
            calibration: Calibration::measure(&promised, classes.count()),
            ..counts
        }
    }
}

/// Names to codes.
enum Classes<'a> {
    Named(&'a [String]),
    /// A reading is right or wrong; it was meant to be right.
    Readings,
}

impl<'a> Classes<'a> {
    fn of(specification: &'a Specification) -> Self {
        match specification.task {
            Task::TextRecognition => Self::Readings,
            Task::Binary | Task::Multiclass | Task::Regression => Self::Named(&specification.classes),
        }
    }

    fn count(&self) -> usize {
        match self {
            Self::Named(classes) => classes.len(),
            Self::Readings => 2,
        }
    }

    /// Codes of what was decided and of what was true; none for a class that the model no longer has.
    fn codes(&self, cell: &TruthCell) -> Option<(usize, usize)> {
        match self {
            Self::Named(_) => Some((self.decision(&cell.decision)?, self.decision(&cell.truth)?)),
            Self::Readings => Some((1, usize::from(cell.decision == cell.truth))),
        }
    }

    fn decision(&self, name: &str) -> Option<usize> {
        match self {
            Self::Named(classes) => classes.iter().position(|class| class == name),
            Self::Readings => Some(1),
        }
    }

    fn strata<'c>(
        &self,
        scores: impl Iterator<Item = &'c ScoreCell>,
        truths: impl Iterator<Item = &'c TruthCell>,
    ) -> Vec<Stratum> {
        let mut strata: BTreeMap<(usize, i64), Stratum> = BTreeMap::new();
        for cell in scores {
            let Some(decision) = self.decision(&cell.decision) else { continue };
            let stratum = strata.entry((decision, cell.bin)).or_insert_with(|| self.empty(decision, cell.bin));
            stratum.predictions += u64::try_from(cell.predictions).unwrap_or(0);
            stratum.scores += cell.score_sum;
        }
        for cell in truths {
            let Some((decision, truth)) = self.codes(cell) else { continue };
            let stratum = strata.entry((decision, cell.bin)).or_insert_with(|| self.empty(decision, cell.bin));
            stratum.truths[truth] += u64::try_from(cell.outcomes).unwrap_or(0);
            stratum.known_scores += cell.score_sum;
        }
        strata.into_values().collect()
    }

    fn empty(&self, decision: usize, bin: i64) -> Stratum {
        Stratum { decision, bin, truths: vec![0; self.count()], ..Stratum::default() }
    }
}

fn errors(truths: &[&TruthCell]) -> Option<Errors> {
    let n = truths.iter().map(|cell| cell.outcomes).sum::<i64>() as f64;
    let absolute: f64 = truths.iter().map(|cell| cell.absolute_error).sum();
    let squared: f64 = truths.iter().map(|cell| cell.squared_error).sum();
    let (mean, square) = (absolute / n, squared / n);
    (n > 0.0).then(|| Errors {
        mean_absolute: Estimate::normal(mean, (square - mean * mean) / n, (0.0, f64::INFINITY)),
        root_mean_squared: square.max(0.0).sqrt(),
    })
}

#[cfg(test)]
mod tests {
    use domain::specification::Draft;

    use super::*;

    fn specification(json: &str) -> Specification {
        Draft::from_json(json).unwrap().validate().unwrap()
    }

    fn score(version: Option<i64>, decision: &str, bin: i64, predictions: i64, mean: f64) -> ScoreCell {
        ScoreCell {
            period: 0,
            version,
            decision: decision.into(),
            bin,
            predictions,
            score_sum: mean * predictions as f64,
        }
    }

    fn truth(of: &ScoreCell, truth: &str, outcomes: i64) -> TruthCell {
        TruthCell {
            period: 0,
            version: of.version,
            decision: of.decision.clone(),
            bin: of.bin,
            truth: truth.into(),
            outcomes,
            score_sum: of.score_sum / of.predictions as f64 * outcomes as f64,
            absolute_error: 0.0,
            squared_error: 0.0,
        }
    }

    /// The heuristic's answers are measured, but its scores promise nothing.
    #[test]
    fn what_the_heuristic_says_is_measured_and_not_expected() {
        let two = r#"{"task": "binary", "target": "fraud", "classes": ["no", "yes"],
            "columns": [{"name": "amount", "kind": "numeric"}]}"#;
        let cells =
            [score(Some(3), "yes", 40, 20, 0.75), score(Some(3), "no", 8, 80, 0.1), score(None, "no", 0, 100, 0.0)];
        let truths = [
            truth(&cells[0], "yes", 15),
            truth(&cells[0], "no", 5),
            truth(&cells[1], "no", 80),
            truth(&cells[2], "no", 90),
            truth(&cells[2], "yes", 10),
            truth(&cells[2], "a class of before", 7),
        ];
        let (scores, truths): (Vec<_>, Vec<_>) = (cells.iter().collect(), truths.iter().collect());
        let figures = Figures::of(&specification(two), &scores, &truths);
        assert_eq!((figures.predictions, figures.known), (200, 207));
        assert!((figures.accuracy().unwrap().value - 185.0 / 200.0).abs() < 1e-12);
        let expected = figures.expected.unwrap();
        assert_eq!(expected.predictions, 100);
        assert!((expected.accuracy.unwrap().value - (15.0 + 72.0) / 100.0).abs() < 1e-12);
        assert_eq!(figures.calibration.unwrap().bins.iter().map(|bin| bin.count).sum::<u64>(), 100);
    }

    #[test]
    fn a_reading_is_right_or_wrong() {
        let texts = r#"{"task": "text_recognition", "target": "text",
            "reading": {"characters": "0123456789", "min_length": 1, "max_length": 5}}"#;
        let read = score(Some(1), "", 50, 40, 0.9);
        let (right, wrong) = (
            TruthCell { decision: "right".into(), ..truth(&read, "right", 18) },
            TruthCell { decision: "wrong".into(), ..truth(&read, "right", 2) },
        );
        let figures = Figures::of(&specification(texts), &[&read], &[&right, &wrong]);
        assert_eq!(figures.accuracy().map(|share| share.value), Some(0.9));
        assert_eq!(figures.coverage(), Some(0.5));
        assert!((figures.expected.unwrap().accuracy.unwrap().value - 0.9).abs() < 1e-12);
    }

    /// Off by 1 and by 3: mean 2, squares 10 in all.
    #[test]
    fn a_regression_is_measured_by_its_errors() {
        let value = r#"{"task": "regression", "target": "price", "columns": [{"name": "amount", "kind": "numeric"}]}"#;
        let said = score(Some(1), "", 400, 2, 10.0);
        let off = TruthCell { absolute_error: 4.0, squared_error: 10.0, ..truth(&said, "", 2) };
        let figures = Figures::of(&specification(value), &[&said], &[&off]);
        let errors = figures.errors.unwrap();
        assert_eq!((errors.mean_absolute.value, errors.root_mean_squared), (2.0, 5.0_f64.sqrt()));
        assert!((errors.mean_absolute.high - 2.0 - 1.959_963_984_540_054 * 0.5_f64.sqrt()).abs() < 1e-12);
        assert_eq!((figures.measured, figures.expected), (None, None));
    }
}
