//! Points to draw: precision against recall, and the ROC curve.

use super::error::MeasureError;
use super::sweep::Sweep;

/// Enough points for a chart; more only make the page heavier.
pub const CURVE_POINTS: usize = 200;

/// Precision and recall at one threshold.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct PrecisionRecallPoint {
    /// Share of the positives found.
    pub recall: f64,
    /// Share of the alarms that are right.
    pub precision: f64,
    /// Rows from this score up are called positive.
    pub threshold: f32,
}

/// True- and false-positive rate at one threshold.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct RocPoint {
    /// Share of the negatives called positive.
    pub false_positive_rate: f64,
    /// Share of the positives found.
    pub true_positive_rate: f64,
    /// Rows from this score up are called positive; `None` at the start, where nothing is.
    pub threshold: Option<f32>,
}

/// The precision–recall curve from the highest threshold to the lowest, at most [`CURVE_POINTS`] points. It holds real
/// thresholds only, without the invented point at recall 0. Empty without a positive.
///
/// # Errors
/// As [`Sweep::new`].
pub fn precision_recall_curve(scores: &[f32], labels: &[u32]) -> Result<Vec<PrecisionRecallPoint>, MeasureError> {
    let sweep = Sweep::new(scores, labels)?;
    if sweep.positives() == 0 {
        return Ok(Vec::new());
    }
    let point = |(threshold, hits, alarms): (f32, u64, u64)| PrecisionRecallPoint {
        recall: hits as f64 / sweep.positives() as f64,
        precision: hits as f64 / (hits + alarms) as f64,
        threshold,
    };
    let points: Vec<_> = sweep.thresholds().map(point).collect();
    Ok(thinned(&points, |point| (point.recall, point.precision)))
}

/// The ROC curve from (0, 0) to (1, 1), at most [`CURVE_POINTS`] points. Empty unless both classes occur.
///
/// # Errors
/// As [`Sweep::new`].
pub fn roc_curve(scores: &[f32], labels: &[u32]) -> Result<Vec<RocPoint>, MeasureError> {
    let sweep = Sweep::new(scores, labels)?;
    if sweep.positives() == 0 || sweep.negatives() == 0 {
        return Ok(Vec::new());
    }
    let point = |threshold, hits: u64, alarms: u64| RocPoint {
        false_positive_rate: alarms as f64 / sweep.negatives() as f64,
        true_positive_rate: hits as f64 / sweep.positives() as f64,
        threshold,
    };
    let mut points = vec![point(None, 0, 0)];
    points.extend(sweep.thresholds().map(|(threshold, hits, alarms)| point(Some(threshold), hits, alarms)));
    Ok(thinned(&points, |point| (point.false_positive_rate, point.true_positive_rate)))
}

/// Keeps both ends and, in between, points at equal steps along the curve: steep parts keep as many as flat ones, which
/// equal steps in either axis or in rank would lose.
fn thinned<P: Copy>(points: &[P], place: impl Fn(&P) -> (f64, f64)) -> Vec<P> {
    if points.len() <= CURVE_POINTS {
        return points.to_vec();
    }
    let length = |pair: &[P]| {
        let ((x, y), (next_x, next_y)) = (place(&pair[0]), place(&pair[1]));
        (next_x - x).abs() + (next_y - y).abs()
    };
    let step = points.windows(2).map(length).sum::<f64>() / (CURVE_POINTS - 1) as f64;
    let (mut walked, mut due) = (0.0, step);
    let mut kept = vec![points[0]];
    for pair in points[..points.len() - 1].windows(2) {
        walked += length(pair);
        if walked >= due && kept.len() < CURVE_POINTS - 1 {
            kept.push(pair[1]);
            due = ((walked / step).floor() + 1.0) * step;
        }
    }
    kept.extend(points.last());
    kept
}
