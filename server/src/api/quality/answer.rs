//! The figures as they are answered.

use desk::measure::{Calibration, ConfusionMatrix, Delays, Estimate, Expected, Live, ReliabilityBin};
use desk::quality::{Errors, Figures, LiveQuality, Period, ScoreDrift};
use domain::time::HOUR;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::moment;

/// How good a model is in service.
#[derive(Serialize, ToSchema)]
pub(super) struct QualityAnswer {
    /// Name of the model.
    model: String,
    /// What it does.
    task: &'static str,
    /// Its classes, in the order of the confusion matrices.
    classes: Vec<String>,
    /// The version it is about, 0 is the heuristic; none is everything that answered.
    version: Option<i64>,
    /// First moment, by the organisation's clocks.
    from: String,
    /// First moment after it: when tomorrow begins.
    until: String,
    /// The periods of which most truths have come, together; all of them where that can be said of none.
    whole: ServiceFigures,
    /// Periods whose truths are still coming; left out of `whole`, unless nothing is known of the others.
    coming: usize,
    /// Days, from 32 days on weeks, hours of a single day; the oldest first.
    periods: Vec<PeriodAnswer>,
    /// The same of each version that answered, the newest first.
    versions: Vec<VersionFigures>,
    /// How long truths take; none where too few have come.
    delays: Option<DelaysAnswer>,
    /// The scores of the version (the champion where none is asked for) against those of its evaluation.
    drift: Option<DriftAnswer>,
}

/// Figures of a part of the time.
#[derive(Serialize, ToSchema)]
struct PeriodAnswer {
    /// First moment.
    from: String,
    /// First moment after it.
    until: String,
    /// Share of its truths that has usually come by now.
    arrived: Option<f64>,
    /// Whether most have: if not, the figures show what came first.
    settled: bool,
    /// What is known of it.
    figures: ServiceFigures,
}

/// Figures of one version.
#[derive(Serialize, ToSchema)]
struct VersionFigures {
    /// Its number; none is the heuristic.
    version: Option<i64>,
    /// What is known of it.
    figures: ServiceFigures,
}

/// What is known of some predictions.
#[derive(Serialize, ToSchema)]
struct ServiceFigures {
    /// Predictions.
    predictions: u64,
    /// Those whose truth is known.
    known: u64,
    /// Their share.
    coverage: Option<f64>,
    /// Figures about all of them, estimated from the known ones: each stands for the predictions of the same decision and
    /// similar score. A figure that the known ones cannot tell is null. None for a regression.
    measured: Option<Measures>,
    /// Figures to expect by the scores alone; none for a regression or the heuristic.
    expected: Option<ExpectedAnswer>,
    /// Counts of the known ones, `[actual][predicted]`; for readings of 0, wrong, and 1, right. None for a regression.
    confusion: Option<Vec<Vec<u64>>>,
    /// Whether scores mean what they say.
    calibration: Option<CalibrationAnswer>,
    /// Errors of a regression.
    errors: Option<ErrorsAnswer>,
}

/// A figure with its 95 % interval.
#[derive(Serialize, ToSchema)]
struct EstimateAnswer {
    /// The figure.
    value: f64,
    /// Lower end.
    low: f64,
    /// Upper end.
    high: f64,
}

/// Precision, recall and F1 of the positive class; of more than two classes means over them.
#[derive(Serialize, ToSchema)]
struct Measures {
    /// Share that was decided rightly, or read exactly.
    accuracy: Option<EstimateAnswer>,
    /// Share of what was called positive that is.
    precision: Option<EstimateAnswer>,
    /// Share of the positive that was found.
    recall: Option<EstimateAnswer>,
    /// Harmonic mean of the two.
    f1: Option<EstimateAnswer>,
}

/// Figures to expect if every score means what it says.
#[derive(Serialize, ToSchema)]
struct ExpectedAnswer {
    /// Predictions with a score that says something.
    predictions: u64,
    /// The figures.
    #[serde(flatten)]
    measures: Measures,
}

/// Scores against what happened.
#[derive(Serialize, ToSchema)]
struct CalibrationAnswer {
    /// Mean distance of score and observed share.
    error: EstimateAnswer,
    /// What chance alone would make of it.
    by_chance: f64,
    /// From low to high scores.
    bins: Vec<ReliabilityAnswer>,
}

/// Predictions of similar score whose truth is known.
#[derive(Serialize, ToSchema)]
struct ReliabilityAnswer {
    /// Mean score.
    predicted: f64,
    /// Share that came true.
    observed: f64,
    /// How many.
    count: u64,
    /// Lower end of the 95 % interval of `observed`.
    low: f64,
    /// Upper end.
    high: f64,
}

/// Errors in the target's unit.
#[derive(Serialize, ToSchema)]
struct ErrorsAnswer {
    /// Mean absolute error.
    mean_absolute: EstimateAnswer,
    /// Root of the mean squared error.
    root_mean_squared: f64,
}

/// How long truths take.
#[derive(Serialize, ToSchema)]
struct DelaysAnswer {
    /// Truths it is known from.
    n: u64,
    /// Half of them come within so many hours, to a step of a root of two.
    half_within_hours: f64,
    /// Nine in ten do.
    nine_in_ten_within_hours: f64,
}

/// The Kolmogorov–Smirnov test of scores.
#[derive(Serialize, ToSchema)]
struct DriftAnswer {
    /// The version.
    version: i64,
    /// Largest distance of the two distribution functions at the edges of bins.
    distance: f64,
    /// What it is at most if scores within a bin lie as far apart as they can.
    at_most: f64,
    /// Chance of such a distance without any drift.
    p_value: f64,
    /// Whether the chance is below 0.01 and the distance at least 0.1, or past what the model's rules say instead.
    is_drift: bool,
    /// Scores of the evaluation.
    reference: u64,
    /// Scores in service.
    current: u64,
    /// The score at which they lie farthest apart.
    farthest_at: f64,
}

impl QualityAnswer {
    pub(super) fn of(quality: &LiveQuality) -> Self {
        let of_version = |(version, figures): &(Option<i64>, Figures)| VersionFigures {
            version: *version,
            figures: ServiceFigures::of(figures),
        };
        Self {
            model: quality.model.name.clone(),
            task: quality.model.task().as_str(),
            classes: quality.model.specification.classes.clone(),
            version: quality.version,
            from: moment(quality.from),
            until: moment(quality.until),
            whole: ServiceFigures::of(&quality.whole),
            coming: quality.coming,
            periods: quality.periods.iter().map(PeriodAnswer::of).collect(),
            versions: quality.versions.iter().map(of_version).collect(),
            delays: quality.delays.as_ref().map(DelaysAnswer::of),
            drift: quality.drift.as_ref().map(DriftAnswer::of),
        }
    }
}

impl PeriodAnswer {
    fn of(period: &Period) -> Self {
        Self {
            from: moment(period.from),
            until: moment(period.until),
            arrived: period.arrived,
            settled: period.settled,
            figures: ServiceFigures::of(&period.figures),
        }
    }
}

impl ServiceFigures {
    fn of(figures: &Figures) -> Self {
        let measured = figures.measured.as_ref();
        Self {
            predictions: figures.predictions,
            known: figures.known,
            coverage: figures.coverage(),
            measured: measured.map(Measures::measured),
            expected: figures.expected.as_ref().map(ExpectedAnswer::of),
            confusion: measured.map(|live| counts(&live.confusion)),
            calibration: figures.calibration.as_ref().map(CalibrationAnswer::of),
            errors: figures.errors.as_ref().map(ErrorsAnswer::of),
        }
    }
}

fn counts(matrix: &ConfusionMatrix) -> Vec<Vec<u64>> {
    matrix.counts.chunks(matrix.classes.max(1)).map(<[u64]>::to_vec).collect()
}

impl EstimateAnswer {
    fn of(Estimate { value, low, high }: Estimate) -> Self {
        Self { value, low, high }
    }
}

impl Measures {
    fn measured(live: &Live) -> Self {
        Self::of([live.accuracy, live.precision, live.recall, live.f1])
    }

    fn of(figures: [Option<Estimate>; 4]) -> Self {
        let [accuracy, precision, recall, f1] = figures.map(|figure| figure.map(EstimateAnswer::of));
        Self { accuracy, precision, recall, f1 }
    }
}

impl ExpectedAnswer {
    fn of(expected: &Expected) -> Self {
        let measures = Measures::of([expected.accuracy, expected.precision, expected.recall, expected.f1]);
        Self { predictions: expected.predictions, measures }
    }
}

impl CalibrationAnswer {
    fn of(calibration: &Calibration) -> Self {
        let bin = |&ReliabilityBin { predicted, observed, count, low, high }: &ReliabilityBin| ReliabilityAnswer {
            predicted,
            observed,
            count,
            low,
            high,
        };
        Self {
            error: EstimateAnswer::of(calibration.error),
            by_chance: calibration.by_chance,
            bins: calibration.bins.iter().map(bin).collect(),
        }
    }
}

impl ErrorsAnswer {
    fn of(errors: &Errors) -> Self {
        let mean_absolute = EstimateAnswer::of(errors.mean_absolute);
        Self { mean_absolute, root_mean_squared: errors.root_mean_squared }
    }
}

impl DelaysAnswer {
    fn of(delays: &Delays) -> Self {
        let hours = |share: f64| delays.age_of(share) as f64 / HOUR as f64;
        Self { n: delays.n, half_within_hours: hours(0.5), nine_in_ten_within_hours: hours(0.9) }
    }
}

impl DriftAnswer {
    fn of(drift: &ScoreDrift) -> Self {
        let test = &drift.test;
        Self {
            version: drift.version,
            distance: test.distance,
            at_most: test.at_most,
            p_value: test.p_value,
            is_drift: drift.is_drift,
            reference: test.reference,
            current: test.current,
            farthest_at: drift.farthest_at(),
        }
    }
}
