//! From a specification and a table to a model and its evaluation.
//!
//! Rows are held back first, by what they say, so that the same rows are held back next time. On the rest, learners are
//! cross-validated; calibration and threshold are fitted on the out-of-fold predictions; then the chosen learners are
//! fitted on all of the rest, and what came out is measured once on the rows held back.

mod auto;
mod blend;
mod categories;
mod cost;
mod crossvalidation;
mod data;
mod decision;
mod error;
mod holdout;
mod learning;
mod objective;
mod recipe;
mod search;
mod stage;
#[cfg(test)]
pub(crate) mod tests;
mod variants;

use domain::specification::{EstimatorKind, Specification};

pub use error::TrainError;
pub use holdout::{Division, divide};
pub(crate) use objective::{Headline, mean_and_deviation};
pub(crate) use stage::Stage;

use crate::encode::read_table;
use crate::evaluation::{self, Evaluation};
use crate::model::{Member, Model};
use crate::progress::Report;
use crate::table::Table;
use data::Data;
use search::Chosen;

/// What is to be learnt, from what.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The recipe.
    pub specification: &'a Specification,
    /// Rows with their truth.
    pub table: &'a Table,
    /// Another learner than the specification's; its parameters are then the learner's defaults.
    pub estimator: Option<EstimatorKind>,
    /// Seed of every random choice. The same seed on the same table gives the same files, on any number of threads.
    pub seed: u64,
}

/// A model with what is known about it.
#[derive(Clone, Debug)]
pub struct Trained {
    /// What answers.
    pub model: Model,
    /// How well.
    pub evaluation: Evaluation,
}

/// Learns, and measures what was learnt on the rows held back.
///
/// # Errors
/// [`TrainError`]: a table that does not fit the specification, too little in it to learn from, parameters that are not
/// understood, or cancelled by `report`.
pub fn train(request: &Request<'_>, report: Report<'_>) -> Result<Trained, TrainError> {
    let specification = request.specification;
    let mut stage = Stage::new(report);
    stage.say(0.0, "reading the rows")?;
    let labelled = read_table(specification, request.table)?;
    data::check_target(specification, &labelled.target)?;
    let division = holdout::divide(specification, request.table, &labelled.target)?;
    let data = Data::new(specification, &labelled, &division, request.seed)?;
    let (learnt, held_back) = (division.development.len(), division.held_back.len());
    stage.say(0.02, &format!("learning from {learnt} rows, {held_back} are held back"))?;
    let kind = request.estimator.unwrap_or(specification.estimator.kind);
    let chosen = search::choose(&data, kind, &specification.estimator, request.seed, &mut stage.part(0.02, 0.75))?;
    let decision = decision::fit(&data, &chosen.margins, specification.threshold, request.seed)?;
    let members = refit(&data, &chosen, request.seed, &mut stage.part(0.75, 0.92))?;
    let model = Model {
        task: specification.task,
        classes: specification.classes.clone(),
        columns: specification.columns.clone(),
        encoder: data.encoder.clone(),
        members,
        calibration: decision.calibration,
        threshold: decision.threshold,
    };
    let model = as_stored(&model)?;
    let background = evaluation::Background {
        specification,
        labelled: &labelled,
        division: &division,
        leaderboard: chosen.leaderboard,
        headline: data.headline,
        notes: chosen.notes,
    };
    let evaluation = evaluation::of_training(&model, background, request.seed, &mut stage.part(0.92, 1.0))?;
    Ok(Trained { model, evaluation })
}

/// The model as it will be read back: what is measured shall be what serves.
fn as_stored(model: &Model) -> Result<Model, TrainError> {
    let files = model.to_files().map_err(|error| TrainError::Unusable(error.to_string()))?;
    Model::from_files(&files).map_err(|error| TrainError::Unusable(error.to_string()))
}

/// Fits the chosen recipes on the whole development part.
fn refit(data: &Data, chosen: &Chosen, seed: u64, stage: &mut Stage<'_>) -> Result<Vec<Member>, TrainError> {
    let mut members = Vec::new();
    let count = chosen.parts.len() as f32;
    for (at, part) in chosen.parts.iter().enumerate() {
        let mut stage = stage.part(at as f32 / count, (at + 1) as f32 / count);
        members.extend(learning::learn_finally(data, part, chosen.parts.len(), seed, &mut stage)?);
    }
    Ok(members)
}
