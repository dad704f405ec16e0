//! One fit of one recipe.

use super::categories::recode;
use super::cost;
use super::data::Data;
use super::error::TrainError;
use super::recipe::{Learner, Recipe};
use super::search::Part;
use super::stage::Stage;
use crate::encode::Encoder;
use crate::features::{Features, Target};
use crate::model::{Fitted, Member};
use crate::network::NetworkParameters;
use crate::trees::boosted::BoostedParameters;
use crate::trees::{boosted, random};
use crate::{linear, network};

/// Trees of a model at most, all members together: they are what a request waits for.
const MOST_TREES: usize = 300;
/// Seeds whose boosted trees are averaged at most.
const MOST_SEEDS: usize = 5;
/// Work that the averaging may be, in seconds.
const MOST_SECONDS: f64 = 12.0;

/// What is learnt from.
pub(crate) struct Lesson<'a> {
    pub(crate) encoder: &'a Encoder,
    pub(crate) features: &'a Features,
    pub(crate) target: &'a Target,
    pub(crate) weights: Option<&'a [f32]>,
    /// Rows that decide when to stop.
    pub(crate) validation: Option<Exam<'a>>,
    /// Rounds or epochs to do, if that is known already.
    pub(crate) rounds: Option<usize>,
}

/// Rows that decide when to stop.
pub(crate) struct Exam<'a> {
    pub(crate) features: &'a Features,
    pub(crate) target: &'a Target,
    pub(crate) weights: Option<&'a [f32]>,
}

/// What was learnt.
pub(crate) struct Learnt {
    /// With the whole weight; boosted trees with all rounds that ran.
    pub(crate) member: Member,
    /// Rounds or epochs that did best; 0 for learners without.
    pub(crate) rounds: usize,
    /// Work spent, in seconds by [`cost::seconds`].
    pub(crate) work: f64,
}

/// Fits `recipe`; `name` goes before each line of the report.
pub(crate) fn learn(
    recipe: &Recipe,
    lesson: &Lesson<'_>,
    seed: u64,
    name: &str,
    stage: &mut Stage<'_>,
) -> Result<Learnt, TrainError> {
    let (recoding, features) = recode(recipe.view, lesson.encoder, lesson.features, lesson.target);
    let recoded = lesson.validation.as_ref().map(|exam| recoding.apply(exam.features));
    let exam = lesson.validation.as_ref().zip(recoded.as_deref());
    let exam = exam.map(|(exam, x)| (x, exam.target, exam.weights));
    let mut report = |share: f32, line: &str| stage.hear(share, &format!("{name}, {line}"));
    let (x, y, w) = (features.as_ref(), lesson.target, lesson.weights);
    let (fitted, rounds, done) = match &recipe.learner {
        Learner::Linear(parameters) => {
            let fitted = linear::fit(x, y, w, parameters, seed, &mut report)?;
            (Fitted::Linear(fitted), 0, 1)
        }
        Learner::Network(parameters) => {
            let parameters = network_parameters(parameters, lesson.rounds);
            let fitted = network::fit(x, y, w, exam, &parameters, seed, &mut report)?;
            (Fitted::Network(fitted.network), fitted.best + 1, fitted.epochs.len())
        }
        Learner::Boosted(parameters) => {
            let parameters = boosted_parameters(parameters, lesson.rounds);
            let fitted = boosted::fit(x, y, w, exam, &parameters, seed, &mut report)?;
            let done = fitted.forest.trees() / y.outputs();
            (Fitted::Boosted(fitted.forest), fitted.rounds, done)
        }
        Learner::Forest(parameters) => {
            let forest = random::fit(x, y, w, parameters, seed, &mut report)?;
            let trees = forest.trees();
            (Fitted::Forest(forest), 0, trees)
        }
    };
    let work = cost::seconds(&recipe.learner, x, done, y.outputs());
    Ok(Learnt { member: Member { weight: 1.0, recoding, fitted }, rounds, work })
}

/// Fits a chosen recipe on the whole development part: boosted trees with several seeds, whose mean is steadier than
/// any of them. `parts` is the number of learners that the model is made of.
pub(crate) fn learn_finally(
    data: &Data,
    part: &Part,
    parts: usize,
    seed: u64,
    stage: &mut Stage<'_>,
) -> Result<Vec<Member>, TrainError> {
    let lesson = Lesson {
        encoder: &data.encoder,
        features: &data.features,
        target: &data.target,
        weights: data.weights.as_deref(),
        validation: None,
        rounds: (part.rounds > 0).then_some(part.rounds),
    };
    let name = format!("{}: learning from all rows", part.recipe.learner.name());
    let seeds = seeds(data, part, parts);
    let mut members = Vec::with_capacity(seeds);
    for at in 0..seeds {
        let mut stage = stage.part(at as f32 / seeds as f32, (at + 1) as f32 / seeds as f32);
        let mut member = learn(&part.recipe, &lesson, seed.wrapping_add(at as u64), &name, &mut stage)?.member;
        member.weight = part.weight / seeds as f32;
        members.push(member);
    }
    Ok(members)
}

/// How many seeds of a learner are averaged.
fn seeds(data: &Data, part: &Part, parts: usize) -> usize {
    let Learner::Boosted(_) = part.recipe.learner else { return 1 };
    let trees = part.rounds.max(1) * data.width();
    let by_size = MOST_TREES / parts.max(1) / trees;
    let once = cost::seconds(&part.recipe.learner, &data.features, part.rounds, data.width());
    let by_time = (MOST_SECONDS / once) as usize;
    by_size.min(by_time).clamp(1, MOST_SEEDS)
}

fn network_parameters(given: &NetworkParameters, rounds: Option<usize>) -> NetworkParameters {
    match rounds {
        Some(epochs) => NetworkParameters {
            max_epochs: epochs.min(given.max_epochs),
            patience: epochs,
            holdout: 0.0,
            ..given.clone()
        },
        None => given.clone(),
    }
}

fn boosted_parameters(given: &BoostedParameters, rounds: Option<usize>) -> BoostedParameters {
    match rounds {
        Some(rounds) => BoostedParameters {
            rounds: given.rounds.min(rounds as u32),
            rounds_without_improvement: None,
            ..given.clone()
        },
        None => given.clone(),
    }
}
