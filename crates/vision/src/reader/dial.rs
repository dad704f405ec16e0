//! The values of a dial: 0, one step, two steps, … round to 0 again.

use super::{CharacterConfidence, Readout};
use crate::network::log_softmax;

/// The text of each value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dial {
    texts: Vec<String>,
}

impl Dial {
    /// `values` steps of 10^−`decimals`, written with at least `length` characters.
    pub(crate) fn new(values: usize, decimals: usize, length: usize) -> Self {
        let step = 10_f64.powi(-(decimals as i32));
        let text = |value: usize| format!("{:0length$.decimals$}", value as f64 * step);
        Self { texts: (0..values).map(text).collect() }
    }

    pub(crate) fn texts(&self) -> &[String] {
        &self.texts
    }

    /// The likeliest value. A character is as likely as all values together that have it in its place.
    pub(crate) fn readout(&self, logits: &[f32], temperature: f64) -> Readout {
        let likelihoods: Vec<f64> =
            log_softmax(logits, self.texts.len(), temperature).into_iter().map(f64::exp).collect();
        let best = (0..likelihoods.len()).max_by(|a, b| likelihoods[*a].total_cmp(&likelihoods[*b])).unwrap_or(0);
        let text = &self.texts[best];
        let characters = text.chars().enumerate().map(|(place, character)| {
            let alike = self
                .texts
                .iter()
                .zip(&likelihoods)
                .filter(|(other, _)| other.len() == text.len() && other.chars().nth(place) == Some(character));
            let confidence = alike.map(|(_, likelihood)| likelihood).sum::<f64>().min(1.0);
            CharacterConfidence { character, confidence }
        });
        Readout { characters: characters.collect(), text: text.clone(), confidence: likelihoods[best].min(1.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_the_reading_wants_them() {
        assert_eq!(Dial::new(100, 1, 3).texts()[37], "3.7");
        assert_eq!(Dial::new(100, 1, 4).texts()[37], "03.7");
        assert_eq!(Dial::new(10, 0, 1).texts(), ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    }

    /// 3.7 has 0.5, 3.8 and 4.7 have 0.25: the 3 is as sure as 3.7 and 3.8 together.
    #[test]
    fn a_character_is_as_sure_as_all_values_that_have_it() {
        let dial = Dial::new(100, 1, 3);
        let mut logits = vec![-100.0_f32; 100];
        (logits[37], logits[38], logits[47]) = (0.5_f32.ln(), 0.25_f32.ln(), 0.25_f32.ln());
        let readout = dial.readout(&logits, 1.0);
        let sure: Vec<f64> = readout.characters.iter().map(|c| (c.confidence * 1e6).round() / 1e6).collect();
        assert_eq!((readout.text.as_str(), sure), ("3.7", vec![0.75, 1.0, 0.75]));
        assert!((readout.confidence - 0.5).abs() < 1e-6);
    }
}
