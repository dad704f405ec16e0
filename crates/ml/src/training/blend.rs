//! Several learners answering together, if that is better than the best of them.
//!
//! Greedy selection with replacement on out-of-fold predictions (Caruana et al., ICML 2004): how often a learner was chosen is its
//! weight.

use super::crossvalidation::{Validated, merit};
use super::data::Data;
use super::objective::{Score, mean_and_deviation, score};
use super::recipe::Learner;

/// Choices made; weights are multiples of the reciprocal.
const STEPS: usize = 12;
/// Different learners at most: each of them costs time in every request.
const MOST: usize = 3;
/// A blend must gain this many standard errors of the folds' gains.
const NOISE: f64 = 0.5;
/// A blend must gain this share of what there is to gain.
const LEAST: f64 = 1e-3;
/// A network must gain this much more: it answers more slowly than trees.
const NETWORK_LEAST: f64 = 3e-3;

/// Chosen candidates (positions) with their weights, adding up to 1, the largest first.
///
/// The search starts from the even mean of the best few, if it is no worse than the best alone: which of several nearly
/// equal learners came out first is luck, and their mean does not depend on it (Caruana et al. 2006 call it sorted
/// initialisation).
pub(crate) fn choose(data: &Data, candidates: &[&Validated]) -> Vec<(usize, f32)> {
    let Some(best) = best(candidates) else { return Vec::new() };
    let alone = &candidates[best].scores;
    let room = if merit(alone) >= 0.0 { 1.0 - merit(alone) } else { -merit(alone) };
    let gain = |chosen: &Greedy| merit(&chosen.scores) - merit(alone);
    let plain = from_few(data, candidates);
    let with_network = Greedy::new(data, candidates, vec![best]).improved(data, candidates, |_| true);
    if gain(&with_network) > gain(&plain).max(0.0) + NETWORK_LEAST * room {
        return with_network.weights();
    }
    let enough = (LEAST * room).max(NOISE * standard_error(&plain.scores, alone));
    if plain.even && gain(&plain) >= 0.0 || gain(&plain) > enough { plain.weights() } else { vec![(best, 1.0)] }
}

/// The best mix without a network.
fn from_few(data: &Data, candidates: &[&Validated]) -> Greedy {
    let mut order: Vec<usize> = (0..candidates.len()).filter(|&at| !is_network(candidates[at])).collect();
    order.sort_by(|&a, &b| candidates[b].merit().total_cmp(&candidates[a].merit()));
    let first = Greedy::new(data, candidates, order.iter().copied().take(1).collect());
    let few = Greedy::new(data, candidates, order.into_iter().take(MOST).collect());
    let even = merit(&few.scores) >= merit(&first.scores);
    let mixed = if even { few } else { first }.improved(data, candidates, |at| !is_network(candidates[at]));
    Greedy { even, ..mixed }
}

/// Position of the candidate with the highest merit, the first of equals.
pub(crate) fn best(candidates: &[&Validated]) -> Option<usize> {
    (0..candidates.len()).reduce(|best, at| if candidates[at].merit() > candidates[best].merit() { at } else { best })
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

/// A mix as it is being put together.
#[derive(Clone)]
struct Greedy {
    /// Candidates, each as often as it was chosen.
    chosen: Vec<usize>,
    scores: Vec<Option<Score>>,
    /// Whether it began as the even mean of the best few.
    even: bool,
}

impl Greedy {
    fn new(data: &Data, candidates: &[&Validated], chosen: Vec<usize>) -> Self {
        let scores = scores(data, &mixed(candidates, &weights(&chosen)));
        Self { chosen, scores, even: false }
    }

    fn weights(&self) -> Vec<(usize, f32)> {
        weights(&self.chosen)
    }

    /// The best mix on a greedy walk from this one.
    fn improved(self, data: &Data, candidates: &[&Validated], allowed: impl Fn(usize) -> bool) -> Self {
        let mut reached = self.clone();
        let mut current = self;
        for _ in 0..STEPS {
            let different = current.weights().len();
            let open = |at: &usize| allowed(*at) && (different < MOST || current.chosen.contains(at));
            let further = |at: usize| current.chosen.iter().copied().chain([at]).collect();
            let tries = (0..candidates.len()).filter(open).map(|at| Self::new(data, candidates, further(at)));
            let Some(next) = tries.reduce(|a, b| if merit(&b.scores) > merit(&a.scores) { b } else { a }) else {
                break;
            };
            current = next;
            if merit(&current.scores) > merit(&reached.scores) {
                reached = current.clone();
            }
        }
        reached
    }
}

fn weights(chosen: &[usize]) -> Vec<(usize, f32)> {
    let mut counts: Vec<(usize, usize)> = Vec::new();
    for &at in chosen {
        match counts.iter_mut().find(|(known, _)| *known == at) {
            Some((_, count)) => *count += 1,
            None => counts.push((at, 1)),
        }
    }
    counts.sort_by_key(|&(at, count)| (std::cmp::Reverse(count), at));
    counts.into_iter().map(|(at, count)| (at, count as f32 / chosen.len() as f32)).collect()
}

fn is_network(candidate: &Validated) -> bool {
    matches!(candidate.recipe.learner, Learner::Network(_))
}

/// Standard error of the mean gain over the folds.
fn standard_error(ours: &[Option<Score>], theirs: &[Option<Score>]) -> f64 {
    let gain = |(ours, theirs): (&Option<Score>, &Option<Score>)| Some(ours.as_ref()?.merit - theirs.as_ref()?.merit);
    let gains: Vec<f64> = ours.iter().zip(theirs).filter_map(gain).collect();
    mean_and_deviation(&gains).1 / (gains.len().max(1) as f64).sqrt()
}
