//! What a draft of a model that reads images must and must not say.

use super::{DEFAULT_HOLDOUT, Draft, Estimator, EstimatorKind, Split, Task, ThresholdRule};
use crate::error::FieldError;
use crate::heuristic::Heuristic;
use crate::reading::{Reading, SOURCE, TARGET};
use crate::schedule::Timetable;

impl Draft {
    /// A model that reads images by these rules, with the usual rest.
    #[must_use]
    pub fn of_reading(reading: Reading, split: Split) -> Self {
        Self {
            task: Task::TextRecognition,
            target: String::from(TARGET),
            classes: Vec::new(),
            positive: None,
            columns: Vec::new(),
            drop: Vec::new(),
            split,
            weight: None,
            holdout: DEFAULT_HOLDOUT,
            estimator: Estimator::default(),
            threshold: ThresholdRule::default(),
            gates: Vec::new(),
            heuristic: Heuristic::default(),
            audit_share: None,
            cache_seconds: None,
            features: None,
            reading: Some(reading),
            retraining: None,
            schedule: Timetable::default(),
        }
    }

    /// Rules of reading belong to text recognition, and rows of cells to everything else.
    pub(super) fn check_reading(&self, wrong: &mut Vec<FieldError>) {
        match (&self.reading, self.task) {
            (Some(reading), Task::TextRecognition) => reading.check(wrong),
            (None, Task::TextRecognition) => {
                wrong.push(FieldError::new("reading", "say which characters occur and how long a text is"));
            }
            (Some(_), _) => wrong.push(FieldError::new("reading", "only text recognition has rules of reading")),
            (None, _) => {}
        }
        if self.task == Task::TextRecognition {
            self.check_imagery(wrong);
        }
    }

    fn check_imagery(&self, wrong: &mut Vec<FieldError>) {
        let mut refuse = |holds: bool, field: &str, reason: &str| {
            if !holds {
                wrong.push(FieldError::new(field, reason));
            }
        };
        refuse(self.target == TARGET, "target", "what is read from an image is called `text`");
        refuse(self.columns.is_empty(), "columns", "the input is an image, which has no columns");
        refuse(self.drop.is_empty(), "drop", "the input is an image, which has no columns");
        refuse(self.weight.is_none(), "weight", "every image counts the same");
        let auto = self.estimator.kind == EstimatorKind::Auto;
        refuse(auto, "estimator.kind", "there is one learner for images: auto");
        let by_column = match &self.split {
            Split::Random | Split::Order => true,
            Split::Group { column } => column == SOURCE,
            Split::Time { .. } => false,
        };
        refuse(by_column, "split", "images are divided at random, by group of their `source`, or in their order");
        let nothing = self.heuristic == Heuristic::default();
        refuse(nothing, "heuristic", "without a version nothing is read: every image goes before a person");
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Draft, Specification};
    use crate::reading::Pattern;

    const METER: &str = r#"
        task = "text_recognition"
        target = "text"
        split = { by = "group", column = "source" }

        [reading]
        characters = "0123456789."
        min_length = 3
        max_length = 3
        pattern = '[0-9]\.[0-9]'
        number = { decimals = 1, tolerance = 0.1, wrap = 10.0 }

        [[gates]]
        metric = "exact"
        better_than_champion_by = 0.0
    "#;

    fn fields(draft: Draft) -> Vec<String> {
        draft.validate().unwrap_err().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn a_reading_specification_survives_json_with_its_pattern() {
        let specification = Draft::from_toml(METER).unwrap().validate().unwrap();
        let reading = specification.reading.clone().unwrap();
        assert_eq!((reading.review_below, reading.selection), (0.7, 50));
        assert!(reading.pattern.unwrap().matches("3.7"));
        let back: Specification = serde_json::from_str(&serde_json::to_string(&specification).unwrap()).unwrap();
        assert_eq!(back, specification);
        assert!(specification.input_names().eq(["image"]));
    }

    #[test]
    fn every_wrong_field_of_a_reading_is_named() {
        let mut draft = Draft::from_toml(METER).unwrap();
        draft.target = String::from("label");
        draft.weight = Some(String::from("share"));
        draft.heuristic.default = vec![0.5];
        draft.classes = vec![String::from("0.0")];
        draft.reading.as_mut().unwrap().pattern = Some(Pattern::new("["));
        let expected = ["classes", "reading.pattern", "target", "weight", "heuristic"];
        assert_eq!(fields(draft), expected);
        let draft = Draft::from_toml(METER).unwrap();
        assert_eq!(fields(Draft { reading: None, ..draft.clone() }), ["reading"]);
        let split = super::Split::Time { column: String::from("at") };
        assert_eq!(fields(Draft { split, ..draft }), ["split"]);
    }

    #[test]
    fn rows_of_cells_have_no_rules_of_reading() {
        let reading = Draft::from_toml(METER).unwrap().reading;
        let row = r#"{"task": "regression", "target": "y", "columns": [{"name": "x", "kind": "numeric"}]}"#;
        assert_eq!(fields(Draft { reading, ..Draft::from_json(row).unwrap() }), ["reading"]);
    }
}
