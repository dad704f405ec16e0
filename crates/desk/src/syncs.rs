//! Syncs of mobile clients: recorded once and scored by the model `conflict` as they come in, advised upon before they are
//! made, and observed afterwards.

mod observing;
mod planning;
mod scoring;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use domain::manifest::sha256;
use domain::sync::{self, ConflictFact, Entity, Sync, SyncEvent};
use domain::{Actor, FieldError, Permission, SyncId, Timestamp};
use serde::Serialize;
use store::{Cursor, NewSync, UnscoredSyncs};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub use planning::{MAX_PLANNED, PlanDraft, Planned};
pub use store::{Observations, SyncFilter, SyncReception};

use crate::error::{Error, Result};
use crate::predictions::work_on;
use crate::room;

room! {
    /// Verbs on syncs.
    Syncs
}

/// What a client says of a sync.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SyncDraft {
    /// The sender's own key for it; the same key twice is the same event.
    pub client_id: String,
    /// The device or app.
    pub client: String,
    /// Who edited.
    pub person: String,
    /// Which type of record.
    pub entity_type: String,
    /// Which one of them.
    pub entity: String,
    /// The fields that were edited.
    pub fields: Vec<String>,
    /// When the client last had the entity as all others had it.
    pub last_sync: Option<Timestamp>,
    /// When it synced.
    pub at: Timestamp,
    /// Whether it ended in a conflict, if that is known already. It may be sent again, under the same key, when it is.
    #[serde(skip)]
    pub conflict: Option<bool>,
}

/// Syncs in one transaction at most. Nothing else is written for so long.
const TOGETHER: usize = 500;
/// Syncs that wait or are being recorded; more are refused.
const MOST_WAITING: usize = 20_000;
/// Wrong fields named in one answer.
const MOST_ERRORS: usize = 100;

pub(crate) fn places() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(MOST_WAITING))
}

impl Syncs<'_> {
    /// Records syncs and scores them; gives what became of each, in their order. One that was recorded before is answered
    /// as it is; what is newly said of its conflict is kept as another record, and corrects outcomes that were observed
    /// before it was known, unless it is a key's word against a person's. The syncs of a request are recorded in the order in
    /// which they happened.
    ///
    /// # Errors
    /// Needs the right to record events, and to record outcomes if one says whether there was a conflict; names every
    /// wrong field as `events[3].at`, and then records none. If it fails later, some may be recorded: the same request
    /// again finishes it. [`Error::Unavailable`] at once when too many wait.
    pub async fn record(&self, actor: &Actor, drafts: &[SyncDraft]) -> Result<Vec<SyncReception>> {
        actor.check(Permission::RecordEvents)?;
        let most = self.desk.inner.limits.rows_per_request;
        if drafts.is_empty() {
            return Err(Error::field("events", "at least one is needed"));
        }
        if drafts.len() > most {
            return Err(Error::TooLarge(format!("at most {most} sync events fit into one request")));
        }
        if drafts.iter().any(|draft| draft.conflict.is_some()) {
            actor.check(Permission::RecordOutcomes)?;
        }
        let started = self.desk.now();
        let sent = self.check(actor, drafts)?;
        let _room = self.room(sent.len())?;
        let scorer = Arc::new(self.scorer(actor).await?);
        // What happened first is recorded first, also where it takes several transactions.
        let mut order: Vec<usize> = (0..sent.len()).collect();
        order.sort_by_key(|&place| sent[place].sync.at);
        let (mut received, mut late): (Vec<Option<SyncReception>>, u64) = (vec![None; sent.len()], 0);
        for places in order.chunks(TOGETHER) {
            let part: Arc<[NewSync]> = places.iter().map(|&place| sent[place].clone()).collect();
            let scoring = Arc::clone(&scorer);
            let known = Arc::clone(&part);
            let score =
                |unscored: UnscoredSyncs| work_on(unscored.events.len(), move || scoring.score(unscored, &known));
            let answers = self.desk.store().record_syncs::<Error, _>(actor.tenant, &part, score).await?;
            late += answers.late;
            places.iter().zip(answers.receptions).for_each(|(&place, answer)| received[place] = Some(answer));
        }
        let new = received.iter().flatten().filter(|one| matches!(one, SyncReception::Recorded(_))).count();
        scorer.count(new, self.desk.now().since(started));
        // All is durable. What is due stays so until somebody looks; the sender waits for a look at some of it.
        if late > 0
            && let Err(error) = self.observe_some(actor.tenant).await
        {
            tracing::warn!(%error, "what was observed before is not corrected yet");
        }
        received.into_iter().collect::<Option<_>>().ok_or_else(|| Error::internal("a sync was not answered"))
    }

    /// Syncs, the last to happen first, those before `before`.
    ///
    /// # Errors
    /// Needs the right to see predictions.
    pub async fn list(
        &self,
        actor: &Actor,
        filter: &SyncFilter,
        before: Option<&Cursor>,
        limit: u32,
    ) -> Result<store::Page<SyncEvent>> {
        actor.check(Permission::ReadPredictions)?;
        Ok(self.desk.store().sync_events(actor.tenant, filter, before, limit.clamp(1, 200)).await?)
    }

    /// One sync, and everything that was said of its conflict, first to newest.
    ///
    /// # Errors
    /// Needs the right to see predictions; [`Error::NotFound`] for another tenant's.
    pub async fn get(&self, actor: &Actor, id: SyncId) -> Result<(SyncEvent, Vec<ConflictFact>)> {
        actor.check(Permission::ReadPredictions)?;
        let store = self.desk.store();
        let event = store.sync_event(actor.tenant, id).await?.ok_or_else(|| Error::not_found("such sync event"))?;
        Ok((event, store.conflict_facts(actor.tenant, id).await?))
    }

    fn check(&self, actor: &Actor, drafts: &[SyncDraft]) -> Result<Vec<NewSync>> {
        let (now, by) = (self.desk.now(), actor.label());
        let (mut sent, mut wrong) = (Vec::with_capacity(drafts.len()), Vec::new());
        for (place, draft) in drafts.iter().enumerate() {
            match draft.checked(now, &by) {
                Ok(new) => sent.push(new),
                Err(error) => wrong.push(FieldError::new(format!("events[{place}].{}", error.field), error.reason)),
            }
            if wrong.len() == MOST_ERRORS {
                break;
            }
        }
        if wrong.is_empty() { Ok(sent) } else { Err(Error::Invalid(wrong)) }
    }

    fn room(&self, syncs: usize) -> Result<OwnedSemaphorePermit> {
        let syncs = u32::try_from(syncs).map_err(Error::internal)?;
        let full =
            |_| Error::Unavailable { reason: String::from("too many syncs wait to be recorded"), retry_after: 1 };
        Arc::clone(&self.desk.inner.syncing).try_acquire_many_owned(syncs).map_err(full)
    }
}

impl SyncDraft {
    fn checked(&self, now: Timestamp, by: &str) -> Result<NewSync, FieldError> {
        let client_id = sync::text("client_id", &self.client_id)?;
        let sync = Sync {
            client: self.client.clone(),
            person: self.person.clone(),
            entity: Entity { entity_type: self.entity_type.clone(), entity: self.entity.clone() },
            fields: self.fields.clone(),
            last_sync: self.last_sync,
            at: self.at,
        };
        let sync = sync.checked(now)?;
        let digest = sha256(&serde_json::to_vec(&(&client_id, &sync)).unwrap_or_default());
        let (conflict, actor) = (self.conflict, by.to_owned());
        Ok(NewSync { client_id, digest, sync, received_at: now, conflict, actor })
    }
}
