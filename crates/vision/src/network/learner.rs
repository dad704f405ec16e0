//! Learning: steps of mini-batches, each divided into fixed slices that threads take as they come.

use std::ops::Range;

use rayon::prelude::*;

use super::affine::Affine;
use super::forward::{backward, forward, place, rotated_kernels};
use super::head;
use super::layout::Layout;
use super::model::Network;
use super::pass::{Pass, Passes};
use super::random;
use super::shape::Shape;
use crate::kernels::{AdamW, Moments, Step, vectorised};

/// Pictures of one slice: they are normalised together, and their gradient is summed before that of other slices. So a
/// seed gives the same weights whatever the number of threads.
const SLICE: usize = 16;
/// Weights whose gradients one thread adds up at once.
const CHUNK: usize = 1 << 14;
/// Longest gradient that is followed as it is.
const LONGEST_GRADIENT: f64 = 5.0;

/// An example, and which time it is drawn.
pub type Draw = (usize, u64);

/// What is to be learnt from.
pub trait Objective: Sync {
    /// Writes the pixels of an example (height × width × channels), newly distorted for each `draw`.
    fn prepare(&self, example: usize, draw: u64, pixels: &mut [f32]);

    /// The loss of the answer (steps × outputs), and into `slopes` its derivatives by them.
    fn loss(&self, example: usize, logits: &[f32], slopes: &mut [f32]) -> f64;
}

/// Settings of one step.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// Of AdamW.
    pub learning_rate: f32,
    /// Of kernels and matrices, times the learning rate.
    pub weight_decay: f32,
    /// Share of its past that the running mean of the weights keeps.
    pub keep: f32,
    /// Share of the dense layer's units that are silenced.
    pub dropout: f32,
}

/// A network that learns.
#[derive(Debug)]
pub struct Learner {
    pub(crate) shape: Shape,
    pub(crate) weights: Vec<f32>,
    pub(crate) optimiser: AdamW,
    seed: u64,
    layout: Layout,
    decays: Vec<f32>,
    gradient: Vec<f32>,
    by_slice: Vec<Vec<f32>>,
    passes: Passes,
}

impl Learner {
    /// A network of first weights drawn from `seed`.
    #[must_use]
    pub fn new(shape: Shape, seed: u64) -> Self {
        let weights = Layout::new(&shape).initial(&mut random::stream(seed, 0));
        Self::with(shape, weights, seed)
    }

    /// A network that goes on from `weights`.
    pub(crate) fn with(shape: Shape, weights: Vec<f32>, seed: u64) -> Self {
        let layout = Layout::new(&shape);
        let (decays, optimiser) = (layout.decays(), AdamW::new(&weights));
        let gradient = vec![0.0; weights.len()];
        let (by_slice, passes) = (Vec::new(), Passes::default());
        Self { shape, weights, optimiser, seed, layout, decays, gradient, by_slice, passes }
    }

    /// Learns from a batch of (example, draw); gives the mean loss.
    pub fn step(&mut self, batch: &[Draw], objective: &impl Objective, schedule: Schedule) -> f64 {
        let loss = self.gradient(batch, objective, schedule.dropout);
        let length = self.gradient.par_chunks(CHUNK).map(squares).collect::<Vec<_>>().iter().sum::<f64>().sqrt();
        let factor = if length > LONGEST_GRADIENT { (LONGEST_GRADIENT / length) as f32 } else { 1.0 };
        // Early on the mean must not hang on the first weights.
        let grown = (1.0 + self.optimiser.steps as f32) / (10.0 + self.optimiser.steps as f32);
        let step = Step {
            learning_rate: schedule.learning_rate,
            weight_decay: schedule.weight_decay,
            keep: schedule.keep.min(grown),
            factor,
        };
        self.optimiser.step(&mut self.weights, &self.gradient, &self.decays, step);
        loss
    }

    /// Puts the mean loss's derivatives by the weights into `self.gradient`.
    pub(crate) fn gradient(&mut self, batch: &[Draw], objective: &impl Objective, dropout: f32) -> f64 {
        let slices = batch.len().div_ceil(SLICE);
        self.by_slice.resize_with(slices.max(self.by_slice.len()), || vec![0.0; self.weights.len()]);
        let rotated = rotated_kernels(&self.layout, &self.weights);
        let mut by_slice = std::mem::take(&mut self.by_slice);
        let slice = Slice { learner: &*self, rotated: &rotated, share: 1.0 / batch.len() as f32, dropout };
        let parts = by_slice.par_iter_mut().zip(batch.par_chunks(SLICE)).enumerate();
        let losses: Vec<f64> =
            parts.map(|(number, (out, examples))| slice.gradient(number, examples, objective, out)).collect();
        add_up(&by_slice[..slices], &mut self.gradient);
        self.by_slice = by_slice;
        losses.iter().sum::<f64>() / batch.len() as f64
    }

    /// The derivatives that the last call of [`Learner::gradient`] gave.
    #[cfg(test)]
    pub(crate) fn last_gradient(&self) -> &[f32] {
        &self.gradient
    }

    /// The network of the weights' running mean; its blocks normalise by what `examples` give under these weights.
    #[must_use]
    pub fn finish(&self, examples: &[Draw], objective: &impl Objective) -> Network {
        let (layout, weights) = (&self.layout, &self.optimiser.mean);
        let whole = examples.len() - examples.len() % SLICE;
        let examples = if whole == 0 { examples } else { &examples[..whole] };
        let slices = examples.par_chunks(SLICE).map(|examples| {
            self.passes.with(layout, SLICE, true, |pass| {
                prepare(layout, pass, examples, &self.shape, objective);
                forward(layout, weights, Affine::Own, examples.len(), pass);
                head::forward(layout, weights, Affine::Own, examples.len(), pass);
                pass.moments.clone()
            })
        });
        let slices: Vec<Vec<Moments>> = slices.collect();
        let moments = if layout.normalise { mean_moments(layout, &slices) } else { Vec::new() };
        Network::new(self.shape.clone(), weights.clone(), moments)
    }
}

/// What the slices of one step have in common.
struct Slice<'a> {
    learner: &'a Learner,
    rotated: &'a [Vec<f32>],
    /// Of each example in the mean loss.
    share: f32,
    dropout: f32,
}

impl Slice<'_> {
    /// The sum of the examples' losses, and into `out` its derivatives by the weights, as far as they count.
    fn gradient(&self, number: usize, examples: &[Draw], objective: &impl Objective, out: &mut [f32]) -> f64 {
        let Learner { layout, weights, shape, seed, optimiser, .. } = self.learner;
        let stream = ((optimiser.steps as u64 + 1) << 16) + number as u64;
        self.learner.passes.with(layout, SLICE, true, |pass| {
            if let Some(back) = &mut pass.back {
                head::draw_gates(self.dropout, &mut random::stream(*seed, stream), &mut back.gates);
            }
            prepare(layout, pass, examples, shape, objective);
            forward(layout, weights, Affine::Own, examples.len(), pass);
            head::forward(layout, weights, Affine::Own, examples.len(), pass);
            let loss = losses(layout, pass, examples, self.share, objective);
            head::backward(layout, weights, examples.len(), pass, out);
            backward(layout, weights, self.rotated, examples.len(), pass, out);
            loss
        })
    }
}

fn prepare(layout: &Layout, pass: &mut Pass, examples: &[Draw], shape: &Shape, objective: &impl Objective) {
    let mut pixels = vec![0.0; shape.pixels()];
    for (image, (example, draw)) in examples.iter().enumerate() {
        objective.prepare(*example, *draw, &mut pixels);
        place(layout, pass, image, &pixels);
    }
}

/// The sum of the losses; leaves their derivatives times `share` in the pass.
fn losses(layout: &Layout, pass: &mut Pass, examples: &[Draw], share: f32, objective: &impl Objective) -> f64 {
    let size = layout.head.steps * layout.head.outputs;
    let Some(back) = &mut pass.back else { return 0.0 };
    let mut sum = 0.0;
    let answers = pass.logits.chunks_exact(size).zip(back.by_logits.chunks_exact_mut(size));
    for ((example, _), (logits, slopes)) in examples.iter().zip(answers) {
        sum += objective.loss(*example, logits, slopes);
        slopes.iter_mut().for_each(|slope| *slope *= share);
    }
    sum
}

/// Always in the order of the slices.
fn add_up(slices: &[Vec<f32>], sum: &mut [f32]) {
    sum.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, sum)| {
        let range: Range<usize> = chunk * CHUNK..chunk * CHUNK + sum.len();
        vectorised(
            #[inline(always)]
            || {
                sum.fill(0.0);
                for slice in slices {
                    sum.iter_mut().zip(&slice[range.clone()]).for_each(|(sum, part)| *sum += part);
                }
            },
        );
    });
}

fn squares(values: &[f32]) -> f64 {
    values.iter().map(|value| f64::from(*value).powi(2)).sum()
}

fn mean_moments(layout: &Layout, slices: &[Vec<Moments>]) -> Vec<Moments> {
    let share = 1.0 / slices.len().max(1) as f32;
    let mean = layout.normalised().enumerate().map(|(number, channels)| {
        let mut sum = Moments { mean: vec![0.0; channels], variance: vec![0.0; channels] };
        for slice in slices {
            let part = &slice[number];
            sum.mean.iter_mut().zip(&part.mean).for_each(|(sum, part)| *sum += part * share);
            sum.variance.iter_mut().zip(&part.variance).for_each(|(sum, part)| *sum += part * share);
        }
        sum
    });
    mean.collect()
}
