//! The space in which `auto` looks for good settings, picked by hand.

use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::recipe::{Learner, Recipe, View, default_boosted, default_forest};
use crate::trees::boosted::BoostedParameters;
use crate::trees::random::{MaxFeatures, RandomParameters};

const DEPTHS: [u32; 5] = [3, 4, 5, 6, 8];
const RATES: [f32; 3] = [0.03, 0.05, 0.08];
const CHILDREN: [f32; 5] = [0.1, 0.5, 1.0, 3.0, 10.0];
const ROW_SHARES: [f32; 4] = [0.4, 0.6, 0.8, 0.95];
const COLUMN_SHARES: [f32; 4] = [0.3, 0.5, 0.7, 1.0];
const LAMBDAS: [f32; 4] = [0.3, 1.0, 3.0, 10.0];
const CATEGORY_SMOOTHINGS: [f32; 4] = [5.0, 10.0, 30.0, 100.0];
const CATEGORY_LAMBDAS: [f32; 3] = [3.0, 10.0, 30.0];
const ONE_VS_REST: [u32; 3] = [4, 255, 255];
const VIEWS: [View; 4] = [View::Native, View::Native, View::Ordinal, View::Rates];

/// An endless, seeded stream of settings of boosted trees.
pub(crate) struct Variants {
    rng: ChaCha8Rng,
    categories: bool,
}

impl Variants {
    /// `categories` says whether there are categorical features.
    pub(crate) fn new(seed: u64, categories: bool) -> Self {
        Self { rng: ChaCha8Rng::seed_from_u64(seed), categories }
    }

    /// Settings drawn from the whole space.
    pub(crate) fn anywhere(&mut self) -> Recipe {
        let parameters = BoostedParameters {
            learning_rate: self.pick(&RATES),
            max_depth: self.pick(&DEPTHS),
            min_child_weight: self.pick(&CHILDREN),
            row_share: self.pick(&ROW_SHARES),
            column_share: self.pick(&COLUMN_SHARES),
            lambda: self.pick(&LAMBDAS),
            category_smoothing: self.pick(&CATEGORY_SMOOTHINGS),
            category_lambda: self.pick(&CATEGORY_LAMBDAS),
            one_vs_rest_categories: self.pick(&ONE_VS_REST),
            ..default_boosted()
        };
        let view = self.pick(&VIEWS);
        self.recipe(parameters, view)
    }

    /// A recipe in which a setting that changes nothing has its default, so that equal recipes are seen to be equal.
    fn recipe(&self, mut parameters: BoostedParameters, view: View) -> Recipe {
        let view = if self.categories { view } else { View::Native };
        let default = default_boosted();
        if !self.categories || view != View::Native {
            parameters.one_vs_rest_categories = default.one_vs_rest_categories;
        }
        if parameters.one_vs_rest_categories == default.one_vs_rest_categories {
            parameters.category_smoothing = default.category_smoothing;
            parameters.category_lambda = default.category_lambda;
        }
        Recipe::new(Learner::Boosted(parameters), view)
    }

    /// The settings of `recipe` with two of them drawn anew.
    pub(crate) fn near(&mut self, recipe: &Recipe) -> Recipe {
        let Learner::Boosted(mut own) = recipe.learner.clone() else { return self.anywhere() };
        let mut view = recipe.view;
        for _ in 0..2 {
            let other = self.anywhere();
            let Learner::Boosted(new) = other.learner else { break };
            match self.rng.random_range(0..8_u8) {
                0 => own.learning_rate = new.learning_rate,
                1 => own.max_depth = new.max_depth,
                2 => own.min_child_weight = new.min_child_weight,
                3 => own.row_share = new.row_share,
                4 => own.column_share = new.column_share,
                5 => own.lambda = new.lambda,
                6 => {
                    (own.category_smoothing, own.category_lambda) = (new.category_smoothing, new.category_lambda);
                    own.one_vs_rest_categories = new.one_vs_rest_categories;
                }
                _ => view = other.view,
            }
        }
        self.recipe(own, view)
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from.choose(&mut self.rng).copied().unwrap_or(from[0])
    }
}

/// Random forests worth a try, the plainest first.
pub(crate) fn forests(categories: bool) -> Vec<Recipe> {
    let view = if categories { View::Ordinal } else { View::Native };
    let deep = RandomParameters { min_leaf: 1, ..default_forest() };
    let wide = RandomParameters { min_leaf: 5, max_features: MaxFeatures::Share(0.5), ..default_forest() };
    [default_forest(), deep, wide].map(|parameters| Recipe::new(Learner::Forest(parameters), view)).into()
}
