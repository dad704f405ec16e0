//! The evaluation that goes with a trained model.

use domain::specification::Specification;

use super::importance::importance;
use super::truth::Answered;
use super::{Evaluation, Standing, references, report};
use crate::encode::Labelled;
use crate::model::Model;
use crate::training::{Division, Headline, Stage, TrainError};

/// What training knows beside the model.
pub(crate) struct Background<'a> {
    pub(crate) specification: &'a Specification,
    pub(crate) labelled: &'a Labelled,
    pub(crate) division: &'a Division,
    pub(crate) leaderboard: Vec<Standing>,
    pub(crate) headline: Headline,
    pub(crate) notes: Vec<String>,
}

/// Measures a freshly trained model on the rows held back.
pub(crate) fn of_training(
    model: &Model,
    background: Background<'_>,
    seed: u64,
    stage: &mut Stage<'_>,
) -> Result<Evaluation, TrainError> {
    let Background { specification, labelled, division, leaderboard, headline, mut notes } = background;
    let (learnt, held) = (&division.development, &division.held_back);
    stage.say(0.0, &format!("measuring on the {} rows held back", held.len()))?;
    let answered = Answered::of(model, labelled.inputs.select(held), labelled.target.select(held));
    let unusable = |error: super::EvaluateError| TrainError::Unusable(error.to_string());
    let weights: Option<Vec<f32>> =
        labelled.weights.as_ref().map(|weights| held.iter().map(|row| weights[*row]).collect());
    let learnt_target = labelled.target.select(learnt);
    let mut report =
        report::report(model, &answered, weights.as_deref(), held, &learnt_target, seed).map_err(unusable)?;
    let features = model.encoder().encode(&answered.inputs);
    report.importance = importance(model, &features, &answered.target, seed, &mut stage.part(0.4, 1.0))?;
    let inputs = labelled.inputs.select(learnt);
    let references = references(&specification.columns, &inputs);
    notes.extend(references.iter().filter(|reference| reference.is_constant()).map(|reference| {
        format!("`{}` holds a single value in the rows learnt from, so nothing can be learnt from it", reference.column)
    }));
    if let Some(column) = specification.weight.as_ref().filter(|_| labelled.weights.is_some()) {
        notes.push(format!(
            "rows were learnt from by their weights in `{column}`; in these figures each row counts once"
        ));
    }
    Ok(Evaluation {
        report,
        training_rows: learnt.len() as u64,
        held_back_rows: held.len() as u64,
        split: division.words.clone(),
        headline: headline.key().to_owned(),
        leaderboard,
        notes,
        references,
    })
}
