//! Everything that is measured on a set of labelled rows.

use std::collections::BTreeMap;

use domain::specification::{Specification, Task};
use serde::{Deserialize, Serialize};

use super::error::EvaluateError;
use super::examples::{self, Example};
use super::histogram::{self, Histogram};
use super::importance::ColumnImportance;
use super::reference::quantiles;
use super::truth::{Answered, threshold};
use crate::features::Target;
use crate::measure::{
    Baseline, CALIBRATION_BINS, ConfusionMatrix, Interval, Metrics, PrecisionRecallPoint, ReliabilityBin, RocPoint,
    Scored, intervals, precision_recall_curve, reliability, roc_curve,
};
use crate::model::Model;
use crate::table::Table;

/// Points of a stored curve.
const POINTS: usize = 100;
/// Seed of the intervals of a report that has none of its own.
const SEED: u64 = 1;

/// How a model did on labelled rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// What the model does.
    pub task: Task,
    /// What was learnt, in words.
    pub estimator: String,
    /// The classes in the order of the confusion matrix; empty for regression.
    pub classes: Vec<String>,
    /// Score from which a binary model says yes.
    pub threshold: Option<f64>,
    /// Rows measured.
    pub n: u64,
    /// Positive rows (binary only).
    pub positives: Option<u64>,
    /// The figures.
    pub metrics: Metrics,
    /// 95 % intervals of the figures.
    pub intervals: Vec<Interval>,
    /// The figures of the answer that ignores every input.
    pub baseline: Metrics,
    /// Actual against predicted classes; `None` for regression.
    pub confusion: Option<ConfusionMatrix>,
    /// Precision against recall (binary only), at most 100 points.
    pub precision_recall: Vec<PrecisionRecallPoint>,
    /// The ROC curve (binary only), at most 100 points.
    pub roc: Vec<RocPoint>,
    /// Predicted against observed shares (binary only).
    pub calibration: Vec<ReliabilityBin>,
    /// How scores are spread.
    pub histogram: Histogram,
    /// The quantiles 0 %, 5 %, …, 100 % of [`domain::prediction::Answer::score`].
    pub score_quantiles: Vec<f64>,
    /// The same scores counted by bin ([`domain::score::bin`]), lowest first: what later scores are compared with, hence by
    /// the weights of the rows ([`score_bins`]). Empty in a report that was made before they were kept.
    #[serde(default)]
    pub score_bins: Vec<(i64, u64)>,
    /// Worth of each input column, the most important first; empty when it was not measured.
    pub importance: Vec<ColumnImportance>,
    /// Key of the metric that importance is measured in.
    pub importance_metric: String,
    /// Rows to look at, cell by cell of the confusion matrix; the largest errors of a regression.
    pub examples: Vec<Example>,
}

/// Measures a model on all rows of a labelled table; importance is left out.
///
/// # Errors
/// [`EvaluateError`]: a table that does not fit, no rows, or a model of another task.
pub fn evaluate(model: &Model, specification: &Specification, table: &Table) -> Result<Report, EvaluateError> {
    let answered = Answered::read(model, specification, table, None)?;
    let positions: Vec<usize> = (0..answered.rows()).collect();
    let baseline = answered.target.clone();
    report(model, &answered, None, &positions, &baseline, SEED)
}

/// Measures answers; `weights` are those of the rows, `learnt` is the target that the baseline may learn from.
pub(super) fn report(
    model: &Model,
    answered: &Answered,
    weights: Option<&[f32]>,
    positions: &[usize],
    learnt: &Target,
    seed: u64,
) -> Result<Report, EvaluateError> {
    if answered.rows() == 0 {
        return Err(EvaluateError::NoRows);
    }
    let scored = Scored::new(&answered.target, &answered.outputs, threshold(model));
    let metrics = scored.metrics()?;
    let scores = scores(answered);
    let curves = Curves::of(&answered.target, &answered.outputs)?;
    Ok(Report {
        task: model.task(),
        estimator: model.estimator_name(),
        classes: model.classes().to_vec(),
        threshold: model.threshold(),
        n: answered.rows() as u64,
        positives: metrics.positives.map(|positives| positives as u64),
        metrics,
        intervals: intervals(&scored, seed)?,
        baseline: Baseline::fit(learnt)?.metrics(&answered.target)?,
        confusion: scored.confusion()?,
        precision_recall: curves.precision_recall,
        roc: curves.roc,
        calibration: curves.calibration,
        histogram: histogram::histogram(model.task(), model.classes(), answered),
        score_bins: score_bins(&scores, weights, model.task() != Task::Regression),
        score_quantiles: quantiles(&ascending(scores)),
        importance: Vec::new(),
        importance_metric: super::importance::metric(model.task()).to_owned(),
        examples: examples::examples(model, answered, positions),
    })
}

#[derive(Default)]
struct Curves {
    precision_recall: Vec<PrecisionRecallPoint>,
    roc: Vec<RocPoint>,
    calibration: Vec<ReliabilityBin>,
}

impl Curves {
    fn of(target: &Target, outputs: &[f32]) -> Result<Self, EvaluateError> {
        let Target::Classes { labels, classes: 2 } = target else { return Ok(Self::default()) };
        Ok(Self {
            precision_recall: thinned(precision_recall_curve(outputs, labels)?),
            roc: thinned(roc_curve(outputs, labels)?),
            calibration: reliability(outputs, labels, CALIBRATION_BINS)?,
        })
    }
}

/// Every so-manieth point, both ends kept.
fn thinned<P: Copy>(points: Vec<P>) -> Vec<P> {
    if points.len() <= POINTS {
        return points;
    }
    let last = points.len() - 1;
    (0..POINTS).map(|at| points[at * last / (POINTS - 1)]).collect()
}

/// What the answers would have as their score.
fn scores(answered: &Answered) -> Vec<f64> {
    let width = answered.target.outputs();
    let top = |row: &[f32]| f64::from(row.iter().copied().fold(f32::NEG_INFINITY, f32::max));
    answered.outputs.chunks_exact(width).map(top).collect()
}

fn ascending(mut scores: Vec<f64>) -> Vec<f64> {
    scores.sort_unstable_by(f64::total_cmp);
    scores
}

/// Counts scores by bin, lowest first. In service there is a score for each of the events that a row of some weight
/// stands for, so bins are filled by weight; all together they count as many rows of equal weight as would say as much
/// (Kish, Survey Sampling, 1965).
#[must_use]
pub fn score_bins(scores: &[f64], weights: Option<&[f32]>, are_probabilities: bool) -> Vec<(i64, u64)> {
    let (mut bins, mut sum, mut squares) = (BTreeMap::<i64, f64>::new(), 0.0_f64, 0.0_f64);
    for (row, score) in scores.iter().enumerate() {
        let weight = weights.map_or(1.0, |weights| f64::from(weights[row]));
        *bins.entry(domain::score::bin(*score, are_probabilities)).or_default() += weight;
        (sum, squares) = (sum + weight, squares + weight * weight);
    }
    // Rounded as they add up: the distribution function is off by half a row at most.
    let (mut below, mut counted) = (0.0_f64, 0_u64);
    let count = |(bin, weight): (i64, f64)| {
        below += weight;
        let before = std::mem::replace(&mut counted, (below * sum / squares).round() as u64);
        (bin, counted - before)
    };
    bins.into_iter().map(count).filter(|(_, count)| *count > 0).collect()
}
