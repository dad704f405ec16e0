use std::ops::ControlFlow;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rand_chacha::ChaCha8Rng;

use super::RandomParameters;
use super::node::Sample;
use super::statistic::Statistic;
use super::tree::{Growing, Pulse};
use crate::features::{Features, Target};
use crate::progress::{Report, report as tell};
use crate::trees::bins::{self, Binned, Cuts};
use crate::trees::forest::{Forest, Link};
use crate::trees::grown::Grown;
use crate::trees::{TrainError, checks, sampling};

/// Grows a random forest on `x` and `y`, in the current thread pool: probability leaves by Gini impurity for classes, means
/// by squared error for values.
///
/// The same data, parameters and seed give the same forest, bit for bit, for any number of threads. Infinite feature
/// values count as very large ones, `NaN` as missing.
///
/// # Errors
/// [`TrainError::Cancelled`] when `report` breaks; else what is wrong with the parameters or the data.
pub fn fit(
    x: &Features,
    y: &Target,
    weights: Option<&[f32]>,
    parameters: &RandomParameters,
    seed: u64,
    report: Report<'_>,
) -> Result<Forest, TrainError> {
    parameters.validate()?;
    let mut weights = checks::weights(x, y, weights, parameters.positive_weight)?;
    checks::several_classes(y, &weights)?;
    checks::nodes(parameters.trees as usize, parameters.max_depth, x.rows / parameters.min_leaf as usize)?;
    if parameters.balanced {
        balance(y, &mut weights);
    }
    tell(report, 0.0, "binning features")?;
    let cuts = bins::cuts(x, parameters.max_bins as usize);
    let binned = Binned::of(x, &cuts);
    let (goal, base) = centred(y, &weights);
    let width = y.outputs();
    let nursery = Nursery { binned: &binned, cuts: &cuts, y: &goal, weights: &weights, width, parameters, seed };
    let trees = nursery.grow_all(report)?;
    Ok(gather(&cuts, &trees, base, y))
}

fn gather(cuts: &[Cuts], trees: &[Grown], base: f32, y: &Target) -> Forest {
    let link = match y {
        Target::Classes { .. } => Link::MeanProbability,
        Target::Values(_) => Link::MeanValue,
    };
    let mut forest = Forest::new(cuts, vec![base; y.outputs()], y.outputs(), link);
    trees.iter().for_each(|tree| forest.push(tree, cuts, 0));
    forest
}

/// Weighs the classes alike, leaving the total weight as it was.
fn balance(y: &Target, weights: &mut [f32]) {
    let Target::Classes { labels, classes } = y else { return };
    let mut sums = vec![0.0_f64; *classes as usize];
    labels.iter().zip(weights.iter()).for_each(|(&label, &weight)| sums[label as usize] += f64::from(weight));
    let present = sums.iter().filter(|&&sum| sum > 0.0).count() as f64;
    let total: f64 = sums.iter().sum();
    for (weight, &label) in weights.iter_mut().zip(labels) {
        if *weight > 0.0 {
            *weight = (f64::from(*weight) * total / (present * sums[label as usize])) as f32;
        }
    }
}

/// Values less their mean, which becomes the forest's base: sums of squares lose no digits to a large mean.
fn centred(y: &Target, weights: &[f32]) -> (Target, f32) {
    let Target::Values(values) = y else { return (y.clone(), 0.0) };
    let total: f64 = weights.iter().map(|&weight| f64::from(weight)).sum();
    let sum: f64 = values.iter().zip(weights).map(|(&value, &weight)| f64::from(value) * f64::from(weight)).sum();
    let mean = (sum / total) as f32;
    (Target::Values(values.iter().map(|value| value - mean).collect()), mean)
}

/// What all trees grow from.
struct Nursery<'a> {
    binned: &'a Binned,
    cuts: &'a [Cuts],
    y: &'a Target,
    weights: &'a [f32],
    width: usize,
    parameters: &'a RandomParameters,
    seed: u64,
}

impl Nursery<'_> {
    /// Every thread takes the next tree in turn. The calling thread is one of them and the only one that reports: the
    /// callback need not be shared, and a pool of one thread does not wait for itself.
    fn grow_all(&self, report: Report<'_>) -> Result<Vec<Grown>, TrainError> {
        let count = self.parameters.trees as usize;
        let (next, done, stopped) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
        let places: Vec<OnceLock<Grown>> = (0..count).map(|_| OnceLock::new()).collect();
        let work = |pulse: Pulse<'_>| {
            while let Some(place) = places.get(next.fetch_add(1, Ordering::Relaxed)) {
                let number = places.element_offset(place).unwrap_or_default();
                let Some(tree) = self.grow(number as u64, pulse) else { return };
                // each place is taken once
                let _ = place.set(tree);
                done.fetch_add(1, Ordering::Relaxed);
                if pulse().is_break() {
                    return;
                }
            }
        };
        let go_on = || if stopped.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
        rayon::in_place_scope(|scope| {
            for _ in 1..rayon::current_num_threads() {
                scope.spawn(|_| work(&mut || go_on()));
            }
            work(&mut || {
                let done = done.load(Ordering::Relaxed);
                let flow = report(done as f32 / count as f32, &format!("{done} of {count} trees"));
                stopped.fetch_or(flow.is_break(), Ordering::Relaxed);
                flow
            });
        });
        places.into_iter().map(OnceLock::into_inner).collect::<Option<_>>().ok_or(TrainError::Cancelled)
    }

    fn grow(&self, number: u64, pulse: Pulse<'_>) -> Option<Grown> {
        let mut rng = sampling::generator(self.seed, number);
        let draws = self.draws(&mut rng);
        let weights: Vec<f64> =
            draws.iter().zip(self.weights).map(|(&draws, &weight)| f64::from(draws) * f64::from(weight)).collect();
        let rows = (0..draws.len() as u32).filter(|&row| weights[row as usize] > 0.0).collect();
        let statistic = match self.y {
            Target::Classes { labels, classes } => Statistic::Classes { labels, classes: *classes as usize },
            Target::Values(values) => Statistic::Values(values),
        };
        let min_leaf = self.parameters.min_leaf as usize;
        let sample = Sample { binned: self.binned, cuts: self.cuts, statistic, weights: &weights, min_leaf };
        Growing::new(sample, rows, self.width, self.parameters, rng).run(pulse)
    }

    fn draws(&self, rng: &mut ChaCha8Rng) -> Vec<u32> {
        if self.parameters.bootstrap {
            sampling::bootstrap(rng, self.weights.len())
        } else {
            vec![1; self.weights.len()]
        }
    }
}
