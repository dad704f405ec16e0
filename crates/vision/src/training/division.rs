//! Which examples are learnt from, and which confidences are calibrated on.

use std::collections::{BTreeMap, HashSet};

use super::{Example, TrainError};
use crate::network::{shuffle, stream};

/// Share of the examples on which confidences are calibrated.
const CALIBRATION: f64 = 0.05;
/// More would not make them better.
const MOST_CALIBRATION: usize = 1000;
/// Fewer would make them worse than none.
const LEAST_CALIBRATION: usize = 20;
const LEAST_LEARNT: usize = 2;
const STREAM: u64 = 1;

/// Positions of examples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Division {
    pub(super) learnt: Vec<usize>,
    pub(super) calibrated: Vec<usize>,
    pub(super) held_back: Vec<usize>,
}

impl Division {
    /// Of what is not held back, about a twentieth is for calibration. Where texts mostly differ, as on plates, a text is
    /// never on both sides: the same plate from two cameras would be known by heart.
    pub(super) fn new(examples: &[Example<'_>], held_back: &[usize], seed: u64) -> Result<Self, TrainError> {
        let held: HashSet<usize> = held_back.iter().copied().filter(|index| *index < examples.len()).collect();
        let rest: Vec<usize> = (0..examples.len()).filter(|index| !held.contains(index)).collect();
        if rest.len() < LEAST_LEARNT {
            return Err(TrainError::TooFew(rest.len()));
        }
        let wanted = ((rest.len() as f64 * CALIBRATION) as usize).min(MOST_CALIBRATION);
        let wanted = if wanted < LEAST_CALIBRATION { 0 } else { wanted };
        let calibrated = drawn(examples, &rest, wanted, seed);
        let learnt = rest.into_iter().filter(|index| !calibrated.contains(index)).collect();
        let mut held_back: Vec<usize> = held.into_iter().collect();
        held_back.sort_unstable();
        let mut calibrated: Vec<usize> = calibrated.into_iter().collect();
        calibrated.sort_unstable();
        Ok(Self { learnt, calibrated, held_back })
    }
}

fn drawn(examples: &[Example<'_>], rest: &[usize], wanted: usize, seed: u64) -> HashSet<usize> {
    let mut by_text: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    rest.iter().for_each(|index| by_text.entry(examples[*index].text).or_default().push(*index));
    let mut groups: Vec<Vec<usize>> = if by_text.len() * 2 > rest.len() {
        by_text.into_values().collect()
    } else {
        rest.iter().map(|index| vec![*index]).collect()
    };
    shuffle(&mut stream(seed, STREAM), &mut groups);
    let mut calibrated = HashSet::new();
    for group in groups {
        if calibrated.len() + group.len() <= wanted {
            calibrated.extend(group);
        }
    }
    calibrated
}
