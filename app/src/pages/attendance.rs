//! Who came and left, and when.

mod features;
mod import;

use std::collections::HashMap;

use desk::cases::Cursor;
use desk::events::{EventFilter, RecordedEvent};
use domain::attendance::{Employee, EventKind, Site};
use domain::{EmployeeId, Permission, SiteId, Timestamp};
use leptos::prelude::*;

pub(super) use features::Features;

use super::sites;
use crate::address::address;
use crate::components::{
    Badge, Button, Cell, Choice, Column, EmptyState, Lead, LinkButton, PageHeader, Pagination, Panel, Row, SelectField,
    Table, TextField, Time, Tone,
};
use crate::moment::Clockface;
use crate::number;
use crate::page::{Visit, page, query};
use crate::shell::{Crumb, Frame, Section};

/// Events of one page.
const EVENTS: u32 = 50;
const PAGE: &str = "/attendance";
/// Employees that a text may mean and that are named.
const MEANT: u32 = 6;

/// What the address asks for.
#[derive(Clone, Default)]
struct Asked {
    employee: String,
    site: String,
    from: String,
    until: String,
    after: Option<String>,
}

impl Asked {
    fn read() -> Self {
        let read = |name| query(name).unwrap_or_default();
        Self {
            employee: read("employee"),
            site: read("site"),
            from: read("from"),
            until: read("until"),
            after: query("after"),
        }
    }

    fn href(&self, employee: &str, after: &str) -> String {
        let parts = [
            ("employee", employee),
            ("site", &self.site),
            ("from", &self.from),
            ("until", &self.until),
            ("after", after),
        ];
        address(PAGE, &parts)
    }

    fn is_filtered(&self) -> bool {
        [&self.employee, &self.site, &self.from, &self.until].into_iter().any(|part| !part.is_empty())
    }

    fn filter(&self, visit: &Visit, employee: Option<EmployeeId>) -> desk::Result<EventFilter> {
        let read = |field: &str, day: &str, edge: fn(&Clockface, &str) -> Option<Timestamp>| match day {
            "" => Ok(None),
            day => edge(&visit.clock, day)
                .map(Some)
                .ok_or_else(|| desk::Error::field(field, "a day as 2026-03-01 is needed")),
        };
        let site = match self.site.as_str() {
            "" => None,
            id => Some(SiteId(id.parse().map_err(|_| desk::Error::not_found("such site"))?)),
        };
        let from = read("from", &self.from, Clockface::start_of)?;
        let until = read("until", &self.until, Clockface::end_of)?;
        Ok(EventFilter { employee, site, from, until, ..EventFilter::default() })
    }
}

/// Whom a text means.
enum Meant {
    Anybody,
    One(Employee),
    Several(Vec<Employee>),
    Nobody,
}

/// The events, the last first.
#[component]
pub(super) fn Attendance() -> impl IntoView {
    let asked = Asked::read();
    page(|visit| async move {
        let meant = meant(&visit, asked.employee.trim()).await?;
        let sites = sites::all(&visit).await?;
        let (events, next) = match &meant {
            Meant::Anybody => events(&visit, &asked, None).await?,
            Meant::One(employee) => events(&visit, &asked, Some(employee.id)).await?,
            Meant::Several(_) | Meant::Nobody => (Vec::new(), None),
        };
        let names = names(&visit, &events).await?;
        Ok(show(visit, &asked, &meant, &sites, &names, events, next))
    })
}

async fn meant(visit: &Visit, text: &str) -> desk::Result<Meant> {
    if text.is_empty() {
        return Ok(Meant::Anybody);
    }
    if let Some(employee) = visit.desk.employees().by_reference(&visit.actor, text).await? {
        return Ok(Meant::One(employee));
    }
    let mut found = visit.desk.employees().list(&visit.actor, None, Some(text), None, MEANT).await?;
    Ok(match found.len() {
        0 => Meant::Nobody,
        1 => found.pop().map_or(Meant::Nobody, Meant::One),
        _ => Meant::Several(found),
    })
}

async fn events(
    visit: &Visit,
    asked: &Asked,
    employee: Option<EmployeeId>,
) -> desk::Result<(Vec<RecordedEvent>, Option<Cursor>)> {
    let filter = asked.filter(visit, employee)?;
    let after: Option<Cursor> = asked.after.as_deref().and_then(|text| text.parse().ok());
    let page = visit.desk.events().list(&visit.actor, &filter, after.as_ref(), EVENTS).await?;
    Ok((page.items, page.next))
}

async fn names(visit: &Visit, events: &[RecordedEvent]) -> desk::Result<HashMap<EmployeeId, Employee>> {
    let mut ids: Vec<EmployeeId> = events.iter().map(|recorded| recorded.event.employee).collect();
    ids.sort_unstable();
    ids.dedup();
    let found = visit.desk.employees().of(&visit.actor, &ids).await?;
    Ok(found.into_iter().map(|employee| (employee.id, employee)).collect())
}

fn show(
    visit: Visit,
    asked: &Asked,
    meant: &Meant,
    sites: &[Site],
    names: &HashMap<EmployeeId, Employee>,
    events: Vec<RecordedEvent>,
    next: Option<Cursor>,
) -> AnyView {
    let flash = visit.notice();
    let older = next.map(|next| asked.href(&asked.employee, &next.to_string()));
    let newer = asked.after.as_ref().map(|_| asked.href(&asked.employee, ""));
    let shown = number::counted(events.len() as i64, "event", "events");
    let rows = events.into_iter().map(|recorded| row(recorded, asked, sites, names, &visit.clock)).collect();
    let import = visit
        .actor
        .may(Permission::RecordEvents)
        .then(|| import::panel(&visit.said, visit.desk.limits().dataset_bytes));
    let (lead, filters, nothing) = (lead(asked, meant), filters(asked, sites), nothing(asked));
    let actions = || view! { <LinkButton text="What is computed of an event" href="/attendance/features"/> };
    view! {
        <Frame viewer=visit.viewer title="Attendance" at=Section::Attendance crumbs=vec![Crumb::here("Attendance")] flash>
            <PageHeader title="Attendance" actions/>
            <Lead>{lead}</Lead>
            <Panel title="Events" note=String::from("the last to happen first, by the sites’ clocks")>
                {filters}
                <Table label="Attendance events" columns=columns() rows>{nothing}</Table>
                <Pagination newer older shown/>
            </Panel>
            {import}
        </Frame>
    }
    .into_any()
}

fn lead(asked: &Asked, meant: &Meant) -> impl IntoView + use<> {
    match meant {
        Meant::Anybody => {
            view! { <b>"Every check-in and check-out, scored as it came in."</b>" A doubtful one leads to its case." }
                .into_any()
        }
        Meant::One(employee) => {
            let (name, reference) = (employee.name.clone(), employee.reference.clone());
            view! { "Events of "<b>{name}</b>" ("{reference}")." }.into_any()
        }
        Meant::Several(found) => {
            let most = if found.len() == MEANT as usize { "among others " } else { "" };
            let links = found.iter().enumerate().map(|(i, employee)| {
                let (href, gap) = (asked.href(&employee.reference, ""), if i == 0 { " " } else { ", " });
                view! { {gap}<a href=href>{employee.name.clone()}" ("{employee.reference.clone()}")"</a> }
            });
            let links = links.collect_view();
            view! { <b>"Whose events?"</b>{format!(" “{}” {most}may be", asked.employee)}{links}"." }.into_any()
        }
        Meant::Nobody => {
            view! { <b>"Nobody has this name or reference."</b>{format!(" “{}” is not known.", asked.employee)} }
                .into_any()
        }
    }
}

fn filters(asked: &Asked, sites: &[Site]) -> impl IntoView + use<> {
    let mut choices = vec![Choice::new("", "all sites").chosen(asked.site.is_empty())];
    choices.extend(sites.iter().map(|site| {
        let id = site.id.to_string();
        Choice { chosen: id == asked.site, ..Choice::new(id, &site.name) }
    }));
    view! {
        <form class="filters" method="get" action=PAGE>
            <TextField name="employee" label="Employee" kind="search" value=asked.employee.clone() max_length=100/>
            <SelectField name="site" label="Site" choices required=false/>
            <TextField name="from" label="From" kind="date" value=asked.from.clone()/>
            <TextField name="until" label="Until" kind="date" value=asked.until.clone()/>
            <Button text="Filter"/>
        </form>
    }
    .into_any()
}

fn columns() -> Vec<Column> {
    vec![
        Column::text("When"),
        Column::text("Employee"),
        Column::text("Site"),
        Column::tight("What"),
        Column::number("From the site"),
        Column::number("Face"),
        Column::number("Score"),
        Column::tight("Case"),
    ]
}

fn row(
    recorded: RecordedEvent,
    asked: &Asked,
    sites: &[Site],
    names: &HashMap<EmployeeId, Employee>,
    clock: &Clockface,
) -> Row {
    let event = recorded.event;
    let (at, href) = (event.at, format!("/predictions/{}", event.prediction));
    let clock = clock.at_offset(event.offset_seconds);
    let employee = match names.get(&event.employee) {
        Some(employee) => Cell::link(employee.name.clone(), asked.href(&employee.reference, "")),
        None => Cell::text(format!("employee {}", event.employee)),
    };
    let what = match event.kind {
        EventKind::CheckIn => "check-in",
        EventKind::CheckOut => "check-out",
    };
    let holiday = event.holiday.then(|| view! { " "<Badge tone=Tone::Warn text="holiday"/> });
    let case = match recorded.case {
        Some(id) => Cell::link(format!("case {id}"), format!("/cases/{id}")),
        None => Cell::empty(),
    };
    Row::new(vec![
        Cell::view(view! { <a href=href><Time at clock absolute=true/></a> }),
        employee,
        Cell::text(sites::name_of(sites, event.site)),
        Cell::view(view! { {what}{holiday} }),
        Cell::text(event.drift_meters.map_or_else(|| String::from("–"), number::distance)),
        Cell::text(event.face_confidence.map_or_else(|| String::from("–"), |face| number::fixed(face, 2))),
        Cell::text(score(event.score)),
        case,
    ])
}

/// Most scores are tiny, and none is nothing.
fn score(score: f64) -> String {
    if score > 0.0 && score < 0.0005 { String::from("<0.001") } else { number::metric(score) }
}

fn nothing(asked: &Asked) -> impl IntoView + use<> {
    if asked.is_filtered() {
        return view! {
            <EmptyState title="No such events" text="None is of this employee, at this site and in these days.">
                <LinkButton text="Show all events" href=PAGE/>
            </EmptyState>
        }
        .into_any();
    }
    view! {
        <EmptyState
            title="No events yet"
            text="A time clock or a phone sends each check-in and check-out by REST; a history comes from a file. Sites and employees must be known first."
        />
    }
    .into_any()
}
