//! Every development row predicted by a learner that has not seen it.

use super::data::Data;
use super::error::TrainError;
use super::learning::{Exam, Lesson, learn};
use super::objective::{Score, mean_and_deviation, score};
use super::recipe::Recipe;
use super::stage::Stage;
use crate::features::{Features, Target};
use crate::measure::splits::Fold;
use crate::model::{Fitted, Member};

/// What cross-validation found out about a recipe.
#[derive(Clone, Debug)]
pub(crate) struct Validated {
    pub(crate) recipe: Recipe,
    /// Margins of each fold's validation rows, in the fold's order, rows × outputs.
    pub(crate) margins: Vec<Vec<f64>>,
    /// The score of each fold whose rows define it.
    pub(crate) scores: Vec<Option<Score>>,
    /// Rounds or epochs that did best in each fold (0 for learners without).
    pub(crate) rounds: Vec<usize>,
    /// Work spent, in the unit of [`super::cost`].
    pub(crate) work: f64,
    /// Boosted trees of each fold with all rounds that ran, until the last fold is done.
    boosted: Vec<Member>,
}

impl Validated {
    pub(crate) fn new(recipe: Recipe) -> Self {
        Self { recipe, margins: Vec::new(), scores: Vec::new(), rounds: Vec::new(), work: 0.0, boosted: Vec::new() }
    }

    /// Mean merit of the folds seen so far.
    pub(crate) fn merit(&self) -> f64 {
        merit(&self.scores)
    }

    /// Mean and deviation of the headline over the folds.
    pub(crate) fn headline(&self) -> (f64, f64) {
        let values: Vec<f64> = self.scores.iter().flatten().map(|score| score.headline).collect();
        mean_and_deviation(&values)
    }

    /// Rounds for a learner on `rows` rows: the folds' mean, weighted by what they learnt from.
    pub(crate) fn typical_rounds(&self, folds: &[Fold], rows: usize) -> usize {
        let seen = folds.iter().zip(&self.rounds);
        let weigh = |(fold, &rounds): (&Fold, &usize)| (fold.train.len() as f64, rounds as f64);
        let (weights, sum) =
            seen.map(weigh).fold((0.0, 0.0), |(w, s), (weight, rounds)| (w + weight, s + weight * rounds));
        if weights <= 0.0 || sum <= 0.0 {
            return 0;
        }
        let mean_rows = weights / self.rounds.len() as f64;
        // A learner on more rows bears more rounds, but by far not in proportion.
        let growth = (rows as f64 / mean_rows).powf(0.3);
        ((sum / weights) * growth).round().max(1.0) as usize
    }

    /// Lets go of what only further folds would need.
    pub(crate) fn forget_trees(&mut self) {
        self.boosted = Vec::new();
    }

    /// Judges the folds' boosted trees at the rounds that the final ones will have. Each at its own best would be
    /// flattered, and by the more the fewer rows judge.
    fn judge_at_typical_rounds(&mut self, data: &Data) {
        for (at, (member, fold)) in self.boosted.iter().zip(&data.folds).enumerate() {
            let rounds = self.typical_rounds(&data.folds, fold.train.len());
            let rows = (data.features.select(&fold.validation), data.target.select(&fold.validation));
            (self.scores[at], self.margins[at]) = judge(data, member, rounds, &rows.0, &rows.1);
        }
        if self.boosted.len() == data.folds.len() {
            self.boosted = Vec::new();
        }
    }
}

/// Score and margins of a learner on rows; of boosted trees only the first `rounds` count.
fn judge(data: &Data, member: &Member, rounds: usize, x: &Features, y: &Target) -> (Option<Score>, Vec<f64>) {
    let margins = match &member.fitted {
        Fitted::Boosted(forest) => {
            let fitted = Fitted::Boosted(forest.clone().truncated(rounds * data.width()));
            Member { weight: 1.0, recoding: member.recoding.clone(), fitted }.margins_of(x)
        }
        _ => member.margins_of(x),
    };
    (score(data.task, data.headline, &margins, y), margins)
}

/// Mean merit of the folds that define one.
pub(crate) fn merit(scores: &[Option<Score>]) -> f64 {
    let merits: Vec<f64> = scores.iter().flatten().map(|score| score.merit).collect();
    if merits.is_empty() { f64::NEG_INFINITY } else { merits.iter().sum::<f64>() / merits.len() as f64 }
}

/// Mean gain in merit over other scores of the same folds, and its standard error.
pub(crate) fn gain(ours: &[Option<Score>], theirs: &[Option<Score>]) -> (f64, f64) {
    let both = |(ours, theirs): (&Option<Score>, &Option<Score>)| Some(ours.as_ref()?.merit - theirs.as_ref()?.merit);
    let gains: Vec<f64> = ours.iter().zip(theirs).filter_map(both).collect();
    let (mean, deviation) = mean_and_deviation(&gains);
    (mean, deviation / (gains.len().max(1) as f64).sqrt())
}

/// Validates `recipe` on all folds.
pub(crate) fn validate(
    data: &Data,
    recipe: &Recipe,
    seed: u64,
    stage: &mut Stage<'_>,
) -> Result<Validated, TrainError> {
    let mut validated = Validated::new(recipe.clone());
    proceed(data, &mut validated, data.folds.len(), seed, stage)?;
    Ok(validated)
}

/// Validates on further folds, until `folds` of them are done.
pub(crate) fn proceed(
    data: &Data,
    validated: &mut Validated,
    folds: usize,
    seed: u64,
    stage: &mut Stage<'_>,
) -> Result<(), TrainError> {
    let from = validated.margins.len();
    for at in from..folds.min(data.folds.len()) {
        let place = |at: usize| (at - from) as f32 / (folds - from) as f32;
        let mut part = stage.part(place(at), place(at + 1));
        one_fold(data, validated, at, seed, &mut part)?;
    }
    validated.judge_at_typical_rounds(data);
    Ok(())
}

fn one_fold(
    data: &Data,
    validated: &mut Validated,
    at: usize,
    seed: u64,
    stage: &mut Stage<'_>,
) -> Result<(), TrainError> {
    let fold = &data.folds[at];
    let name = format!("{}: fold {} of {}", validated.recipe.learner.name(), at + 1, data.folds.len());
    let taught = (data.features.select(&fold.train), data.target.select(&fold.train), data.weights_of(&fold.train));
    let validation = (data.features.select(&fold.validation), data.target.select(&fold.validation));
    let weights = data.weights_of(&fold.validation);
    let lesson = Lesson {
        encoder: &data.encoder,
        features: &taught.0,
        target: &taught.1,
        weights: taught.2.as_deref(),
        validation: Some(Exam { features: &validation.0, target: &validation.1, weights: weights.as_deref() }),
        rounds: None,
    };
    let learnt = learn(&validated.recipe, &lesson, seed.wrapping_add(at as u64), &name, &mut stage.part(0.0, 0.99))?;
    let (found, margins) = judge(data, &learnt.member, learnt.rounds, &validation.0, &validation.1);
    let figure = found.map_or_else(|| String::from("not defined"), |score| format!("{:.4}", score.headline));
    stage.say(1.0, &format!("{name}, {} {figure}", data.headline.name()))?;
    validated.scores.push(found);
    validated.margins.push(margins);
    validated.rounds.push(learnt.rounds);
    validated.work += learnt.work;
    if matches!(learnt.member.fitted, Fitted::Boosted(_)) {
        validated.boosted.push(learnt.member);
    }
    Ok(())
}
