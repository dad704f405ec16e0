//! Temperature scaling of several classes.

use crate::measure::error::MeasureError;
use crate::measure::multiclass::check_distributions;

/// Temperatures searched, as a power of e to both sides of 1.
const WIDEST: f64 = 3.0;
/// Halvings (by the golden ratio) of that range: to about a millionth.
const ITERATIONS: usize = 35;
/// Smallest probability a logarithm is taken of.
const FLOOR: f64 = 1e-7;

/// One number for all classes: probabilities are raised to the power `1 / temperature` and scaled to add up to 1 (Guo et
/// al., ICML 2017). Above 1 it makes the model less sure, below 1 surer; which class is likeliest never changes.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Temperature {
    /// Above 0; 1 changes nothing.
    pub temperature: f64,
}

impl Temperature {
    /// Minimises the log loss on `probabilities` (row-major, `labels.len() × classes`), over temperatures from 0.05 to
    /// 20. The rows must not be those that the model was trained on. Without rows the temperature is 1.
    ///
    /// # Errors
    /// When the shape does not fit, a row is not a distribution, or a label is not below `classes`.
    pub fn fit(probabilities: &[f32], labels: &[u32], classes: u32) -> Result<Self, MeasureError> {
        check_distributions(probabilities, labels, classes)?;
        if labels.is_empty() {
            return Ok(Self { temperature: 1.0 });
        }
        let logs: Vec<f64> = probabilities.iter().map(|&share| log(share)).collect();
        let loss = |power: f64| total_loss(&logs, labels, classes as usize, (-power).exp());
        Ok(Self { temperature: golden_section(loss, -WIDEST, WIDEST).exp() })
    }

    /// Calibrates the probabilities of one row in place.
    pub fn apply(&self, row: &mut [f32]) {
        let powers: Vec<f64> = row.iter().map(|&share| log(share) / self.temperature).collect();
        let normaliser = log_sum(powers.iter().copied());
        for (share, power) in row.iter_mut().zip(powers) {
            *share = (power - normaliser).exp() as f32;
        }
    }
}

fn log(share: f32) -> f64 {
    f64::from(share).max(FLOOR).ln()
}

fn total_loss(logs: &[f64], labels: &[u32], classes: usize, sharpness: f64) -> f64 {
    let loss = |(row, &label): (&[f64], &u32)| {
        log_sum(row.iter().map(|log| log * sharpness)) - row[label as usize] * sharpness
    };
    logs.chunks_exact(classes).zip(labels).map(loss).sum()
}

/// `ln Σ eˣ`, without overflow.
fn log_sum(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let highest = values.clone().fold(f64::NEG_INFINITY, f64::max);
    highest + values.map(|value| (value - highest).exp()).sum::<f64>().ln()
}

/// The lowest point of a function with one valley. The loss is convex in the sharpness, so it has one.
fn golden_section(value: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    const SHARE: f64 = 0.618_033_988_749_894_9;
    for _ in 0..ITERATIONS {
        let (left, right) = (high - SHARE * (high - low), low + SHARE * (high - low));
        if value(left) < value(right) { high = right } else { low = left }
    }
    low.midpoint(high)
}
