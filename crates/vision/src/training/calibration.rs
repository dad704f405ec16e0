//! Confidences that mean what they say (Guo et al. 2017, "On calibration of modern neural networks").

use super::Example;
use crate::network::{Ctc, log_softmax};
use crate::picture::Picture;
use crate::reader::{Alphabet, Reader};

/// Range and precision of the temperature's logarithm.
const RANGE: (f64, f64) = (-2.0, 2.0);
const PRECISION: f64 = 1e-3;

/// The temperature under which the true texts of the examples at `rows` are likeliest; 1 without any.
pub(super) fn temperature(reader: &Reader, examples: &[Example<'_>], rows: &[usize]) -> f64 {
    if rows.is_empty() {
        return 1.0;
    }
    let pictures: Vec<&Picture> = rows.iter().map(|row| examples[*row].picture).collect();
    let logits = reader.answers(&pictures).logits;
    let outputs = reader.network.shape().outputs;
    let size = logits.len() / rows.len();
    let targets: Vec<Vec<usize>> =
        rows.iter().map(|row| reader.alphabet.target(examples[*row].text).unwrap_or_default()).collect();
    let loss = |logarithm: f64| -> f64 {
        let likelihood = |(logits, target): (&[f32], &Vec<usize>)| {
            let answers = log_softmax(logits, outputs, logarithm.exp());
            match reader.alphabet {
                Alphabet::Dial(_) => target.first().map_or(0.0, |value| answers[*value]),
                Alphabet::Sequence(_) => Ctc::new(&answers, outputs, target).log_likelihood(),
            }
        };
        let likelihoods = logits.chunks_exact(size).zip(&targets).map(likelihood);
        // A text that no alignment can give says nothing about the temperature.
        -likelihoods.filter(|likelihood| likelihood.is_finite()).sum::<f64>()
    };
    golden_section(loss).exp()
}

/// Where a function with one valley is lowest (Kiefer 1953).
fn golden_section(value: impl Fn(f64) -> f64) -> f64 {
    let ratio = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = RANGE;
    let (mut left, mut right) = (high - ratio * (high - low), low + ratio * (high - low));
    let (mut at_left, mut at_right) = (value(left), value(right));
    while high - low > PRECISION {
        if at_left <= at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - ratio * (high - low);
            at_left = value(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + ratio * (high - low);
            at_right = value(right);
        }
    }
    f64::midpoint(low, high)
}
