//! Do probabilities mean what they say? Bins of equal mass, predicted against observed.

use super::error::MeasureError;
use super::sweep::Sweep;

/// Bins of the expected calibration error. Equal mass rather than equal width: with one positive in a hundred nearly all
/// rows would fall into the first of ten equally wide bins.
pub const CALIBRATION_BINS: usize = 10;

/// Rows of similar score: what was predicted and what happened.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ReliabilityBin {
    /// Mean predicted probability.
    pub predicted: f64,
    /// Share of positive rows.
    pub observed: f64,
    /// Number of rows.
    pub count: u64,
    /// Lower end of the 95 % Wilson interval of `observed`.
    pub low: f64,
    /// Upper end of the 95 % Wilson interval of `observed`.
    pub high: f64,
}

/// At most `bins` bins of nearly equal mass, from low to high scores. Equal scores share a bin (the one in which the
/// middle of their rows falls), so a bin may be larger than others or absent.
///
/// # Errors
/// When the lengths differ, a score is not a probability, or a label is not 0 or 1.
pub fn reliability(scores: &[f32], labels: &[u32], bins: usize) -> Result<Vec<ReliabilityBin>, MeasureError> {
    let sums = binned(&Sweep::new(scores, labels)?, bins);
    Ok(sums.iter().filter(|sum| sum.count > 0).map(BinSum::bin).collect())
}

/// The 95 % Wilson score interval of a share (Wilson, JASA 22, 1927); `(0, 1)` without a trial. Trials that weigh
/// differently count as fewer that weigh the same, so neither number need be whole.
#[must_use]
pub fn wilson(successes: f64, trials: f64) -> (f64, f64) {
    const Z: f64 = 1.959_963_984_540_054;
    if trials <= 0.0 {
        return (0.0, 1.0);
    }
    let (n, share) = (trials, successes / trials);
    let middle = share + Z * Z / (2.0 * n);
    let spread = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    (((middle - spread) / scale).max(0.0), ((middle + spread) / scale).min(1.0))
}

pub(super) fn calibration_error(sweep: &Sweep) -> Option<f64> {
    let distance: f64 =
        binned(sweep, CALIBRATION_BINS).iter().map(|sum| (sum.scores - sum.positives as f64).abs()).sum();
    (sweep.rows() > 0).then(|| distance / sweep.rows() as f64)
}

#[derive(Clone, Copy, Default)]
struct BinSum {
    scores: f64,
    positives: u64,
    count: u64,
}

impl BinSum {
    fn bin(&self) -> ReliabilityBin {
        let (low, high) = wilson(self.positives as f64, self.count as f64);
        let count = self.count as f64;
        let (predicted, observed) = (self.scores / count, self.positives as f64 / count);
        ReliabilityBin { predicted, observed, count: self.count, low, high }
    }
}

fn binned(sweep: &Sweep, bins: usize) -> Vec<BinSum> {
    let mut sums = vec![BinSum::default(); bins.max(1)];
    let mut below = 0;
    for step in sweep.steps().iter().rev() {
        let count = u64::from(step.positives) + u64::from(step.negatives);
        // The middle of the step, doubled to stay in whole numbers.
        let bin = (2 * below + count) * sums.len() as u64 / (2 * sweep.rows());
        let sum = &mut sums[bin as usize];
        sum.scores += f64::from(step.score) * count as f64;
        sum.positives += u64::from(step.positives);
        sum.count += count;
        below += count;
    }
    sums
}
