//! stub
use super::*;
pub(crate) fn choose(data: &Data, _budget: f64, seed: u64, stage: &mut Stage<'_>) -> Result<Chosen, TrainError> {
    let recipe = recipe::Recipe::new(recipe::Learner::Boosted(recipe::default_boosted()), recipe::View::Native);
    let validated = crossvalidation::validate(data, &recipe, seed, stage)?;
    Ok(Chosen { parts: vec![search::Part::new(data, &validated, 1.0)], leaderboard: Vec::new(), margins: validated.margins, notes: Vec::new() })
}
