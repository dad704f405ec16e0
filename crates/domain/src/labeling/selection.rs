//! Active learning: which readings to ask people about, so that the next version learns most from few answers.

use std::collections::{BTreeMap, HashSet};

use super::agreement::edit_distance;
use crate::ids::PredictionId;

/// How sure a reading counts that does not say how sure it is.
const UNSAID: f64 = 0.5;

/// A reading that could be asked about.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Which.
    pub prediction: PredictionId,
    /// SHA-256 of its image.
    pub image: String,
    /// Which meter or camera it came from; empty if nobody said.
    pub source: String,
    /// What was read.
    pub text: String,
    /// How sure the model is, if it says so.
    pub confidence: Option<f64>,
    /// What the model sees in the image, as a point; empty if it does not say.
    pub embedding: Vec<f32>,
}

impl Candidate {
    fn doubt(&self) -> f64 {
        1.0 - self.confidence.filter(|confidence| confidence.is_finite()).unwrap_or(UNSAID).clamp(0.0, 1.0)
    }
}

/// What was chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selected {
    /// Places in the pool, in the order of choice.
    pub chosen: Vec<usize>,
    /// What somebody who asked should know: that the pool is empty, or too small, or does not say how sure it is.
    pub notes: Vec<String>,
}

/// Chooses up to `count` readings of `pool` that the model doubts and that differ from each other.
///
/// The first is the most doubtful; each next one has the largest product of its doubt and its distance to the nearest
/// one chosen (farthest-first traversal: Gonzalez, 1985). No source gives more than its even part while others have
/// some left; no image is chosen twice. Of equals the first in the pool wins, so the same pool gives the same choice.
#[must_use]
pub fn select(pool: &[Candidate], count: usize) -> Selected {
    let mut choice = Choice::new(pool, count);
    while choice.chosen.len() < count {
        let Some(next) = choice.best(true).or_else(|| choice.best(false)) else { break };
        choice.take(next);
    }
    Selected { notes: notes(pool, count, choice.chosen.len()), chosen: choice.chosen }
}

struct Choice<'a> {
    pool: &'a [Candidate],
    chosen: Vec<usize>,
    /// Distance of each candidate to the nearest one chosen.
    nearest: Vec<f64>,
    images: HashSet<&'a str>,
    of_source: BTreeMap<&'a str, usize>,
    /// How many one source may give before the others have given theirs.
    even_part: usize,
}

impl<'a> Choice<'a> {
    fn new(pool: &'a [Candidate], count: usize) -> Self {
        let sources: HashSet<&str> = pool.iter().map(|candidate| candidate.source.as_str()).collect();
        Self {
            pool,
            chosen: Vec::new(),
            nearest: vec![1.0; pool.len()],
            images: HashSet::new(),
            of_source: BTreeMap::new(),
            even_part: count.div_ceil(sources.len().max(1)),
        }
    }

    /// The best candidate that is left, among the sources that have not given their part if `evenly`.
    fn best(&self, evenly: bool) -> Option<usize> {
        let is_left = |place: &usize| {
            let candidate = &self.pool[*place];
            let given = self.of_source.get(candidate.source.as_str()).copied().unwrap_or(0);
            !self.images.contains(candidate.image.as_str()) && (!evenly || given < self.even_part)
        };
        let worth = |place: usize| self.pool[place].doubt() * self.nearest[place];
        let first = |best: Option<(usize, f64)>, place: usize| match best {
            Some((_, most)) if most >= worth(place) => best,
            _ => Some((place, worth(place))),
        };
        (0..self.pool.len()).filter(is_left).fold(None, first).map(|(place, _)| place)
    }

    fn take(&mut self, place: usize) {
        let taken = &self.pool[place];
        self.images.insert(&taken.image);
        *self.of_source.entry(&taken.source).or_default() += 1;
        self.chosen.push(place);
        for (candidate, nearest) in self.pool.iter().zip(&mut self.nearest) {
            *nearest = nearest.min(distance(candidate, taken));
        }
    }
}

/// 0 for the same, up to 1: by the angle between what the model sees; where it does not say, by source and text.
fn distance(a: &Candidate, b: &Candidate) -> f64 {
    if !a.embedding.is_empty() && a.embedding.len() == b.embedding.len() {
        return (1.0 - cosine(&a.embedding, &b.embedding)) / 2.0;
    }
    let longest = a.text.chars().count().max(b.text.chars().count()).max(1);
    let by_text = edit_distance(&a.text, &b.text) as f64 / longest as f64;
    // Two readings that look alike to us are still two images: neither is worth nothing beside the other.
    0.1 + 0.5 * by_text + 0.4 * f64::from(u8::from(a.source != b.source))
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    let lengths = (dot(a, a) * dot(b, b)).sqrt();
    if lengths > 0.0 { (dot(a, b) / lengths).clamp(-1.0, 1.0) } else { 0.0 }
}

fn notes(pool: &[Candidate], count: usize, chosen: usize) -> Vec<String> {
    let mut notes = Vec::new();
    if pool.is_empty() {
        notes.push(String::from("there is no reading that nobody has labelled or been asked about"));
    } else if chosen < count {
        notes.push(format!("only {chosen} different images are there to choose from"));
    }
    let unsaid = pool.iter().filter(|candidate| candidate.confidence.is_none()).count();
    if unsaid > 0 {
        notes
            .push(format!("{unsaid} of {} readings do not say how sure they are; they count as half sure", pool.len()));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    fn candidate(number: u8, confidence: f64, source: &str, text: &str) -> Candidate {
        Candidate {
            prediction: PredictionId::new(Timestamp(0), [number; 10]),
            image: format!("image-{number}"),
            source: source.to_owned(),
            text: text.to_owned(),
            confidence: Some(confidence),
            embedding: Vec::new(),
        }
    }

    fn seen(number: u8, confidence: f64, embedding: [f32; 2]) -> Candidate {
        Candidate { embedding: embedding.to_vec(), ..candidate(number, confidence, "a", "1") }
    }

    #[test]
    fn doubt_chooses_first_and_distance_after_it() {
        let pool =
            [seen(0, 0.5, [1.0, 0.0]), seen(1, 0.4, [1.0, 0.0]), seen(2, 0.6, [0.0, 1.0]), seen(3, 0.99, [-1.0, 0.0])];
        // 1 is the most doubtful; 0 sees the same as 1; 2: 0.4 · 0.5 = 0.2, 3: 0.01 · 1
        assert_eq!(select(&pool, 3).chosen, [1, 2, 3]);
        assert_eq!(select(&pool, 4).chosen, [1, 2, 3, 0]);
    }

    #[test]
    fn without_what_the_model_sees_texts_and_sources_tell_apart() {
        let pool = [
            candidate(0, 0.1, "a", "1111"),
            candidate(1, 0.1, "a", "1111"),
            candidate(2, 0.2, "a", "9999"),
            candidate(3, 0.2, "a", "1112"),
        ];
        assert_eq!(select(&pool, 2).chosen, [0, 2]);
    }

    #[test]
    fn sources_give_evenly_as_long_as_they_can() {
        let mut pool: Vec<Candidate> = (0..8).map(|i| candidate(i, 0.01, "a", &i.to_string())).collect();
        pool.push(candidate(8, 0.9, "b", "8"));
        pool.push(candidate(9, 0.9, "c", "9"));
        let chosen = select(&pool, 6).chosen;
        assert!(chosen.contains(&8) && chosen.contains(&9), "{chosen:?}");
        assert_eq!(chosen.len(), 6, "what b and c do not have comes from a");
    }

    #[test]
    fn no_image_is_chosen_twice() {
        let first = candidate(0, 0.1, "a", "1");
        let pool = [first.clone(), Candidate { image: first.image, ..candidate(1, 0.1, "b", "2") }];
        let selected = select(&pool, 5);
        assert_eq!(selected.chosen, [0]);
        assert_eq!(selected.notes, ["only 1 different images are there to choose from"]);
    }

    #[test]
    fn what_is_missing_is_said() {
        assert_eq!(select(&[], 5).notes.len(), 1);
        let mut pool = [candidate(0, 0.4, "a", "1"), candidate(1, 0.9, "a", "2")];
        pool[1].confidence = None;
        let selected = select(&pool, 1);
        assert_eq!(selected.chosen, [0], "0.6 of doubt before the 0.5 of one that does not say");
        assert_eq!(selected.notes, ["1 of 2 readings do not say how sure they are; they count as half sure"]);
    }
}
