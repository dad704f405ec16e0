//! What turned out to be true: recorded once, corrected by a new record.

use std::collections::HashMap;

use domain::audit::Event;
use domain::prediction::{Outcome, OutcomeSource};
use domain::{Actor, ModelId, OutcomeId, Permission, PredictionId, Specification, Task, Timestamp};
use serde_json::Value;
use store::{NewOutcome, Recording};

use super::{Predictions, random};
use crate::error::{Error, Result};
use crate::text;

/// A truth that somebody reports in a batch.
#[derive(Clone, Debug)]
pub struct Reported {
    /// The prediction it is about, as it was sent; a text that is no identity names no prediction.
    pub prediction: String,
    /// What was true.
    pub truth: Value,
}

/// A truth that is in the log.
#[derive(Clone, Debug)]
pub enum Recorded {
    /// It was recorded now.
    Now(Outcome),
    /// The same was recorded before; nothing was written.
    Before(Outcome),
}

/// Largest number that can be true, so that the squares of many errors still have a finite sum.
const MOST_TRUTH: f64 = 1e100;

impl Predictions<'_> {
    /// Records what was true about a prediction, once.
    ///
    /// # Errors
    /// Needs the right to record outcomes; names a truth that the model cannot have; [`Error::Conflict`] if a truth is
    /// known already: then it can only be corrected.
    pub async fn record_outcome(&self, actor: &Actor, id: PredictionId, truth: &Value) -> Result<Outcome> {
        self.add_outcome(actor, id, truth, None).await
    }

    /// Records many truths in one go, each as [`Self::record_outcome`] does, only that the same truth again is no conflict;
    /// gives what became of each, in their order.
    ///
    /// # Errors
    /// Needs the right to record outcomes; [`Error::TooLarge`]; [`Error::Unavailable`] when the log is full. Then none is
    /// recorded.
    pub async fn record_outcomes(&self, actor: &Actor, reported: &[Reported]) -> Result<Vec<Result<Recorded>>> {
        actor.check(Permission::RecordOutcomes)?;
        let most = self.desk.inner.limits.rows_per_request;
        if reported.len() > most {
            return Err(Error::TooLarge(format!("at most {most} outcomes fit into one request")));
        }
        let checked = self.check_truths(actor, reported).await?;
        let good = checked.iter().filter_map(|new| new.as_ref().ok()).cloned().collect();
        let recordings = self.desk.inner.writer.record_outcomes(actor.tenant, good).await?;
        let mut recordings = recordings.into_iter();
        let mut recorded =
            |_| match recordings.next().ok_or_else(|| Error::internal("the writer answered too little"))? {
                Recording::Recorded(outcome) => Ok(Recorded::Now(outcome)),
                Recording::Repeated(outcome) => Ok(Recorded::Before(outcome)),
                Recording::Contradicted(_) => {
                    Err(Error::Conflict(String::from("another truth is recorded already; a correction needs a reason")))
                }
                Recording::NoPrediction => Err(Error::not_found("such prediction")),
            };
        Ok(checked.into_iter().map(|new| new.and_then(&mut recorded)).collect())
    }

    /// Corrects the truth about a prediction by a new record; the old one stays.
    ///
    /// # Errors
    /// As [`Self::record_outcome`]; [`Error::Conflict`] if nothing is recorded yet, or for a key if a person said it last.
    pub async fn correct_outcome(
        &self,
        actor: &Actor,
        id: PredictionId,
        truth: &Value,
        reason: &str,
    ) -> Result<Outcome> {
        self.add_outcome(actor, id, truth, Some(text::reason(reason)?)).await
    }

    /// Everything recorded about a prediction, first record first.
    ///
    /// # Errors
    /// Needs the right to see predictions; [`Error::NotFound`] for another tenant's.
    pub async fn outcomes(&self, actor: &Actor, id: PredictionId) -> Result<Vec<Outcome>> {
        actor.check(Permission::ReadPredictions)?;
        self.prediction(actor.tenant, id).await?;
        Ok(self.desk.store().outcomes(actor.tenant, id).await?)
    }

    async fn add_outcome(
        &self,
        actor: &Actor,
        id: PredictionId,
        truth: &Value,
        reason: Option<&str>,
    ) -> Result<Outcome> {
        actor.check(Permission::RecordOutcomes)?;
        let prediction = self.prediction(actor.tenant, id).await?;
        let model = self.desk.model_by_id(actor.tenant, prediction.model).await?;
        let truth = read_truth(&model.specification, truth).map_err(|reason| Error::field("truth", reason))?;
        let now = self.desk.now();
        let source = if reason.is_some() { OutcomeSource::Correction } else { OutcomeSource::Feedback };
        let new = new_outcome(id, truth, now, actor.label(), source);
        if let Some(reason) = reason {
            let event = Event::new(actor, now, "outcome.corrected", format!("prediction:{id}"))
                .with(serde_json::json!({ "truth": new.truth, "reason": reason }));
            let corrected = self.desk.store().correct_outcome(actor.tenant, &new, reason, &event).await;
            return corrected.map_err(|error| match error {
                // The prediction was there a moment ago, so it is its outcome that is not.
                store::Error::NotFound => {
                    Error::Conflict(String::from("nothing is recorded yet; record the outcome first"))
                }
                other => other.into(),
            });
        }
        let recorded = self.desk.inner.writer.record_outcomes(actor.tenant, vec![new]).await?.pop();
        Ok(recorded.ok_or_else(|| Error::internal("the writer answered nothing"))?.into_result()?)
    }

    /// The records that are to be written, and what is wrong with the others.
    async fn check_truths(&self, actor: &Actor, reported: &[Reported]) -> Result<Vec<Result<NewOutcome>>> {
        let ids: Vec<Option<PredictionId>> = reported.iter().map(|one| one.prediction.parse().ok()).collect();
        let known: Vec<PredictionId> = ids.iter().flatten().copied().collect();
        let models_of = self.desk.store().models_of(actor.tenant, &known).await?;
        let models = self.desk.store().models(actor.tenant).await?;
        let models: HashMap<ModelId, Specification> = models.into_iter().map(|m| (m.id, m.specification)).collect();
        let (now, by) = (self.desk.now(), actor.label());
        let check = |(one, id): (&Reported, Option<PredictionId>)| {
            let found = id.and_then(|id| Some((id, models.get(models_of.get(&id)?)?)));
            let (id, specification) =
                found.ok_or_else(|| Error::not_found(format!("prediction {}", one.prediction)))?;
            let truth = read_truth(specification, &one.truth).map_err(|reason| Error::field("truth", reason))?;
            Ok(new_outcome(id, truth, now, by.clone(), OutcomeSource::Feedback))
        };
        Ok(reported.iter().zip(ids).map(check).collect())
    }
}

fn new_outcome(
    prediction: PredictionId,
    truth: String,
    at: Timestamp,
    actor: String,
    source: OutcomeSource,
) -> NewOutcome {
    NewOutcome { id: OutcomeId::new(at, random()), prediction, truth, at, actor, source }
}

/// The truth in the words of the specification.
fn read_truth(specification: &Specification, truth: &Value) -> Result<String, String> {
    let text = match truth {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(boolean) => boolean.to_string(),
        _ => return Err(String::from("a class or a number is needed")),
    };
    match specification.task {
        Task::Regression => match text.parse::<f64>() {
            Ok(number) if number.abs() <= MOST_TRUTH => Ok(text),
            _ => Err(format!("a number from -{MOST_TRUTH:e} to {MOST_TRUTH:e} is needed")),
        },
        Task::TextRecognition => {
            let problem = specification.reading.as_ref().and_then(|reading| reading.problem(&text));
            problem.map_or(Ok(text), Err)
        }
        Task::Binary | Task::Multiclass if specification.classes.contains(&text) => Ok(text),
        _ => Err(format!("is none of {}", specification.classes.join(", "))),
    }
}
