//! Exact Shapley values of a prediction, where a feature that is left out splits a row over both children in proportion to
//! their cover (Lundberg et al. 2018, "Consistent individualized feature attribution for tree ensembles").
//!
//! A leaf gives its value times a factor for each feature on its path: `one` if the feature is known, which is 1 where the
//! row comes this way and else 0, and `zero` if it is not, a share of the cover. If each feature is known with probability
//! `t`, the leaf gives its value times the product of all `t · one + (1 - t) · zero`; the Shapley value of a feature is the
//! integral over `t` from 0 to 1 of what knowing it changes (Owen 1972, "Multilinear extensions of games"). The products
//! are polynomials of `t`, so that a few points integrate them exactly, and all leaves below a split share its factor, so
//! that one walk over the nodes is enough (Yu et al. 2022, "Linear TreeShap").

use std::array::from_fn;
use std::f64::consts::PI;

use super::forest::{Cell, Forest, Link};
use crate::features::{Contributions, Unit};

/// Figures at each of the points.
type Points<const N: usize> = [f64; N];

/// What one walk over the nodes has to do with.
struct Walk<'a, const N: usize> {
    forest: &'a Forest,
    cells: Vec<Cell>,
    output: usize,
    /// Where the polynomials are looked at, and how much each place counts.
    points: Points<N>,
    weights: Points<N>,
    /// The factor that each feature has on the way to the present node.
    factors: Vec<Factor>,
    values: Vec<f64>,
}

/// What a feature contributes to the products below a node.
#[derive(Clone, Copy, Debug)]
struct Factor {
    /// Share of rows that would come this way with the feature left out.
    zero: f64,
    /// 1 if the explained row comes this way, else 0.
    one: f64,
}

/// A subtree.
struct Below<const N: usize> {
    /// The value of its average row.
    mean: f64,
    /// The products of all its leaves, times their values.
    sum: Points<N>,
}

impl Forest {
    /// How much each feature of `row` moved the score of `output` away from that of the average training row.
    ///
    /// Base and values add up to [`Forest::score_row`]: log-odds for boosted classifiers (of several classes: the class's
    /// score before normalisation), a probability for random forests, the value for regression.
    ///
    /// # Panics
    /// When `row` is shorter than [`Forest::features`] or there is no such output.
    #[must_use]
    pub fn contributions(&self, row: &[f32], output: usize) -> Contributions {
        assert!(output < self.outputs(), "output {output} of {}", self.outputs());
        // n points are exact for 2n features on one path.
        match self.features().min(self.depth()) {
            0..=8 => self.integrate::<4>(row, output),
            9..=16 => self.integrate::<8>(row, output),
            17..=32 => self.integrate::<16>(row, output),
            _ => self.integrate::<32>(row, output),
        }
    }

    fn integrate<const N: usize>(&self, row: &[f32], output: usize) -> Contributions {
        let (points, weights) = quadrature();
        let mut walk = Walk::<N> {
            forest: self,
            cells: self.cells(row),
            output,
            points,
            weights,
            factors: vec![Factor { zero: 1.0, one: 1.0 }; self.features()],
            values: vec![0.0; self.features()],
        };
        let mut base = 0.0;
        for (tree, &root) in self.roots.iter().enumerate() {
            if self.width > 1 || self.tree_output[tree] as usize == output {
                base += walk.visit(root, [1.0; N]).mean;
            }
        }
        let scale = f64::from(self.scale());
        Contributions {
            base: (base * scale) as f32 + self.base[output],
            values: walk.values.into_iter().map(|value| (value * scale) as f32).collect(),
            unit: self.unit(),
        }
    }

    /// Splits on the longest path.
    fn depth(&self) -> usize {
        let mut levels = vec![0_u8; self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate().filter(|(_, node)| !node.is_leaf()) {
            let below = levels[at] + 1;
            levels[node.left as usize..][..2].fill(below);
        }
        levels.into_iter().max().unwrap_or(0).into()
    }

    fn unit(&self) -> Unit {
        match self.link {
            Link::Logistic | Link::Softmax => Unit::LogOdds,
            Link::MeanProbability => Unit::Probability,
            Link::Identity | Link::MeanValue => Unit::Value,
        }
    }

    fn leaf_value(&self, leaf: u32, output: usize) -> f64 {
        let within = if self.width > 1 { output } else { 0 };
        f64::from(self.values[self.leaves[leaf as usize] as usize * self.width + within])
    }

    /// Shares of the cover of a left child and its sibling; halves when neither saw a row.
    fn shares(&self, left: u32) -> [f64; 2] {
        let cover = |at: u32| f64::from(self.cover[at as usize]);
        let total = cover(left) + cover(left + 1);
        if total > 0.0 { [cover(left) / total, cover(left + 1) / total] } else { [0.5, 0.5] }
    }
}

impl<const N: usize> Walk<'_, N> {
    /// `product` is that of all features on the way to `at`.
    fn visit(&mut self, at: u32, product: Points<N>) -> Below<N> {
        let node = self.forest.nodes[at as usize];
        if node.is_leaf() {
            let mean = self.forest.leaf_value(at, self.output);
            return Below { mean, sum: product.map(|factor| factor * mean) };
        }
        let feature = node.feature as usize;
        let above = self.factors[feature];
        let without_above = self.inverse(above);
        let taken = node.goes_right(self.cells[feature]);
        let mut both = Below { mean: 0.0, sum: [0.0; N] };
        for (child, share) in (0..).zip(self.forest.shares(node.left)) {
            // a feature met again has one factor, which replaces the earlier one
            let factor = Factor { zero: above.zero * share, one: if child == taken { above.one } else { 0.0 } };
            if factor.zero == 0.0 && factor.one == 0.0 {
                continue;
            }
            let without = self.inverse(factor);
            let product = from_fn(|at| product[at] * without_above[at] / without[at]);
            self.factors[feature] = factor;
            let below = self.visit(node.left + child, product);
            // the split above that had the feature will count these leaves by its own factor
            self.values[feature] += factor.gain() * self.integral(&below.sum, &without)
                - above.gain() * self.integral(&below.sum, &without_above);
            both.mean += share * below.mean;
            both.sum.iter_mut().zip(below.sum).for_each(|(sum, below)| *sum += below);
        }
        self.factors[feature] = above;
        both
    }

    /// What takes a factor out of a product.
    fn inverse(&self, Factor { zero, one }: Factor) -> Points<N> {
        self.points.map(|t| 1.0 / (t * one + (1.0 - t) * zero))
    }

    fn integral(&self, sum: &Points<N>, without: &Points<N>) -> f64 {
        (0..N).map(|at| self.weights[at] * sum[at] * without[at]).sum()
    }
}

impl Factor {
    /// What knowing the feature changes.
    fn gain(self) -> f64 {
        self.one - self.zero
    }
}

/// Points and weights of Gauss and Legendre on 0 to 1: exact for polynomials of a degree below 2 `N`.
fn quadrature<const N: usize>() -> (Points<N>, Points<N>) {
    let n = N as f64;
    let root = |at: usize| {
        // Newton's method from a guess that is close to the root
        let (mut x, mut slope) = ((PI * (at as f64 + 0.75) / (n + 0.5)).cos(), 1.0);
        for _ in 0..10 {
            let (mut before, mut value) = (0.0, 1.0);
            for degree in 0..N {
                let k = degree as f64;
                (before, value) = (value, ((2.0 * k + 1.0) * x * value - k * before) / (k + 1.0));
            }
            slope = n * (x * value - before) / (x * x - 1.0);
            x -= value / slope;
        }
        (x, 1.0 / ((1.0 - x * x) * slope * slope))
    };
    let roots: [(f64, f64); N] = from_fn(root);
    (roots.map(|(x, _)| (x + 1.0) / 2.0), roots.map(|(_, weight)| weight))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<const N: usize>() {
        let (points, weights) = quadrature::<N>();
        for power in 0..2 * N as i32 {
            let integral: f64 = points.iter().zip(weights).map(|(t, weight)| weight * t.powi(power)).sum();
            let exact = 1.0 / f64::from(power + 1);
            assert!((integral - exact).abs() < 1e-13, "{N} points, power {power}: {integral}");
        }
    }

    #[test]
    fn polynomials_are_integrated_exactly() {
        check::<4>();
        check::<8>();
        check::<16>();
        check::<32>();
    }
}
