//! Which learners the model is made of.

use domain::specification::{Estimator, EstimatorKind};

use super::auto;
use super::crossvalidation::{Validated, validate};
use super::data::Data;
use super::error::TrainError;
use super::recipe::Recipe;
use super::stage::Stage;
use crate::evaluation::Standing;

/// What was chosen, and on what grounds.
pub(crate) struct Chosen {
    pub(crate) parts: Vec<Part>,
    /// Out-of-fold margins of the parts together, fold by fold.
    pub(crate) margins: Vec<Vec<f64>>,
    pub(crate) leaderboard: Vec<Standing>,
    pub(crate) notes: Vec<String>,
}

/// A learner of the model.
pub(crate) struct Part {
    pub(crate) recipe: Recipe,
    /// Its share; all parts' add up to 1.
    pub(crate) weight: f32,
    /// Rounds or epochs to do; 0 for learners without.
    pub(crate) rounds: usize,
}

impl Part {
    pub(crate) fn new(data: &Data, validated: &Validated, weight: f32) -> Self {
        let rounds = validated.typical_rounds(&data.folds, data.features.rows);
        Self { recipe: validated.recipe.clone(), weight, rounds }
    }
}

/// Cross-validates the learner asked for, or looks for the best ones.
pub(crate) fn choose(
    data: &Data,
    kind: EstimatorKind,
    estimator: &Estimator,
    seed: u64,
    stage: &mut Stage<'_>,
) -> Result<Chosen, TrainError> {
    let Some(recipe) = Recipe::of(kind, estimator)? else {
        return auto::choose(data, f64::from(estimator.budget_seconds), seed, stage);
    };
    let validated = validate(data, &recipe, seed, stage)?;
    Ok(Chosen {
        parts: vec![Part::new(data, &validated, 1.0)],
        leaderboard: vec![standing(&validated, Some(1.0))],
        margins: validated.margins,
        notes: notes(data),
    })
}

/// A line of the leaderboard.
pub(crate) fn standing(validated: &Validated, weight: Option<f32>) -> Standing {
    let (mean, deviation) = validated.headline();
    Standing {
        estimator: validated.recipe.learner.name().to_owned(),
        parameters: validated.recipe.parameters(),
        mean,
        deviation,
        folds: validated.scores.iter().flatten().count(),
        weight,
    }
}

/// What one should know of the folds.
pub(crate) fn notes(data: &Data) -> Vec<String> {
    let mut notes = Vec::new();
    if data.folds.len() < 5 {
        notes.push(format!("few rows: learners were compared on {} folds only", data.folds.len()));
    }
    if !data.as_divided {
        notes.push(String::from(
            "too few moments or groups among the rows learnt from: learners were compared on folds drawn at random",
        ));
    }
    notes
}
