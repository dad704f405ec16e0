//! Shared data for the tests of this module.

mod boosting;
mod categories;
mod degenerate;
mod explaining;
mod predicting;
mod quantiles;
mod random_forests;
mod stored_bytes;
mod stumps;

use std::ops::ControlFlow;

use rand::Rng;

use super::boosted::{self, BoostedFit, BoostedParameters};
use super::{TrainError, sampling};
use crate::features::{Feature, FeatureKind, Features, Target};

/// Columns of values; `kinds` gives the number of categories, or 0 for numbers.
fn features(columns: Vec<(u32, Vec<f32>)>) -> Features {
    let rows = columns[0].1.len();
    let columns = columns.into_iter().enumerate().map(|(at, (categories, values))| Feature {
        name: format!("f{at}"),
        kind: if categories == 0 { FeatureKind::Numeric } else { FeatureKind::Categorical { categories } },
        values,
    });
    Features { rows, columns: columns.collect() }
}

fn numbers(columns: &[&[f32]]) -> Features {
    features(columns.iter().map(|values| (0, values.to_vec())).collect())
}

fn binary(labels: &[u32]) -> Target {
    Target::Classes { labels: labels.to_vec(), classes: 2 }
}

fn go_on(_: f32, _: &str) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn boost(x: &Features, y: &Target, parameters: &BoostedParameters) -> BoostedFit {
    boosted::fit(x, y, None, None, parameters, 7, &mut go_on).unwrap()
}

/// Uniform numbers in [0, 1).
fn uniform(seed: u64, count: usize) -> Vec<f32> {
    let mut rng = sampling::generator(seed, 0);
    (0..count).map(|_| (rng.next_u32() >> 8) as f32 / (1 << 24) as f32).collect()
}

/// Three numeric features, the first with gaps, and one of eight categories; classes follow all but the third.
fn mixed(seed: u64, rows: usize, classes: u32) -> (Features, Target) {
    let draws = uniform(seed, rows * 5);
    let column = |at: usize| draws[at * rows..(at + 1) * rows].to_vec();
    let gappy: Vec<f32> = column(0).into_iter().map(|v| if v < 0.2 { f32::NAN } else { v }).collect();
    let category: Vec<f32> = column(3).into_iter().map(|v| (v * 8.0).floor()).collect();
    let label = |row: usize| {
        let first = if gappy[row].is_nan() { 0.9 } else { gappy[row] };
        let odd = category[row] as u32 % 2;
        let score = first + column(1)[row] + 0.7 * odd as f32 + 0.5 * column(4)[row];
        ((score / 3.2 * classes as f32) as u32).min(classes - 1)
    };
    let labels = (0..rows).map(label).collect();
    let x = features(vec![(0, gappy.clone()), (0, column(1)), (0, column(2)), (8, category.clone())]);
    (x, Target::Classes { labels, classes })
}

fn values_of(y: &Target) -> Target {
    match y {
        Target::Classes { labels, .. } => {
            Target::Values(labels.iter().map(|&label| label as f32 * 3.0 + 100.0).collect())
        }
        Target::Values(_) => y.clone(),
    }
}

fn log_loss(probabilities: &[f32], y: &Target) -> f64 {
    let Target::Classes { labels, .. } = y else { panic!("classes only") };
    let losses =
        probabilities.iter().zip(labels).map(|(&p, &label)| -f64::from(if label == 1 { p } else { 1.0 - p }).ln());
    losses.sum::<f64>() / labels.len() as f64
}

fn in_pool<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

fn field(result: Result<(), TrainError>) -> &'static str {
    match result {
        Err(TrainError::Invalid { field, .. }) => field,
        other => panic!("expected an invalid field, got {other:?}"),
    }
}
