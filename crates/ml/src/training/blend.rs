//! Another learner than the plain one, or several answering together, if that is better by more than luck.
//!
//! Only even means of a few candidates are looked at: weights fitted to the folds would follow their noise, and equal ones
//! do nearly as well (Dawes, American Psychologist 1979; Caruana et al., ICML 2004, on overfitting of selection).

use super::crossvalidation::{Validated, gain};
use super::data::Data;
use super::objective::{Score, score};
use super::recipe::Learner;

/// Different learners at most: each of them costs time in every request.
const MOST: usize = 3;
/// A mix must gain this many standard errors of its gains over the folds: as the best of many, it is ahead by luck alone.
const LUCK: f64 = 2.0;
/// Each learner beside the first must gain this share of what there is to gain.
const LEAST: f64 = 5e-4;
/// A network must gain this much: it answers more slowly than trees.
const NETWORK_LEAST: f64 = 5e-3;

/// Chosen candidates (positions) with their weights, adding up to 1, the best first.
///
/// The first candidate is chosen unless others beat it by more than luck.
pub(crate) fn choose(data: &Data, candidates: &[&Validated]) -> Vec<(usize, f32)> {
    let Some(plain) = candidates.first() else { return Vec::new() };
    // areas end at 1, losses at 0
    let room = if plain.merit() >= 0.0 { 1.0 - plain.merit() } else { -plain.merit() };
    let (mut chosen, mut most) = (vec![0], 0.0);
    for mix in mixes(candidates.len()) {
        let (gain, error) = gain(&scores(data, &mixed(candidates, &even(&mix))), &plain.scores);
        let price: f64 = mix.iter().map(|&at| price(candidates[at])).sum();
        let worth = gain - room * price;
        if gain > LUCK * error && worth > most {
            (chosen, most) = (mix, worth);
        }
    }
    chosen.sort_by(|&a, &b| candidates[b].merit().total_cmp(&candidates[a].merit()));
    even(&chosen)
}

/// Every choice of one to [`MOST`] out of `count`.
fn mixes(count: usize) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = (0..count).map(|at| vec![at]).collect();
    let mut from = 0;
    for _ in 1..MOST {
        let longer = all[from..].iter().flat_map(|mix| {
            let next = mix[mix.len() - 1] + 1;
            (next..count).map(|at| mix.iter().copied().chain([at]).collect())
        });
        let longer: Vec<Vec<usize>> = longer.collect();
        from = all.len();
        all.extend(longer);
    }
    all
}

fn even(mix: &[usize]) -> Vec<(usize, f32)> {
    mix.iter().map(|&at| (at, 1.0 / mix.len() as f32)).collect()
}

/// What a learner must gain, as a share of what there is to gain.
fn price(candidate: &Validated) -> f64 {
    if matches!(candidate.recipe.learner, Learner::Network(_)) { NETWORK_LEAST } else { LEAST }
}

/// Margins of each fold under the given weights.
pub(crate) fn mixed(candidates: &[&Validated], weights: &[(usize, f32)]) -> Vec<Vec<f64>> {
    let Some(&(first, _)) = weights.first() else { return Vec::new() };
    let mut sums: Vec<Vec<f64>> = candidates[first].margins.iter().map(|fold| vec![0.0; fold.len()]).collect();
    for &(at, weight) in weights {
        for (sum, margins) in sums.iter_mut().zip(&candidates[at].margins) {
            sum.iter_mut().zip(margins).for_each(|(sum, margin)| *sum += f64::from(weight) * margin);
        }
    }
    sums
}

/// Scores of each fold.
pub(crate) fn scores(data: &Data, margins: &[Vec<f64>]) -> Vec<Option<Score>> {
    let fold = |(fold, margins): (&crate::measure::Fold, &Vec<f64>)| {
        score(data.task, data.headline, margins, &data.target.select(&fold.validation))
    };
    data.folds.iter().zip(margins).map(fold).collect()
}
