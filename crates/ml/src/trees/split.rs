//! The best way to part a node by one feature.

use super::bins::Cuts;
use super::grown::{BinSet, MISSING, Split};
use super::histogram::{Bins, Sums};
use super::split_categorical;

/// What a split is measured by and must satisfy.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rules {
    pub(super) lambda: f64,
    pub(super) alpha: f64,
    pub(super) gamma: f64,
    pub(super) min_child_weight: f64,
    pub(super) category_smoothing: f64,
    pub(super) category_lambda: f64,
    pub(super) min_category_weight: f64,
    pub(super) one_vs_rest: usize,
}

impl Rules {
    /// The slope after L1 shrinkage.
    pub(super) fn shrink(&self, slope: f64) -> f64 {
        if self.alpha == 0.0 { slope } else { slope.signum() * (slope.abs() - self.alpha).max(0.0) }
    }

    /// Twice the fall of the objective when a leaf with these sums takes its best value
    /// (Chen & Guestrin 2016, eq. 6, with L1).
    pub(super) fn score(&self, sums: Sums, lambda: f64) -> f64 {
        let (slope, weight) = (self.shrink(sums.slope), sums.curvature + lambda);
        if weight > 0.0 { slope * slope / weight } else { 0.0 }
    }

    /// The best value of a leaf (ibid., eq. 5).
    pub(super) fn leaf_value(&self, sums: Sums) -> f64 {
        let weight = sums.curvature + self.lambda;
        if weight > 0.0 { -self.shrink(sums.slope) / weight } else { 0.0 }
    }
}

/// A split with the sums it sends left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Candidate {
    pub(super) split: Split,
    pub(super) left: Sums,
}

/// One feature of one node.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    pub(super) feature: u32,
    pub(super) bins: &'a Bins,
    /// Sums of all rows of the node.
    pub(super) total: Sums,
    pub(super) rules: &'a Rules,
    /// L2 term in force.
    pub(super) lambda: f64,
}

impl Node<'_> {
    /// Sum of both sides' scores when `left` goes left, if both sides are heavy enough.
    #[inline(always)]
    pub(super) fn sides(&self, left: Sums) -> Option<f64> {
        let right = self.total - left;
        let lightest = left.curvature.min(right.curvature);
        if lightest <= 0.0 || lightest < self.rules.min_child_weight {
            return None;
        }
        let (slope_a, slope_b) = (self.rules.shrink(left.slope), self.rules.shrink(right.slope));
        let (weight_a, weight_b) = (left.curvature + self.lambda, right.curvature + self.lambda);
        // both quotients over one divisor: divisions are what this loop spends its time on
        Some((slope_a * slope_a * weight_b + slope_b * slope_b * weight_a) / (weight_a * weight_b))
    }

    /// The candidate for the bins in `left`, unless it gains too little. Bins without rows (`idle`) go to the heavier side.
    pub(super) fn candidate(&self, sides: f64, left: BinSet, sums: Sums, idle: BinSet) -> Option<Candidate> {
        let gain = sides - self.rules.score(self.total, self.lambda);
        // below this share of the score a gain is rounding noise
        if gain <= self.rules.gamma || gain <= sides * 1e-10 {
            return None;
        }
        let heavier = sums.curvature >= (self.total - sums).curvature;
        let left = if heavier { left.union(idle) } else { left };
        Some(Candidate { split: Split { feature: self.feature, left, gain }, left: sums })
    }
}

/// The best split of a node by a feature with `cuts`.
pub(super) fn best(node: Node<'_>, cuts: &Cuts) -> Option<Candidate> {
    match cuts {
        Cuts::Numeric(_) => best_threshold(node, cuts.bins()),
        Cuts::Categorical { .. } => split_categorical::best(node, cuts.bins()),
    }
}

fn best_threshold(node: Node<'_>, bins: usize) -> Option<Candidate> {
    let missing = node.bins[usize::from(MISSING)];
    let any_missing = missing.curvature > 0.0;
    // the last bin on the left leaves only missing values on the right
    let last = if any_missing { bins } else { bins - 1 };
    let (mut left, mut best) = (Sums::default(), None);
    let mut top = f64::NEG_INFINITY;
    for (bin, &sums) in node.bins[..last].iter().enumerate() {
        if sums.curvature == 0.0 {
            continue;
        }
        left += sums;
        for (with_missing, left) in
            [(false, left), (true, left + missing)].into_iter().take(1 + usize::from(any_missing))
        {
            if let Some(sides) = node.sides(left).filter(|&sides| sides > top) {
                top = sides;
                best = Some((bin as u8, with_missing, left));
            }
        }
    }
    let (bin, with_missing, sums) = best?;
    let mut left = BinSet::up_to(bin);
    let mut idle = BinSet::default();
    if with_missing {
        left.insert(MISSING);
    } else if !any_missing {
        idle.insert(MISSING);
    }
    node.candidate(top, left, sums, idle)
}

/// The better of two candidates; the earlier feature when they are equal, so that the order of finding does not matter.
pub(super) fn better(a: Option<Candidate>, b: Option<Candidate>) -> Option<Candidate> {
    match (&a, &b) {
        (Some(x), Some(y)) => {
            let first = (x.split.gain, y.split.feature) >= (y.split.gain, x.split.feature);
            if first { a } else { b }
        }
        (None, _) => b,
        (_, None) => a,
    }
}
