//! Attendance events: recorded once, scored by the model `fraud` as they come in, and brought before people where they are
//! doubtful, all in one transaction.

mod check;
mod import;
mod recompute;
mod scoring;
#[cfg(test)]
mod tests;
mod together;

use std::sync::Arc;

use domain::attendance::EventKind;
use domain::{Actor, EventId, Permission, Timestamp};
use serde::Serialize;
use store::Cursor;

pub use import::Imported;
pub use recompute::Recomputed;
pub use store::{EventFilter, Reception, RecordedEvent};
pub(crate) use together::Lanes;

use crate::error::{Error, Result};
use crate::room;
use together::{Part, TOGETHER};

room! {
    /// Verbs on attendance events.
    Events
}

/// What a client says of an event.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EventDraft {
    /// The sender's own key for it; the same key twice is the same event.
    pub client_id: String,
    /// Reference of the employee.
    pub employee: String,
    /// Reference of the site; the employee's usual one when it is not said.
    pub site: Option<String>,
    /// What.
    pub kind: EventKind,
    /// When it happened.
    pub at: Timestamp,
    /// When the shift was to begin.
    pub scheduled_at: Option<Timestamp>,
    /// Where the phone was, in degrees north.
    pub latitude: Option<f64>,
    /// In degrees east.
    pub longitude: Option<f64>,
    /// How sure the face recognition was, 0 to 1. Only this figure is kept, never an image.
    pub face_confidence: Option<f64>,
    /// Whether it was fraud, if that is known already: for histories that are brought in.
    pub fraud: Option<bool>,
}

impl Events<'_> {
    /// Records events, scores them, and opens cases for the doubtful ones; gives what became of each, in their order. An
    /// event that was recorded before is answered as it was then. The events of a request are recorded in the order in
    /// which they happened.
    ///
    /// # Errors
    /// Needs the right to record events, and to record outcomes if one brings its truth; names every wrong field as
    /// `events[3].at`, and then records none. If it fails later, some may be recorded: the same request again finishes it.
    /// [`Error::Unavailable`] at once when too many events of the tenant wait.
    pub async fn record(&self, actor: &Actor, drafts: &[EventDraft]) -> Result<Vec<Reception>> {
        actor.check(Permission::RecordEvents)?;
        let most = self.desk.inner.limits.rows_per_request;
        if drafts.is_empty() {
            return Err(Error::field("events", "at least one is needed"));
        }
        if drafts.len() > most {
            return Err(Error::TooLarge(format!("at most {most} events fit into one request")));
        }
        self.record_all(actor, drafts, |place| format!("events[{place}]")).await
    }

    /// Records any number of checked events; `name` says how the event at a place is called in an error.
    async fn record_all(
        &self,
        actor: &Actor,
        drafts: &[EventDraft],
        name: impl Fn(usize) -> String,
    ) -> Result<Vec<Reception>> {
        if drafts.iter().any(|draft| draft.fraud.is_some()) {
            actor.check(Permission::RecordOutcomes)?;
        }
        let events = self.check(actor, drafts, name).await?;
        let (started, scorer) = (self.desk.now(), Arc::new(self.scorer(actor).await?));
        // What happened first is recorded first, also where it takes several transactions.
        let mut order: Vec<usize> = (0..events.len()).collect();
        order.sort_by_key(|&place| events[place].at);
        let mut received: Vec<Option<Reception>> = vec![None; events.len()];
        for places in order.chunks(TOGETHER) {
            let events = places.iter().map(|&place| events[place].clone()).collect();
            let truths = places.iter().map(|&place| drafts[place].fraud).collect();
            let part = Part { events, truths, scorer: Arc::clone(&scorer) };
            let answers = self.desk.inner.lanes.record(self.desk.store(), actor.tenant, part).await?;
            places.iter().zip(answers).for_each(|(&place, answer)| received[place] = Some(answer));
        }
        let new = received.iter().flatten().filter(|one| matches!(one, Reception::Recorded(_))).count();
        scorer.count(new, self.desk.now().since(started));
        let all: Option<Vec<Reception>> = received.into_iter().collect();
        all.ok_or_else(|| Error::internal("an event was not answered"))
    }

    /// Events, the last to happen first, those before `before`.
    ///
    /// # Errors
    /// Needs the right to see predictions.
    pub async fn list(
        &self,
        actor: &Actor,
        filter: &EventFilter,
        before: Option<&Cursor>,
        limit: u32,
    ) -> Result<store::Page<RecordedEvent>> {
        actor.check(Permission::ReadPredictions)?;
        Ok(self.desk.store().events(actor.tenant, filter, before, limit.clamp(1, 200)).await?)
    }

    /// One event.
    ///
    /// # Errors
    /// Needs the right to see predictions; [`Error::NotFound`] for another tenant's.
    pub async fn get(&self, actor: &Actor, id: EventId) -> Result<RecordedEvent> {
        actor.check(Permission::ReadPredictions)?;
        self.desk.store().event(actor.tenant, id).await?.ok_or_else(|| Error::not_found("such event"))
    }
}
