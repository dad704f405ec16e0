//! Are these scores still spread as those were? The two-sample test of Kolmogorov and Smirnov, on counts in bins.

use std::collections::{BTreeMap, BTreeSet};

/// How far two samples of scores lie apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KolmogorovSmirnov {
    /// Largest distance of the two distribution functions at the edges of bins: a lower bound of that of the scores
    /// themselves.
    pub distance: f64,
    /// An upper bound of it: within a bin one function may rise before the other does.
    pub at_most: f64,
    /// Chance of such a distance, or a larger one, if both were drawn alike.
    pub p_value: f64,
    /// The bin at whose upper edge they lie farthest apart.
    pub bin: i64,
    /// Whether the current scores lie higher there.
    pub higher: bool,
    /// Scores of the reference.
    pub reference: u64,
    /// Current scores.
    pub current: u64,
}

/// Compares counts by bin; `None` when one of the samples is empty.
///
/// The chance is that of Kolmogorov's limit distribution in Stephens' form for finite samples (Journal of the Royal
/// Statistical Society B 32, 1970), which is close from an effective size of 4 on. Bins can only hide a distance, and
/// equal scores make the test say "drift" less often than it may: both err on the side of silence.
#[must_use]
pub fn kolmogorov_smirnov(reference: &BTreeMap<i64, u64>, current: &BTreeMap<i64, u64>) -> Option<KolmogorovSmirnov> {
    let totals = (reference.values().sum::<u64>(), current.values().sum::<u64>());
    if totals.0 == 0 || totals.1 == 0 {
        return None;
    }
    let (n, m) = (totals.0 as f64, totals.1 as f64);
    let (mut was, mut is) = (0.0, 0.0);
    let (mut farthest, mut at_most, mut bin) = (0.0_f64, 0.0_f64, 0);
    for at in reference.keys().chain(current.keys()).collect::<BTreeSet<_>>() {
        let share = |counts: &BTreeMap<i64, u64>, total: f64| counts.get(at).map_or(0.0, |n| *n as f64 / total);
        let next = (was + share(reference, n), is + share(current, m));
        at_most = at_most.max(next.0 - is).max(next.1 - was);
        (was, is) = next;
        if (was - is).abs() > farthest.abs() {
            (farthest, bin) = (was - is, *at);
        }
    }
    let (distance, at_most) = (farthest.abs(), at_most.min(1.0));
    let p_value = chance(distance, n * m / (n + m));
    let higher = farthest > 0.0;
    Some(KolmogorovSmirnov { distance, at_most, p_value, bin, higher, reference: totals.0, current: totals.1 })
}

fn chance(distance: f64, effective: f64) -> f64 {
    let root = effective.sqrt();
    limit((root + 0.12 + 0.11 / root) * distance)
}

/// Chance that Kolmogorov's limit variable exceeds `x`: 2 Σ (−1)^(k−1) exp(−2 k² x²). Below 0.3 that is 1 to five
/// places, and the series is slow.
fn limit(x: f64) -> f64 {
    if x < 0.3 {
        return 1.0;
    }
    let term = |k: i32| f64::from(1 - 2 * ((k - 1) % 2)) * (-2.0 * f64::from(k * k) * x * x).exp();
    (2.0 * (1..=20).map(term).sum::<f64>()).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(counts: &[u64]) -> BTreeMap<i64, u64> {
        (0..).zip(counts.iter().copied()).collect()
    }

    /// From `scipy.special.kolmogorov`, scipy 1.17.
    #[test]
    fn the_limit_distribution_is_kolmogorovs() {
        for (x, expected) in [
            (0.3, 0.999_990_694_198_665_5),
            (0.5, 0.963_945_243_664_875_1),
            (1.0, 0.269_999_671_677_355_8),
            (1.2238, 0.100_023_427_835_677_82),
            (1.6276, 0.010_001_537_333_060_776),
            (3.0, 3.045_995_948_942_526e-8),
        ] {
            assert!((limit(x) - expected).abs() < 1e-12, "{x}: {}", limit(x));
        }
        assert_eq!((limit(0.0), limit(0.1)), (1.0, 1.0));
    }

    /// From `scipy.stats.ks_2samp(np.repeat(range(4), a), np.repeat(range(4), b), method="exact")`, scipy 1.17, whose
    /// chances are 0.0364, 0.4573 and 0.6681; `method="asymp"` says 0.0314, 0.4502 and 0.6134.
    #[test]
    fn distances_and_chances_are_those_of_scipy() {
        for (a, b, distance, exact, within) in [
            (&[40, 30, 20, 10], &[25, 25, 25, 25], 0.2, 0.036_384, 0.006),
            (&[400, 300, 200, 100], &[90, 70, 50, 40], 0.06, 0.457_293, 0.008),
            (&[5, 5, 5, 5], &[1, 2, 3, 6], 0.25, 0.668_094, 0.05),
        ] {
            let test = kolmogorov_smirnov(&counts(a), &counts(b)).unwrap();
            assert!((test.distance - distance).abs() < 1e-12, "{test:?}");
            assert!((test.p_value - exact).abs() < within, "{test:?}");
            assert!(test.higher && test.at_most >= test.distance);
        }
    }

    /// All scores of one bin, of which nobody knows where they lie within it.
    #[test]
    fn what_a_bin_may_hide_is_said() {
        let same = kolmogorov_smirnov(&counts(&[10]), &counts(&[20])).unwrap();
        assert_eq!((same.distance, same.at_most, same.p_value), (0.0, 1.0, 1.0));
        let apart = kolmogorov_smirnov(&counts(&[5, 5]), &BTreeMap::from([(7, 9)])).unwrap();
        assert_eq!((apart.distance, apart.at_most, apart.bin, apart.higher), (1.0, 1.0, 1, true));
        assert_eq!((apart.reference, apart.current), (10, 9));
        assert_eq!(kolmogorov_smirnov(&counts(&[]), &counts(&[3])), None);
    }
}
