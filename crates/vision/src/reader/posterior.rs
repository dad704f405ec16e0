//! How sure each character of a sequence is, against all others in its place.

use crate::network::{Ctc, log_add};

/// Logarithm of the probability that a character must reach somewhere to be thought of as another's rival.
const UNLIKELY: f64 = -9.0;

/// For each character of `text`: the probability of the text over that of all texts which differ from it in this
/// character alone. `columns` are log probabilities, columns × outputs.
pub(crate) fn character_confidences(columns: &[f64], outputs: usize, text: &[usize]) -> Vec<f64> {
    let sums = Ctc::new(columns, outputs, text);
    let (forward, backward) = (sums.forward(), sums.backward());
    let rivals: Vec<usize> =
        (1..outputs).filter(|output| columns.chunks_exact(outputs).any(|column| column[*output] > UNLIKELY)).collect();
    let confidence = |place: usize| {
        let likelihood = |output| replaced(columns, outputs, text, (&forward, &backward), place, output);
        let own = likelihood(text[place]);
        let others = rivals.iter().filter(|rival| **rival != text[place]).map(|rival| likelihood(*rival));
        (own - others.fold(own, log_add)).exp()
    };
    (0..text.len()).map(confidence).collect()
}

/// Logarithm of the probability of `text` with `output` in `place`, from the ways of `text` itself: those up to the
/// states before this character and from the states behind it are the same.
fn replaced(
    columns: &[f64],
    outputs: usize,
    text: &[usize],
    (forward, backward): (&[f64], &[f64]),
    place: usize,
    output: usize,
) -> f64 {
    let (states, state) = (2 * text.len() + 1, 2 * place + 1);
    let after_other = place > 0 && text[place - 1] != output;
    let before_other = place + 1 < text.len() && text[place + 1] != output;
    let count = columns.len() / outputs;
    let (mut inside, mut sum) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
    for column in 0..count {
        let mut entering = if column == 0 && place == 0 { 0.0 } else { f64::NEG_INFINITY };
        if column > 0 {
            let before = &forward[(column - 1) * states..column * states];
            entering = before[state - 1];
            if after_other {
                entering = log_add(entering, before[state - 2]);
            }
        }
        inside = log_add(inside, entering) + columns[column * outputs + output];
        let mut leaving = f64::NEG_INFINITY;
        if column + 1 < count {
            let (after, answers) = (&backward[(column + 1) * states..], &columns[(column + 1) * outputs..]);
            leaving = after[state + 1] + answers[crate::network::BLANK];
            if before_other {
                leaving = log_add(leaving, after[state + 2] + answers[text[place + 1]]);
            }
        } else if place + 1 == text.len() {
            leaving = 0.0;
        }
        sum = log_add(sum, inside + leaving);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::log_softmax;

    /// Against the likelihood of each text that differs in one character.
    #[test]
    fn a_character_is_weighed_against_all_others_in_its_place() {
        let (columns, outputs) = (7, 4);
        let logits: Vec<f32> = (0..columns * outputs).map(|at| (at as f32 * 2.3).sin() * 2.0).collect();
        let answers = log_softmax(&logits, outputs, 1.0);
        for text in [vec![1, 2, 3], vec![2, 2], vec![3], vec![1, 2, 1]] {
            let confidences = character_confidences(&answers, outputs, &text);
            for place in 0..text.len() {
                let likelihood = |output: usize| {
                    let mut other = text.clone();
                    other[place] = output;
                    Ctc::new(&answers, outputs, &other).log_likelihood().exp()
                };
                let sum: f64 = (1..outputs).map(likelihood).sum();
                let expected = likelihood(text[place]) / sum;
                assert!((confidences[place] - expected).abs() < 1e-9, "{text:?} {place}: {confidences:?} {expected}");
            }
        }
    }
}
