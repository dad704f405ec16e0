//! The model that is asked about every event.

use serde_json::{Map, Value, json};

use super::class;
use super::features::{FEATURES, Features};
use crate::case::AUDIT_SHARE;
use crate::feature::FeatureInfo;
use crate::heuristic::{Heuristic, Operator, Rule};
use crate::schedule::Timetable;
use crate::specification::{ClassWeight, DEFAULT_HOLDOUT, Draft, Estimator, Split, Task, ThresholdRule};
use crate::time::Timestamp;

/// Name of the model.
pub const MODEL: &str = "fraud";

/// On the first of each month at 03:00.
const RETRAIN: &str = "0 3 1 * *";

/// Column of the moment by which rows are divided.
const AT: &str = "at";
/// Column of what a row counts.
const WEIGHT: &str = "weight";

/// The recipe that the fraud model starts with.
#[must_use]
pub fn specification() -> Draft {
    Draft {
        task: Task::Binary,
        target: String::from("fraud"),
        classes: vec![class(false).to_owned(), class(true).to_owned()],
        positive: None,
        columns: FEATURES.iter().map(FeatureInfo::column).collect(),
        drop: vec![String::from("event"), String::from("employee")],
        split: Split::Time { column: AT.to_owned() },
        weight: Some(WEIGHT.to_owned()),
        holdout: DEFAULT_HOLDOUT,
        audit_share: Some(AUDIT_SHARE),
        // One event in a hundred is fraud. To even that out by a weight of 99 lowers the area under the precision-recall
        // curve; the threshold finds the recall that is wanted.
        estimator: Estimator { class_weight: ClassWeight::Positive(3.0), ..Estimator::default() },
        threshold: ThresholdRule::TargetRecall { recall: 0.8 },
        gates: Vec::new(),
        heuristic: heuristic(),
        cache_seconds: None,
        features: None,
        reading: None,
        retraining: None,
        schedule: Timetable { retrain: Some(RETRAIN.to_owned()), ..Timetable::default() },
    }
}

fn heuristic() -> Heuristic {
    let rule = |column: &str, operator, value: f64, score| Rule {
        column: column.to_owned(),
        operator,
        value: value.into(),
        score,
    };
    let far = rule("gps_drift_meters", Operator::Above, 1_000.0, 0.9);
    let stranger = rule("face_recognition_confidence", Operator::Below, 0.4, 0.8);
    Heuristic { rules: vec![far, stranger], default: vec![0.01] }
}

/// The row that is asked and logged. `weight` is how many events of its kind it stands for once its truth is known: 1
/// over the share of them that is looked at. It says nothing of who it was.
#[must_use]
pub fn row(features: &Features, at: Timestamp, weight: f64) -> Map<String, Value> {
    let named = FEATURES.iter().zip(features.0).map(|(feature, value)| (feature.name.to_owned(), json!(value)));
    let rest = [(AT.to_owned(), json!(at.rfc3339())), (WEIGHT.to_owned(), json!(weight))];
    named.chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::Cell;

    #[test]
    fn the_recipe_holds_together_and_reads_its_own_rows() {
        let specification = specification().validate().unwrap();
        let mut values = [None; FEATURES.len()];
        for (value, feature) in values.iter_mut().zip(&FEATURES) {
            *value = feature.missing.is_none().then_some(1.0);
        }
        let row = row(&Features(values), Timestamp(0), 20.0);
        assert_eq!(row["at"], "1970-01-01T00:00:00Z");
        assert_eq!(row["weight"], 20.0);
        let cells = specification.read_row(&row, "").unwrap();
        assert_eq!(cells.iter().filter(|cell| **cell == Cell::Missing).count(), 7);
        assert_eq!(row.len(), 14);
    }

    #[test]
    fn without_a_version_distance_and_face_decide() {
        let draft = specification();
        let ask = |drift: f64, face: f64| {
            let cells: Vec<Cell> = FEATURES
                .iter()
                .map(|feature| match feature.name {
                    "gps_drift_meters" => Cell::Number(drift),
                    "face_recognition_confidence" => Cell::Number(face),
                    _ => Cell::Missing,
                })
                .collect();
            draft.heuristic.outputs(Task::Binary, 2, &draft.columns, &cells)[0]
        };
        assert_eq!([ask(1_001.0, 0.9), ask(20.0, 0.39), ask(20.0, 0.41)], [0.9, 0.8, 0.01]);
    }
}
