//! Figures are checked against values worked by hand and against scikit-learn 1.9.1 and scipy 1.17.1; the expression that
//! made a number stands beside it.

mod binary;
mod bootstrap;
mod calibration;
mod curves;
mod live;
mod multiclass;
mod properties;
mod regression;
mod splits;
mod thresholds;

/// Twenty scores with ties within and across classes. The references were computed on the same numbers in single
/// precision: `S = np.array([...], dtype=np.float32).astype(float)`.
const SCORES: [f32; 20] = [
    0.05, 0.10, 0.10, 0.15, 0.20, 0.25, 0.30, 0.30, 0.30, 0.35, 0.40, 0.45, 0.50, 0.55, 0.60, 0.60, 0.70, 0.80, 0.90,
    0.95,
];
/// `Y = np.array([...])`.
const LABELS: [u32; 20] = [0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1, 1];

#[track_caller]
fn close(actual: Option<f64>, expected: f64, tolerance: f64) {
    let actual = actual.expect("defined");
    assert!((actual - expected).abs() <= tolerance, "{actual} is not {expected}");
}

/// A repeatable number from 0 to 1 for each `i`, spread evenly (the golden-ratio sequence).
fn spread(i: usize) -> f32 {
    ((i as f64 + 0.5) * 0.618_033_988_749_894_9).fract() as f32
}

/// Rows whose positives have the probability `truth(score)`.
fn rows(count: usize, truth: impl Fn(f32) -> f32) -> (Vec<f32>, Vec<u32>) {
    use rand::{RngExt, SeedableRng};
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(11);
    let scores: Vec<f32> = (0..count).map(spread).collect();
    let labels = scores.iter().map(|&score| u32::from(rng.random::<f32>() < truth(score))).collect();
    (scores, labels)
}
