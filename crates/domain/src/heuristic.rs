//! Who answers when no version serves: rules that a person wrote, then the share seen in the data.

use serde::{Deserialize, Serialize};

use crate::error::FieldError;
use crate::row::Cell;
use crate::specification::{Column, ColumnKind, Task};

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
            match columns.iter().find(|column| column.name == rule.column) {
                None => {
                    wrong.push(FieldError::new(format!("heuristic.rules[{i}].column"), "this is not an input column"));
                }
                Some(column) => rule.check(column.kind, i, wrong),
            }
            let bounded = task != Task::Binary || (0.0..=1.0).contains(&rule.score);
            if !rule.score.is_finite() || !bounded {
                wrong.push(FieldError::new(format!("heuristic.rules[{i}].score"), "a probability is from 0 to 1"));
            }
        }
        let expected = if task == Task::Multiclass { classes } else { 1 };
        let possible = |value: &f64| value.is_finite() && (task == Task::Regression || (0.0..=1.0).contains(value));
        let whole = task != Task::Multiclass || (self.default.iter().sum::<f64>() - 1.0).abs() < 1e-6;
        if !self.default.is_empty() && (self.default.len() != expected || !self.default.iter().all(possible) || !whole)
        {
            let needed = match task {
                Task::Binary => String::from("one probability from 0 to 1 is needed"),
                Task::Multiclass => format!("{expected} probabilities that add up to 1 are needed"),
                Task::Regression => String::from("one finite number is needed"),
                Task::TextRecognition => String::from("nothing is read without a version"),
            };
            wrong.push(FieldError::new("heuristic.default", needed));
        }
    }

    /// The rule that answers a row, if one does.
    #[must_use]
    pub fn applied(&self, columns: &[Column], row: &[Cell]) -> Option<&Rule> {
        self.rules.iter().find(|rule| {
            let position = columns.iter().position(|column| column.name == rule.column);
            position.and_then(|at| row.get(at)).is_some_and(|cell| rule.applies(cell))
        })
    }

    /// Outputs for one row, in the shape of an estimator's: see [`crate::prediction::Answer::decide`].
    #[must_use]
    pub fn outputs(&self, task: Task, classes: usize, columns: &[Column], row: &[Cell]) -> Vec<f64> {
        if let Some(rule) = self.applied(columns, row) {
            return vec![rule.score];
        }
        if !self.default.is_empty() {
            return self.default.clone();
        }
        match task {
            Task::Binary => vec![0.5],
            Task::Regression => vec![0.0],
            Task::Multiclass => vec![1.0 / classes.max(1) as f64; classes],
            Task::TextRecognition => Vec::new(),
        }
    }
}

impl Rule {
    /// Whether the comparison can ever hold for a column of this kind.
    fn check(&self, kind: ColumnKind, at: usize, wrong: &mut Vec<FieldError>) {
        let numeric = kind == ColumnKind::Numeric;
        let (fits, needed) = match self.operator {
            Operator::IsMissing => return,
            Operator::Above | Operator::Below if !numeric => {
                let reason = "`above` and `below` compare numbers, and this column holds none";
                wrong.push(FieldError::new(format!("heuristic.rules[{at}].operator"), reason));
                return;
            }
            Operator::Equals if kind == ColumnKind::DateTime => {
                let reason = "dates cannot be compared by `equals`";
                wrong.push(FieldError::new(format!("heuristic.rules[{at}].operator"), reason));
                return;
            }
            Operator::Above | Operator::Below | Operator::Equals if numeric => {
                (self.value.is_number(), "a number is needed")
            }
            _ if kind == ColumnKind::Boolean => (self.value.is_boolean(), "true or false is needed"),
            _ => (self.value.is_string(), "a word is needed"),
        };
        if !fits {
            wrong.push(FieldError::new(format!("heuristic.rules[{at}].value"), needed));
        }
    }

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
