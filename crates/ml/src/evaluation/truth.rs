//! Rows to be measured on: inputs as the model wants them, beside the truth.

use domain::specification::Specification;

use super::error::EvaluateError;
use crate::encode::{Inputs, read_columns, read_target};
use crate::features::Target;
use crate::model::Model;
use crate::table::Table;

/// What a model said about rows whose truth is known.
pub(super) struct Answered {
    pub(super) inputs: Inputs,
    pub(super) target: Target,
    /// Calibrated outputs, rows × outputs.
    pub(super) outputs: Vec<f32>,
}

impl Answered {
    /// Asks `model` about the rows `rows` of a table.
    pub(super) fn read(
        model: &Model,
        specification: &Specification,
        table: &Table,
        rows: Option<&[usize]>,
    ) -> Result<Self, EvaluateError> {
        if model.task() != specification.task || model.classes() != specification.classes {
            return Err(EvaluateError::AnotherTask);
        }
        let target = read_target(specification, table)?;
        let inputs = read_columns(model.columns(), table)?;
        Ok(match rows {
            Some(rows) => Self::of(model, inputs.select(rows), target.select(rows)),
            None => Self::of(model, inputs, target),
        })
    }

    pub(super) fn of(model: &Model, inputs: Inputs, target: Target) -> Self {
        let outputs = model.outputs_of_features(&model.encoder().encode(&inputs));
        Self { inputs, target, outputs: outputs.into_iter().map(|output| output as f32).collect() }
    }

    pub(super) fn rows(&self) -> usize {
        self.target.rows()
    }

    pub(super) fn outputs_of(&self, row: usize) -> Vec<f64> {
        let width = self.target.outputs();
        self.outputs[row * width..(row + 1) * width].iter().map(|&output| f64::from(output)).collect()
    }
}

/// The threshold that measures take; any number for tasks without one.
pub(super) fn threshold(model: &Model) -> f32 {
    model.threshold().map_or(0.5, |threshold| threshold as f32)
}
