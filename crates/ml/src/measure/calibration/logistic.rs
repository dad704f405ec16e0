//! Platt's calibration: a logistic regression on the log-odds of the score.

use crate::measure::sweep::{Step, Sweep};

/// Log-odds of the smallest and the largest score that a fit listens to; beyond, one row would pull at the line like
/// thousands.
const FIT_LOG_ODDS: f64 = 16.0;
const ITERATIONS: usize = 100;
const HALVINGS: usize = 30;
/// A Newton step that promises to lower the mean loss by less than this is not taken.
const CONVERGED: f64 = 1e-14;

/// `sigmoid(slope · log-odds(score) + intercept)`.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Logistic {
    /// Above 0, so that the map increases.
    pub slope: f64,
    /// In log-odds.
    pub intercept: f64,
}

impl Logistic {
    /// The calibrated probability of a score between 0 and 1.
    #[must_use]
    pub fn apply(&self, score: f32) -> f32 {
        sigmoid(self.slope * log_odds(score) + self.intercept) as f32
    }

    /// Newton's method with step halving and smoothed targets (Platt 1999; Lin, Lin and Weng, Machine Learning 68,
    /// 2007). `None` without both classes or when higher scores do not mean more positives.
    #[must_use]
    pub fn fit(sweep: &Sweep) -> Option<Self> {
        if sweep.positives() == 0 || sweep.negatives() == 0 {
            return None;
        }
        let problem = Problem::new(sweep);
        let mut line = Self { slope: 1.0, intercept: 0.0 };
        let mut loss = problem.loss(line);
        for _ in 0..ITERATIONS {
            let Some(next) = problem.improved(line, loss) else { break };
            (line, loss) = next;
        }
        (line.slope > 0.0).then_some(line)
    }
}

struct Problem {
    rows: f64,
    /// Each distinct score as log-odds, with its number of rows and their sum of targets.
    observations: Vec<(f64, f64, f64)>,
}

impl Problem {
    fn new(sweep: &Sweep) -> Self {
        let (positives, negatives) = (sweep.positives() as f64, sweep.negatives() as f64);
        // Targets are pulled towards each other as if one more row of each class were seen.
        let positive = (positives + 1.0) / (positives + 2.0);
        let negative = 1.0 / (negatives + 2.0);
        let observation = |step: &Step| {
            let (positives, negatives) = (f64::from(step.positives), f64::from(step.negatives));
            let x = log_odds(step.score).clamp(-FIT_LOG_ODDS, FIT_LOG_ODDS);
            (x, positives + negatives, positives * positive + negatives * negative)
        };
        Self { rows: positives + negatives, observations: sweep.steps().iter().map(observation).collect() }
    }

    /// Mean cross-entropy.
    fn loss(&self, line: Logistic) -> f64 {
        let loss = |&(x, count, target): &(f64, f64, f64)| {
            let z = line.slope * x + line.intercept;
            // ln(1 + e^z) − target·z, without overflow.
            count * (z.max(0.0) + (-z.abs()).exp().ln_1p()) - target * z
        };
        self.observations.iter().map(loss).sum::<f64>() / self.rows
    }

    /// The Newton step, halved until the loss falls; `None` at the bottom.
    fn improved(&self, line: Logistic, loss: f64) -> Option<(Logistic, f64)> {
        let (slope, intercept) = self.direction(line)?;
        let halves = std::iter::successors(Some(1.0), |size| Some(size / 2.0)).take(HALVINGS);
        let steps = halves
            .map(|size| Logistic { slope: line.slope - size * slope, intercept: line.intercept - size * intercept });
        steps.map(|next| (next, self.loss(next))).find(|(_, lower)| *lower < loss)
    }

    /// Inverse Hessian times gradient, with a trace of ridge so that it exists when all scores are equal; `None` when
    /// there is nothing left to gain.
    fn direction(&self, line: Logistic) -> Option<(f64, f64)> {
        let (mut gx, mut g1, mut hxx, mut hx1, mut h11) = (0.0, 0.0, 1e-9, 0.0, 1e-9);
        for &(x, count, target) in &self.observations {
            let p = sigmoid(line.slope * x + line.intercept);
            let (error, weight) = (count * p - target, count * p * (1.0 - p));
            gx += error * x;
            g1 += error;
            hxx += weight * x * x;
            hx1 += weight * x;
            h11 += weight;
        }
        let determinant = hxx * h11 - hx1 * hx1;
        let step = ((h11 * gx - hx1 * g1) / determinant, (hxx * g1 - hx1 * gx) / determinant);
        let promised = (gx * step.0 + g1 * step.1) / (2.0 * self.rows);
        (promised > CONVERGED).then_some(step)
    }
}

/// Natural logarithm of the odds, finite for every score from 0 to 1: the ends stand a little beyond their neighbours
/// among the `f32`.
pub(super) fn log_odds(score: f32) -> f64 {
    let p = f64::from(score).clamp(f64::from(f32::MIN_POSITIVE), 1.0 - f64::from(f32::EPSILON) / 4.0);
    p.ln() - (-p).ln_1p()
}

pub(super) fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}
