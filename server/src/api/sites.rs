//! Sites: the places where attendance is recorded.

use axum::extract::State;
use axum::response::IntoResponse;
use desk::Desk;
use desk::sites::SiteDraft;
use domain::attendance::Site;
use domain::{Permission, SiteId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::endpoint::{Access, Endpoint};
use super::extract::{Asked, Created, In, Sent};
use super::problem::Problem;
use super::{Answer, Page, moment, page_size, read_cursor};
use crate::rim::Caller;

/// Which part of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SiteQuery {
    /// `next` of the page before.
    cursor: Option<String>,
    /// Items of a page, 1 to 200; 50 when it is not said.
    limit: Option<u32>,
}

/// What is said of a site.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SiteRequest {
    /// Your own key for it, by which events and employees name it.
    reference: String,
    /// Name as shown.
    name: String,
    /// Degrees north, -90 to 90.
    latitude: f64,
    /// Degrees east, -180 to 180.
    longitude: f64,
    /// IANA time zone of its clocks; the organisation's own when it is not said.
    time_zone: Option<String>,
}

/// A place of work.
#[derive(Serialize, ToSchema)]
pub(super) struct SiteAnswer {
    /// Identity.
    id: i64,
    /// Your own key for it.
    reference: String,
    /// Name.
    name: String,
    /// Degrees north.
    latitude: f64,
    /// Degrees east.
    longitude: f64,
    /// IANA time zone of its clocks.
    time_zone: String,
    /// When it was made.
    created_at: String,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let (read, manage) = (Access::Needs(Permission::ReadPredictions), Access::Needs(Permission::ManageAttendance));
    let new = json!({ "reference": "north", "name": "North depot", "latitude": 48.2082, "longitude": 16.3738,
        "time_zone": "Europe/Vienna" });
    vec![
        Endpoint::post("/api/v1/sites", manage, create)
            .about("Attendance", "Make a site")
            .takes::<SiteRequest>(new.clone())
            .answers::<SiteAnswer>(201, "It is there", example())
            .refuses(&[(422, "Each wrong field, also a reference that is taken")]),
        Endpoint::get("/api/v1/sites", read, list)
            .about("Attendance", "Sites by name")
            .query::<SiteQuery>()
            .answers_page::<SiteAnswer>(example(), "3"),
        Endpoint::get("/api/v1/sites/{id}", read, show)
            .about("Attendance", "One site")
            .answers::<SiteAnswer>(200, "The site", example())
            .refuses(&[(404, "There is no such site")]),
        Endpoint::post("/api/v1/sites/{id}", manage, change)
            .about("Attendance", "Change a site, for events to come; recorded ones keep what was known of it then")
            .takes::<SiteRequest>(new)
            .answers::<SiteAnswer>(200, "The site as it is now", example())
            .refuses(&[(404, "There is no such site"), (422, "Each wrong field, also a reference that is taken")]),
    ]
}

pub(super) fn example() -> Value {
    json!({ "id": 3, "reference": "north", "name": "North depot", "latitude": 48.2082, "longitude": 16.3738,
        "time_zone": "Europe/Vienna", "created_at": "2026-03-01T08:00:00Z" })
}

async fn create(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Sent(asked): Sent<SiteRequest>,
) -> Result<impl IntoResponse, Problem> {
    let site = desk.sites().create(&actor, asked.into()).await?;
    Ok(Created(format!("/api/v1/sites/{}", site.id), SiteAnswer::of(site)))
}

async fn list(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Asked(query): Asked<SiteQuery>,
) -> Answer<Page<SiteAnswer>> {
    let (after, limit) = (read_cursor(query.cursor.as_deref())?, page_size(query.limit));
    let page = Page::of(desk.sites().list(&actor, after, limit).await?, limit, |site| site.id.to_string());
    Ok(axum::Json(Page { items: page.items.into_iter().map(SiteAnswer::of).collect(), next: page.next }))
}

async fn show(State(desk): State<Desk>, Caller(actor): Caller, In(id): In<SiteId>) -> Answer<SiteAnswer> {
    Ok(axum::Json(SiteAnswer::of(desk.sites().get(&actor, id).await?)))
}

async fn change(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(id): In<SiteId>,
    Sent(asked): Sent<SiteRequest>,
) -> Answer<SiteAnswer> {
    Ok(axum::Json(SiteAnswer::of(desk.sites().change(&actor, id, asked.into()).await?)))
}

impl From<SiteRequest> for SiteDraft {
    fn from(asked: SiteRequest) -> Self {
        let SiteRequest { reference, name, latitude, longitude, time_zone } = asked;
        Self { reference, name, latitude, longitude, time_zone }
    }
}

impl SiteAnswer {
    pub(super) fn of(site: Site) -> Self {
        Self {
            id: site.id.0,
            reference: site.reference,
            name: site.name,
            latitude: site.position.latitude,
            longitude: site.position.longitude,
            time_zone: site.time_zone,
            created_at: moment(site.created_at),
        }
    }
}
