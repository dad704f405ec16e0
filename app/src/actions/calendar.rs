//! Forms about the calendar.

use domain::attendance::MAX_CALENDAR;
use domain::{HolidayId, SiteId};
use leptos::prelude::*;
use leptos::server_fn::codec::{MultipartData, MultipartFormData};

use super::upload;
use crate::form::Form;
use crate::number;
use crate::viewer;

const PAGE: &str = "/settings/calendar";

/// Adds a day.
#[server(prefix = "/actions", endpoint = "add_holiday")]
pub async fn add_holiday(date: String, name: String, #[server(default)] site: String) -> Result<(), ServerFnError> {
    let page = year_of(&date);
    let form = Form::new("add_holiday", page.clone()).typed("date", &date).typed("name", &name).typed("site", &site);
    let added =
        async { viewer::desk().calendar().add(&viewer::actor()?, read_site("site", &site)?, &date, &name).await };
    form.answer(added.await, |()| (page, format!("“{}” was added.", name.trim()))).await;
    Ok(())
}

/// Takes a day out, for events to come.
#[server(prefix = "/actions", endpoint = "remove_holiday")]
pub async fn remove_holiday(holiday: i64, #[server(default)] date: String) -> Result<(), ServerFnError> {
    let page = year_of(&date);
    let removed = async { viewer::desk().calendar().remove(&viewer::actor()?, HolidayId(holiday)).await };
    let told = "The day was removed; events that are recorded keep it.";
    Form::new("remove_holiday", page.clone()).answer(removed.await, |()| (page, String::from(told))).await;
    Ok(())
}

/// Adds the days of an iCalendar file.
#[server(prefix = "/actions", endpoint = "import_calendar", input = MultipartFormData)]
pub async fn import_calendar(data: MultipartData) -> Result<(), ServerFnError> {
    let imported = async {
        let actor = viewer::actor()?;
        actor.check(domain::Permission::ManageAttendance)?;
        let refused = format!("a calendar has at most {}", number::bytes(MAX_CALENDAR as i64));
        let upload = upload::read(data, MAX_CALENDAR, &refused).await?;
        let text = std::str::from_utf8(&upload.bytes).map_err(|_| desk::Error::field("file", "is no UTF-8 text"))?;
        viewer::desk().calendar().import(&actor, read_site("for_site", upload.field("for_site"))?, text).await
    };
    let told = |days: usize| {
        format!("{} in the file; those that were new are added.", number::counted(days as i64, "day is", "days are"))
    };
    Form::new("import_calendar", PAGE).answer(imported.await, |days| (PAGE.into(), told(days))).await;
    Ok(())
}

/// Nothing is every site.
fn read_site(field: &str, text: &str) -> desk::Result<Option<SiteId>> {
    match text {
        "" => Ok(None),
        id => id.parse().map(|id| Some(SiteId(id))).map_err(|_| desk::Error::field(field, "there is no such site")),
    }
}

/// The page of the year of `date`.
fn year_of(date: &str) -> String {
    match date.split('-').next().and_then(|year| year.parse::<i16>().ok()) {
        Some(year) => format!("{PAGE}?year={year}"),
        None => PAGE.to_owned(),
    }
}
