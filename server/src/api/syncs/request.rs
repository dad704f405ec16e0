//! Syncs as they are sent.

use desk::syncs::SyncDraft;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::api::events::Moment;
use crate::api::problem::Problem;

/// What is to be recorded: one `event`, or several `events`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SyncsRequest {
    /// One sync.
    event: Option<SyncRequest>,
    /// Up to 10,000 syncs.
    events: Option<Vec<SyncRequest>>,
}

/// Edits of one entity that a client synced. Names have up to 100 characters.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SyncRequest {
    /// Your own key for it; the same key twice is the same event.
    client_id: String,
    /// The device or app.
    client: String,
    /// Who edited.
    person: String,
    /// Which type of record: `order`.
    entity_type: String,
    /// Which one of them.
    entity: String,
    /// The fields that were edited, up to 200; none for a client that only fetched.
    fields: Vec<String>,
    /// When the client last had the entity as all others had it (RFC 3339).
    #[schema(value_type = Option<String>)]
    last_sync: Option<Moment>,
    /// When it synced (RFC 3339).
    #[schema(value_type = String)]
    at: Moment,
    /// Whether it ended in a conflict, if that is known. Needs the right to record outcomes. Send the same event again when
    /// it becomes known, or turns out otherwise.
    conflict: Option<bool>,
}

impl SyncsRequest {
    /// The syncs, and whether one was sent by itself.
    ///
    /// # Errors
    /// When it is neither one nor several.
    pub(super) fn read(self) -> Result<(Vec<SyncDraft>, bool), Problem> {
        match (self.event, self.events) {
            (Some(event), None) => Ok((vec![event.into()], true)),
            (None, Some(events)) => Ok((events.into_iter().map(SyncDraft::from).collect(), false)),
            (None, None) => Err(Problem::field("event", "send `event` or `events`")),
            (Some(_), Some(_)) => Err(Problem::field("events", "send `event` or `events`, not both")),
        }
    }
}

impl From<SyncRequest> for SyncDraft {
    fn from(sent: SyncRequest) -> Self {
        Self {
            client_id: sent.client_id,
            client: sent.client,
            person: sent.person,
            entity_type: sent.entity_type,
            entity: sent.entity,
            fields: sent.fields,
            last_sync: sent.last_sync.map(|last| last.0),
            at: sent.at.0,
            conflict: sent.conflict,
        }
    }
}
