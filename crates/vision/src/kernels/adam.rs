//! AdamW in place: one pass over weights, gradients and moments (Loshchilov & Hutter 2019, "Decoupled weight decay
//! regularization"), together with the running mean of the weights.

use rayon::prelude::*;

use super::vectorised;

const BETA1: f32 = 0.9;
const BETA2: f32 = 0.999;
const EPSILON: f32 = 1e-8;
/// Weights that one thread takes at once.
const CHUNK: usize = 1 << 14;

/// What changes from step to step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) learning_rate: f32,
    pub(crate) weight_decay: f32,
    /// Share of its past that the running mean keeps.
    pub(crate) keep: f32,
    /// Factor on the gradient.
    pub(crate) factor: f32,
}

/// Moments of the gradient, and the mean of the weights.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AdamW {
    pub(crate) first: Vec<f32>,
    pub(crate) second: Vec<f32>,
    /// Exponentially weighted mean of the weights (Polyak & Juditsky 1992).
    pub(crate) mean: Vec<f32>,
    pub(crate) steps: i32,
}

impl AdamW {
    pub(crate) fn new(weights: &[f32]) -> Self {
        let zeros = vec![0.0; weights.len()];
        Self { first: zeros.clone(), second: zeros, mean: weights.to_vec(), steps: 0 }
    }

    /// Moves `weights` against `gradient`; those where `decays` is 1 also towards 0.
    pub(crate) fn step(&mut self, weights: &mut [f32], gradient: &[f32], decays: &[f32], step: Step) {
        self.steps = self.steps.saturating_add(1);
        let rate = step.learning_rate / (1.0 - BETA1.powi(self.steps));
        let correction = (1.0 - BETA2.powi(self.steps)).sqrt().recip();
        let decay = step.learning_rate * step.weight_decay;
        let moments = self.first.par_chunks_mut(CHUNK).zip(self.second.par_chunks_mut(CHUNK));
        let weights = weights.par_chunks_mut(CHUNK).zip(self.mean.par_chunks_mut(CHUNK));
        let gradient = gradient.par_chunks(CHUNK).zip(decays.par_chunks(CHUNK));
        weights.zip(moments).zip(gradient).for_each(|(((weights, mean), (first, second)), (gradient, decays))| {
            vectorised(
                #[inline(always)]
                || {
                    let moments = first.iter_mut().zip(second);
                    let weights = weights.iter_mut().zip(mean);
                    let gradient = gradient.iter().zip(decays);
                    weights.zip(moments).zip(gradient).for_each(|(((weight, mean), (first, second)), (g, decays))| {
                        let g = g * step.factor;
                        *first = BETA1 * *first + (1.0 - BETA1) * g;
                        *second = BETA2 * *second + (1.0 - BETA2) * g * g;
                        let moved = *weight - decay * decays * *weight;
                        *weight = moved - rate * *first / (second.sqrt() * correction + EPSILON);
                        *mean = step.keep * *mean + (1.0 - step.keep) * *weight;
                    });
                },
            );
        });
    }
}
