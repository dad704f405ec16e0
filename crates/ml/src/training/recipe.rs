//! What is to be fitted: a learner, its settings, and how it wants categories.

use domain::specification::{Estimator, EstimatorKind};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::error::TrainError;
use crate::linear::LinearParameters;
use crate::network::NetworkParameters;
use crate::trees::boosted::BoostedParameters;
use crate::trees::random::RandomParameters;

/// The parameter that says how a learner sees categories; every learner has it.
const CATEGORIES: &str = "categories";

/// One way of learning.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Recipe {
    pub(crate) learner: Learner,
    pub(crate) view: View,
}

/// A learner with its settings.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Learner {
    Linear(LinearParameters),
    Network(NetworkParameters),
    Boosted(BoostedParameters),
    Forest(RandomParameters),
}

/// How a learner sees categories.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum View {
    /// As categories.
    #[default]
    Native,
    /// As numbers in the order of their words.
    Ordinal,
    /// As smoothed means of the target, cross-fitted on the training rows.
    Rates,
}

impl Recipe {
    pub(crate) fn new(learner: Learner, view: View) -> Self {
        Self { learner, view }
    }

    /// The recipe that a specification asks for; `None` for `auto`.
    pub(crate) fn of(kind: EstimatorKind, estimator: &Estimator) -> Result<Option<Self>, TrainError> {
        // Parameters were written for the estimator of the specification, not for one that a run asks for instead.
        let mut given = if kind == estimator.kind { estimator.parameters.clone() } else { Map::new() };
        let view = given.remove(CATEGORIES).map(|word| View::parse(&word)).transpose()?.unwrap_or(View::usual(kind));
        let learner = match kind {
            EstimatorKind::Auto if given.is_empty() => return Ok(None),
            EstimatorKind::Auto => {
                let reason = "`auto` chooses them itself; name one estimator to set its parameters";
                return Err(TrainError::Parameters(reason.into()));
            }
            EstimatorKind::Logistic => Learner::Linear(parse(given)?),
            EstimatorKind::Neural => Learner::Network(parse(given)?),
            EstimatorKind::Boosted => Learner::Boosted(over(default_boosted(), given)?),
            EstimatorKind::Forest => Learner::Forest(over(default_forest(), given)?),
        };
        learner.validate()?;
        Ok(Some(Self::new(learner, view)))
    }

    /// What differs from the learner's defaults, for the leaderboard.
    pub(crate) fn parameters(&self) -> Map<String, Value> {
        let mut said = match &self.learner {
            Learner::Linear(p) => changed(p, &LinearParameters::default()),
            Learner::Network(p) => changed(p, &NetworkParameters::default()),
            Learner::Boosted(p) => changed(p, &BoostedParameters::default()),
            Learner::Forest(p) => changed(p, &RandomParameters::default()),
        };
        if self.view != View::Native {
            said.insert(CATEGORIES.into(), self.view.word().into());
        }
        said
    }
}

impl View {
    /// How a learner of this kind does best on most tables. The trees of a random forest grow deep, and deep trees learn
    /// sets of categories by heart.
    fn usual(kind: EstimatorKind) -> Self {
        if kind == EstimatorKind::Forest { Self::Ordinal } else { Self::Native }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Ordinal => "ordered",
            Self::Rates => "target_rates",
        }
    }

    fn parse(word: &Value) -> Result<Self, TrainError> {
        let known = [Self::Native, Self::Ordinal, Self::Rates].into_iter().find(|view| word == view.word());
        known.ok_or_else(|| {
            TrainError::Parameters(format!("{CATEGORIES} is {word}; `native`, `ordered` or `target_rates` is possible"))
        })
    }
}

impl Learner {
    /// Its name in prose.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Linear(_) => "linear model",
            Self::Network(_) => "neural network",
            Self::Boosted(_) => "boosted trees",
            Self::Forest(_) => "random forest",
        }
    }

    fn validate(&self) -> Result<(), TrainError> {
        let checked = match self {
            Self::Linear(p) => p.validate().map_err(|error| error.to_string()),
            Self::Network(p) => p.validate().map_err(|error| error.to_string()),
            Self::Boosted(p) => p.validate().map_err(|error| error.to_string()),
            Self::Forest(p) => p.validate().map_err(|error| error.to_string()),
        };
        checked.map_err(TrainError::Parameters)
    }
}

/// Settings of boosted trees that do well on most tables without tuning.
pub(crate) fn default_boosted() -> BoostedParameters {
    BoostedParameters {
        rounds: 1_000,
        learning_rate: 0.05,
        max_depth: 4,
        row_share: 0.7,
        column_share: 0.7,
        max_bins: 128,
        // splitting off one category at a time learns less from small tables than sets of categories, and better
        one_vs_rest_categories: 255,
        rounds_without_improvement: Some(40),
        ..BoostedParameters::default()
    }
}

/// Settings of a random forest that do well on most tables without tuning.
pub(crate) fn default_forest() -> RandomParameters {
    RandomParameters { trees: 200, min_leaf: 3, max_bins: 128, ..RandomParameters::default() }
}

fn parse<P: DeserializeOwned>(given: Map<String, Value>) -> Result<P, TrainError> {
    serde_json::from_value(Value::Object(given)).map_err(|error| TrainError::Parameters(error.to_string()))
}

/// `given` laid over `start`.
fn over<P: DeserializeOwned + serde::Serialize>(start: P, given: Map<String, Value>) -> Result<P, TrainError> {
    let mut all = fields(&start);
    all.extend(given);
    parse(all)
}

fn changed<P: serde::Serialize>(own: &P, default: &P) -> Map<String, Value> {
    let default = fields(default);
    fields(own).into_iter().filter(|(name, value)| default.get(name) != Some(value)).collect()
}

fn fields<P: serde::Serialize>(parameters: &P) -> Map<String, Value> {
    // By way of text, in which `0.7_f32` is 0.7; as a value it would be 0.699999988079071.
    let text = serde_json::to_string(parameters).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}
