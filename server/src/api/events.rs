//! Attendance events: recorded once each, listed, brought as CSV.

mod answer;
mod request;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use desk::Desk;
use desk::events::EventFilter;
use domain::{CaseId, EmployeeId, EventId, Permission, SiteId};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

pub(crate) use answer::ImportAnswer;
pub(super) use answer::{EventAnswer, example};
use answer::{ReceptionAnswer, ReceptionAnswers};
use request::EventsRequest;
pub(super) use request::{Moment, name_alone};

use super::endpoint::{Access, Endpoint};
use super::extract::{Asked, CsvText, In, Sent};
use super::problem::Problem;
use super::{Answer, Page, page_size, read_cursor, read_moment};
use crate::rim::Caller;

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EventQuery {
    /// Only of this employee: their identity.
    employee: Option<i64>,
    /// Only at this site: its identity.
    site: Option<i64>,
    /// Only of this case.
    case: Option<i64>,
    /// Only from this moment on (RFC 3339).
    from: Option<String>,
    /// Only before this moment (RFC 3339).
    until: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Items of a page, 1 to 200; 50 when it is not said.
    limit: Option<u32>,
}

const CSV: &str = "client_id,employee,site,kind,at,scheduled_at,latitude,longitude,face_confidence,fraud\n\
    phone-7:881,e-1042,north,check_in,2026-03-02T08:03:11+01:00,2026-03-02T08:00:00+01:00,48.2083,16.3739,0.97,no\n";

pub(super) fn endpoints() -> Vec<Endpoint> {
    let (record_access, read) = (Access::Needs(Permission::RecordEvents), Access::Needs(Permission::ReadPredictions));
    let event = json!({ "client_id": "phone-7:881", "employee": "e-1042", "kind": "check_in",
        "at": "2026-03-02T08:03:11+01:00", "scheduled_at": "2026-03-02T08:00:00+01:00", "latitude": 48.2083,
        "longitude": 16.3739, "face_confidence": 0.97 });
    vec![
        Endpoint::post("/api/v1/events", record_access, record)
            .about(
                "Attendance",
                "Record an event (`event`) or up to 10,000 (`events`), each once; doubtful ones open a case",
            )
            .takes::<EventsRequest>(json!({ "event": event }))
            .answers::<ReceptionAnswer>(201, "It is recorded", answer::reception_example())
            .answers::<ReceptionAnswers>(
                200,
                "For one alone: it was recorded before. For `events`: what became of each, in their order",
                json!({ "recorded": 1, "items": [answer::reception_example()] }),
            )
            .refuses(&[
                (409, "For one alone: another event was recorded under its `client_id`"),
                (413, "Too many events or bytes"),
                (422, "Each wrong field, as `event.at` or `events[3].at`; then none is recorded"),
                (503, "Too many events wait to be recorded; try again after `Retry-After` seconds"),
            ]),
        Endpoint::post("/api/v1/events/import", record_access, import)
            .about("Attendance", "Record the events of a CSV with a header line; the same file again changes nothing")
            .takes_text("text/csv", CSV)
            .answers::<ImportAnswer>(
                200,
                "What became of them",
                json!({ "recorded": 1, "repeated": 0, "contradicted": [] }),
            )
            .refuses(&[
                (413, "It is too large"),
                (422, "What is wrong, as `line 3.at`; then none is recorded"),
                (503, "Too many events wait to be recorded; the same file again finishes it"),
            ]),
        Endpoint::get("/api/v1/events", read, list)
            .about("Attendance", "Events, the last to happen first")
            .query::<EventQuery>()
            .answers_page::<EventAnswer>(example(), "00064c…")
            .refuses(&[(422, "A wrong word in the query, by its name")]),
        Endpoint::get("/api/v1/events/{id}", read, show)
            .about("Attendance", "One event")
            .answers::<EventAnswer>(200, "The event", example())
            .refuses(&[(404, "There is no such event")]),
    ]
}

async fn record(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Sent(request): Sent<EventsRequest>,
) -> Result<Response, Problem> {
    let (drafts, alone) = request.read()?;
    let received = desk.events().record(&actor, &drafts).await;
    let received = received.map_err(|error| if alone { name_alone(error) } else { error })?;
    match received.as_slice() {
        [one] if alone => answer::alone(one),
        all => Ok(axum::Json(ReceptionAnswers::of(all)).into_response()),
    }
}

async fn import(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    csv: Result<CsvText, Problem>,
) -> Answer<ImportAnswer> {
    actor.check(Permission::RecordEvents).map_err(desk::Error::from)?;
    Ok(axum::Json(ImportAnswer::of(desk.events().import(&actor, csv?.0).await?)))
}

async fn list(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Asked(query): Asked<EventQuery>,
) -> Answer<Page<EventAnswer>> {
    let (cursor, limit) = (read_cursor(query.cursor.as_deref())?, page_size(query.limit));
    let page = desk.events().list(&actor, &query.filter()?, cursor.as_ref(), limit).await?;
    let items = page.items.iter().map(EventAnswer::of).collect();
    Ok(axum::Json(Page { items, next: page.next.map(|next| next.to_string()) }))
}

async fn show(State(desk): State<Desk>, Caller(actor): Caller, In(id): In<EventId>) -> Answer<EventAnswer> {
    Ok(axum::Json(EventAnswer::of(&desk.events().get(&actor, id).await?)))
}

impl EventQuery {
    /// # Errors
    /// Names a moment that cannot be read.
    fn filter(&self) -> Result<EventFilter, Problem> {
        Ok(EventFilter {
            employee: self.employee.map(EmployeeId),
            site: self.site.map(SiteId),
            case: self.case.map(CaseId),
            from: read_moment("from", self.from.as_deref())?,
            until: read_moment("until", self.until.as_deref())?,
        })
    }
}
