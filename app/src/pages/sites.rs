//! The places of work.

use domain::attendance::Site;
use domain::{Permission, SiteId};
use leptos::prelude::*;

use crate::address::address;
use crate::components::{
    Button, Cell, Column, Definition, DefinitionList, EmptyState, Lead, LinkButton, Look, PageHeader, Pagination,
    Panel, Row, Table, TextField, Time,
};
use crate::form::Said;
use crate::number;
use crate::page::{Visit, number_param, page, query};
use crate::shell::{Crumb, Frame, Section};

/// Sites of one page.
const SITES: usize = 50;
/// Sites that a field offers to choose from.
const OFFERED: usize = 1_000;
const PAGE: &str = "/settings/sites";

/// The sites.
#[component]
pub(super) fn Sites() -> impl IntoView {
    let after = query("after").and_then(|text| text.parse().ok()).map(SiteId);
    page(move |visit| async move {
        let flash = visit.notice();
        let mut sites = visit.desk.sites().list(&visit.actor, after, SITES as u32 + 1).await?;
        let more = sites.len() > SITES;
        sites.truncate(SITES);
        let older = sites.last().filter(|_| more).map(|last| address(PAGE, &[("after", &last.id.to_string())]));
        let newer = after.map(|_| String::from(PAGE));
        let lead = lead(sites.len(), more || after.is_some());
        let manages = visit.actor.may(Permission::ManageAttendance);
        let add = manages.then(|| add_form(&visit.said));
        let shown = number::counted(sites.len() as i64, "site", "sites");
        let rows = sites.into_iter().map(row).collect();
        Ok(view! {
            <Frame viewer=visit.viewer title="Sites" at=Section::Sites crumbs=vec![Crumb::here("Sites")] flash>
                <PageHeader title="Sites"/>
                <Lead>{lead}</Lead>
                <Panel title="Places of work" note=String::from("by name")>
                    <Table label="Sites" columns=columns() rows>
                        <EmptyState
                            title="No sites yet"
                            text="A check-in is compared with the place, the clocks and the calendar of its site. The first one is added below, or by REST."
                        />
                    </Table>
                    <Pagination newer older shown/>
                </Panel>
                {add.map(|form| view! { <Panel title="Add a site">{form}</Panel> })}
            </Frame>
        }
        .into_any())
    })
}

/// The sites by name, to choose from and to name what happened there.
pub(super) async fn all(visit: &Visit) -> desk::Result<Vec<Site>> {
    let (mut sites, mut after) = (Vec::new(), None);
    while sites.len() < OFFERED {
        let part = visit.desk.sites().list(&visit.actor, after, 200).await?;
        let Some(last) = part.last() else { break };
        after = Some(last.id);
        let is_last = part.len() < 200;
        sites.extend(part);
        if is_last {
            break;
        }
    }
    Ok(sites)
}

/// What a site is called.
pub(super) fn name_of(sites: &[Site], id: SiteId) -> String {
    sites.iter().find(|site| site.id == id).map_or_else(|| format!("site {id}"), |site| site.name.clone())
}

fn lead(sites: usize, are_more: bool) -> impl IntoView {
    let known = match (sites, are_more) {
        (0, false) => String::from("No site is known."),
        (n, false) => format!("{} known.", number::counted(n as i64, "site is", "sites are")),
        (_, true) => String::from("The places of work, by name."),
    };
    view! { <b>{known}</b>" How far a check-in is from its site, and the local hour and holiday, come from here." }
}

fn columns() -> Vec<Column> {
    vec![
        Column::text("Name"),
        Column::text("Reference"),
        Column::number("Latitude"),
        Column::number("Longitude"),
        Column::text("Time zone"),
        Column::tight("Since"),
    ]
}

fn row(site: Site) -> Row {
    Row::new(vec![
        Cell::link(site.name, format!("{PAGE}/{}", site.id)),
        Cell::view(view! { <span class="mono">{site.reference}</span> }),
        Cell::text(number::fixed(site.position.latitude, 5)),
        Cell::text(number::fixed(site.position.longitude, 5)),
        Cell::text(site.time_zone),
        Cell::view(view! { <Time at=site.created_at/> }),
    ])
}

/// One site.
#[component]
pub(super) fn SitePage() -> impl IntoView {
    let id = number_param("id");
    page(|visit| async move {
        let flash = visit.notice();
        let site = visit.desk.sites().get(&visit.actor, SiteId(id?)).await?;
        let title = site.name.clone();
        let crumbs = vec![Crumb::link("Sites", PAGE), Crumb::here(&title)];
        let change = visit.actor.may(Permission::ManageAttendance).then(|| change_form(&visit.said, &site));
        let (facts, id) = (facts(&site), site.id.to_string());
        let actions = move || {
            let events = address("/attendance", &[("site", &id)]);
            let employees = address("/settings/employees", &[("at", &id)]);
            let cases = address("/cases", &[("site", &id)]);
            view! {
                <LinkButton text="Employees" href=employees/>
                <LinkButton text="Events" href=events/>
                <LinkButton text="Cases" href=cases/>
            }
        };
        Ok(view! {
            <Frame viewer=visit.viewer title=title.clone() at=Section::Sites crumbs flash>
                <PageHeader title=title actions/>
                <div class="columns columns-2">
                    <Panel title="The site"><DefinitionList items=facts/></Panel>
                    {change.map(|form| {
                        let foot = String::from("For events to come: those that are recorded keep what was known of the site then.");
                        view! { <Panel title="Change it" foot>{form}</Panel> }
                    })}
                </div>
            </Frame>
        }
        .into_any())
    })
}

fn facts(site: &Site) -> Vec<Definition> {
    let (reference, at) = (site.reference.clone(), site.created_at);
    let side = |degrees: f64, plus: char, minus: char| {
        format!("{}° {}", number::fixed(degrees.abs(), 5), if degrees < 0.0 { minus } else { plus })
    };
    let place = format!("{}, {}", side(site.position.latitude, 'N', 'S'), side(site.position.longitude, 'E', 'W'));
    vec![
        Definition::view("Reference", view! { <span class="mono">{reference}</span> }),
        Definition::text("Position", place),
        Definition::text("Time zone", site.time_zone.clone()),
        Definition::view("Since", view! { <Time at/> }),
    ]
}

fn add_form(said: &Said) -> impl IntoView + use<> {
    let typed = |field: &str| said.value("add_site", field);
    view! {
        <form class="form" method="post" action="/actions/add_site">
            {fields("add_site", said, typed)}
            <div class="form-actions"><Button look=Look::Primary text="Add the site"/></div>
        </form>
    }
    .into_any()
}

fn change_form(said: &Said, site: &Site) -> impl IntoView + use<> {
    let is_back = said.form == "change_site" && !said.done;
    let typed = |field: &str| match field {
        _ if is_back => said.value("change_site", field),
        "reference" => site.reference.clone(),
        "name" => site.name.clone(),
        "latitude" => site.position.latitude.to_string(),
        "longitude" => site.position.longitude.to_string(),
        _ => site.time_zone.clone(),
    };
    view! {
        <form class="form" method="post" action="/actions/change_site">
            <input type="hidden" name="site" value=site.id.to_string()/>
            {fields("change_site", said, typed)}
            <div class="form-actions"><Button look=Look::Primary text="Save the site"/></div>
        </form>
    }
    .into_any()
}

fn fields(form: &str, said: &Said, typed: impl Fn(&str) -> String) -> AnyView {
    let error = |field: &str| said.error(form, field);
    view! {
        <TextField name="name" label="Name" value=typed("name") error=error("name") required=true max_length=200 autocomplete="off"/>
        <TextField
            name="reference"
            label="Reference"
            value=typed("reference")
            error=error("reference")
            hint="Your own key for it: events and employees name the site by this."
            required=true
            max_length=100
            mono=true
            autocomplete="off"
        />
        <div class="form-grid">
            <TextField name="latitude" label="Latitude" kind="number" step="any" min="-90" max="90" value=typed("latitude") error=error("latitude") hint="Degrees north, as 52.51630." required=true/>
            <TextField name="longitude" label="Longitude" kind="number" step="any" min="-180" max="180" value=typed("longitude") error=error("longitude") hint="Degrees east, as 13.37770." required=true/>
        </div>
        <TextField name="time_zone" label="Time zone" value=typed("time_zone") error=error("time_zone") hint="As Europe/Berlin. Empty: the organisation's own." max_length=64 autocomplete="off"/>
    }
    .into_any()
}
