//! Holidays, of the whole organisation or of one site.

use domain::Permission;
use domain::attendance::{Holiday, MAX_CALENDAR, Site};
use leptos::prelude::*;

use super::sites;
use crate::components::{
    Button, Cell, Choice, Column, Confirm, EmptyState, FileField, Lead, LinkButton, Look, PageHeader, Panel, Row,
    SelectField, Table, TextField, Time,
};
use crate::form::Said;
use crate::number;
use crate::page::{page, query};
use crate::shell::{Crumb, Frame, Section};

const PAGE: &str = "/settings/calendar";
const ADD: &str = "add_holiday";
const IMPORT: &str = "import_calendar";

/// The days of a year.
#[component]
pub(super) fn Calendar() -> impl IntoView {
    let year = query("year");
    page(move |visit| async move {
        let flash = visit.notice();
        let asked = year.map(|text| text.parse()).transpose();
        let asked = asked.map_err(|_| desk::Error::field("year", "a year as 2026 is needed"))?;
        let days = visit.desk.calendar().year(&visit.actor, asked).await?;
        let year = asked.unwrap_or_else(|| visit.clock.year());
        let sites = sites::all(&visit).await?;
        let manages = visit.actor.may(Permission::ManageAttendance);
        let forms = manages.then(|| forms(&visit.said, &sites));
        let lead = lead(&days, year);
        let rows = days.into_iter().map(|day| row(day, &sites, manages)).collect();
        let actions = move || {
            let link = |year: i16, text: String| view! { <LinkButton text href=format!("{PAGE}?year={year}")/> };
            let before = year.checked_sub(1).map(|year| link(year, format!("← {year}")));
            let after = year.checked_add(1).map(|year| link(year, format!("{year} →")));
            view! { {before}{after} }
        };
        Ok(view! {
            <Frame viewer=visit.viewer title="Calendar" at=Section::Calendar crumbs=vec![Crumb::here("Calendar")] flash>
                <PageHeader title="Calendar" aside=year.to_string() actions/>
                <Lead>{lead}</Lead>
                <Panel title=format!("Holidays of {year}")>
                    <Table label=format!("Holidays of {year}") columns=columns(manages) rows>
                        <EmptyState title="No holidays in this year" text="Add a day below, or bring the calendar file of your country or state."/>
                    </Table>
                </Panel>
                {forms}
            </Frame>
        }
        .into_any())
    })
}

fn lead(days: &[Holiday], year: i16) -> impl IntoView + use<> {
    let known = match days.len() {
        0 => format!("{year} has no holidays yet."),
        n => format!("{} in {year}.", number::counted(n as i64, "holiday", "holidays")),
    };
    view! { <b>{known}</b>" Work on a holiday is unusual, and the model is told of it. Changes count for events to come." }
}

fn columns(manages: bool) -> Vec<Column> {
    let mut columns = vec![Column::text("Day"), Column::text("Name"), Column::text("Where"), Column::text("Added")];
    if manages {
        columns.push(Column::silent("Remove"));
    }
    columns
}

fn row(day: Holiday, sites: &[Site], manages: bool) -> Row {
    let place = match day.site {
        Some(id) => Cell::link(sites::name_of(sites, id), format!("/settings/sites/{id}")),
        None => Cell::text("every site"),
    };
    let (at, by) = (day.created_at, day.created_by.clone());
    let mut cells = vec![
        Cell::text(day.date.strftime("%a %-d %b").to_string()),
        Cell::text(day.name.clone()),
        place,
        Cell::view(view! { <span><Time at/>" "<small>{by}</small></span> }),
    ];
    if manages {
        cells.push(Cell::view(remove(&day)));
    }
    Row::new(cells)
}

fn remove(day: &Holiday) -> impl IntoView + use<> {
    let (id, date) = (day.id.to_string(), day.date.to_string());
    let sentence = format!("“{}” is a working day for events to come. Events that are recorded keep it.", day.name);
    view! {
        <Confirm label="Remove">
            <p>{sentence}</p>
            <form method="post" action="/actions/remove_holiday">
                <input type="hidden" name="holiday" value=id/>
                <input type="hidden" name="date" value=date/>
                <Button look=Look::Danger text="Remove this day"/>
            </form>
        </Confirm>
    }
    .into_any()
}

fn forms(said: &Said, sites: &[Site]) -> impl IntoView + use<> {
    let (add, import) = (add_form(said, sites), import_form(said, sites));
    view! {
        <div class="columns columns-2">
            <Panel title="Add a day">{add}</Panel>
            <Panel title="Bring a calendar file">{import}</Panel>
        </div>
    }
    .into_any()
}

fn places(sites: &[Site], chosen: &str) -> Vec<Choice> {
    let every = Choice::new("", "every site").chosen(chosen.is_empty());
    let one = sites.iter().map(|site| {
        let id = site.id.to_string();
        Choice { chosen: id == chosen, ..Choice::new(id, &site.name) }
    });
    std::iter::once(every).chain(one).collect()
}

fn add_form(said: &Said, sites: &[Site]) -> impl IntoView + use<> {
    let (typed, error) = (|field: &str| said.value(ADD, field), |field: &str| said.error(ADD, field));
    view! {
        <form class="form" method="post" action="/actions/add_holiday">
            <TextField name="date" label="Day" kind="date" value=typed("date") error=error("date") required=true/>
            <TextField name="name" label="Name" value=typed("name") error=error("name") required=true max_length=200 autocomplete="off"/>
            <SelectField name="site" label="Where" choices=places(sites, &typed("site")) error=error("site")/>
            <div class="form-actions"><Button look=Look::Primary text="Add the day"/></div>
        </form>
    }
    .into_any()
}

fn import_form(said: &Said, sites: &[Site]) -> impl IntoView + use<> {
    let mine = said.form == IMPORT;
    let wrong = said.errors.iter().find(|error| mine && error.field != "for_site");
    let error = wrong.map(|error| match error.field.as_str() {
        "file" | "calendar" => error.reason.clone(),
        place => format!("{place}: {}", error.reason),
    });
    let hint = format!(
        "iCalendar (.ics), at most {}. Whole days of events count; of what repeats, only what returns every year. Days that are there already stay.",
        number::bytes(MAX_CALENDAR as i64)
    );
    view! {
        <form class="form" method="post" action="/actions/import_calendar" enctype="multipart/form-data">
            <FileField name="file" label="Calendar file" accept=".ics,text/calendar" max_bytes=MAX_CALENDAR as u64 hint error required=true/>
            <SelectField name="for_site" label="For" choices=places(sites, "") error=said.error(IMPORT, "for_site")/>
            <div class="form-actions"><Button text="Add its days"/></div>
        </form>
    }
    .into_any()
}
