//! Logistic, softmax and ridge regression on candle: the plain, fast and exactly explainable estimator, and the yardstick
//! for the others.

mod design;
mod error;
mod lbfgs;
mod model;
mod objective;
mod parameters;
mod stored;
mod task;
#[cfg(test)]
mod tests;

pub use error::{LoadError, TrainError};
pub use model::Linear;
pub use parameters::LinearParameters;
pub use task::{ClassWeight, Task};

pub(crate) use design::code;
pub(crate) use error::require;
pub(crate) use model::{sigmoid, softmax};
pub(crate) use objective::{loss_and_slopes, targets};
pub(crate) use stored::{numbers, read, write};
pub(crate) use task::{multiply, own_weights, row_weights};

use crate::features::{Features, Target};
use crate::progress::{self, Report};
use lbfgs::Stop;
use objective::Objective;

/// Fits a linear model: log loss for classes, squared error for values, with a ridge penalty, by L-BFGS on all rows at
/// once. There is nothing random in it, so `_seed` changes nothing; it is there because every estimator takes one.
///
/// `x` has rows × features, `y` and `weights` one entry a row. Numbers are standardised (see
/// [`LinearParameters::signed_log`]) with missing ones at the median beside an indicator; categories become one column
/// each. `report` is called after every optimiser step.
///
/// # Errors
/// [`TrainError`]: a setting or an input that makes no sense, no rows, one class only, or cancelled by `report`.
pub fn fit(
    x: &Features,
    y: &Target,
    weights: Option<&[f32]>,
    params: &LinearParameters,
    _seed: u64,
    report: Report<'_>,
) -> Result<Linear, TrainError> {
    params.validate()?;
    let weights = row_weights(x, y, weights, &params.class_weight)?.rows;
    let task = Task::of(y);
    let encodings = design::fit(x, params.signed_log, params.min_category_rows);
    let means = objective::column_means(x, &encodings);
    let (targets, scale) = standardised(task, objective::targets(y));
    let objective = Objective::new(x, &encodings, &means, task, &targets, &weights, params.l2)?;
    let stop = Stop { tolerance: f64::from(params.tolerance), max_iterations: params.max_iterations };
    let minimum = lbfgs::minimise(
        vec![0.0; objective.unknowns()],
        stop,
        |point| objective.evaluate(point).map_err(TrainError::from),
        |iteration, loss| {
            let share = iteration as f32 / params.max_iterations as f32;
            Ok(progress::report(&mut *report, share, &format!("iteration {iteration}: loss {loss:.5}"))?)
        },
    )?;
    let (coefficients, base) = minimum.point.split_at(means.len() * task.outputs());
    let coefficients = coefficients.iter().map(|c| (c * scale.1) as f32).collect();
    let base = base.iter().map(|b| (b * scale.1 + scale.0) as f32).collect();
    let fitted = Linear::new(task, encodings, means, coefficients, base);
    Ok(fitted.with_convergence(minimum.iterations, minimum.gradient_norm))
}

/// Values to learn with mean 0 and deviation 1, so that the tolerance means the same for euros and for millions of them;
/// with the mean and deviation to go back. Class codes stay.
fn standardised(task: Task, targets: Vec<f32>) -> (Vec<f32>, (f64, f64)) {
    if task != Task::Regression {
        return (targets, (0.0, 1.0));
    }
    let n = targets.len() as f64;
    let mean = targets.iter().map(|&t| f64::from(t)).sum::<f64>() / n;
    let variance = targets.iter().map(|&t| (f64::from(t) - mean).powi(2)).sum::<f64>() / n;
    let deviation = if variance > 0.0 { variance.sqrt() } else { 1.0 };
    let scaled = targets.iter().map(|&t| ((f64::from(t) - mean) / deviation) as f32);
    (scaled.collect(), (mean, deviation))
}
