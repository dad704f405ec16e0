//! What somebody wrote, and whether it holds together.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{ClassWeight, Column, Estimator, FeatureSource, Specification, Split, Task, ThresholdRule};
use crate::error::FieldError;
use crate::gate::Gate;
use crate::heuristic::Heuristic;
use crate::reading::Reading;
use crate::retraining::Rules;
use crate::schedule::Timetable;

/// The most inputs a model may have.
pub const MAX_COLUMNS: usize = 2_000;
/// The most classes a model may tell apart.
pub const MAX_CLASSES: usize = 200;
/// The longest name of a model or column, in characters.
pub const MAX_NAME: usize = 100;

/// A specification as written by a person or a program, unchecked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// What the model does.
    pub task: Task,
    /// Column to be learnt.
    pub target: String,
    /// The classes of a classification.
    #[serde(default)]
    pub classes: Vec<String>,
    /// The positive class of a binary task; the second of `classes` if it is not said.
    #[serde(default, skip_serializing)]
    pub positive: Option<String>,
    /// Inputs; none for text recognition, whose input is an image.
    #[serde(default)]
    pub columns: Vec<Column>,
    /// Columns not to be learnt from.
    #[serde(default)]
    pub drop: Vec<String>,
    /// How rows are divided.
    #[serde(default)]
    pub split: Split,
    /// Column of row weights: finite numbers above 0; an empty cell counts as 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<String>,
    /// Share of the rows that nothing touches until the end.
    #[serde(default = "default_holdout")]
    pub holdout: f64,
    /// Share of what a binary model says no to that people look at all the same: 0 to 1; 0.005 if it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit_share: Option<f64>,
    /// The learner.
    #[serde(default)]
    pub estimator: Estimator,
    /// Where a binary model says yes.
    #[serde(default)]
    pub threshold: ThresholdRule,
    /// What a version must pass to be promoted.
    #[serde(default)]
    pub gates: Vec<Gate>,
    /// Who answers when no version serves.
    #[serde(default)]
    pub heuristic: Heuristic,
    /// How long an answer is kept for the same inputs, in seconds: 1 to 300; not at all if it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_seconds: Option<u32>,
    /// Where inputs come from that a row does not name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub features: Option<FeatureSource>,
    /// What a reading must look like (text recognition).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<Reading>,
    /// When the model learns again, and what becomes of what it learnt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retraining: Option<Rules>,
    /// What is done by the clock.
    #[serde(default, skip_serializing_if = "Timetable::is_empty")]
    pub schedule: Timetable,
}

/// A share large enough for intervals that say something, small enough not to starve the learner.
pub const DEFAULT_HOLDOUT: f64 = 0.15;

fn default_holdout() -> f64 {
    DEFAULT_HOLDOUT
}

impl Draft {
    /// Reads TOML.
    ///
    /// # Errors
    /// The parser's message, under the field `specification`.
    pub fn from_toml(text: &str) -> Result<Self, FieldError> {
        toml::from_str(text).map_err(|error| FieldError::new("specification", error.to_string().trim()))
    }

    /// Reads JSON.
    ///
    /// # Errors
    /// The parser's message, under the field `specification`.
    pub fn from_json(text: &str) -> Result<Self, FieldError> {
        serde_json::from_str(text).map_err(|error| FieldError::new("specification", error.to_string()))
    }

    /// The specification, if it holds together.
    ///
    /// # Errors
    /// Every field that is wrong, not only the first.
    pub fn validate(self) -> Result<Specification, Vec<FieldError>> {
        let mut wrong = Vec::new();
        self.schedule.check_time_zone(&mut wrong);
        self.checked(wrong)
    }

    /// The specification, if it holds together and nothing is `wrong` with it already.
    pub(super) fn checked(mut self, mut wrong: Vec<FieldError>) -> Result<Specification, Vec<FieldError>> {
        if self.task != Task::TextRecognition {
            self.check_columns(&mut wrong);
        }
        // A decision is one of the classes, and no database keeps a NUL in a text.
        if self.classes.iter().any(|class| class.contains('\0')) {
            wrong.push(FieldError::new("classes", "a class holds the character NUL"));
        }
        self.order_classes(&mut wrong);
        self.check_shares(&mut wrong);
        self.check_split(&mut wrong);
        self.check_weight(&mut wrong);
        self.check_reading(&mut wrong);
        self.schedule.check(self.task == Task::TextRecognition, &mut wrong);
        self.check_serving(&mut wrong);
        for (i, gate) in self.gates.iter().enumerate() {
            gate.check(&format!("gates[{i}]"), &mut wrong);
        }
        if let Some(rules) = &self.retraining {
            rules.check(&mut wrong);
        }
        if self.task != Task::TextRecognition {
            self.heuristic.check(self.task, self.classes.len(), &self.columns, &mut wrong);
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Ok(Specification {
            task: self.task,
            target: self.target,
            classes: self.classes,
            columns: self.columns,
            drop: self.drop,
            split: self.split,
            weight: self.weight,
            holdout: self.holdout,
            audit_share: self.audit_share,
            estimator: self.estimator,
            threshold: self.threshold,
            gates: self.gates,
            heuristic: self.heuristic,
            cache_seconds: self.cache_seconds,
            features: self.features,
            reading: self.reading,
            retraining: self.retraining,
            schedule: self.schedule,
        })
    }

    fn check_columns(&self, wrong: &mut Vec<FieldError>) {
        if self.target.is_empty() {
            wrong.push(FieldError::new("target", "name the column that is to be learnt"));
        }
        if self.columns.is_empty() {
            wrong.push(FieldError::new("columns", "at least one input column is needed"));
        }
        if self.columns.len() > MAX_COLUMNS {
            wrong.push(FieldError::new("columns", format!("at most {MAX_COLUMNS} are possible")));
        }
        let mut seen = HashSet::new();
        for (i, column) in self.columns.iter().enumerate() {
            let field = || format!("columns[{i}].name");
            if column.name.is_empty() || column.name.chars().count() > MAX_NAME {
                wrong.push(FieldError::new(field(), format!("1 to {MAX_NAME} characters are possible")));
            }
            if column.name == self.target {
                wrong.push(FieldError::new(field(), "the target cannot be an input"));
            }
            if self.drop.contains(&column.name) {
                wrong.push(FieldError::new(field(), format!("`{}` is also listed under drop", column.name)));
            }
            if !seen.insert(&column.name) {
                wrong.push(FieldError::new(field(), format!("`{}` appears twice", column.name)));
            }
        }
    }

    /// Puts the positive class of a binary task second.
    fn order_classes(&mut self, wrong: &mut Vec<FieldError>) {
        let distinct: HashSet<_> = self.classes.iter().collect();
        let count = self.classes.len();
        let allowed = match self.task {
            Task::Binary => 2..=2,
            Task::Multiclass => 3..=MAX_CLASSES,
            Task::Regression | Task::TextRecognition => 0..=0,
        };
        if distinct.len() != count {
            wrong.push(FieldError::new("classes", "a class appears twice"));
        } else if !allowed.contains(&count) {
            let reason = match self.task {
                Task::Binary => String::from("a binary task has exactly two classes"),
                Task::Multiclass => format!("a multiclass task has 3 to {MAX_CLASSES} classes"),
                Task::Regression => String::from("a regression has no classes"),
                Task::TextRecognition => String::from("a reading is any text, not one of some classes"),
            };
            wrong.push(FieldError::new("classes", reason));
        }
        let Some(positive) = self.positive.take() else { return };
        match (self.task, self.classes.iter().position(|class| *class == positive)) {
            (Task::Binary, Some(at)) => {
                let class = self.classes.remove(at);
                self.classes.push(class);
            }
            (Task::Binary, None) => {
                wrong.push(FieldError::new("positive", format!("`{positive}` is none of the classes")));
            }
            _ => wrong.push(FieldError::new("positive", "only a binary task has a positive class")),
        }
    }

    fn check_shares(&self, wrong: &mut Vec<FieldError>) {
        if !(0.05..=0.5).contains(&self.holdout) {
            wrong.push(FieldError::new("holdout", "a share from 0.05 to 0.5 is possible"));
        }
        match self.audit_share {
            Some(_) if self.task != Task::Binary => {
                wrong.push(FieldError::new("audit_share", "only a binary task has a threshold to draw under"));
            }
            Some(share) if !(0.0..=1.0).contains(&share) => {
                wrong.push(FieldError::new("audit_share", "a share from 0 to 1 is possible"));
            }
            _ => {}
        }
        if !(1..=3_600).contains(&self.estimator.budget_seconds) {
            wrong.push(FieldError::new("estimator.budget_seconds", "1 to 3600 is possible"));
        }
        if let ClassWeight::Positive(weight) = self.estimator.class_weight
            && !(weight.is_finite() && weight > 0.0)
        {
            wrong.push(FieldError::new("estimator.class_weight", "a number above 0 is needed"));
        }
        let share = |value: f64| (0.0..=1.0).contains(&value);
        let cost = |value: f64| value.is_finite() && value >= 0.0;
        let (field, good) = match self.threshold {
            ThresholdRule::BestF1 => ("", true),
            ThresholdRule::TargetRecall { recall } => ("threshold.recall", share(recall)),
            ThresholdRule::MaxFalsePositiveRate { rate } => ("threshold.rate", share(rate)),
            ThresholdRule::Fixed { threshold } => ("threshold.threshold", share(threshold)),
            ThresholdRule::Costs { false_positive, false_negative } => (
                "threshold.false_positive",
                cost(false_positive) && cost(false_negative) && false_positive + false_negative > 0.0,
            ),
        };
        if !good {
            wrong.push(FieldError::new(field, "shares are from 0 to 1, costs are not negative and not all 0"));
        }
    }

    fn check_split(&self, wrong: &mut Vec<FieldError>) {
        if let Split::Time { column } | Split::Group { column } = &self.split
            && *column == self.target
        {
            wrong.push(FieldError::new("split.column", "the target cannot divide the rows"));
        }
    }

    fn check_weight(&self, wrong: &mut Vec<FieldError>) {
        let Some(weight) = &self.weight else { return };
        if weight.is_empty() || weight.chars().count() > MAX_NAME {
            wrong.push(FieldError::new("weight", format!("1 to {MAX_NAME} characters are possible")));
        }
        if *weight == self.target {
            wrong.push(FieldError::new("weight", "the target cannot weigh the rows"));
        }
        if self.columns.iter().any(|column| column.name == *weight) {
            wrong.push(FieldError::new("weight", "an input cannot weigh the rows"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retraining::Standing;

    const CLAIMS: &str = r#"
        task = "binary"
        target = "fraud"
        classes = ["yes", "no"]
        positive = "yes"
        drop = ["policy_number"]
        split = { by = "time", column = "filed_at" }

        [[columns]]
        name = "amount"
        kind = "numeric"

        [[columns]]
        name = "region"
        kind = "categorical"
        optional = true

        [threshold]
        rule = "target_recall"
        recall = 0.8

        [[gates]]
        metric = "pr_auc"
        at_least = 0.3
    "#;

    fn fields(draft: Draft) -> Vec<String> {
        draft.validate().unwrap_err().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn a_good_draft_becomes_a_specification_with_the_positive_class_second() {
        let specification = Draft::from_toml(CLAIMS).unwrap().validate().unwrap();
        assert_eq!(specification.classes, ["no", "yes"]);
        assert_eq!(specification.positive(), Some("yes"));
        assert_eq!(specification.threshold, ThresholdRule::TargetRecall { recall: 0.8 });
        assert!(specification.is_known_extra("filed_at") && specification.is_known_extra("policy_number"));
        assert!(!specification.is_known_extra("amount"));
    }

    #[test]
    fn a_specification_survives_json_and_keeps_its_hash() {
        let specification = Draft::from_toml(CLAIMS).unwrap().validate().unwrap();
        let json = serde_json::to_string(&specification).unwrap();
        let back: Specification = serde_json::from_str(&json).unwrap();
        assert_eq!(back, specification);
        assert_eq!(back.sha256(), specification.sha256());
    }

    #[test]
    fn every_wrong_field_is_named() {
        let mut draft = Draft::from_toml(CLAIMS).unwrap();
        draft.positive = Some(String::from("maybe"));
        draft.holdout = 0.9;
        draft.audit_share = Some(1.1);
        draft.columns.push(draft.columns[0].clone());
        draft.columns[1].name = String::from("fraud");
        draft.estimator.class_weight = ClassWeight::Positive(-1.0);
        assert_eq!(
            fields(draft),
            ["columns[1].name", "columns[2].name", "positive", "holdout", "audit_share", "estimator.class_weight"]
        );
    }

    #[test]
    fn a_weight_is_known_and_is_neither_input_nor_target() {
        let weighed = |by: &str| Draft { weight: Some(by.into()), ..Draft::from_toml(CLAIMS).unwrap() };
        let specification = weighed("share").validate().unwrap();
        assert!(specification.is_known_extra("share"));
        let back: Specification = serde_json::from_str(&serde_json::to_string(&specification).unwrap()).unwrap();
        assert_eq!(back, specification);
        for by in ["", "fraud", "amount"] {
            assert_eq!(fields(weighed(by)), ["weight"], "{by}");
        }
    }

    #[test]
    fn rules_of_retraining_are_read_checked_and_kept() {
        let recipe = format!("{CLAIMS}\n[retraining]\npolicy = \"champion\"\ndays = 90\ndrift = {{ distance = 0.2 }}");
        let specification = Draft::from_toml(&recipe).unwrap().validate().unwrap();
        let rules = specification.retraining();
        assert_eq!((rules.policy, rules.days, rules.drift.p), (Standing::Champion, Some(90), 0.01));
        let back: Specification = serde_json::from_str(&serde_json::to_string(&specification).unwrap()).unwrap();
        assert_eq!(back, specification);
        let mut draft = Draft::from_toml(&recipe).unwrap();
        draft.retraining.as_mut().unwrap().max_age_days = 0;
        assert_eq!(fields(draft), ["retraining.max_age_days"]);
    }

    #[test]
    fn an_unknown_field_is_refused_by_name() {
        let error = Draft::from_toml(&format!("colour = 1\n{CLAIMS}")).unwrap_err();
        assert!(error.reason.contains("colour"), "{}", error.reason);
    }

    #[test]
    fn an_unchecked_specification_cannot_be_read_back() {
        let json = r#"{"task":"binary","target":"y","classes":["a"],"columns":[]}"#;
        assert!(serde_json::from_str::<Specification>(json).is_err());
    }
}
