//! Training: mini-batches until the validation loss stops falling.

use candle_core::Result;

use super::adam::{AdamW, clip};
use super::inputs::{Encoding, cells};
use super::layout::{Layout, Shape};
use super::loss::{Rows, joint_loss, members_loss};
use super::model::Network;
use super::parameters::NetworkParameters;
use super::random;
use super::weights::Weights;
use crate::features::{Features, Target};
use crate::linear::{Task, TrainError, multiply, own_weights, require, row_weights, targets};
use crate::progress::{self, Report};

/// Longest gradient that is followed as it is.
const LONGEST_GRADIENT: f32 = 1.0;
/// Random streams of one seed.
const INITIAL_STREAM: u64 = 0;
const HOLDOUT_STREAM: u64 = 1;
const SHUFFLE_STREAM: u64 = 2;
/// Dropout takes a stream for each shard of each step from here on.
const DROPOUT_STREAMS: u64 = 1 << 32;

/// Features, target and row weights that decide when to stop.
pub type Validation<'a> = (&'a Features, &'a Target, Option<&'a [f32]>);

/// One pass over the training rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Epoch {
    /// Mean loss of the members in training, under dropout.
    pub train_loss: f64,
    /// Loss of the joint answer on the validation rows: log loss, or half the squared error in standard deviations.
    pub validation_loss: f64,
}

/// A fitted network with the story of its training.
#[derive(Clone, Debug)]
pub struct NetworkFit {
    /// The network with the weights of the best epoch.
    pub network: Network,
    /// Every epoch that was run.
    pub epochs: Vec<Epoch>,
    /// Position in `epochs` of the lowest validation loss.
    pub best: usize,
}

/// Fits the network. `x` has rows × features; `y` and `weights` one entry a row.
///
/// Without `validation`, a seeded share of the rows ([`NetworkParameters::holdout`], equal in every class) is kept from
/// training to decide when to stop. The same seed gives the same weights, whatever the number of threads. `report` is
/// called after every epoch, and several times within a long one.
///
/// # Errors
/// [`TrainError`]: a setting or an input that makes no sense, no rows, one class only, or cancelled by `report`.
pub fn fit(
    x: &Features,
    y: &Target,
    weights: Option<&[f32]>,
    validation: Option<Validation<'_>>,
    params: &NetworkParameters,
    seed: u64,
    report: Report<'_>,
) -> std::result::Result<NetworkFit, TrainError> {
    params.validate()?;
    let task = Task::of(y);
    let weighed = row_weights(x, y, weights, &params.class_weight)?;
    let encodings: Vec<_> = x.columns.iter().map(|c| Encoding::fit(c, params.bins, params.min_category_rows)).collect();
    let scale = value_scale(y);
    let all = encoded(&encodings, x, y, weighed.rows, scale);
    let (train, judge) = match validation {
        Some((x, y, weights)) => {
            require(Task::of(y) == task, "validation", "is of another task than the training rows")?;
            let mut weights = own_weights(x, y, weights)?;
            multiply(&mut weights, y, &weighed.factors);
            (all, encoded(&encodings, x, y, weights, scale))
        }
        None => split(all, task, params.holdout, seed),
    };
    let layout = Layout::new(shape(params, task), &encodings);
    require(layout.inputs() > 0, "features", "every one is constant")?;
    let judge = if judge.weights.iter().any(|w| *w > 0.0) { &judge } else { &train };
    let trained = Training { layout, task, params, seed, train: &train, judge }.run(report)?;
    let network = Network::new(task, encodings, trained.layout, trained.best_weights, scale)?;
    Ok(NetworkFit { network, epochs: trained.epochs, best: trained.best })
}

fn shape(params: &NetworkParameters, task: Task) -> Shape {
    Shape {
        members: params.members,
        width: params.width,
        depth: params.depth,
        embedding: params.embedding,
        outputs: task.outputs(),
    }
}

/// Mean and deviation of values to learn; (0, 1) for classes.
fn value_scale(y: &Target) -> (f32, f32) {
    let Target::Values(values) = y else { return (0.0, 1.0) };
    let n = values.len() as f64;
    let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / n;
    let variance = values.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / n;
    let deviation = variance.sqrt() as f32;
    (mean as f32, if deviation > 0.0 { deviation } else { 1.0 })
}

fn encoded(encodings: &[Encoding], x: &Features, y: &Target, weights: Vec<f32>, scale: (f32, f32)) -> Rows {
    let targets = targets(y).into_iter().map(|target| (target - scale.0) / scale.1).collect();
    Rows { cells: cells(encodings, x, 0..x.rows), targets, weights }
}

/// Training rows and held-out rows, the latter `share` of each class.
fn split(all: Rows, task: Task, share: f32, seed: u64) -> (Rows, Rows) {
    let class = |row: usize| if task == Task::Regression { 0 } else { all.targets[row] as usize };
    let classes = (0..all.targets.len()).map(class).max().map_or(0, |most| most + 1);
    let mut room = vec![0.0_f32; classes];
    (0..all.targets.len()).for_each(|row| room[class(row)] += share);
    let mut order: Vec<usize> = (0..all.targets.len()).collect();
    random::shuffle(&mut random::stream(seed, HOLDOUT_STREAM), &mut order);
    let (held, kept): (Vec<usize>, Vec<usize>) = order.into_iter().partition(|&row| {
        room[class(row)] -= 1.0;
        room[class(row)] >= 0.0
    });
    (all.select(&kept), all.select(&held))
}

struct Training<'a> {
    layout: Layout,
    task: Task,
    params: &'a NetworkParameters,
    seed: u64,
    train: &'a Rows,
    judge: &'a Rows,
}

struct Trained {
    layout: Layout,
    best_weights: Vec<f32>,
    epochs: Vec<Epoch>,
    best: usize,
}

impl Training<'_> {
    fn run(self, report: Report<'_>) -> std::result::Result<Trained, TrainError> {
        let params = self.params;
        let mut flat = self.layout.initial(&mut random::stream(self.seed, INITIAL_STREAM));
        let mut optimiser = AdamW::new(flat.len(), params.learning_rate, params.weight_decay, self.layout.decaying());
        let mut order: Vec<usize> = (0..self.train.targets.len()).collect();
        let mut shuffler = random::stream(self.seed, SHUFFLE_STREAM);
        let mut best_weights = flat.clone();
        let (mut epochs, mut best): (Vec<Epoch>, usize) = (Vec::new(), 0);
        while epochs.len() < params.max_epochs && epochs.len() <= best + params.patience {
            random::shuffle(&mut shuffler, &mut order);
            let train_loss = self.epoch(epochs.len(), &order, &mut flat, &mut optimiser, &mut *report)?;
            let weights = Weights::new(&self.layout, &flat)?;
            let validation_loss = joint_loss(&self.layout, self.task, &weights, self.judge)?;
            let fine = validation_loss.is_finite();
            require(fine, "learning_rate", "is too large: the loss is no longer finite")?;
            if epochs.get(best).is_none_or(|e: &Epoch| validation_loss < e.validation_loss) {
                best = epochs.len();
                best_weights.copy_from_slice(&flat);
            }
            epochs.push(Epoch { train_loss, validation_loss });
            let line = format!("epoch {}: loss {train_loss:.5}, validation {validation_loss:.5}", epochs.len());
            progress::report(&mut *report, epochs.len() as f32 / params.max_epochs as f32, &line)?;
        }
        Ok(Trained { layout: self.layout, best_weights, epochs, best })
    }

    /// One pass over all rows; gives the mean loss of the members.
    fn epoch(
        &self,
        number: usize,
        order: &[usize],
        flat: &mut [f32],
        optimiser: &mut AdamW,
        report: Report<'_>,
    ) -> std::result::Result<f64, TrainError> {
        let steps = order.len().div_ceil(self.params.batch_rows);
        let mut sum = 0.0;
        for (step, rows) in order.chunks(self.params.batch_rows).enumerate() {
            let (loss, mut gradient) = self.gradient(number * steps + step, rows, flat)?;
            sum += loss * rows.len() as f64;
            clip(&mut gradient, LONGEST_GRADIENT);
            optimiser.step(flat, &gradient);
            // Every few steps, so that a long epoch is left soon after a refusal.
            if step % 16 == 15 {
                let share = (number as f32 + step as f32 / steps as f32) / self.params.max_epochs as f32;
                progress::report(&mut *report, share, &format!("epoch {}: step {} of {steps}", number + 1, step + 1))?;
            }
        }
        Ok(sum / order.len() as f64)
    }

    fn gradient(&self, step: usize, rows: &[usize], flat: &[f32]) -> Result<(f64, Vec<f32>)> {
        let weights = Weights::new(&self.layout, flat)?;
        let batch = self.train.select(rows);
        let shards = self.params.batch_rows as u64;
        let generator = |shard: usize| random::stream(self.seed, DROPOUT_STREAMS + step as u64 * shards + shard as u64);
        members_loss(&self.layout, self.task, &weights, &batch, self.params.dropout, generator)
    }
}
