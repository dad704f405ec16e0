//! Answers to rows, with what is written down of each.

use domain::prediction::{Answer, Prediction, Route};
use domain::row::Cell;
use domain::{Actor, FieldError, PredictionId, Specification, Task, TenantId, Timestamp};
use rand::Rng;

use super::{Explanation, Predicted, Row};
use crate::Desk;
use crate::error::{Error, Result};
use crate::explaining::Waiting;
use crate::serving::{Computed, Served};

/// Wrong fields named in one answer; a request with more is wrong in some one way throughout.
const MOST_ERRORS: usize = 100;

/// Where the heuristic of a binary model says yes.
pub(crate) const HEURISTIC_THRESHOLD: f64 = 0.5;

/// What is the same for all rows of a request.
pub(crate) struct Asked {
    desk: Desk,
    pub(super) started: Timestamp,
    actor: String,
    tenant: TenantId,
}

impl Asked {
    pub(crate) fn new(desk: &Desk, actor: &Actor) -> Self {
        Self { started: desk.now(), actor: actor.label(), tenant: actor.tenant, desk: desk.clone() }
    }

    /// An answer and a record of it for each row.
    pub(crate) fn answer(
        &self,
        served: &Served,
        rows: Vec<Row>,
        explain: Option<&Waiting>,
    ) -> Result<(Vec<Predicted>, Vec<Prediction>)> {
        let (cells, fitted) = (read_rows(&served.specification, &rows)?, served.rows());
        let answers: Vec<Answer> = match fitted {
            Some(fitted) => fitted.outputs_of(&cells).iter().map(|outputs| fitted.decide(outputs)).collect(),
            None => cells.iter().map(|row| heuristic(&served.specification, row)).collect(),
        };
        let explanations: Vec<Option<Explanation>> = match (fitted, explain) {
            (Some(fitted), Some(waiting)) => waiting.explain(fitted, &cells)?.into_iter().map(Some).collect(),
            _ => vec![None; cells.len()],
        };
        let computed = answers.into_iter().zip(explanations);
        let computed = computed.map(|(answer, explanation)| Computed { answer, explanation }).collect();
        Ok(self.record(served, rows, computed, false))
    }

    /// What is answered and written down; `kept` says whether it was computed before.
    pub(super) fn record(
        &self,
        served: &Served,
        rows: Vec<Row>,
        computed: Vec<Computed>,
        kept: bool,
    ) -> (Vec<Predicted>, Vec<Prediction>) {
        let fitted = served.rows();
        let route = if fitted.is_some() { Route::Champion } else { Route::Heuristic };
        let version = fitted.and(served.version);
        let at = self.desk.now();
        let latency = at.since(self.started) / rows.len() as i64;
        let mut predicted = Vec::with_capacity(rows.len());
        let mut records = Vec::with_capacity(rows.len());
        for (row, Computed { answer, explanation }) in rows.into_iter().zip(computed) {
            let id = PredictionId::new(at, random());
            records.push(Prediction {
                id,
                tenant: self.tenant,
                model: served.model.id,
                version,
                route,
                at,
                features: row.text,
                score: answer.score,
                decision: answer.decision.clone(),
                confidence: answer.confidence,
                probabilities: many_probabilities(served.specification.task, &answer),
                latency_micros: latency,
                actor: self.actor.clone(),
            });
            predicted.push(Predicted { id, version, route, at, answer, explanation, kept, features: None });
        }
        (predicted, records)
    }
}

/// The checked cells of each row.
pub(super) fn read_rows(specification: &Specification, rows: &[Row]) -> Result<Vec<Vec<Cell>>> {
    let alone = rows.len() == 1;
    let mut wrong: Vec<FieldError> = Vec::new();
    let mut cells = Vec::with_capacity(rows.len());
    for (i, row) in rows.iter().enumerate() {
        let prefix = if alone { String::from("row.") } else { format!("rows[{i}].") };
        match specification.read_row(&row.fields, &prefix) {
            Ok(row) => cells.push(row),
            Err(errors) => wrong.extend(errors),
        }
        if wrong.len() >= MOST_ERRORS {
            break;
        }
    }
    if wrong.is_empty() { Ok(cells) } else { Err(Error::Invalid(wrong)) }
}

fn heuristic(specification: &Specification, row: &[Cell]) -> Answer {
    let Specification { task, classes, columns, .. } = specification;
    let outputs = specification.heuristic.outputs(*task, classes.len(), columns, row);
    Answer::decide(*task, classes, HEURISTIC_THRESHOLD, &outputs)
}

/// Binary probabilities follow from the score; only a multiclass answer needs them written down.
fn many_probabilities(task: Task, answer: &Answer) -> String {
    match task {
        Task::Multiclass => serde_json::to_string(&answer.probabilities).unwrap_or_default(),
        Task::Binary | Task::Regression | Task::TextRecognition => String::new(),
    }
}

pub(crate) fn random() -> [u8; 10] {
    let mut bytes = [0; 10];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}
