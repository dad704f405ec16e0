//! Examples as the network learns them.

use super::augment::{appearance, placement};
use crate::network::{Ctc, Objective, log_softmax, stream};
use crate::picture::Picture;
use crate::reader::{Placement, View};

/// Random streams of the distortions, one for each example and draw.
const STREAMS: u64 = 1 << 40;
/// The draw that shows pictures as they are.
pub(super) const PLAIN: u64 = u64::MAX;

/// Sheets and targets by example.
pub(super) struct Lesson {
    pub(super) view: View,
    pub(super) sheets: Vec<Picture>,
    pub(super) goals: Goals,
    pub(super) distortion: f32,
    pub(super) seed: u64,
}

/// What is to be said.
pub(super) enum Goals {
    /// A value of a dial each, and how much of the label the values at distance 0, 1, 2, … share on either side.
    Dial { values: Vec<usize>, shares: Vec<f32> },
    /// The outputs of a text each, out of so many.
    Sequence { texts: Vec<Vec<usize>>, outputs: usize },
}

/// Shares of a label spread like a normal distribution of deviation `spread`; they add up to 1 round the circle.
pub(super) fn shares(spread: f32) -> Vec<f32> {
    let weight = |distance: usize| match distance {
        0 => 1.0,
        _ if spread <= 0.0 => 0.0,
        _ => (-0.5 * (distance as f32 / spread).powi(2)).exp(),
    };
    let weights: Vec<f32> = (0..8).map(weight).take_while(|weight| *weight > 1e-4).collect();
    let sum = 2.0 * weights.iter().sum::<f32>() - 1.0;
    weights.iter().map(|weight| weight / sum).collect()
}

impl Objective for Lesson {
    fn prepare(&self, example: usize, draw: u64, pixels: &mut [f32]) {
        let sheet = &self.sheets[example];
        if draw == PLAIN || self.distortion == 0.0 {
            self.view.render(sheet, &Placement::default(), pixels);
        } else {
            let rng = &mut stream(self.seed, STREAMS + (draw << 24) + example as u64);
            let placement = placement(&self.view, self.distortion, rng);
            self.view.render(sheet, &placement, pixels);
            appearance(&self.view, self.distortion, rng, pixels);
        }
        self.view.normalise(pixels);
    }

    fn loss(&self, example: usize, logits: &[f32], slopes: &mut [f32]) -> f64 {
        match &self.goals {
            Goals::Dial { values, shares } => dial_loss(logits, values[example], shares, slopes),
            Goals::Sequence { texts, outputs } => sequence_loss(logits, *outputs, &texts[example], slopes),
        }
    }
}

/// Cross entropy with the spread label.
fn dial_loss(logits: &[f32], value: usize, shares: &[f32], slopes: &mut [f32]) -> f64 {
    let count = logits.len();
    let answers = log_softmax(logits, count, 1.0);
    slopes.iter_mut().zip(&answers).for_each(|(slope, answer)| *slope = answer.exp() as f32);
    let mut loss = 0.0;
    let mut pull = |target: usize, share: f32| {
        slopes[target] -= share;
        loss -= f64::from(share) * answers[target];
    };
    for (distance, share) in shares.iter().enumerate() {
        pull((value + distance) % count, *share);
        if distance > 0 {
            pull((value + count - distance % count) % count, *share);
        }
    }
    loss
}

/// The loss of a text, by its length: long texts should not drown short ones. A text that does not fit teaches nothing.
fn sequence_loss(logits: &[f32], outputs: usize, text: &[usize], slopes: &mut [f32]) -> f64 {
    let answers = log_softmax(logits, outputs, 1.0);
    let loss = Ctc::new(&answers, outputs, text).loss(slopes);
    if !loss.is_finite() {
        return 0.0;
    }
    let share = 1.0 / text.len().max(1) as f32;
    slopes.iter_mut().for_each(|slope| *slope *= share);
    loss * f64::from(share)
}
