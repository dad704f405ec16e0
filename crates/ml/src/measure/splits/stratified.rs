//! Shuffled parts with the same share of each class.

use super::{Holdout, SplitError};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

/// Holds back `share` of each class, at least one row of it when it has two.
pub(super) fn hold_out(all: &[usize], labels: Option<&[u32]>, share: f64, seed: u64) -> Result<Holdout, SplitError> {
    let strata = shuffled_strata(all, labels, seed);
    check(&strata, all, 2)?;
    let mut holdout = Holdout { development: Vec::new(), held_back: Vec::new() };
    for rows in strata.values() {
        let wanted = (share * rows.len() as f64).round() as usize;
        let held = if rows.len() < 2 { 0 } else { wanted.clamp(1, rows.len() - 1) };
        holdout.held_back.extend(rows[..held].iter().map(|&at| all[at]));
        holdout.development.extend(rows[held..].iter().map(|&at| all[at]));
    }
    holdout.development.sort_unstable();
    holdout.held_back.sort_unstable();
    Ok(holdout)
}

/// The part of each of `within`: every class is shuffled and dealt round, going on where the class before ended, so that
/// both classes and sizes are even to within one row.
pub(super) fn deal(
    within: &[usize],
    labels: Option<&[u32]>,
    parts: usize,
    seed: u64,
) -> Result<Vec<usize>, SplitError> {
    let strata = shuffled_strata(within, labels, seed);
    check(&strata, within, parts)?;
    let mut dealt = vec![0; within.len()];
    for (turn, &at) in strata.values().flatten().enumerate() {
        dealt[at] = turn % parts;
    }
    Ok(dealt)
}

/// Positions in `within` by class (one class when there are no labels), each shuffled.
fn shuffled_strata(within: &[usize], labels: Option<&[u32]>, seed: u64) -> BTreeMap<u32, Vec<usize>> {
    let mut strata: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (at, &row) in within.iter().enumerate() {
        strata.entry(labels.map_or(0, |labels| labels[row])).or_default().push(at);
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    strata.values_mut().for_each(|rows| rows.shuffle(&mut rng));
    strata
}

/// The two largest classes must reach every part; rarer ones (of many) go as far as they reach, for refusing a whole
/// data set over one rare class would help nobody.
fn check(strata: &BTreeMap<u32, Vec<usize>>, within: &[usize], parts: usize) -> Result<(), SplitError> {
    super::enough(within.len(), parts)?;
    let mut sizes: Vec<(usize, u32)> = strata.iter().map(|(&class, rows)| (rows.len(), class)).collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    match sizes.iter().take(2).find(|(rows, _)| *rows < parts) {
        Some(&(rows, class)) => Err(SplitError::TooFewOfClass { class, rows, needed: parts }),
        None => Ok(()),
    }
}
