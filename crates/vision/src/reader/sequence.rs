//! From answers for each column to a text: prefix beam search (Hannun et al. 2014), within the rules of the reading.

use std::collections::BTreeMap;

use domain::reading::Reading;

use super::posterior::character_confidences;
use super::{CharacterConfidence, Readout};
use crate::network::{BLANK, Ctc, log_add, log_softmax};

/// Texts that are followed at once.
const BEAM: usize = 8;
/// Logarithm of the probability below which a character is not tried in a column.
const UNLIKELY: f64 = -9.0;

/// The likeliest text of those followed that keeps the rules, or the likeliest at all.
pub(crate) fn readout(reading: &Reading, alphabet: &[char], logits: &[f32], temperature: f64) -> Readout {
    let outputs = alphabet.len() + 1;
    let columns = log_softmax(logits, outputs, temperature);
    let texts = search(&columns, outputs, reading.max_length);
    let written = |text: &[usize]| text.iter().map(|output| alphabet[output - 1]).collect::<String>();
    let lawful = texts.iter().find(|text| reading.problem(&written(text)).is_none());
    let Some(text) = lawful.or_else(|| texts.first()) else {
        return Readout { text: String::new(), confidence: 0.0, characters: Vec::new() };
    };
    let confidence = Ctc::new(&columns, outputs, text).log_likelihood().exp().min(1.0);
    let confidences = character_confidences(&columns, outputs, text);
    let characters = text.iter().zip(confidences);
    let characters =
        characters.map(|(output, confidence)| CharacterConfidence { character: alphabet[output - 1], confidence });
    Readout { text: written(text), confidence, characters: characters.collect() }
}

/// Logarithms of the probability of a text's ways that end in a blank, and of those that end in its last character.
#[derive(Clone, Copy)]
struct Ways {
    blank: f64,
    character: f64,
}

impl Ways {
    const NONE: Self = Self { blank: f64::NEG_INFINITY, character: f64::NEG_INFINITY };

    fn all(self) -> f64 {
        log_add(self.blank, self.character)
    }
}

/// Texts of at most `longest` outputs, the likeliest first.
fn search(columns: &[f64], outputs: usize, longest: usize) -> Vec<Vec<usize>> {
    let mut beam = vec![(Vec::new(), Ways { blank: 0.0, character: f64::NEG_INFINITY })];
    for column in columns.chunks_exact(outputs) {
        // In the order of the texts, so that ties always fall the same way.
        let mut next: BTreeMap<Vec<usize>, Ways> = BTreeMap::new();
        for (text, ways) in &beam {
            let same = next.entry(text.clone()).or_insert(Ways::NONE);
            same.blank = log_add(same.blank, ways.all() + column[BLANK]);
            if let Some(&last) = text.last() {
                same.character = log_add(same.character, ways.character + column[last]);
            }
            if text.len() < longest {
                extend(text, *ways, column, &mut next);
            }
        }
        beam = next.into_iter().collect();
        beam.sort_by(|a, b| b.1.all().total_cmp(&a.1.all()));
        beam.truncate(BEAM);
    }
    beam.into_iter().map(|(text, _)| text).collect()
}

fn extend(text: &[usize], ways: Ways, column: &[f64], next: &mut BTreeMap<Vec<usize>, Ways>) {
    for (output, &likelihood) in column.iter().enumerate().skip(1).filter(|(_, likelihood)| **likelihood > UNLIKELY) {
        // The same character again is a new one only behind a blank.
        let before = if text.last() == Some(&output) { ways.blank } else { ways.all() };
        let mut longer = text.to_vec();
        longer.push(output);
        let longer = next.entry(longer).or_insert(Ways::NONE);
        longer.character = log_add(longer.character, before + likelihood);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Logits that make `outputs` likely, column by column.
    fn columns(outputs: &[usize], count: usize) -> Vec<f32> {
        outputs.iter().flat_map(|likely| (0..count).map(move |o| if o == *likely { 5.0 } else { 0.0 })).collect()
    }

    #[test]
    fn repeats_are_one_character_unless_a_blank_lies_between() {
        let reading = Reading::new("ab", 1, 8);
        let read = |outputs: &[usize]| readout(&reading, &['a', 'b'], &columns(outputs, 3), 1.0);
        assert_eq!(read(&[1, 1, 0, 2, 2]).text, "ab");
        let double = read(&[1, 0, 1, 0, 2]);
        assert_eq!(double.text, "aab");
        assert!(double.confidence > 0.8 && double.characters.iter().all(|c| c.confidence > double.confidence));
    }

    #[test]
    fn the_rules_of_the_reading_are_kept_where_they_can_be() {
        let reading = Reading::new("ab", 3, 3);
        // A blank in the middle is only just less likely than a character.
        let mut logits = columns(&[1, 2, 0, 1, 0], 3);
        logits[6..9].copy_from_slice(&[1.0, 0.5, 0.9]);
        assert_eq!(readout(&reading, &['a', 'b'], &logits, 1.0).text, "aba");
        let two = Reading::new("ab", 1, 2);
        assert_eq!(readout(&two, &['a', 'b'], &logits, 1.0).text.len(), 2);
    }

    /// Beam and likelihood against all texts: the best one is found.
    #[test]
    fn the_likeliest_text_is_found() {
        let reading = Reading::new("ab", 1, 4);
        let logits: Vec<f32> = (0..12).map(|at| (at as f32 * 1.9).sin() * 2.0).collect();
        let answers = log_softmax(&logits, 3, 1.0);
        let mut texts = vec![vec![]];
        for length in 0..4 {
            let longer: Vec<Vec<usize>> = texts.iter().filter(|t: &&Vec<usize>| t.len() == length).cloned().collect();
            texts.extend(longer.iter().flat_map(|t| [1, 2].map(|o| [t.clone(), vec![o]].concat())));
        }
        let likelihood = |text: &Vec<usize>| Ctc::new(&answers, 3, text).log_likelihood();
        let best = texts.iter().skip(1).max_by(|a, b| likelihood(a).total_cmp(&likelihood(b))).unwrap();
        let text: String = best.iter().map(|o| ['-', 'a', 'b'][*o]).collect();
        let found = readout(&reading, &['a', 'b'], &logits, 1.0);
        assert_eq!(found.text, text);
        assert!((found.confidence - likelihood(best).exp()).abs() < 1e-12);
    }
}
