//! Syncs of mobile clients: recorded once each, and listed.

mod answer;
mod planned;
mod request;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use desk::Desk;
use desk::syncs::SyncFilter;
use domain::{Permission, SyncId};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

use answer::{SyncAnswer, SyncDetailAnswer, SyncReceptionAnswer, SyncReceptionAnswers};
pub(super) use planned::{PlannedRequest, answer as answer_planned, read as read_planned};
use request::SyncsRequest;

use super::endpoint::{Access, Endpoint};
use super::extract::{Asked, In, Sent};
use super::problem::Problem;
use super::{Answer, Page, events, page_size, read_cursor, read_moment};
use crate::rim::Caller;

/// Which syncs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SyncQuery {
    /// Only of entities of this type.
    entity_type: Option<String>,
    /// Only of entities of this name.
    entity: Option<String>,
    /// Only of this person.
    person: Option<String>,
    /// Only by this client.
    client: Option<String>,
    /// Only from this moment on (RFC 3339).
    from: Option<String>,
    /// Only before this moment (RFC 3339).
    until: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Items of a page, 1 to 200; 50 when it is not said.
    limit: Option<u32>,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let (record_access, read) = (Access::Needs(Permission::RecordEvents), Access::Needs(Permission::ReadPredictions));
    let event = json!({ "client_id": "tablet-3:118", "client": "tablet-3", "person": "ada", "entity_type": "order",
        "entity": "4711", "fields": ["address", "total"], "last_sync": "2026-03-02T05:40:00Z",
        "at": "2026-03-02T08:03:11+01:00", "conflict": false });
    vec![
        Endpoint::post("/api/v1/sync-events", record_access, record)
            .about(
                "Syncs",
                "Record a sync (`event`) or up to 10,000 (`events`), each once; `conflict` may be sent again when it is known",
            )
            .takes::<SyncsRequest>(json!({ "event": event }))
            .answers::<SyncReceptionAnswer>(201, "It is recorded", answer::reception_example())
            .answers::<SyncReceptionAnswers>(
                200,
                "For one alone: it was recorded before. For `events`: what became of each, in their order",
                json!({ "recorded": 1, "items": [answer::reception_example()] }),
            )
            .refuses(&[
                (
                    409,
                    "For one alone: another event was recorded under its `client_id`, or a person has said otherwise of \
                     its conflict, which no key overrules",
                ),
                (413, "Too many events or bytes"),
                (422, "Each wrong field, as `event.at` or `events[3].at`; then none is recorded"),
                (503, "Too many events wait to be recorded; try again after `Retry-After` seconds"),
            ]),
        Endpoint::get("/api/v1/sync-events", read, list)
            .about("Syncs", "Syncs, the last to happen first")
            .query::<SyncQuery>()
            .answers_page::<SyncAnswer>(answer::example(), "00064c…")
            .refuses(&[(422, "A wrong word in the query, by its name")]),
        Endpoint::get("/api/v1/sync-events/{id}", read, show)
            .about("Syncs", "One sync, with everything that was said of its conflict")
            .answers::<SyncDetailAnswer>(200, "The sync", answer::detail_example())
            .refuses(&[(404, "There is no such sync event")]),
    ]
}

async fn record(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Sent(request): Sent<SyncsRequest>,
) -> Result<Response, Problem> {
    let (drafts, alone) = request.read()?;
    let received = desk.syncs().record(&actor, &drafts).await;
    let received = received.map_err(|error| if alone { events::name_alone(error) } else { error })?;
    match received.as_slice() {
        [one] if alone => answer::alone(one),
        all => Ok(axum::Json(SyncReceptionAnswers::of(all)).into_response()),
    }
}

async fn list(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Asked(query): Asked<SyncQuery>,
) -> Answer<Page<SyncAnswer>> {
    let (cursor, limit) = (read_cursor(query.cursor.as_deref())?, page_size(query.limit));
    let page = desk.syncs().list(&actor, &query.filter()?, cursor.as_ref(), limit).await?;
    let items = page.items.iter().map(SyncAnswer::of).collect();
    Ok(axum::Json(Page { items, next: page.next.map(|next| next.to_string()) }))
}

async fn show(State(desk): State<Desk>, Caller(actor): Caller, In(id): In<SyncId>) -> Answer<SyncDetailAnswer> {
    let (event, facts) = desk.syncs().get(&actor, id).await?;
    Ok(axum::Json(SyncDetailAnswer::of(&event, &facts)))
}

impl SyncQuery {
    /// # Errors
    /// Names a moment that cannot be read.
    fn filter(self) -> Result<SyncFilter, Problem> {
        Ok(SyncFilter {
            from: read_moment("from", self.from.as_deref())?,
            until: read_moment("until", self.until.as_deref())?,
            entity_type: self.entity_type,
            entity: self.entity,
            person: self.person,
            client: self.client,
        })
    }
}
