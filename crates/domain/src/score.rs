//! Bins of scores: what distributions are kept in, so that figures cost the same however many predictions there are.

/// Bins of a probability: fiftieths, the first and the last of them cut finer, because the scores of what is rare all
/// lie there.
pub const PROBABILITY_BINS: i64 = 60;

/// Where the first fiftieth is cut; the last one is its mirror image.
const FINE: [f64; 5] = [0.0005, 0.001, 0.002, 0.005, 0.01];
/// Bins of the first fiftieth.
const FIRST: i64 = FINE.len() as i64 + 1;

/// Bins of a value for each doubling: one is 4.4 % wide.
const EACH_OCTAVE: f64 = 16.0;
/// Values nearer to 0 than 2^-20 are in the bin of 0.
const SMALLEST: f64 = -20.0;
/// Values from 2^60 on share a bin.
const LARGEST: i64 = 80 * EACH_OCTAVE as i64;

/// The bin of a score: of a probability, or of a regression's value.
#[must_use]
pub fn bin(score: f64, is_probability: bool) -> i64 {
    if is_probability { probability_bin(score) } else { value_bin(score) }
}

/// Where a bin begins and ends.
#[must_use]
pub fn bounds(bin: i64, is_probability: bool) -> (f64, f64) {
    let edge = if is_probability { probability_edge } else { value_edge };
    (edge(bin), edge(bin + 1))
}

/// 0 to 59, in the order of the scores.
fn probability_bin(score: f64) -> i64 {
    let below = |score: f64| FINE.partition_point(|edge| *edge <= score) as i64;
    match (score * 50.0) as i64 {
        ..=0 => below(score),
        fiftieth @ 1..=48 => FIRST - 1 + fiftieth,
        _ => PROBABILITY_BINS - 1 - FINE.partition_point(|edge| *edge < 1.0 - score) as i64,
    }
}

fn probability_edge(bin: i64) -> f64 {
    let last = PROBABILITY_BINS - FIRST;
    match bin {
        ..=0 => 0.0,
        fine if fine < FIRST => FINE[fine as usize - 1],
        middle if middle <= last => (middle - FIRST + 1) as f64 / 50.0,
        high if high < PROBABILITY_BINS => 1.0 - FINE[(PROBABILITY_BINS - 1 - high) as usize],
        _ => 1.0,
    }
}

/// Negative below 0, in the order of the values.
fn value_bin(value: f64) -> i64 {
    let octaves = value.abs().log2() - SMALLEST;
    let place = if octaves > 0.0 { ((octaves * EACH_OCTAVE) as i64 + 1).min(LARGEST) } else { 0 };
    if value < 0.0 { -place } else { place }
}

fn value_edge(bin: i64) -> f64 {
    let size = |steps: i64| (steps as f64 / EACH_OCTAVE + SMALLEST).exp2();
    if bin > 0 { size(bin - 1) } else { -size(-bin) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_score_lies_within_the_bounds_of_its_bin() {
        let probabilities = [0.0, 0.0004, 0.0005, 0.003, 0.0199, 0.02, 0.021, 0.5, 0.97, 0.985, 0.9996, 1.0];
        let values = [-1e30, -220.5, -1.0, -1e-9, 0.0, 1e-9, 0.3, 1.0, 219.0, 221.0];
        for (is_probability, scores) in [(true, &probabilities[..]), (false, &values[..])] {
            let bins: Vec<i64> = scores.iter().map(|score| bin(*score, is_probability)).collect();
            assert!(bins.is_sorted(), "{bins:?}");
            for (score, bin) in scores.iter().zip(bins).filter(|(score, _)| score.abs() < 1e18) {
                let (low, high) = bounds(bin, is_probability);
                assert!(low - 1e-12 <= *score && *score <= high + 1e-12, "{score} is in {bin}: {low} to {high}");
            }
        }
    }

    #[test]
    fn bins_of_probabilities_leave_no_gap_and_have_an_end() {
        let edges: Vec<f64> = (0..=PROBABILITY_BINS).map(probability_edge).collect();
        assert!(edges.is_sorted_by(|a, b| a < b), "{edges:?}");
        assert_eq!((edges[0], edges[6], edges[54], edges[60]), (0.0, 0.02, 0.98, 1.0));
        assert_eq!((bin(0.0, true), bin(1.0, true), bin(-0.1, true), bin(1.1, true)), (0, 59, 0, 59));
        assert_eq!((bin(f64::MAX, false), bin(f64::MIN, false)), (LARGEST, -LARGEST));
    }
}
