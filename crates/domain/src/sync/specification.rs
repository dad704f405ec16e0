//! The model that is asked about every sync.

use serde_json::{Map, Value, json};

use super::class;
use super::features::{FEATURES, Features};
use crate::feature::FeatureInfo;
use crate::heuristic::{Heuristic, Operator, Rule};
use crate::retraining::{Rules, Standing};
use crate::schedule::Timetable;
use crate::specification::{DEFAULT_HOLDOUT, Draft, Estimator, Split, Task, ThresholdRule};
use crate::time::Timestamp;

/// Name of the model.
pub const MODEL: &str = "conflict";

/// Column of the moment by which rows are divided.
const AT: &str = "at";
/// Each Monday at 03:00, on what was observed of the week.
const RETRAIN: &str = "0 3 * * 1";

/// The recipe that the conflict model starts with. Logistic regression on standardised columns is the baseline beside
/// every version, and `estimator.kind = "logistic"` makes it the model itself.
#[must_use]
pub fn specification() -> Draft {
    Draft {
        task: Task::Binary,
        target: String::from("conflict"),
        classes: vec![class(false).to_owned(), class(true).to_owned()],
        positive: None,
        columns: FEATURES.iter().map(FeatureInfo::column).collect(),
        drop: ["client", "person", "entity_type", "entity"].map(String::from).to_vec(),
        split: Split::Time { column: AT.to_owned() },
        weight: None,
        holdout: DEFAULT_HOLDOUT,
        audit_share: None,
        estimator: Estimator::default(),
        threshold: ThresholdRule::BestF1,
        gates: Vec::new(),
        heuristic: heuristic(),
        cache_seconds: None,
        features: None,
        reading: None,
        // What gets better at it serves by itself: nobody decides on syncs one by one.
        retraining: Some(Rules { policy: Standing::Champion, ..Rules::default() }),
        schedule: Timetable { retrain: Some(RETRAIN.to_owned()), ..Timetable::default() },
    }
}

/// The same fields are the surest sign; many editors of others come next.
fn heuristic() -> Heuristic {
    let above = |column: &str, value: f64, score| Rule {
        column: column.to_owned(),
        operator: Operator::Above,
        value: value.into(),
        score,
    };
    let rules = vec![
        above("field_overlap", 0.5, 0.8),
        above("field_overlap", 0.0, 0.6),
        above("concurrent_editors", 2.0, 0.5),
        above("concurrent_editors", 0.0, 0.2),
    ];
    Heuristic { rules, default: vec![0.05] }
}

/// The row that is asked and logged. It says nothing of who it was.
#[must_use]
pub fn row(features: &Features, at: Timestamp) -> Map<String, Value> {
    let named = FEATURES.iter().zip(features.0).map(|(feature, value)| (feature.name.to_owned(), json!(value)));
    named.chain([(AT.to_owned(), json!(at.rfc3339()))]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::Cell;

    #[test]
    fn the_recipe_holds_together_and_reads_its_own_rows() {
        let specification = specification().validate().unwrap();
        let row = row(&Features([Some(2.0), None, Some(0.1), Some(4.0), Some(0.5)]), Timestamp(0));
        assert_eq!(row["at"], "1970-01-01T00:00:00Z");
        let cells = specification.read_row(&row, "").unwrap();
        let expected = [Cell::Number(2.0), Cell::Missing, Cell::Number(0.1), Cell::Number(4.0), Cell::Number(0.5)];
        assert_eq!(cells, expected);
    }

    #[test]
    fn without_a_version_the_fields_and_then_the_editors_decide() {
        let draft = specification();
        let ask = |editors: f64, overlap: f64| {
            let cells = [editors, 1.0, 0.1, 1.0, overlap].map(Cell::Number);
            draft.heuristic.outputs(Task::Binary, 2, &draft.columns, &cells)[0]
        };
        assert_eq!(
            [ask(1.0, 0.6), ask(1.0, 0.5), ask(3.0, 0.0), ask(1.0, 0.0), ask(0.0, 0.0)],
            [0.8, 0.6, 0.5, 0.2, 0.05]
        );
    }
}
