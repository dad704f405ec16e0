//! A fitted model: immutable, made of plain data, answering one row in microseconds.
//!
//! [`Model`] goes from checked cells to calibrated outputs and on to a decision, explains a row by input column, and
//! turns into named files and back. It is made by [`crate::training::train`].

mod check;
mod division;
mod explanation;
mod fitted;
mod outputs;
mod propose;
mod recoding;
mod stored;
#[cfg(test)]
mod tests;
mod useless;

use domain::prediction::Answer;
use domain::row::Cell;
use domain::specification::{Column, Task};

pub use explanation::{ColumnContribution, Explanation};
pub use fitted::{Fitted, Member};
pub use outputs::Calibration;
pub(crate) use outputs::uncalibrated;
pub use propose::{Proposal, propose};
pub use recoding::Recoding;
pub(crate) use recoding::recoding_table;
pub use stored::{LoadError, MODEL_FILE, StoreError};

use crate::encode::Encoder;

/// Everything that was learnt and is needed to answer.
#[derive(Clone, Debug)]
pub struct Model {
    pub(crate) task: Task,
    pub(crate) classes: Vec<String>,
    pub(crate) columns: Vec<Column>,
    pub(crate) encoder: Encoder,
    /// At least one; their weights add up to 1.
    pub(crate) members: Vec<Member>,
    pub(crate) calibration: Calibration,
    /// Score from which a binary model says yes.
    pub(crate) threshold: Option<f32>,
}

impl Model {
    /// What it does.
    #[must_use]
    pub fn task(&self) -> Task {
        self.task
    }

    /// The classes in the order of the outputs, the positive one of a binary task second; empty for regression.
    #[must_use]
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The inputs, in the order of a row's cells.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Score from which a binary model says yes; `None` for other tasks.
    #[must_use]
    pub fn threshold(&self) -> Option<f64> {
        self.threshold.map(f64::from)
    }

    /// The encoding of the inputs.
    #[must_use]
    pub fn encoder(&self) -> &Encoder {
        &self.encoder
    }

    /// What answers, each with its weight.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// How outputs were made to mean what they say.
    #[must_use]
    pub fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// What was learnt, in words: `boosted trees`, `blend of boosted trees and a random forest`.
    #[must_use]
    pub fn estimator_name(&self) -> String {
        fitted::name(&self.members)
    }

    /// Decides about one row (one cell for each of [`Model::columns`]).
    #[must_use]
    pub fn answer(&self, row: &[Cell]) -> Answer {
        self.decide(&self.outputs(row))
    }

    /// Decides from what [`Model::outputs`] gave.
    #[must_use]
    pub fn decide(&self, outputs: &[f64]) -> Answer {
        Answer::decide(self.task, &self.classes, self.threshold().unwrap_or(0.5), outputs)
    }

    /// Numbers given for a row: 1 for binary tasks and regression, else one a class.
    #[must_use]
    pub fn width(&self) -> usize {
        if self.task == Task::Multiclass { self.classes.len() } else { 1 }
    }
}
