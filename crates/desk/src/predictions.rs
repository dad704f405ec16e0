//! Predictions: asked for, written down before they are answered, and later held against the truth.

mod outcomes;

use domain::prediction::{Answer, Outcome, Prediction, Route};
use domain::row::Cell;
use domain::specification::Column;
use domain::{Actor, FieldError, Permission, PredictionId, Specification, Task, TenantId, Timestamp};
use futures::{Stream, TryStreamExt};
use ml::model::Model as Fitted;
use rand::Rng;
use serde_json::{Map, Value};

pub use ml::model::{ColumnContribution, Explanation};
pub use outcomes::Reported;
use store::Cursor;
pub use store::{LoggedPrediction, PredictionFilter};

use crate::error::{Error, Result};
use crate::explaining::Waiting;
use crate::serving::Served;
use crate::{Desk, kind, room};

room! {
    /// Verbs on predictions and outcomes.
    Predictions
}

/// One row of a request: parsed, and as it was sent.
#[derive(Clone, Debug)]
pub struct Row {
    /// JSON text of the row; this is what is logged.
    pub text: String,
    /// The same, parsed.
    pub fields: Map<String, Value>,
}

/// An answer that is durable.
#[derive(Clone, Debug)]
pub struct Predicted {
    /// Identity, to report the outcome by.
    pub id: PredictionId,
    /// The version that answered; none is the heuristic.
    pub version: Option<i64>,
    /// Who answered.
    pub route: Route,
    /// When.
    pub at: Timestamp,
    /// What.
    pub answer: Answer,
    /// Why, if it was asked for and a version answered.
    pub explanation: Option<Explanation>,
}

/// A part of the log.
#[derive(Clone, Debug)]
pub struct PredictionPage {
    /// Newest first. There may be fewer than asked for and still a `next`: a search looks at a bounded number of rows.
    pub predictions: Vec<LoggedPrediction>,
    /// Where the next part begins; none at the end.
    pub next: Option<PredictionId>,
}

/// A logged prediction with all that is known about it.
#[derive(Clone, Debug)]
pub struct PredictionDetail {
    /// The record.
    pub prediction: Prediction,
    /// Name of its model.
    pub model: String,
    /// The specification that its row was read by.
    pub specification: Specification,
    /// What turned out to be true, first record first.
    pub outcomes: Vec<Outcome>,
    /// Why, if a version answered and is still readable.
    pub explanation: Option<Explanation>,
    /// Threshold of the version that answered.
    pub threshold: Option<f64>,
}

/// From this many rows on a request is worked on a blocking thread, so that others do not wait behind it.
pub(crate) const MANY_ROWS: usize = 32;

/// Wrong fields named in one answer; a request with more is wrong in some one way throughout.
const MOST_ERRORS: usize = 100;

/// Where the heuristic of a binary model says yes.
const HEURISTIC_THRESHOLD: f64 = 0.5;

impl Predictions<'_> {
    /// Asks `model` for an answer to each row. All are durable when this returns; none is, if any row is wrong.
    ///
    /// # Errors
    /// Needs the right to predict; names every wrong field; [`Error::Unavailable`] when the log is full, or too many
    /// others ask for reasons.
    pub async fn predict(&self, actor: &Actor, model: &str, rows: Vec<Row>, explain: bool) -> Result<Vec<Predicted>> {
        actor.check(Permission::Predict)?;
        let most = self.desk.inner.limits.rows_per_request;
        if rows.is_empty() {
            return Err(Error::field("rows", "at least one row is needed"));
        }
        if rows.len() > most {
            return Err(Error::TooLarge(format!("at most {most} rows fit into one request")));
        }
        let most = self.desk.inner.limits.explained_rows;
        if explain && rows.len() > most {
            return Err(Error::field("contributions", format!("are computed for at most {most} rows of one request")));
        }
        let served = self.desk.served(actor.tenant, model).await?;
        kind::takes_rows(&served.model)?;
        let fitted = served.rows().cloned();
        let asked = Asked::new(self.desk, actor);
        let (answers, records) = if explain && fitted.is_some() {
            let work = move |waiting: &Waiting| asked.answer(&served, fitted.as_deref(), rows, Some(waiting));
            self.desk.explaining(work).await?
        } else if rows.len() < MANY_ROWS {
            asked.answer(&served, fitted.as_deref(), rows, None)?
        } else {
            let work = move || asked.answer(&served, fitted.as_deref(), rows, None);
            tokio::task::spawn_blocking(work).await.map_err(Error::internal)??
        };
        self.desk.inner.writer.submit(records).await?;
        Ok(answers)
    }

    /// The inputs that a row for `model` has now, for a form to ask for.
    ///
    /// # Errors
    /// Needs the right to predict; [`Error::NotFound`] for another tenant's model.
    pub async fn inputs(&self, actor: &Actor, model: &str) -> Result<Vec<Column>> {
        actor.check(Permission::Predict)?;
        Ok(self.desk.served(actor.tenant, model).await?.specification.columns.clone())
    }

    /// A page of the log, newest first.
    ///
    /// # Errors
    /// Needs the right to see predictions; [`Error::NotFound`] for an unknown model name.
    pub async fn list(
        &self,
        actor: &Actor,
        model: Option<&str>,
        filter: &PredictionFilter,
        after: Option<PredictionId>,
        limit: u32,
    ) -> Result<PredictionPage> {
        actor.check(Permission::ReadPredictions)?;
        let mut filter = filter.clone();
        if let Some(name) = model {
            filter.model = Some(self.desk.model(actor.tenant, name).await?.id);
        }
        let cursor = after.map(|id| Cursor::uuid(id.0));
        let page = self.desk.store().predictions(actor.tenant, &filter, cursor.as_ref(), limit.clamp(1, 200)).await?;
        let next = page.next.and_then(|cursor| cursor.to_string().parse().ok());
        Ok(PredictionPage { predictions: page.items, next })
    }

    /// Every prediction of `model` that fits, newest first, in batches: for an export that never holds them all.
    ///
    /// # Errors
    /// Needs the right to see predictions; [`Error::NotFound`] for an unknown model name.
    pub async fn export(
        &self,
        actor: &Actor,
        model: &str,
        filter: &PredictionFilter,
    ) -> Result<impl Stream<Item = Result<Vec<LoggedPrediction>>> + Send + use<>> {
        actor.check(Permission::ReadPredictions)?;
        let model = self.desk.model(actor.tenant, model).await?;
        let filter = PredictionFilter { model: Some(model.id), ..filter.clone() };
        let (store, tenant) = (self.desk.store().clone(), actor.tenant);
        Ok(async_stream::try_stream! {
            let mut batches = std::pin::pin!(store.export_predictions(tenant, filter));
            while let Some(batch) = batches.try_next().await? {
                yield batch;
            }
        })
    }

    /// One logged prediction with its outcomes and explanation.
    ///
    /// # Errors
    /// Needs the right to see predictions; [`Error::NotFound`] for another tenant's; [`Error::Unavailable`] when too many
    /// others ask for reasons.
    pub async fn get(&self, actor: &Actor, id: PredictionId) -> Result<PredictionDetail> {
        actor.check(Permission::ReadPredictions)?;
        let prediction = self.prediction(actor.tenant, id).await?;
        let model = self.desk.model_by_id(actor.tenant, prediction.model).await?;
        let outcomes = self.desk.store().outcomes(actor.tenant, id).await?;
        let (mut specification, mut explanation, mut threshold) = (model.specification.clone(), None, None);
        if let Some(number) = prediction.version {
            specification = self.desk.version(actor.tenant, &model, number).await?.1;
            // A version that reads images, or whose artifacts are refused, explains nothing; the record is still shown.
            if let Ok(fitted) = self.desk.load_rows(&model, number).await {
                threshold = fitted.threshold();
                let row = serde_json::from_str::<Map<String, Value>>(&prediction.features).unwrap_or_default();
                if let Ok(cells) = specification.read_row(&row, "") {
                    let work = move |waiting: &Waiting| waiting.explain(&fitted, &[cells]);
                    explanation = self.desk.explaining(work).await?.pop();
                }
            }
        }
        Ok(PredictionDetail { prediction, model: model.name, specification, outcomes, explanation, threshold })
    }

    async fn prediction(&self, tenant: TenantId, id: PredictionId) -> Result<Prediction> {
        let found = self.desk.store().prediction(tenant, id).await?;
        found.map(|logged| logged.prediction).ok_or_else(|| Error::not_found(format!("prediction {id}")))
    }
}

/// What is the same for all rows of a request.
pub(crate) struct Asked {
    desk: Desk,
    started: Timestamp,
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
        fitted: Option<&Fitted>,
        rows: Vec<Row>,
        explain: Option<&Waiting>,
    ) -> Result<(Vec<Predicted>, Vec<Prediction>)> {
        let cells = read_rows(&served.specification, &rows)?;
        let answers: Vec<Answer> = match fitted {
            Some(fitted) => fitted.outputs_of(&cells).iter().map(|outputs| fitted.decide(outputs)).collect(),
            None => cells.iter().map(|row| heuristic(&served.specification, row)).collect(),
        };
        let explanations: Vec<Option<Explanation>> = match (fitted, explain) {
            (Some(fitted), Some(waiting)) => waiting.explain(fitted, &cells)?.into_iter().map(Some).collect(),
            _ => vec![None; cells.len()],
        };
        let route = if fitted.is_some() { Route::Champion } else { Route::Heuristic };
        let version = fitted.and(served.version);
        let at = self.desk.now();
        let latency = at.since(self.started) / rows.len() as i64;
        let mut predicted = Vec::with_capacity(rows.len());
        let mut records = Vec::with_capacity(rows.len());
        for ((row, answer), explanation) in rows.into_iter().zip(answers).zip(explanations) {
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
            predicted.push(Predicted { id, version, route, at, answer, explanation });
        }
        Ok((predicted, records))
    }
}

fn read_rows(specification: &Specification, rows: &[Row]) -> Result<Vec<Vec<Cell>>> {
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
