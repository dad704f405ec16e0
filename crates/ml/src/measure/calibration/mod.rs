//! Making probabilities mean what they say without touching the ranking.

mod isotonic;
mod logistic;
mod temperature;

pub use isotonic::Isotonic;
pub use logistic::Logistic;
pub use temperature::Temperature;

use super::error::MeasureError;
use super::ranking::Ranking;
use super::splits::{SplitPlan, SplitRows, folds};
use super::sweep::Sweep;

/// Fewer rows of either class than this teach a calibrator nothing.
const FEWEST: u64 = 10;
/// Rows of each class from which the freer isotonic map may compete.
const ISOTONIC_FEWEST: u64 = 1000;
const FOLDS: usize = 5;
/// A freer map must lower the log loss by this share to be preferred over a simpler one.
const WORTHWHILE: f64 = 1e-3;

/// A strictly increasing map from a score to the probability that it stands for (binary tasks).
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "method")]
pub enum Calibrator {
    /// The scores are good as they are.
    Identity,
    /// Two parameters on the log-odds (Platt).
    Logistic(Logistic),
    /// A free increasing curve.
    Isotonic(Isotonic),
}

impl Calibrator {
    /// The calibrated probability of a score between 0 and 1.
    #[must_use]
    pub fn apply(&self, score: f32) -> f32 {
        match self {
            Self::Identity => score,
            Self::Logistic(logistic) => logistic.apply(score),
            Self::Isotonic(isotonic) => isotonic.apply(score),
        }
    }

    /// Calibrates in place.
    pub fn apply_all(&self, scores: &mut [f32]) {
        scores.iter_mut().for_each(|score| *score = self.apply(*score));
    }
}

/// Fits the calibrator with the lowest log loss in stratified five-fold cross-validation: identity, logistic, or (from
/// 1000 rows of each class) isotonic; a simpler one wins unless a freer one is at least 0.1 % better. The rows must not
/// be those that the model was trained on, nor those that are reported on. With fewer than ten rows of either class,
/// the scores stay as they are.
///
/// # Errors
/// When the lengths differ, a score is not a probability, or a label is not 0 or 1.
pub fn fit_calibrator(scores: &[f32], labels: &[u32], seed: u64) -> Result<Calibrator, MeasureError> {
    let sweep = Sweep::new(scores, labels)?;
    let rarer = sweep.positives().min(sweep.negatives());
    let mut best = (Method::Identity, sweep.log_loss());
    for method in Method::competing(rarer) {
        let loss = validated_loss(method, scores, labels, seed);
        if let (Some(loss), Some(lowest)) = (loss, best.1)
            && loss < lowest * (1.0 - WORTHWHILE)
        {
            best = (method, Some(loss));
        }
    }
    Ok(best.0.fit(&sweep).unwrap_or(Calibrator::Identity))
}

#[derive(Clone, Copy)]
enum Method {
    Identity,
    Logistic,
    Isotonic,
}

impl Method {
    /// From the simplest to the freest.
    fn competing(rarer: u64) -> Vec<Self> {
        match rarer {
            0..FEWEST => Vec::new(),
            FEWEST..ISOTONIC_FEWEST => vec![Self::Logistic],
            _ => vec![Self::Logistic, Self::Isotonic],
        }
    }

    /// `None` when no increasing map describes the rows.
    fn fit(self, sweep: &Sweep) -> Option<Calibrator> {
        match self {
            Self::Identity => Some(Calibrator::Identity),
            Self::Logistic => Logistic::fit(sweep).map(Calibrator::Logistic),
            Self::Isotonic => Isotonic::fit(sweep).map(Calibrator::Isotonic),
        }
    }
}

/// Log loss over all folds, each calibrated by the others.
fn validated_loss(method: Method, scores: &[f32], labels: &[u32], seed: u64) -> Option<f64> {
    let rows = SplitRows { rows: labels.len(), labels: Some(labels), ..SplitRows::default() };
    let all: Vec<usize> = (0..labels.len()).collect();
    let mut calibrated = scores.to_vec();
    for fold in folds(SplitPlan::Stratified, &rows, &all, FOLDS, seed).ok()? {
        let training: Vec<f32> = fold.train.iter().map(|&row| scores[row]).collect();
        let sweep = Ranking::of(&training, |at| labels[fold.train[at]] == 1).sweep(None);
        let calibrator = method.fit(&sweep)?;
        fold.validation.iter().for_each(|&row| calibrated[row] = calibrator.apply(scores[row]));
    }
    Ranking::of(&calibrated, |row| labels[row] == 1).sweep(None).log_loss()
}
