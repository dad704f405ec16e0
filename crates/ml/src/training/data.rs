//! The part that is learnt from, ready for learners.

use domain::specification::{ClassWeight, Specification, Task};

use super::error::TrainError;
use super::holdout::Division;
use super::objective::Headline;
use crate::encode::{Encoder, Labelled};
use crate::features::{Features, Target};
use crate::measure::splits::{Fold, SplitPlan, SplitRows, folds};

/// Folds of cross-validation, when the rows allow it.
const FOLDS: usize = 5;
/// Fewer rows are no basis for a model and its judgement.
pub(crate) const FEWEST_ROWS: usize = 20;
/// Rows of a class without which nothing about it can be learnt and validated.
const FEWEST_OF_CLASS: usize = 2;

/// The development part: encoded, weighed and cut into folds. Row numbers count within it.
pub(crate) struct Data {
    pub(crate) task: Task,
    pub(crate) encoder: Encoder,
    pub(crate) features: Features,
    pub(crate) target: Target,
    pub(crate) weights: Option<Vec<f32>>,
    pub(crate) folds: Vec<Fold>,
    /// Whether the folds respect what the division into learning and judging respects.
    pub(crate) as_divided: bool,
    pub(crate) headline: Headline,
}

impl Data {
    pub(crate) fn new(
        specification: &Specification,
        labelled: &Labelled,
        division: &Division,
        seed: u64,
    ) -> Result<Self, TrainError> {
        let target = labelled.target.select(&division.development);
        check_target(specification, &target)?;
        let inputs = labelled.inputs.select(&division.development);
        let encoder = Encoder::fit(&specification.columns, &inputs);
        let features = encoder.encode(&inputs);
        check_features(&features)?;
        let given = labelled.weights.as_ref().map(|weights| pick(weights, &division.development));
        let weights = row_weights(specification.estimator.class_weight, &target, given);
        let (folds, plan) = development_folds(division, &target, seed)?;
        let headline = Headline::of(&target);
        let as_divided = plan == division.plan;
        Ok(Self { task: specification.task, encoder, features, target, weights, folds, as_divided, headline })
    }

    /// Numbers that a learner gives for one row.
    pub(crate) fn width(&self) -> usize {
        self.target.outputs()
    }

    /// Rows that tell a better learner from a luckier one: those of the second largest class, or all of a regression.
    pub(crate) fn evidence(&self) -> usize {
        let Target::Classes { labels, classes } = &self.target else { return self.target.rows() };
        let mut counts = count(labels, *classes);
        counts.sort_unstable();
        counts.len().checked_sub(2).map_or(0, |second| counts[second])
    }

    pub(crate) fn weights_of(&self, rows: &[usize]) -> Option<Vec<f32>> {
        self.weights.as_ref().map(|weights| rows.iter().map(|&row| weights[row]).collect())
    }
}

/// Whether there is something to learn at all.
pub(crate) fn check_target(specification: &Specification, target: &Target) -> Result<(), TrainError> {
    if target.rows() < FEWEST_ROWS {
        return Err(TrainError::TooFewRows { rows: target.rows(), needed: FEWEST_ROWS });
    }
    match target {
        Target::Values(values) if values.iter().all(|value| *value == values[0]) => Err(TrainError::ConstantTarget),
        Target::Values(_) => Ok(()),
        Target::Classes { labels, classes } => {
            let counts = count(labels, *classes);
            let name = |class: usize| specification.classes.get(class).cloned().unwrap_or_default();
            let mut order: Vec<usize> = (0..counts.len()).collect();
            order.sort_by_key(|&class| std::cmp::Reverse(counts[class]));
            match order.get(1).map(|&class| (class, counts[class])) {
                None | Some((_, 0)) => Err(TrainError::OneClass(name(order[0]))),
                Some((class, rows)) if rows < FEWEST_OF_CLASS => {
                    Err(TrainError::TooFewOfClass { class: name(class), rows, needed: FEWEST_OF_CLASS })
                }
                Some(_) => Ok(()),
            }
        }
    }
}

fn check_features(features: &Features) -> Result<(), TrainError> {
    let varies = |values: &[f32]| values.iter().any(|value| value.to_bits() != values[0].to_bits());
    if features.columns.iter().any(|column| varies(&column.values)) { Ok(()) } else { Err(TrainError::ConstantInputs) }
}

pub(crate) fn count(labels: &[u32], classes: u32) -> Vec<usize> {
    let mut counts = vec![0; classes as usize];
    labels.iter().for_each(|&label| counts[label as usize] += 1);
    counts
}

/// One weight a row: the one given times that of its class; `None` when all count alike.
fn row_weights(rule: ClassWeight, target: &Target, given: Option<Vec<f32>>) -> Option<Vec<f32>> {
    let Target::Classes { labels, classes } = target else { return given };
    let Some(factors) = class_factors(rule, labels, *classes, given.as_deref()) else { return given };
    let given = given.unwrap_or_else(|| vec![1.0; labels.len()]);
    Some(labels.iter().zip(given).map(|(&label, weight)| weight * factors[label as usize]).collect())
}

/// Balanced factors leave the sum of the weights as it is.
fn class_factors(rule: ClassWeight, labels: &[u32], classes: u32, given: Option<&[f32]>) -> Option<Vec<f32>> {
    match rule {
        ClassWeight::Positive(weight) if classes == 2 => Some(vec![1.0, weight as f32]),
        ClassWeight::None | ClassWeight::Positive(_) => None,
        ClassWeight::Balanced => {
            let mut sums = vec![0.0_f64; classes as usize];
            for (row, &label) in labels.iter().enumerate() {
                sums[label as usize] += given.map_or(1.0, |given| f64::from(given[row]));
            }
            let present = sums.iter().filter(|sum| **sum > 0.0).count() as f64;
            let total: f64 = sums.iter().sum();
            Some(sums.iter().map(|sum| if *sum > 0.0 { (total / present / sum) as f32 } else { 1.0 }).collect())
        }
    }
}

/// As many folds as the rows allow, up to [`FOLDS`], each able to teach and to judge. Rows of too few moments or groups
/// for that are cut at random.
fn development_folds(division: &Division, target: &Target, seed: u64) -> Result<(Vec<Fold>, SplitPlan), TrainError> {
    let times: Option<Vec<i64>> = division.times.as_ref().map(|all| pick(all, &division.development));
    let groups: Option<Vec<u64>> = division.groups.as_ref().map(|all| pick(all, &division.development));
    let labels = if let Target::Classes { labels, .. } = target { Some(labels.as_slice()) } else { None };
    let rows = SplitRows { rows: target.rows(), labels, times: times.as_deref(), groups: groups.as_deref() };
    let all: Vec<usize> = (0..target.rows()).collect();
    let mut refused = None;
    for plan in [division.plan, SplitPlan::Stratified] {
        for count in (2..=FOLDS).rev() {
            match folds(plan, &rows, &all, count, seed) {
                Ok(found) => {
                    let usable: Vec<Fold> = found.into_iter().filter(|fold| teaches(target, fold)).collect();
                    let enough = if plan == SplitPlan::TimeOrdered { 2 } else { count };
                    if usable.len() >= enough {
                        return Ok((usable, plan));
                    }
                }
                Err(error) => refused = refused.or(Some(error)),
            }
        }
    }
    Err(refused.map_or_else(no_folds, TrainError::from))
}

fn no_folds() -> TrainError {
    TrainError::Undividable(String::from("no part of them holds two classes"))
}

/// Whether both classes are among the fold's training rows and among its validation rows.
fn teaches(target: &Target, fold: &Fold) -> bool {
    let Target::Classes { labels, .. } = target else { return !fold.train.is_empty() };
    let several = |rows: &[usize]| rows.iter().any(|&row| labels[row] != labels[rows[0]]);
    several(&fold.train) && several(&fold.validation)
}

fn pick<T: Copy>(all: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().map(|&row| all[row]).collect()
}
