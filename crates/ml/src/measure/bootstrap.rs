//! How sure a figure is: percentile intervals by resampling the rows (Efron and Tibshirani, 1993, chapter 13).
//!
//! Rows are drawn plainly, with replacement, and not within each class: how many positives a test set holds is chance
//! too, and precision, PR-AUC and accuracy move with it. Each resample has its own stream of one seeded generator, so
//! the answer does not depend on the number of threads.

use super::error::MeasureError;
use super::metrics::{METRICS, MetricInfo, Metrics};
use super::scored::Scored;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// Resamples when the rows allow it.
const MOST: u64 = 1000;
/// Fewer would not carry the 2.5th percentile.
const FEWEST: u64 = 100;
/// Rows visited in all resamples together, a second or so on two cores.
const BUDGET: u64 = 60_000_000;
/// A figure that is undefined on more than this share of the resamples gets no interval.
const UNDEFINED_SHARE: f64 = 0.05;

/// The middle 95 % of one figure over the resamples.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Interval {
    /// Key of the figure, as in [`METRICS`].
    pub key: String,
    /// 2.5th percentile.
    pub low: f64,
    /// 97.5th percentile.
    pub high: f64,
}

/// What changes from champion to candidate, in the figure's own unit: candidate − champion.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Difference {
    /// Key of the figure, as in [`METRICS`].
    pub key: String,
    /// On all rows.
    pub difference: f64,
    /// 2.5th percentile over the resamples.
    pub low: f64,
    /// 97.5th percentile over the resamples.
    pub high: f64,
    /// Share of the resamples in which the candidate was better, ties counting half.
    pub better: f64,
}

/// 95 % intervals of every quality in [`METRICS`] that is defined on these rows.
///
/// 1000 resamples, fewer (down to 100) when rows × classes exceed 60,000. Empty below two rows. An interval always holds
/// the figure itself: rows drawn twice make bins noisier, so resampled calibration errors lie above the real one, and the
/// interval is stretched down to it.
///
/// # Errors
/// As [`Scored::metrics`].
pub fn intervals(scored: &Scored<'_>, seed: u64) -> Result<Vec<Interval>, MeasureError> {
    let rows = scored.rows()?.in_any_order();
    let all = rows.metrics(None);
    let resamples = resample(rows.len(), rows.width(), seed, |weights| rows.metrics(Some(weights)));
    Ok(qualities().filter_map(|info| interval_of(info, &all, &resamples)).collect())
}

/// The interval of one figure, which holds the figure itself.
pub(super) fn interval_of(info: &MetricInfo, all: &Metrics, resamples: &[Metrics]) -> Option<Interval> {
    let value = (info.read)(all)?;
    let (low, high) = middle(resamples.iter().map(info.read).collect())?;
    Some(Interval { key: info.key.to_owned(), low: low.min(value), high: high.max(value) })
}

/// Compares two models on the same rows: both are measured on each resample, so what is hard about the rows cancels out.
///
/// # Errors
/// As [`Scored::metrics`], and [`MeasureError::NotComparable`] when tasks, rows or the truth differ.
pub fn paired_difference(
    champion: &Scored<'_>,
    candidate: &Scored<'_>,
    seed: u64,
) -> Result<Vec<Difference>, MeasureError> {
    let (old, new) = (champion.rows()?, candidate.rows()?);
    if old.len() != new.len() || old.width() != new.width() || !same_truth(champion, candidate) {
        return Err(MeasureError::NotComparable);
    }
    let all = (old.metrics(None), new.metrics(None));
    let resamples =
        resample(old.len(), old.width(), seed, |weights| (old.metrics(Some(weights)), new.metrics(Some(weights))));
    Ok(qualities().filter_map(|info| difference_of(info, &all, &resamples)).collect())
}

/// One figure of a pair on all rows and on each resample.
pub(super) fn difference_of(
    info: &MetricInfo,
    all: &(Metrics, Metrics),
    resamples: &[(Metrics, Metrics)],
) -> Option<Difference> {
    let change = |(old, new): &(Metrics, Metrics)| Some((info.read)(new)? - (info.read)(old)?);
    let changes: Vec<Option<f64>> = resamples.iter().map(change).collect();
    let sign = if info.higher_is_better? { 1.0 } else { -1.0 };
    let wins = changes.iter().flatten().map(|&change| won(sign * change)).sum::<f64>();
    let better = wins / changes.iter().flatten().count().max(1) as f64;
    let difference = change(all)?;
    let (low, high) = middle(changes)?;
    Some(Difference { key: info.key.to_owned(), difference, low, high, better })
}

fn won(gain: f64) -> f64 {
    if gain == 0.0 { 0.5 } else { f64::from(u8::from(gain > 0.0)) }
}

pub(super) fn qualities() -> impl Iterator<Item = &'static MetricInfo> {
    METRICS.iter().filter(|info| info.higher_is_better.is_some())
}

fn same_truth(a: &Scored<'_>, b: &Scored<'_>) -> bool {
    match (a, b) {
        (Scored::Regression { actual: a, .. }, Scored::Regression { actual: b, .. }) => a == b,
        (
            Scored::Binary { labels: a, .. } | Scored::Multiclass { labels: a, .. },
            Scored::Binary { labels: b, .. } | Scored::Multiclass { labels: b, .. },
        ) => a == b,
        _ => false,
    }
}

/// Measures many resamples of `len` rows of `width` numbers; `measure` hears how often each row was drawn.
pub(super) fn resample<T: Send>(len: usize, width: usize, seed: u64, measure: impl Fn(&[u32]) -> T + Sync) -> Vec<T> {
    let work = (len * width) as u64;
    let count = if len < 2 { 0 } else { (BUDGET / work).clamp(FEWEST, MOST) };
    let one = |weights: &mut Vec<u32>, stream| {
        draw(weights, seed, stream);
        measure(weights)
    };
    (0..count).into_par_iter().map_init(|| vec![0; len], one).collect()
}

fn draw(weights: &mut [u32], seed: u64, stream: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    weights.fill(0);
    let rows = weights.len() as u32;
    for _ in 0..rows {
        weights[rng.random_range(0..rows) as usize] += 1;
    }
}

/// The 2.5th and 97.5th percentile of the defined values, interpolated linearly.
fn middle(values: Vec<Option<f64>>) -> Option<(f64, f64)> {
    let drawn = values.len() as f64;
    let mut defined: Vec<f64> = values.into_iter().flatten().collect();
    if defined.is_empty() || (defined.len() as f64) < (1.0 - UNDEFINED_SHARE) * drawn {
        return None;
    }
    defined.sort_unstable_by(f64::total_cmp);
    Some((percentile(&defined, 0.025), percentile(&defined, 0.975)))
}

fn percentile(sorted: &[f64], share: f64) -> f64 {
    let at = share * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    below + (above - below) * at.fract()
}
