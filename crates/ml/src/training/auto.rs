//! Looking for the best learners within a budget of work.
//!
//! First each kind of learner with settings that usually do well, then variants of boosted trees: each batch is tried on two
//! folds, and only its best go on to all folds (successive halving: Jamieson and Talwalkar, AISTATS 2016). In the end the
//! plain boosted trees, or what beats them by more than luck: another learner, or a blend.

use super::blend;
use super::cost;
use super::crossvalidation::{Validated, proceed, validate};
use super::data::Data;
use super::error::TrainError;
use super::recipe::{Learner, Recipe, View, default_boosted};
use super::search::{Chosen, Part, notes, standing};
use super::stage::Stage;
use super::variants::{self, Variants};
use crate::features::FeatureKind;
use crate::linear::LinearParameters;
use crate::network::NetworkParameters;

/// Share of the budget for cross-validation; the rest is for learning from all rows and for measuring.
const SEARCH: f64 = 0.7;
/// Share of the search that the network may take.
const NETWORK: f64 = 0.3;
/// Share of the search that random forests may take.
const FORESTS: f64 = 0.3;
/// Settings tried together.
const BATCH: usize = 4;
/// Folds on which a batch is tried.
const TRIAL_FOLDS: usize = 2;
/// Settings at most: beyond, the best is the luckiest.
const MOST_VARIANTS: usize = 40;
/// Variants of boosted trees that may take part.
const VARIANTS: usize = 2;
/// Rows of the second largest class (all rows of a regression) without which settings are not tuned: judged by fewer, the
/// best of many draws is the luckiest.
const TUNABLE: usize = 2_000;
/// Draws for one setting not tried yet.
const DRAWS: usize = 20;

/// Finds the learners of the model. `budget` is in seconds by [`cost`].
pub(crate) fn choose(data: &Data, budget: f64, seed: u64, stage: &mut Stage<'_>) -> Result<Chosen, TrainError> {
    let mut search = Search { data, seed, budget: budget * SEARCH, spent: 0.0, tried: Vec::new(), notes: notes(data) };
    search.plain(&mut stage.part(0.0, 0.4))?;
    search.tune(&mut stage.part(0.4, 0.95))?;
    stage.say(0.95, "looking for a blend")?;
    Ok(search.finish())
}

struct Search<'a> {
    data: &'a Data,
    seed: u64,
    budget: f64,
    spent: f64,
    tried: Vec<Validated>,
    notes: Vec<String>,
}

impl Search<'_> {
    /// Every kind of learner, as far as the budget goes.
    fn plain(&mut self, stage: &mut Stage<'_>) -> Result<(), TrainError> {
        let boosted = Recipe::new(Learner::Boosted(default_boosted()), View::Native);
        self.validate(&boosted, &mut stage.part(0.0, 0.25))?;
        let linear = Recipe::new(Learner::Linear(LinearParameters::default()), View::Native);
        if self.affordable(&linear, NETWORK) {
            self.validate(&linear, &mut stage.part(0.25, 0.3))?;
        }
        let before = self.spent;
        for (at, forest) in variants::forests(self.has_categories()).iter().enumerate() {
            let left = FORESTS - (self.spent - before) / self.budget;
            if self.affordable(forest, left) {
                let from = 0.3 + 0.1 * at as f32;
                self.validate(forest, &mut stage.part(from, from + 0.1))?;
            }
        }
        self.network(&mut stage.part(0.6, 1.0))
    }

    /// The largest network that is affordable.
    fn network(&mut self, stage: &mut Stage<'_>) -> Result<(), TrainError> {
        let sizes = [(16, 128), (8, 96), (4, 64)];
        let network = |(members, width)| {
            let parameters = NetworkParameters { members, width, max_epochs: 60, patience: 5, ..Default::default() };
            Recipe::new(Learner::Network(parameters), View::Native)
        };
        match sizes.into_iter().map(network).find(|network| self.affordable(network, NETWORK)) {
            Some(network) => self.validate(&network, stage),
            None => {
                self.notes.push(String::from("the neural network was not tried: the budget is too small for it"));
                Ok(())
            }
        }
    }

    /// Whether cross-validation of `recipe` should fit into this share of the budget.
    fn affordable(&self, recipe: &Recipe, share: f64) -> bool {
        let (rows, columns) = (self.data.features.rows, self.data.features.columns.len());
        let once = cost::expected(&recipe.learner, rows, columns, self.data.width());
        let folds = self.data.folds.len() as f64;
        once * folds <= self.budget * share && once * folds <= self.budget - self.spent
    }

    fn validate(&mut self, recipe: &Recipe, stage: &mut Stage<'_>) -> Result<(), TrainError> {
        let validated = validate(self.data, recipe, self.seed, stage)?;
        self.spent += validated.work;
        self.tried.push(validated);
        Ok(())
    }

    /// Variants of boosted trees, until the budget is spent.
    fn tune(&mut self, stage: &mut Stage<'_>) -> Result<(), TrainError> {
        let evidence = self.data.evidence();
        if evidence < TUNABLE {
            let note =
                format!("settings were not tuned: {evidence} rows of a class are too few to tell which are better");
            self.notes.push(note);
            return Ok(());
        }
        let mut variants = Variants::new(self.seed, self.has_categories());
        let started = self.spent;
        let mut made = 0;
        while made < MOST_VARIANTS && self.spent + self.batch_cost() <= self.budget {
            let share = |search: &Self| {
                let by_budget = (search.spent - started) / (search.budget - started).max(1e-9);
                by_budget.max(made as f64 / MOST_VARIANTS as f64) as f32
            };
            let from = share(self);
            let recipes = self.draw_batch(&mut variants, made);
            self.batch(&recipes, &mut stage.part(from, (from + 0.2).min(1.0)))?;
            made += BATCH;
        }
        Ok(())
    }

    /// Settings that were not tried yet, as far as any are found.
    fn draw_batch(&self, variants: &mut Variants, made: usize) -> Vec<Recipe> {
        let mut recipes: Vec<Recipe> = Vec::with_capacity(BATCH);
        for count in made..made + BATCH {
            let known =
                |recipe: &Recipe| recipes.contains(recipe) || self.tried.iter().any(|tried| tried.recipe == *recipe);
            let fresh = (0..DRAWS).map(|_| self.draw(variants, count)).find(|recipe| !known(recipe));
            recipes.extend(fresh);
        }
        recipes
    }

    /// Every other draw is near the best so far, once there is something to be near to.
    fn draw(&self, variants: &mut Variants, count: usize) -> Recipe {
        let best = self.tried.iter().filter(|tried| self.is_complete(tried) && is_boosted(tried));
        let best = best.reduce(|a, b| if b.merit() > a.merit() { b } else { a });
        match best {
            Some(best) if count >= BATCH && count % 2 == 1 => variants.near(&best.recipe),
            _ => variants.anywhere(),
        }
    }

    /// Tries recipes on a few folds, and the better half on all.
    fn batch(&mut self, recipes: &[Recipe], stage: &mut Stage<'_>) -> Result<(), TrainError> {
        let mut trials = Vec::new();
        for (at, recipe) in recipes.iter().enumerate() {
            let place = |at: usize| 0.5 * at as f32 / recipes.len() as f32;
            let mut trial = Validated::new(recipe.clone());
            proceed(self.data, &mut trial, TRIAL_FOLDS, self.seed, &mut stage.part(place(at), place(at + 1)))?;
            trials.push(trial);
        }
        trials.sort_by(|a, b| b.merit().total_cmp(&a.merit()));
        let kept = trials.len().div_ceil(2);
        for (at, mut trial) in trials.into_iter().enumerate() {
            if at < kept {
                let place = |at: usize| 0.5 + 0.5 * at as f32 / kept as f32;
                let folds = self.data.folds.len();
                proceed(self.data, &mut trial, folds, self.seed, &mut stage.part(place(at), place(at + 1)))?;
            }
            trial.forget_trees();
            self.spent += trial.work;
            self.tried.push(trial);
        }
        Ok(())
    }

    /// What a batch is expected to cost, by what boosted trees have cost so far.
    fn batch_cost(&self) -> f64 {
        let boosted = || self.tried.iter().filter(|tried| is_boosted(tried));
        let folds: usize = boosted().map(|tried| tried.margins.len()).sum();
        let work: f64 = boosted().map(|tried| tried.work).sum();
        let all = self.data.folds.len();
        let batch = BATCH * TRIAL_FOLDS.min(all) + BATCH.div_ceil(2) * all.saturating_sub(TRIAL_FOLDS);
        work / folds.max(1) as f64 * batch as f64
    }

    fn finish(self) -> Chosen {
        let candidates = self.candidates();
        let chosen = blend::choose(self.data, &candidates);
        let weight = |tried: &Validated| {
            chosen.iter().find(|(at, _)| candidates[*at].recipe == tried.recipe).map(|(_, weight)| *weight)
        };
        let complete = self.tried.iter().filter(|tried| self.is_complete(tried));
        let mut leaderboard: Vec<_> = complete.map(|tried| standing(tried, weight(tried))).collect();
        let sign = if self.data.headline.higher_is_better() { 1.0 } else { -1.0 };
        leaderboard.sort_by(|a, b| (sign * b.mean).total_cmp(&(sign * a.mean)));
        Chosen {
            parts: chosen.iter().map(|&(at, weight)| Part::new(self.data, candidates[at], weight)).collect(),
            margins: blend::mixed(&candidates, &chosen),
            leaderboard,
            notes: self.notes,
        }
    }

    /// What may be part of the model: the plain boosted trees first, then the best variants and the best of each other
    /// kind.
    fn candidates(&self) -> Vec<&Validated> {
        let kind = |tried: &Validated| std::mem::discriminant(&tried.recipe.learner);
        let mut best: Vec<&Validated> = self.tried.iter().filter(|tried| self.is_complete(tried)).collect();
        best.sort_by(|a, b| b.merit().total_cmp(&a.merit()));
        let mut candidates: Vec<&Validated> = self.tried.iter().take(1).collect();
        for tried in best {
            let room = if is_boosted(tried) { 1 + VARIANTS } else { 1 };
            let taken = candidates.iter().filter(|other| kind(other) == kind(tried)).count();
            if taken < room && tried.recipe != candidates[0].recipe {
                candidates.push(tried);
            }
        }
        candidates
    }

    fn is_complete(&self, tried: &Validated) -> bool {
        tried.margins.len() == self.data.folds.len()
    }

    fn has_categories(&self) -> bool {
        self.data.features.columns.iter().any(|column| matches!(column.kind, FeatureKind::Categorical { .. }))
    }
}

fn is_boosted(tried: &Validated) -> bool {
    matches!(tried.recipe.learner, Learner::Boosted(_))
}
