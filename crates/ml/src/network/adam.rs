//! AdamW: Adam with decay apart from the gradient (Loshchilov & Hutter, 2019, "Decoupled weight decay regularization").

use std::ops::Range;

const BETA1: f32 = 0.9;
const BETA2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/// State of the optimiser.
pub(crate) struct AdamW {
    first: Vec<f32>,
    second: Vec<f32>,
    steps: i32,
    learning_rate: f32,
    /// Factor on decaying weights at each step.
    shrink: f32,
    decaying: Vec<Range<usize>>,
}

impl AdamW {
    pub(crate) fn new(weights: usize, learning_rate: f32, weight_decay: f32, decaying: Vec<Range<usize>>) -> Self {
        let shrink = 1.0 - learning_rate * weight_decay;
        Self { first: vec![0.0; weights], second: vec![0.0; weights], steps: 0, learning_rate, shrink, decaying }
    }

    /// Moves `weights` against `gradient`.
    pub(crate) fn step(&mut self, weights: &mut [f32], gradient: &[f32]) {
        self.steps = self.steps.saturating_add(1);
        for range in &self.decaying {
            weights[range.clone()].iter_mut().for_each(|weight| *weight *= self.shrink);
        }
        let rate = self.learning_rate / (1.0 - BETA1.powi(self.steps));
        let correction = (1.0 - BETA2.powi(self.steps)).sqrt().recip();
        let moments = self.first.iter_mut().zip(&mut self.second);
        for ((weight, g), (first, second)) in weights.iter_mut().zip(gradient).zip(moments) {
            *first = BETA1 * *first + (1.0 - BETA1) * g;
            *second = BETA2 * *second + (1.0 - BETA2) * g * g;
            *weight -= rate * *first / (second.sqrt() * correction + EPSILON);
        }
    }
}

/// Shortens `gradient` to length `longest` if it is longer.
pub(crate) fn clip(gradient: &mut [f32], longest: f32) {
    let length = gradient.iter().map(|&g| f64::from(g).powi(2)).sum::<f64>().sqrt() as f32;
    if length > longest {
        gradient.iter_mut().for_each(|g| *g *= longest / length);
    }
}
