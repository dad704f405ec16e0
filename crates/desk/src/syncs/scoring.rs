//! What the model says of syncs.

use std::sync::Arc;

use domain::prediction::Prediction;
use domain::sync::{self, Features, MODEL, Sync, advise, features};
use domain::{Actor, Task};
use serde_json::Value;
use store::{NewSync, ScoredSync, UnscoredSyncs};

use super::Syncs;
use crate::error::{Error, Result};
use crate::predictions::{Asked, HEURISTIC_THRESHOLD, Predicted, Row};
use crate::serving::Served;

/// Scores the syncs of one request.
pub(super) struct Scorer {
    asked: Asked,
    served: Arc<Served>,
}

impl Syncs<'_> {
    pub(super) async fn scorer(&self, actor: &Actor) -> Result<Scorer> {
        let served = match self.desk.served(actor.tenant, MODEL).await {
            Err(Error::NotFound(_)) => self.desk.first_model(actor, MODEL, sync::specification()).await?,
            known => known?,
        };
        if served.specification.task != Task::Binary {
            return Err(Error::Conflict(format!("the model `{MODEL}` does not tell two classes apart")));
        }
        Ok(Scorer { asked: Asked::new(self.desk, actor), served })
    }
}

impl Scorer {
    /// From which score on a conflict is expected.
    pub(super) fn threshold(&self) -> f64 {
        self.served.rows().and_then(|fitted| fitted.threshold()).unwrap_or(HEURISTIC_THRESHOLD)
    }

    /// An answer and a record of it for each sync with its features.
    pub(super) fn answer(&self, syncs: &[(&Sync, Features)]) -> Result<(Vec<Predicted>, Vec<Prediction>)> {
        let row = |(sync, features): &(&Sync, Features)| {
            let fields = sync::row(features, sync.at);
            Row { text: Value::Object(fields.clone()).to_string(), fields }
        };
        self.asked.answer(&self.served, syncs.iter().map(row).collect(), None).map_err(no_such_row)
    }

    /// Counts answers that are durable.
    pub(super) fn count(&self, answers: usize, micros: i64) {
        self.served.counts.answered(self.served.source(), answers, micros);
    }

    /// One answer for each new sync, in the order in which they are recorded: a later one sees an earlier one.
    pub(super) fn score(&self, unscored: UnscoredSyncs, part: &[NewSync]) -> Result<Vec<ScoredSync>> {
        let UnscoredSyncs { events, mut histories } = unscored;
        let mut seen = Vec::with_capacity(events.len());
        for (place, id) in events {
            let new = &part[place];
            seen.push((&new.sync, features(&new.sync, id, histories.of(&new.sync))));
            histories.add(id, new);
        }
        let threshold = self.threshold();
        let (_, predictions) = self.answer(&seen)?;
        let scored = |(prediction, (_, features)): (Prediction, &(&Sync, Features))| {
            let advice = advise(prediction.score, threshold, features.field_overlap());
            ScoredSync { prediction, threshold, advice }
        };
        Ok(predictions.into_iter().zip(&seen).map(scored).collect())
    }
}

/// The tenant's own model of that name may ask for other inputs.
fn no_such_row(error: Error) -> Error {
    match error {
        Error::Invalid(wrong) => {
            let inputs: Vec<String> = wrong.into_iter().map(|error| error.to_string()).collect();
            Error::Conflict(format!("the model `{MODEL}` does not read syncs: {}", inputs.join("; ")))
        }
        other => other,
    }
}
