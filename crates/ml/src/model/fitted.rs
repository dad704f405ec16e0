//! Fitted estimators under one roof.

use domain::specification::Task;

use super::outputs::SUREST;
use super::recoding::Recoding;
use crate::features::{Contributions, Features, Unit};
use crate::linear::Linear;
use crate::network::Network;
use crate::trees::{Forest, Link};

/// The least probability that a random forest is taken at: none of its trees saying yes is no proof of a no.
const FOREST_FLOOR: f64 = 5e-4;
/// As [`FOREST_FLOOR`], for estimators that give probabilities of their own.
const FLOOR: f64 = 1e-9;

/// One fitted estimator.
#[derive(Clone, Debug)]
pub enum Fitted {
    /// Logistic, softmax or ridge regression.
    Linear(Linear),
    /// The neural tabular network.
    Network(Network),
    /// Gradient-boosted trees.
    Boosted(Forest),
    /// A random forest.
    Forest(Forest),
}

/// An estimator with its share in the answer.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its share; all members' add up to 1.
    pub weight: f32,
    /// How it wants categories.
    pub recoding: Recoding,
    /// The estimator.
    pub fitted: Fitted,
}

impl Fitted {
    /// Its name in prose.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Linear(linear) if linear.task() == crate::linear::Task::Regression => "ridge regression",
            Self::Linear(_) => "logistic regression",
            Self::Network(_) => "a neural network",
            Self::Boosted(_) => "boosted trees",
            Self::Forest(_) => "a random forest",
        }
    }

    /// Features a row must have.
    #[must_use]
    pub fn features(&self) -> usize {
        match self {
            Self::Linear(linear) => linear.features(),
            Self::Network(network) => network.features(),
            Self::Boosted(forest) | Self::Forest(forest) => forest.features(),
        }
    }

    /// Whether it answers `task` with `width` numbers a row.
    #[must_use]
    pub fn answers(&self, task: Task, width: usize) -> bool {
        let (link, task_fits) = match self {
            Self::Linear(linear) => (None, linear_task_fits(linear.task(), task, width)),
            Self::Network(network) => (None, linear_task_fits(network.task(), task, width)),
            Self::Boosted(forest) | Self::Forest(forest) => (Some(forest.link()), forest.outputs() == width),
        };
        let link_fits = match (link, task) {
            (None, _) => true,
            (Some(link), Task::Binary) => matches!(link, Link::Logistic | Link::MeanProbability),
            (Some(link), Task::Multiclass) => matches!(link, Link::Softmax | Link::MeanProbability),
            (Some(link), Task::Regression) => matches!(link, Link::Identity | Link::MeanValue),
            (Some(_), Task::TextRecognition) => false,
        };
        task_fits && link_fits
    }

    /// Answers of one row as margins: log-odds, logarithms of probabilities, or the value.
    fn margins(&self, row: &[f32], out: &mut [f64]) {
        let mut answers = [0.0; 8];
        match self {
            Self::Boosted(forest) if is_margin(forest.link()) => {
                with_room(out.len(), &mut answers, |scores| {
                    forest.score_row(row, scores);
                    out.iter_mut().zip(scores).for_each(|(out, &mut score)| *out = bounded(score));
                });
                log_normalise(forest.link(), out);
            }
            Self::Boosted(forest) | Self::Forest(forest) => with_room(out.len(), &mut answers, |answers| {
                forest.predict_row(row, answers);
                self.to_margins(answers, out);
            }),
            Self::Linear(linear) => self.to_margins(&linear.predict_row(row), out),
            // shapes were checked when the network was made, so there is always an answer; a margin of 0 else
            Self::Network(network) => self.to_margins(&network.predict_row(row).unwrap_or_default(), out),
        }
    }

    /// Answers of all rows as margins, row by row.
    fn margins_of(&self, features: &Features) -> Vec<f64> {
        let answers = match self {
            Self::Boosted(forest) if is_margin(forest.link()) => {
                let mut margins: Vec<f64> = forest.scores(features).into_iter().map(bounded).collect();
                margins.chunks_exact_mut(forest.outputs()).for_each(|row| log_normalise(forest.link(), row));
                return margins;
            }
            Self::Boosted(forest) | Self::Forest(forest) => forest.predict(features),
            Self::Linear(linear) => linear.predict(features),
            Self::Network(network) => {
                network.predict(features).unwrap_or_else(|_| vec![0.5; features.rows * self.outputs()])
            }
        };
        let width = answers.len() / features.rows.max(1);
        let mut margins = vec![0.0; answers.len()];
        if width > 0 {
            let rows = answers.chunks_exact(width).zip(margins.chunks_exact_mut(width));
            rows.for_each(|(answers, out)| self.to_margins(answers, out));
        }
        margins
    }

    fn to_margins(&self, answers: &[f32], out: &mut [f64]) {
        let floor = if matches!(self, Self::Forest(_)) { FOREST_FLOOR } else { FLOOR };
        let regression = self.is_regression();
        let single = out.len() == 1;
        for (out, &answer) in out.iter_mut().zip(answers) {
            let answer = f64::from(answer);
            *out = match (regression, single) {
                (true, _) => answer.clamp(f64::from(f32::MIN), f64::from(f32::MAX)),
                (false, true) => log_odds(answer, floor),
                (false, false) => answer.max(floor).ln(),
            };
        }
    }

    fn is_regression(&self) -> bool {
        match self {
            Self::Linear(linear) => linear.task() == crate::linear::Task::Regression,
            Self::Network(network) => network.task() == crate::linear::Task::Regression,
            Self::Boosted(forest) | Self::Forest(forest) => matches!(forest.link(), Link::Identity | Link::MeanValue),
        }
    }

    /// Contributions to the margin of `output`. Those of a random forest are shares of a probability; they are
    /// stretched by one common factor, so that they add up to the margin.
    fn contributions(&self, row: &[f32], output: usize) -> Contributions {
        let shares = match self {
            Self::Linear(linear) => return linear.contributions(row, output),
            Self::Network(network) => {
                let unit = network.task().unit();
                let nothing = |_| Contributions { base: 0.0, values: vec![0.0; row.len()], unit };
                return network.contributions(row, output).unwrap_or_else(nothing);
            }
            Self::Boosted(forest) | Self::Forest(forest) => forest.contributions(row, output),
        };
        if shares.unit != Unit::Probability {
            return shares;
        }
        let binary = self.outputs() == 1;
        let to_margin = |p: f64| if binary { log_odds(p, FOREST_FLOOR) } else { p.max(FOREST_FLOOR).ln() };
        let from = f64::from(shares.base);
        let moved: f64 = shares.values.iter().map(|&value| f64::from(value)).sum();
        let (base, end) = (to_margin(from), to_margin(from + moved));
        let factor = if moved.abs() > 1e-9 { (end - base) / moved } else { 0.0 };
        let values = shares.values.iter().map(|&value| (f64::from(value) * factor) as f32).collect();
        Contributions { base: base as f32, values, unit: Unit::LogOdds }
    }

    fn outputs(&self) -> usize {
        match self {
            Self::Linear(linear) => linear.task().outputs(),
            Self::Network(network) => network.task().outputs(),
            Self::Boosted(forest) | Self::Forest(forest) => forest.outputs(),
        }
    }
}

impl Member {
    /// Margins of one encoded row.
    pub(crate) fn margins(&self, encoded: &[f32], out: &mut [f64]) {
        if self.recoding.is_empty() {
            return self.fitted.margins(encoded, out);
        }
        let mut row = encoded.to_vec();
        self.recoding.apply_row(&mut row);
        self.fitted.margins(&row, out);
    }

    /// Margins of all encoded rows, row by row.
    pub(crate) fn margins_of(&self, features: &Features) -> Vec<f64> {
        self.fitted.margins_of(&self.recoding.apply(features))
    }

    /// Contributions of each feature of one encoded row to the margin of `output`.
    pub(crate) fn contributions(&self, encoded: &[f32], output: usize) -> Contributions {
        let mut row = encoded.to_vec();
        self.recoding.apply_row(&mut row);
        self.fitted.contributions(&row, output)
    }
}

/// All members' names, each once, as prose.
pub(crate) fn name(members: &[Member]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for member in members {
        let name = member.fitted.name();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match names.as_slice() {
        [] => String::new(),
        [one] => one.trim_start_matches("a ").to_owned(),
        [first @ .., last] => format!("blend of {} and {last}", first.join(", ")),
    }
}

fn linear_task_fits(own: crate::linear::Task, task: Task, width: usize) -> bool {
    match own {
        crate::linear::Task::Binary => task == Task::Binary,
        crate::linear::Task::Multiclass { classes } => task == Task::Multiclass && classes as usize == width,
        crate::linear::Task::Regression => task == Task::Regression,
    }
}

fn is_margin(link: Link) -> bool {
    matches!(link, Link::Logistic | Link::Softmax)
}

/// Runs `work` on room for `width` numbers, without allocation for a few.
fn with_room(width: usize, few: &mut [f32; 8], work: impl FnOnce(&mut [f32])) {
    match few.get_mut(..width) {
        Some(room) => work(room),
        None => work(&mut vec![0.0; width]),
    }
}

fn bounded(score: f32) -> f64 {
    f64::from(score).clamp(-SUREST, SUREST)
}

/// Logarithms of unnormalised probabilities to logarithms of probabilities, so that members blend evenly.
fn log_normalise(link: Link, scores: &mut [f64]) {
    if link == Link::Softmax {
        let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let total = scores.iter().map(|score| (score - most).exp()).sum::<f64>().ln() + most;
        scores.iter_mut().for_each(|score| *score -= total);
    }
}

fn log_odds(probability: f64, floor: f64) -> f64 {
    let p = probability.clamp(floor, 1.0 - floor);
    p.ln() - (-p).ln_1p()
}
