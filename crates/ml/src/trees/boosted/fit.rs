use rayon::prelude::*;

use super::{BoostedParameters, StopOn};
use crate::features::{Features, Target};
use crate::progress::{Report, report as tell};
use crate::trees::bins::{self, Binned, Cuts};
use crate::trees::forest::Forest;
use crate::trees::grown::Grown;
use crate::trees::growth::{Growth, Leaf, Lesson};
use crate::trees::histogram::Gradient;
use crate::trees::loss::Goal;
use crate::trees::{TrainError, checks, sampling};

/// Rows a thread takes at a time when scores are brought up to date.
const CHUNK: usize = 4096;

/// Rows kept out of training to measure it: features, target, weights.
pub type Validation<'a> = (&'a Features, &'a Target, Option<&'a [f32]>);

/// What boosting brought.
#[derive(Clone, Debug, PartialEq)]
pub struct BoostedFit {
    /// The trees of all rounds that ran; [`Forest::truncated`] to `rounds` leaves those of the best.
    pub forest: Forest,
    /// The best number of rounds on validation data when stopping early, else all.
    pub rounds: usize,
    /// The validation figure after each round that ran; empty without validation data.
    pub history: Vec<f64>,
}

/// Rows with their running scores.
struct Scored<'a> {
    goal: Goal<'a>,
    weights: Vec<f32>,
    /// The largest weight.
    heaviest: f32,
    /// Whether every weight is 1.
    unweighted: bool,
    binned: Binned,
    /// `rows × outputs`.
    scores: Vec<f32>,
}

/// Boosts trees on `x` and `y`, in the current thread pool.
///
/// The same data, parameters and seed give the same forest, bit for bit, for any number of threads. `validation` is scored
/// after each round; with `rounds_without_improvement` set it decides when to stop. Infinite feature values count as very
/// large ones, `NaN` as missing.
///
/// # Errors
/// [`TrainError::Cancelled`] when `report` breaks; else what is wrong with the parameters or the data.
pub fn fit(
    x: &Features,
    y: &Target,
    weights: Option<&[f32]>,
    validation: Option<Validation<'_>>,
    parameters: &BoostedParameters,
    seed: u64,
    report: Report<'_>,
) -> Result<BoostedFit, TrainError> {
    parameters.validate()?;
    let weights = checks::weights(x, y, weights, parameters.positive_weight)?;
    checks::several_classes(y, &weights)?;
    let leaves = parameters.max_leaves.map_or(x.rows, |leaves| x.rows.min(leaves as usize));
    checks::nodes(parameters.rounds as usize * y.outputs(), parameters.max_depth, leaves)?;
    tell(report, 0.0, "binning features")?;
    let cuts = bins::cuts(x, parameters.max_bins as usize);
    let goal = goal(y);
    let base = goal.base(&weights);
    let train = Scored::new(x, y, weights, &cuts, &base);
    let held_out = validation.map(|held_out| self::held_out(held_out, x, y, parameters, &cuts, &base)).transpose()?;
    let forest = Forest::new(&cuts, base, 1, goal.link());
    Booster { parameters, cuts: &cuts, seed, train, held_out, forest, trees: Vec::new(), history: Vec::new() }
        .run(report)
}

fn goal(y: &Target) -> Goal<'_> {
    match y {
        Target::Classes { labels, classes: 2 } => Goal::Binary(labels),
        Target::Classes { labels, classes } => Goal::Classes { labels, classes: *classes as usize },
        Target::Values(values) => Goal::Values(values),
    }
}

fn held_out<'a>(
    (x, y, weights): Validation<'a>,
    train: &Features,
    train_y: &Target,
    parameters: &BoostedParameters,
    cuts: &[Cuts],
    base: &[f32],
) -> Result<Scored<'a>, TrainError> {
    let same_task = std::mem::discriminant(y) == std::mem::discriminant(train_y) && y.outputs() == train_y.outputs();
    if x.columns.len() != train.columns.len() || !same_task {
        return Err(TrainError::invalid("validation", "must have the features and the task of the training data"));
    }
    let weights = checks::weights(x, y, weights, parameters.positive_weight)?;
    Ok(Scored::new(x, y, weights, cuts, base))
}

impl<'a> Scored<'a> {
    fn new(x: &Features, y: &'a Target, weights: Vec<f32>, cuts: &[Cuts], base: &[f32]) -> Self {
        let heaviest = weights.iter().copied().fold(0.0, f32::max);
        let unweighted = weights.iter().all(|&weight| weight == 1.0);
        Self { goal: goal(y), weights, heaviest, unweighted, binned: Binned::of(x, cuts), scores: base.repeat(x.rows) }
    }

    /// Weight of `rows` together.
    fn cover(&self, rows: &[u32]) -> f32 {
        if self.unweighted {
            return rows.len() as f32;
        }
        rows.iter().map(|&row| f64::from(self.weights[row as usize])).sum::<f64>() as f32
    }

    /// Adds a tree's leaves to the scores of all rows.
    fn add(&mut self, tree: &Grown, output: usize) {
        let (outputs, binned) = (self.goal.outputs(), &self.binned);
        self.scores.par_chunks_mut(outputs * CHUNK).enumerate().for_each(|(chunk, scores)| {
            for (row, scores) in (chunk * CHUNK..).zip(scores.chunks_mut(outputs)) {
                scores[output] += tree.lookup(|feature| binned.code(row, feature))[0];
            }
        });
    }
}

struct Booster<'a> {
    parameters: &'a BoostedParameters,
    cuts: &'a [Cuts],
    seed: u64,
    train: Scored<'a>,
    held_out: Option<Scored<'a>>,
    forest: Forest,
    trees: Vec<Grown>,
    history: Vec<f64>,
}

impl Booster<'_> {
    fn run(mut self, report: Report<'_>) -> Result<BoostedFit, TrainError> {
        let binned = self.train.binned.clone();
        let mut growth = Growth::new(&binned, self.cuts, self.parameters.rules(), self.parameters.limits());
        let mut predictions = self.train.scores.clone();
        let mut gradients = vec![Gradient::default(); binned.rows];
        for round in 0..self.parameters.rounds as usize {
            self.train.goal.predict(&self.train.scores, &mut predictions);
            for output in 0..self.forest.outputs() {
                let Scored { goal, weights, heaviest, .. } = &self.train;
                goal.gradients(&predictions, weights, *heaviest, output, &mut gradients);
                self.add_tree(&mut growth, &gradients, output);
            }
            self.measure();
            let share = (round + 1) as f32 / self.parameters.rounds as f32;
            tell(report, share, &self.line(round + 1))?;
            if self.is_stalled() {
                break;
            }
        }
        Ok(self.finish())
    }

    fn add_tree(&mut self, growth: &mut Growth<'_>, gradients: &[Gradient], output: usize) {
        let mut rng = sampling::generator(self.seed, self.trees.len() as u64);
        let (rows, features) = (self.train.weights.len(), self.cuts.len());
        let sampled = sampling::portion(rows, self.parameters.row_share);
        growth.rows.clear();
        match sampled == rows {
            true => growth.rows.extend(0..rows as u32),
            false => growth.rows.extend(sampling::choose(&mut rng, rows, sampled)),
        }
        let columns = sampling::choose(&mut rng, features, sampling::portion(features, self.parameters.column_share));
        let (mut tree, leaves) = growth.grow(&Lesson { gradients, columns: &columns }, &mut rng);
        for leaf in &leaves {
            let value = growth.rules.leaf_value(leaf.sums) as f32 * self.parameters.learning_rate;
            tree.settle(leaf.node, &[value], self.train.cover(&growth.rows[leaf.rows.clone()]));
        }
        tree.sum_covers();
        if sampled == rows {
            self.add_leaves(&tree, &leaves, &growth.rows, output);
        } else {
            self.train.add(&tree, output);
        }
        if let Some(held_out) = &mut self.held_out {
            held_out.add(&tree, output);
        }
        self.trees.push(tree);
    }

    /// Adds the leaves' values to the rows they hold, without walking the tree.
    fn add_leaves(&mut self, tree: &Grown, leaves: &[Leaf], rows: &[u32], output: usize) {
        let outputs = self.forest.outputs();
        for leaf in leaves {
            let value = tree.leaf(&tree.nodes[leaf.node as usize])[0];
            for &row in &rows[leaf.rows.clone()] {
                self.train.scores[row as usize * outputs + output] += value;
            }
        }
    }

    fn measure(&mut self) {
        let Some(held_out) = &self.held_out else { return };
        let figure = match self.parameters.stop_on {
            StopOn::AveragePrecision if self.is_binary() => {
                held_out.goal.average_precision(&held_out.scores, &held_out.weights)
            }
            _ => held_out.goal.loss(&held_out.scores, &held_out.weights),
        };
        self.history.push(figure);
    }

    fn is_binary(&self) -> bool {
        matches!(self.train.goal, Goal::Binary(_))
    }

    fn line(&self, round: usize) -> String {
        let round = format!("round {round} of {}", self.parameters.rounds);
        match self.history.last() {
            Some(figure) => format!("{round}, validation {} {figure:.5}", self.figure_name()),
            None => round,
        }
    }

    fn figure_name(&self) -> &'static str {
        match (&self.train.goal, self.parameters.stop_on) {
            (Goal::Binary(_), StopOn::AveragePrecision) => "average precision",
            (Goal::Values(_), _) => "squared error",
            _ => "log loss",
        }
    }

    /// The round with the best validation figure, counted from 1; the first of equals.
    fn best_round(&self) -> Option<usize> {
        let more_is_better = self.is_binary() && self.parameters.stop_on == StopOn::AveragePrecision;
        let better = |a: f64, b: f64| if more_is_better { a > b } else { a < b };
        let rounds = self.history.iter().copied().enumerate();
        let best = rounds.reduce(|best, next| if better(next.1, best.1) { next } else { best });
        best.map(|(round, _)| round + 1)
    }

    fn is_stalled(&self) -> bool {
        match (self.parameters.rounds_without_improvement, self.best_round()) {
            (Some(patience), Some(best)) => self.history.len() - best >= patience as usize,
            _ => false,
        }
    }

    fn finish(mut self) -> BoostedFit {
        let outputs = self.forest.outputs();
        let stopping = self.parameters.rounds_without_improvement.is_some();
        let rounds = self.best_round().filter(|_| stopping).unwrap_or(self.trees.len() / outputs);
        for (at, tree) in self.trees.iter().enumerate() {
            self.forest.push(tree, self.cuts, at % outputs);
        }
        BoostedFit { forest: self.forest, rounds, history: self.history }
    }
}
