//! The values of a dial: 0, one step, two steps, … round to 0 again.

use domain::reading::Number;

use super::{CharacterConfidence, Readout};
use crate::network::log_softmax;

/// What a step beside the truth counts for where it is within the tolerance, of what the truth counts for.
const NEARLY: f64 = 0.5;

/// The text of each value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dial {
    texts: Vec<String>,
    /// Of each neighbour in the choice of a value.
    nearly: f64,
}

impl Dial {
    /// `values` steps of the last digit that `number` has, written with at least `length` characters.
    pub(crate) fn new(values: usize, number: &Number, length: usize) -> Self {
        let decimals = number.decimals as usize;
        let step = 10_f64.powi(-(number.decimals as i32));
        let text = |value: usize| format!("{:0length$.decimals$}", value as f64 * step);
        let texts: Vec<String> = (0..values).map(text).collect();
        let tolerated = texts.len() > 1 && number.within_tolerance(&texts[0], &texts[1]);
        Self { texts, nearly: if tolerated { NEARLY } else { 0.0 } }
    }

    pub(crate) fn texts(&self) -> &[String] {
        &self.texts
    }

    /// The value that is expected to serve best. A character is as likely as all values together that have it in its place.
    ///
    /// `temperature` makes confidences right. It is not for the choice: on known meters, where it was found, it sharpens
    /// what the network says, and the neighbours would hardly count.
    pub(crate) fn readout(&self, logits: &[f32], temperature: f64) -> Readout {
        let likelihoods = |temperature: f64| -> Vec<f64> {
            log_softmax(logits, self.texts.len(), temperature).into_iter().map(f64::exp).collect()
        };
        let best = self.best(&likelihoods(1.0));
        let likelihoods = likelihoods(temperature);
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

    /// The likeliest value; with the likelihoods of its neighbours where they serve as well. Between two tenths a network
    /// hesitates, and more so on meters that it never saw: the middle of what it thinks of is then right more often than
    /// its peak.
    fn best(&self, likelihoods: &[f64]) -> usize {
        let count = likelihoods.len();
        let serves = |value: usize| {
            let beside = likelihoods[(value + 1) % count] + likelihoods[(value + count - 1) % count];
            likelihoods[value] + self.nearly * beside
        };
        (0..count).max_by(|a, b| serves(*a).total_cmp(&serves(*b))).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dial(values: usize, decimals: u32, tolerance: f64, length: usize) -> Dial {
        Dial::new(values, &Number { decimals, tolerance, wrap: Some(10.0), increasing: false }, length)
    }

    /// Logits under which these values have these likelihoods, and all others next to none.
    fn logits(likelihoods: &[(usize, f32)]) -> Vec<f32> {
        let mut logits = vec![-100.0_f32; 100];
        likelihoods.iter().for_each(|(value, likelihood)| logits[*value] = likelihood.ln());
        logits
    }

    #[test]
    fn values_are_written_as_the_reading_wants_them() {
        assert_eq!(dial(100, 1, 0.1, 3).texts()[37], "3.7");
        assert_eq!(dial(100, 1, 0.1, 4).texts()[37], "03.7");
        assert_eq!(dial(10, 0, 0.0, 1).texts(), ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    }

    /// 3.7 has 0.5, 3.8 and 4.7 have 0.25: the 3 is as sure as 3.7 and 3.8 together.
    #[test]
    fn a_character_is_as_sure_as_all_values_that_have_it() {
        let readout = dial(100, 1, 0.1, 3).readout(&logits(&[(37, 0.5), (38, 0.25), (47, 0.25)]), 1.0);
        let sure: Vec<f64> = readout.characters.iter().map(|c| (c.confidence * 1e6).round() / 1e6).collect();
        assert_eq!((readout.text.as_str(), sure), ("3.7", vec![0.75, 1.0, 0.75]));
        assert!((readout.confidence - 0.5).abs() < 1e-6);
    }

    /// 9.9 has 0.46, 0.0 has 0.3 and 0.1 has 0.24. Where a step serves, 0.0 counts 0.3 + (0.46 + 0.24) / 2 = 0.65 and 9.9
    /// only 0.46 + 0.3 / 2 = 0.61. A temperature of 0.2 changes its confidence, 0.3⁵ / (0.46⁵ + 0.3⁵ + 0.24⁵) = 0.102,
    /// and not the choice.
    #[test]
    fn the_middle_of_neighbours_is_read_where_a_step_is_tolerated() {
        let spread = logits(&[(99, 0.46), (0, 0.3), (1, 0.24)]);
        let read = |tolerance: f64, temperature: f64| {
            let readout = dial(100, 1, tolerance, 3).readout(&spread, temperature);
            (readout.text, (readout.confidence * 1e3).round())
        };
        assert_eq!(read(0.1, 1.0), (String::from("0.0"), 300.0));
        assert_eq!(read(0.1, 0.2), (String::from("0.0"), 102.0));
        assert_eq!(read(0.0, 1.0), (String::from("9.9"), 460.0));
    }
}
