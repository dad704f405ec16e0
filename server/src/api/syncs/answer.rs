//! Syncs as they are answered.

use axum::response::{IntoResponse, Response};
use desk::syncs::SyncReception;
use domain::sync::{ConflictFact, SyncEvent};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::api::extract::Created;
use crate::api::moment;
use crate::api::problem::Problem;

/// A sync as it was recorded.
#[derive(Serialize, ToSchema)]
pub(super) struct SyncAnswer {
    /// Identity; the smaller one was known first.
    id: i64,
    /// The sender's own key.
    client_id: String,
    /// The device or app.
    client: String,
    /// Who edited.
    person: String,
    /// Which type of record.
    entity_type: String,
    /// Which one of them.
    entity: String,
    /// The fields that were edited, sorted.
    fields: Vec<String>,
    /// When the client last had the entity as all others had it.
    last_sync: Option<String>,
    /// When it synced.
    at: String,
    /// When it came in.
    received_at: String,
    /// Identity of the prediction made of it.
    prediction: String,
    /// Whether it ended in a conflict, as the newest word on it says; none as long as nobody has said anything.
    conflict: Option<bool>,
}

/// A sync with everything that was said of its conflict.
#[derive(Serialize, ToSchema)]
pub(super) struct SyncDetailAnswer {
    /// The sync.
    #[serde(flatten)]
    event: SyncAnswer,
    /// First to newest.
    words: Vec<WordAnswer>,
}

/// Something that was said of whether a sync ended in a conflict. Nothing is overwritten.
#[derive(Serialize, ToSchema)]
struct WordAnswer {
    /// 1 for the first word, 2 for the next, …
    sequence: i64,
    /// Whether there was one.
    conflict: bool,
    /// When it was said.
    at: String,
    /// Who said it.
    by: String,
}

/// What became of a sync that was sent.
#[derive(Serialize, ToSchema)]
pub(super) struct SyncReceptionAnswer {
    /// 201 recorded, 200 recorded before, 409 another event was recorded under its `client_id`, or a person has said
    /// otherwise of its conflict.
    status: u16,
    /// The sender's own key.
    client_id: String,
    /// Why nothing was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'static str>,
    /// Identity of the event under this key.
    event: i64,
    /// Identity of the prediction made of that.
    prediction: String,
    /// Whether it ended in a conflict, as far as anybody has said.
    conflict: Option<bool>,
    /// Whether that was said only now, of an event that was recorded before.
    amended: bool,
}

/// Answers in the order of the events.
#[derive(Serialize, ToSchema)]
pub(super) struct SyncReceptionAnswers {
    /// How many were recorded now.
    recorded: usize,
    /// One for each event.
    items: Vec<SyncReceptionAnswer>,
}

const PREDICTION: &str = "0197a2b4-7c1e-7d30-9a55-3f0c2f6f0d11";

pub(super) fn example() -> Value {
    json!({ "id": 8_113, "client_id": "tablet-3:118", "client": "tablet-3", "person": "ada", "entity_type": "order",
        "entity": "4711", "fields": ["address", "total"], "last_sync": "2026-03-02T05:40:00Z",
        "at": "2026-03-02T07:03:11Z", "received_at": "2026-03-02T07:03:12.25Z", "prediction": PREDICTION,
        "conflict": false })
}

pub(super) fn detail_example() -> Value {
    let word = json!({ "sequence": 1, "conflict": false, "at": "2026-03-02T07:03:12.25Z", "by": "key:7 app" });
    let mut detail = example();
    detail["words"] = json!([word]);
    detail
}

pub(super) fn reception_example() -> Value {
    json!({ "status": 201, "client_id": "tablet-3:118", "event": 8_113, "prediction": PREDICTION, "conflict": false,
        "amended": false })
}

const CONTRADICTED: &str = "another event was recorded under this client_id";
const OVERRULED: &str = "a person said whether there was a conflict: only a person corrects it";

/// The answer to a sync that was sent by itself.
pub(super) fn alone(reception: &SyncReception) -> Result<Response, Problem> {
    let answer = SyncReceptionAnswer::of(reception);
    match reception {
        SyncReception::Recorded(event) => {
            Ok(Created(format!("/api/v1/sync-events/{}", event.id), answer).into_response())
        }
        SyncReception::Repeated(_) | SyncReception::Amended(_) => Ok(axum::Json(answer).into_response()),
        SyncReception::Contradicted(_) => Err(desk::Error::Conflict(CONTRADICTED.to_owned()).into()),
        SyncReception::Overruled(_) => Err(desk::Error::Conflict(OVERRULED.to_owned()).into()),
    }
}

impl SyncReceptionAnswers {
    pub(super) fn of(received: &[SyncReception]) -> Self {
        let recorded = received.iter().filter(|one| matches!(one, SyncReception::Recorded(_))).count();
        Self { recorded, items: received.iter().map(SyncReceptionAnswer::of).collect() }
    }
}

impl SyncReceptionAnswer {
    fn of(reception: &SyncReception) -> Self {
        let (status, detail, event) = match reception {
            SyncReception::Recorded(event) => (201, None, event),
            SyncReception::Repeated(event) | SyncReception::Amended(event) => (200, None, event),
            SyncReception::Contradicted(event) => (409, Some(CONTRADICTED), event),
            SyncReception::Overruled(event) => (409, Some(OVERRULED), event),
        };
        Self {
            status,
            client_id: event.client_id.clone(),
            detail,
            event: event.id.0,
            prediction: event.prediction.to_string(),
            conflict: event.conflict,
            amended: matches!(reception, SyncReception::Amended(_)),
        }
    }
}

impl SyncAnswer {
    pub(super) fn of(event: &SyncEvent) -> Self {
        let sync = &event.sync;
        Self {
            id: event.id.0,
            client_id: event.client_id.clone(),
            client: sync.client.clone(),
            person: sync.person.clone(),
            entity_type: sync.entity.entity_type.clone(),
            entity: sync.entity.entity.clone(),
            fields: sync.fields.clone(),
            last_sync: sync.last_sync.map(moment),
            at: moment(sync.at),
            received_at: moment(event.received_at),
            prediction: event.prediction.to_string(),
            conflict: event.conflict,
        }
    }
}

impl SyncDetailAnswer {
    pub(super) fn of(event: &SyncEvent, facts: &[ConflictFact]) -> Self {
        let word = |fact: &ConflictFact| WordAnswer {
            sequence: fact.sequence,
            conflict: fact.conflict,
            at: moment(fact.at),
            by: fact.actor.clone(),
        };
        Self { event: SyncAnswer::of(event), words: facts.iter().map(word).collect() }
    }
}
