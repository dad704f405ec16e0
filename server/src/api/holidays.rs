//! The calendar of holidays, of the whole organisation or of one site.

use axum::extract::State;
use desk::Desk;
use domain::attendance::Holiday;
use domain::{HolidayId, Permission, SiteId};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::endpoint::{Access, Endpoint};
use super::extract::{Asked, CalendarText, In, Sent};
use super::problem::Problem;
use super::{Answer, Whole, moment};
use crate::rim::Caller;

/// Which days.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct YearQuery {
    /// Those of this year; the present one when it is not said.
    year: Option<i16>,
}

/// Whose calendar.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CalendarQuery {
    /// Identity of the only site that keeps the days; every site does when it is not said.
    site: Option<i64>,
}

/// One day.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HolidayRequest {
    /// The day by the site's clocks: `2026-12-25`.
    date: String,
    /// Name as shown.
    name: String,
    /// Identity of the only site that keeps it; every site does when it is not said.
    site: Option<i64>,
}

/// How many days a calendar named.
#[derive(Serialize, ToSchema)]
struct CalendarAnswer {
    /// Those that were there already included.
    days: usize,
}

/// A day on which most people do not work.
#[derive(Serialize, ToSchema)]
struct HolidayAnswer {
    /// Identity.
    id: i64,
    /// Identity of the only site that keeps it; none is every site.
    site: Option<i64>,
    /// The day by the site's clocks.
    date: String,
    /// Name.
    name: String,
    /// When it was made.
    created_at: String,
    /// Who made it.
    created_by: String,
}

const CALENDAR: &str = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20261225\nRRULE:FREQ=YEARLY\n\
    SUMMARY:Christmas Day\nEND:VEVENT\nEND:VCALENDAR\n";

pub(super) fn endpoints() -> Vec<Endpoint> {
    let (read, manage) = (Access::Needs(Permission::ReadPredictions), Access::Needs(Permission::ManageAttendance));
    let day = json!({ "id": 12, "site": null, "date": "2026-12-25", "name": "Christmas Day",
        "created_at": "2026-03-01T08:00:00Z", "created_by": "person:1 Ada" });
    vec![
        Endpoint::get("/api/v1/holidays", read, list)
            .about("Attendance", "The holidays of a year")
            .query::<YearQuery>()
            .answers_list::<HolidayAnswer>("The days, in their order", day)
            .refuses(&[(422, "A wrong word in the query, by its name")]),
        Endpoint::post("/api/v1/holidays", manage, add)
            .about("Attendance", "Add one holiday, for events to come; one that is there already stays")
            .takes::<HolidayRequest>(json!({ "date": "2026-12-25", "name": "Christmas Day" }))
            .answers_with(204, "It is in the calendar", None)
            .refuses(&[(422, "Each wrong field")]),
        Endpoint::post("/api/v1/holidays/calendar", manage, import)
            .about("Attendance", "Add the days of an iCalendar file of up to 1 MB; what returns every year is added for five years either way")
            .query::<CalendarQuery>()
            .takes_text("text/calendar", CALENDAR)
            .answers::<CalendarAnswer>(200, "They are in the calendar", json!({ "days": 11 }))
            .refuses(&[(413, "It is too large"), (422, "The line that is not understood")]),
        Endpoint::delete("/api/v1/holidays/{id}", manage, remove)
            .about("Attendance", "Take a holiday out, for events to come")
            .answers_with(204, "It is gone", None)
            .refuses(&[(404, "There is no such day")]),
    ]
}

async fn list(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Asked(query): Asked<YearQuery>,
) -> Answer<Whole<HolidayAnswer>> {
    let days = desk.calendar().year(&actor, query.year).await?;
    Ok(axum::Json(Whole { items: days.into_iter().map(HolidayAnswer::of).collect() }))
}

async fn add(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Sent(asked): Sent<HolidayRequest>,
) -> Result<StatusCode, Problem> {
    desk.calendar().add(&actor, asked.site.map(SiteId), &asked.date, &asked.name).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn import(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Asked(query): Asked<CalendarQuery>,
    calendar: Result<CalendarText, Problem>,
) -> Answer<CalendarAnswer> {
    actor.check(Permission::ManageAttendance).map_err(desk::Error::from)?;
    let days = desk.calendar().import(&actor, query.site.map(SiteId), &calendar?.0).await?;
    Ok(axum::Json(CalendarAnswer { days }))
}

async fn remove(State(desk): State<Desk>, Caller(actor): Caller, In(id): In<HolidayId>) -> Result<StatusCode, Problem> {
    desk.calendar().remove(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl HolidayAnswer {
    fn of(day: Holiday) -> Self {
        Self {
            id: day.id.0,
            site: day.site.map(|site| site.0),
            date: day.date.to_string(),
            name: day.name,
            created_at: moment(day.created_at),
            created_by: day.created_by,
        }
    }
}
