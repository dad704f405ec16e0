//! Predictions: asked for, written down before they are answered, and later held against the truth.

mod asked;
mod outcomes;

use std::sync::Arc;

use domain::prediction::{Answer, Outcome, Prediction, Route};
use domain::specification::Column;
use domain::{Actor, Permission, PredictionId, Specification, TenantId, Timestamp};
use futures::{Stream, TryStreamExt};
use serde_json::{Map, Value};

pub use ml::model::{ColumnContribution, Explanation};
pub use outcomes::{Recorded, Reported};
use store::Cursor;
pub use store::{LoggedPrediction, PredictionFilter};

use crate::error::{Error, Result};
use crate::explaining::Waiting;
pub use crate::features::{FeatureUse, FeatureUseStatus};
use crate::serving::{Computed, Served, Source};
use crate::{kind, room};
use asked::read_rows;
pub(crate) use asked::{Asked, HEURISTIC_THRESHOLD, random};

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
    /// Whether the version had computed it before, for the same inputs.
    pub kept: bool,
    /// What was taken from the feature store, if the row named its entity.
    pub features: Option<FeatureUse>,
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
const MANY_ROWS: usize = 32;

/// Does `work` on so many rows where it holds up nobody else.
pub(crate) async fn work_on<T: Send + 'static>(
    rows: usize,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    if rows < MANY_ROWS {
        return work();
    }
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

impl Predictions<'_> {
    /// Asks `model` for an answer to each row. All are durable when this returns; none is, if any row is wrong.
    ///
    /// # Errors
    /// Needs the right to predict; names every wrong field; [`Error::Unavailable`] when the log is full, or too many
    /// others ask for reasons.
    pub async fn predict(&self, actor: &Actor, model: &str, rows: Vec<Row>, explain: bool) -> Result<Vec<Predicted>> {
        self.predict_of(actor, model, rows, &[], explain).await
    }

    /// The same, where inputs that a row does not name are taken from what is known of its entity, by the feature set of
    /// the specification in force. There is an entity, or none, for each row.
    ///
    /// # Errors
    /// As [`Self::predict`].
    pub async fn predict_of(
        &self,
        actor: &Actor,
        model: &str,
        mut rows: Vec<Row>,
        entities: &[Option<String>],
        explain: bool,
    ) -> Result<Vec<Predicted>> {
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
        let asked = Arc::new(Asked::new(self.desk, actor));
        let uses = self.desk.fill(actor.tenant, &served, &mut rows, entities).await?;
        let (mut predicted, records) = match served.cache_seconds().filter(|_| rows.len() < MANY_ROWS) {
            Some(seconds) => self.answer_once(&served, &asked, rows, explain, seconds).await?,
            None => self.answer(&served, &asked, rows, explain).await?,
        };
        self.desk.inner.writer.submit(records).await?;
        predicted.iter_mut().zip(uses).for_each(|(one, features)| one.features = features);
        let source = if predicted.iter().all(|one| one.kept) { Source::Kept } else { served.source() };
        served.counts.answered(source, predicted.len(), self.desk.now().since(asked.started));
        Ok(predicted)
    }

    async fn answer(
        &self,
        served: &Arc<Served>,
        asked: &Arc<Asked>,
        rows: Vec<Row>,
        explain: bool,
    ) -> Result<(Vec<Predicted>, Vec<Prediction>)> {
        let (served, asked) = (Arc::clone(served), Arc::clone(asked));
        if explain && served.rows().is_some() {
            return self.desk.explaining(move |waiting| asked.answer(&served, rows, Some(waiting))).await;
        }
        work_on(rows.len(), move || asked.answer(&served, rows, None)).await
    }

    /// From what was computed before if all rows are there, else by computing it, which is then kept for `seconds`.
    async fn answer_once(
        &self,
        served: &Arc<Served>,
        asked: &Arc<Asked>,
        rows: Vec<Row>,
        explain: bool,
        seconds: u32,
    ) -> Result<(Vec<Predicted>, Vec<Prediction>)> {
        let answers = &self.desk.inner.serving.answers;
        let keys = answers.keys(served, &read_rows(&served.specification, &rows)?);
        if let Some(kept) = answers.all(&keys, explain, self.desk.now()) {
            return Ok(asked.record(served, rows, kept, true));
        }
        let (predicted, records) = self.answer(served, asked, rows, explain).await?;
        for (key, Predicted { answer, explanation, .. }) in keys.into_iter().zip(&predicted) {
            let computed = Computed { answer: answer.clone(), explanation: explanation.clone() };
            answers.keep(key, computed, seconds, self.desk.now());
        }
        Ok((predicted, records))
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
