//! Exact Shapley values of a prediction, along the trees' own paths (Lundberg et al. 2018, "Consistent individualized
//! feature attribution for tree ensembles", algorithm 2).
//!
//! A feature that is left out splits a row over both children in proportion to their cover. Of all subsets of the features
//! met on a path, only the number of subsets of each size matters, so those numbers are carried down the tree.

use super::forest::{Cell, Forest, Link, MAX_DEPTH};
use crate::features::{Contributions, Unit};

/// One feature met on the way down.
#[derive(Clone, Copy, Debug, Default)]
struct Step {
    feature: u32,
    /// Share of rows that would come this way with the feature left out.
    zero: f64,
    /// 1 if the explained row comes this way, else 0.
    one: f64,
    /// Share of the subsets of as many features as the step's position that come this way.
    weight: f64,
}

/// The steps from the root to a node; each feature occurs once. Position 0 belongs to no feature.
#[derive(Clone, Copy)]
struct Path {
    steps: [Step; MAX_DEPTH as usize + 2],
    length: usize,
}

/// What one descent shares among all nodes.
struct Descent<'a> {
    forest: &'a Forest,
    cells: Vec<Cell>,
    output: usize,
    values: Vec<f64>,
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
        let mut descent = Descent { forest: self, cells: self.cells(row), output, values: vec![0.0; self.features()] };
        let mut base = 0.0;
        for (tree, &root) in self.roots.iter().enumerate() {
            if self.width > 1 || self.tree_output[tree] as usize == output {
                base += self.average(root, output);
                descent.visit(root, &mut Path::start());
            }
        }
        let scale = f64::from(self.scale());
        Contributions {
            base: (base * scale) as f32 + self.base[output],
            values: descent.values.into_iter().map(|value| (value * scale) as f32).collect(),
            unit: self.unit(),
        }
    }

    fn unit(&self) -> Unit {
        match self.link {
            Link::Logistic | Link::Softmax => Unit::LogOdds,
            Link::MeanProbability => Unit::Probability,
            Link::Identity | Link::MeanValue => Unit::Value,
        }
    }

    /// The value of the average row in the subtree at `at`.
    fn average(&self, at: u32, output: usize) -> f64 {
        let node = self.nodes[at as usize];
        if node.is_leaf() {
            return self.leaf_value(at, output);
        }
        let (left, right) = self.shares(node.left);
        left * self.average(node.left, output) + right * self.average(node.left + 1, output)
    }

    fn leaf_value(&self, leaf: u32, output: usize) -> f64 {
        let within = if self.width > 1 { output } else { 0 };
        f64::from(self.values[self.leaves[leaf as usize] as usize * self.width + within])
    }

    /// Shares of the cover of a left child and its sibling; halves when neither saw a row.
    fn shares(&self, left: u32) -> (f64, f64) {
        let cover = |at: u32| f64::from(self.cover[at as usize]);
        let total = cover(left) + cover(left + 1);
        if total > 0.0 { (cover(left) / total, cover(left + 1) / total) } else { (0.5, 0.5) }
    }
}

impl Descent<'_> {
    fn visit(&mut self, at: u32, path: &mut Path) {
        let node = self.forest.nodes[at as usize];
        if node.is_leaf() {
            return self.credit(self.forest.leaf_value(at, self.output), path);
        }
        let (left, right) = self.forest.shares(node.left);
        let taken = node.goes_right(self.cells[node.feature as usize]);
        // a feature met again replaces its earlier step
        let (zero, one) = path.remove(node.feature);
        for (child, share) in [(0, left), (1, right)] {
            // nothing comes this way, with or without the feature
            let one = if child == taken { one } else { 0.0 };
            if share * zero > 0.0 || one > 0.0 {
                let mut below = *path;
                below.extend(node.feature, share * zero, one);
                self.visit(node.left + child, &mut below);
            }
        }
    }

    /// Credits a leaf's value to the features on its path.
    fn credit(&mut self, value: f64, path: &Path) {
        let elsewhere = path.without_one_elsewhere();
        for &Step { feature, zero, one, .. } in &path.steps[1..path.length] {
            let share = if one == 0.0 { -elsewhere } else { path.without(zero, one) * (one - zero) };
            self.values[feature as usize] += share * value;
        }
    }
}

impl Path {
    fn start() -> Self {
        let mut path = Self { steps: [Step::default(); MAX_DEPTH as usize + 2], length: 0 };
        path.extend(0, 1.0, 1.0);
        path
    }

    /// Adds a feature: subsets with it come this way `one` times, those without it `zero` times.
    fn extend(&mut self, feature: u32, zero: f64, one: f64) {
        let depth = self.length;
        self.steps[depth] = Step { feature, zero, one, weight: if depth == 0 { 1.0 } else { 0.0 } };
        let (zero, one) = (zero * INVERSE[depth + 1], one * INVERSE[depth + 1]);
        for size in (0..depth).rev() {
            let weight = self.steps[size].weight;
            self.steps[size + 1].weight += one * weight * (size + 1) as f64;
            self.steps[size].weight = zero * weight * (depth - size) as f64;
        }
        self.length += 1;
    }

    /// Takes `feature` off the path, if it is on it, and answers its (zero, one) shares, or (1, 1).
    fn remove(&mut self, feature: u32) -> (f64, f64) {
        let Some(position) = (1..self.length).find(|&at| self.steps[at].feature == feature) else { return (1.0, 1.0) };
        let Step { zero, one, .. } = self.steps[position];
        let mut weights = [0.0; MAX_DEPTH as usize + 2];
        self.unwind(zero, one, |size, weight| weights[size] = weight);
        self.steps.copy_within(position + 1..self.length, position);
        self.length -= 1;
        self.steps.iter_mut().zip(weights).take(self.length).for_each(|(step, weight)| step.weight = weight);
        (zero, one)
    }

    /// Sum of the weights that remain when a step with these shares is taken back.
    fn without(&self, zero: f64, one: f64) -> f64 {
        let mut sum = 0.0;
        self.unwind(zero, one, |_, weight| sum += weight);
        sum
    }

    /// [`Path::without`] a step whose feature leads elsewhere, times its share of those without the feature: that is the
    /// same for all such steps, of which most paths have many.
    fn without_one_elsewhere(&self) -> f64 {
        let mut sum = 0.0;
        self.unwind(1.0, 0.0, |_, weight| sum += weight);
        sum
    }

    /// The weight at each size as it would be had a step with these shares never been added: [`Path::extend`] backwards.
    fn unwind(&self, zero: f64, one: f64, mut keep: impl FnMut(usize, f64)) {
        let depth = self.length - 1;
        let sizes = (depth + 1) as f64;
        if one == 0.0 {
            let weight = |size: usize| self.steps[size].weight * sizes / ((depth - size) as f64 * zero);
            return (0..depth).for_each(|size| keep(size, weight(size)));
        }
        let (lost, gained) = (zero / sizes, sizes / one);
        let mut carried = self.steps[depth].weight;
        for size in (0..depth).rev() {
            let weight = carried * gained * INVERSE[size + 1];
            keep(size, weight);
            carried = self.steps[size].weight - weight * lost * (depth - size) as f64;
        }
    }
}

/// 1 ÷ n: a division takes several times as long as a product, and there are some at every leaf.
const INVERSE: [f64; MAX_DEPTH as usize + 3] = {
    let mut inverse = [0.0; MAX_DEPTH as usize + 3];
    let mut n = 1;
    while n < inverse.len() {
        inverse[n] = 1.0 / n as f64;
        n += 1;
    }
    inverse
};
