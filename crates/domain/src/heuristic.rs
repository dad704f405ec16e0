//! Who answers when no version serves: rules that a person wrote, then the share seen in the data.

use serde::{Deserialize, Serialize};

use crate::error::FieldError;
use crate::row::Cell;
use crate::specification::{Column, Task};

/// The fallback of a model. Every answer it gives is marked as a heuristic's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heuristic {
    /// Asked in order; the first that applies answers. Not for multiclass tasks.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// What is answered when no rule applies: the probability of the positive class, one probability a class, or the
    /// mean. Filled from the data when the model is created.
    #[serde(default)]
    pub default: Vec<f64>,
}

/// `column operator value` → `score`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// An input column.
    pub column: String,
    /// How it is compared.
    pub operator: Operator,
    /// With what: a number for `above` and `below`, else a word.
    pub value: serde_json::Value,
    /// What is answered: a probability, or the value of a regression.
    pub score: f64,
}

/// How a rule compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// The cell is a greater number.
    Above,
    /// The cell is a smaller number.
    Below,
    /// The cell is the same word or number.
    Equals,
    /// The cell is missing; `value` is not looked at.
    IsMissing,
}

impl Heuristic {
    pub(crate) fn check(&self, task: Task, classes: usize, columns: &[Column], wrong: &mut Vec<FieldError>) {
        if task == Task::Multiclass && !self.rules.is_empty() {
            wrong.push(FieldError::new("heuristic.rules", "rules are for binary tasks and regressions"));
        }
        for (i, rule) in self.rules.iter().enumerate() {
            if !columns.iter().any(|column| column.name == rule.column) {
                wrong.push(FieldError::new(format!("heuristic.rules[{i}].column"), "this is not an input column"));
            }
            let bounded = task != Task::Binary || (0.0..=1.0).contains(&rule.score);
            if !rule.score.is_finite() || !bounded {
                wrong.push(FieldError::new(format!("heuristic.rules[{i}].score"), "a probability is from 0 to 1"));
            }
        }
        let expected = if task == Task::Multiclass { classes } else { 1 };
        let finite = self.default.iter().all(|value| value.is_finite());
        if !(self.default.is_empty() || self.default.len() == expected && finite) {
            wrong.push(FieldError::new("heuristic.default", format!("{expected} finite numbers are needed")));
        }
    }

    /// Outputs for one row, in the shape of an estimator's: see [`crate::prediction::Answer::decide`].
    #[must_use]
    pub fn outputs(&self, task: Task, classes: usize, columns: &[Column], row: &[Cell]) -> Vec<f64> {
        let applies = |rule: &&Rule| {
            let position = columns.iter().position(|column| column.name == rule.column);
            position.and_then(|at| row.get(at)).is_some_and(|cell| rule.applies(cell))
        };
        if let Some(rule) = self.rules.iter().find(applies) {
            return vec![rule.score];
        }
        if !self.default.is_empty() {
            return self.default.clone();
        }
        match task {
            Task::Binary => vec![0.5],
            Task::Regression => vec![0.0],
            Task::Multiclass => vec![1.0 / classes.max(1) as f64; classes],
        }
    }
}

impl Rule {
    fn applies(&self, cell: &Cell) -> bool {
        match (self.operator, cell) {
            (Operator::IsMissing, cell) => *cell == Cell::Missing,
            (Operator::Above, Cell::Number(n)) => self.value.as_f64().is_some_and(|value| *n > value),
            (Operator::Below, Cell::Number(n)) => self.value.as_f64().is_some_and(|value| *n < value),
            (Operator::Equals, Cell::Number(n)) => self.value.as_f64() == Some(*n),
            (Operator::Equals, Cell::Text(text)) => self.value.as_str() == Some(text),
            (Operator::Equals, Cell::Boolean(b)) => self.value.as_bool() == Some(*b),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification::ColumnKind;

    fn column(name: &str) -> Column {
        Column { name: name.into(), kind: ColumnKind::Numeric, optional: true, missing: Vec::new() }
    }

    #[test]
    fn the_first_rule_that_applies_answers_and_else_the_default() {
        let rule =
            |operator, value: f64, score| Rule { column: String::from("amount"), operator, value: value.into(), score };
        let heuristic = Heuristic {
            rules: vec![rule(Operator::Above, 100.0, 0.9), rule(Operator::Above, 10.0, 0.4)],
            default: vec![0.05],
        };
        let columns = [column("other"), column("amount")];
        let ask = |amount| heuristic.outputs(Task::Binary, 2, &columns, &[Cell::Missing, amount]);
        assert_eq!(ask(Cell::Number(200.0)), [0.9]);
        assert_eq!(ask(Cell::Number(50.0)), [0.4]);
        assert_eq!(ask(Cell::Number(10.0)), [0.05]);
        assert_eq!(ask(Cell::Missing), [0.05]);
    }
}
