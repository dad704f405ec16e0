//! Whose attendance is recorded.

use domain::attendance::{Employee, Site};
use domain::{EmployeeId, Permission, SiteId};
use leptos::prelude::*;

use super::sites;
use crate::address::address;
use crate::components::{
    Button, Cell, Choice, Column, EmptyState, Lead, Look, PageHeader, Pagination, Panel, Row, SelectField, Table,
    TextField, Time,
};
use crate::form::Said;
use crate::number;
use crate::page::{page, query};
use crate::shell::{Crumb, Frame, Section};

/// Employees of one page.
const EMPLOYEES: usize = 50;
const PAGE: &str = "/settings/employees";
/// Name of the form.
const FORM: &str = "put_employee";

/// What the address asks for.
#[derive(Clone, Default)]
struct Asked {
    text: String,
    site: String,
    after: Option<i64>,
    /// Reference of the employee in the form.
    change: Option<String>,
}

impl Asked {
    fn read() -> Self {
        Self {
            text: query("q").unwrap_or_default(),
            site: query("at").unwrap_or_default(),
            after: query("after").and_then(|text| text.parse().ok()),
            change: query("change"),
        }
    }

    fn href(&self, after: &str) -> String {
        address(PAGE, &[("q", &self.text), ("at", &self.site), ("after", after)])
    }

    fn is_filtered(&self) -> bool {
        !self.text.is_empty() || !self.site.is_empty()
    }
}

/// The employees.
#[component]
pub(super) fn Employees() -> impl IntoView {
    let asked = Asked::read();
    page(move |visit| async move {
        let flash = visit.notice();
        let (verbs, actor) = (visit.desk.employees(), &visit.actor);
        let site = asked.site.parse().ok().map(SiteId);
        let text = Some(asked.text.trim()).filter(|text| !text.is_empty());
        let mut found = verbs.list(actor, site, text, asked.after.map(EmployeeId), EMPLOYEES as u32 + 1).await?;
        let more = found.len() > EMPLOYEES;
        found.truncate(EMPLOYEES);
        let sites = sites::all(&visit).await?;
        let changed = match &asked.change {
            Some(reference) => verbs.by_reference(actor, reference).await?,
            None => None,
        };
        let manages = actor.may(Permission::ManageAttendance);
        let form = manages.then(|| put_panel(&visit.said, changed.as_ref(), &sites));
        let older = found.last().filter(|_| more).map(|last| asked.href(&last.id.to_string()));
        let newer = asked.after.map(|_| asked.href(""));
        let shown = number::counted(found.len() as i64, "employee", "employees");
        let (filters, nothing) = (filters(&asked, &sites), nothing(&asked));
        let rows = found.into_iter().map(|employee| row(employee, &sites, manages)).collect();
        Ok(view! {
            <Frame viewer=visit.viewer title="Employees" at=Section::Employees crumbs=vec![Crumb::here("Employees")] flash>
                <PageHeader title="Employees"/>
                <Lead>
                    <b>"Whose attendance is recorded."</b>
                    " They are known by your own references and do not log in here. Many at once come by REST."
                </Lead>
                <Panel title="Employees" note=String::from("by name")>
                    {filters}
                    <Table label="Employees" columns=columns() rows>{nothing}</Table>
                    <Pagination newer older shown/>
                </Panel>
                {form}
            </Frame>
        }
        .into_any())
    })
}

fn filters(asked: &Asked, sites: &[Site]) -> impl IntoView + use<> {
    let mut choices = vec![Choice::new("", "all sites").chosen(asked.site.is_empty())];
    choices.extend(sites.iter().map(|site| {
        let id = site.id.to_string();
        Choice { chosen: id == asked.site, ..Choice::new(id, &site.name) }
    }));
    view! {
        <form class="filters" method="get" action=PAGE>
            <TextField name="q" label="Search" kind="search" value=asked.text.clone() max_length=100/>
            <SelectField name="at" label="Usual site" choices required=false/>
            <Button text="Filter"/>
        </form>
    }
    .into_any()
}

fn columns() -> Vec<Column> {
    vec![
        Column::text("Name"),
        Column::text("Reference"),
        Column::text("Usual site"),
        Column::tight("Since"),
        Column::silent("Links"),
    ]
}

fn row(employee: Employee, sites: &[Site], manages: bool) -> Row {
    let site = match employee.site {
        Some(id) => Cell::link(sites::name_of(sites, id), format!("/settings/sites/{id}")),
        None => Cell::view(view! { <span class="muted">"none"</span> }),
    };
    let events = address("/attendance", &[("employee", &employee.reference)]);
    let change = address(PAGE, &[("change", &employee.reference)]) + "#panel-change-an-employee";
    let change = manages.then(|| view! { " · "<a href=change>"change"</a> });
    Row::new(vec![
        Cell::text(employee.name),
        Cell::view(view! { <span class="mono">{employee.reference}</span> }),
        site,
        Cell::view(view! { <Time at=employee.created_at/> }),
        Cell::view(view! { <span class="nowrap"><a href=events>"events"</a>{change}</span> }),
    ])
}

fn nothing(asked: &Asked) -> impl IntoView + use<> {
    let (title, text) = if asked.is_filtered() {
        ("No such employees", "Nobody has this in their name or reference, or works at this site.")
    } else {
        ("No employees yet", "An event names the employee by reference. Add one below, or send all of them by REST.")
    };
    view! { <EmptyState title text/> }
}

fn put_panel(said: &Said, changed: Option<&Employee>, sites: &[Site]) -> impl IntoView + use<> {
    let form = put_form(said, changed, sites);
    let title = if changed.is_some() { "Change an employee" } else { "Add an employee" };
    view! { <Panel title>{form}</Panel> }.into_any()
}

fn put_form(said: &Said, changed: Option<&Employee>, sites: &[Site]) -> impl IntoView + use<> {
    let is_back = said.form == FORM && !said.done;
    let usual = changed.and_then(|employee| employee.site);
    let usual = sites.iter().find(|site| Some(site.id) == usual).map(|site| site.reference.clone());
    let typed = |field: &str| match (field, changed) {
        _ if is_back => said.value(FORM, field),
        ("reference", Some(employee)) => employee.reference.clone(),
        ("name", Some(employee)) => employee.name.clone(),
        ("site", _) => usual.clone().unwrap_or_default(),
        _ => String::new(),
    };
    let error = |field: &str| said.error(FORM, field);
    let site = typed("site");
    let mut choices = vec![Choice::new("", "none").chosen(site.is_empty())];
    choices
        .extend(sites.iter().map(|known| Choice::new(&known.reference, &known.name).chosen(known.reference == site)));
    view! {
        <form class="form" method="post" action="/actions/put_employee">
            <TextField
                name="reference"
                label="Reference"
                value=typed("reference")
                error=error("reference")
                hint="Your own key for them. The employee who has it already is changed."
                required=true
                max_length=100
                mono=true
                autocomplete="off"
            />
            <TextField name="name" label="Name" value=typed("name") error=error("name") required=true max_length=200 autocomplete="off"/>
            <SelectField name="site" label="Usual site" choices error=error("site") hint="Where events are that name no site." required=false/>
            <div class="form-actions"><Button look=Look::Primary text="Save the employee"/></div>
        </form>
    }
    .into_any()
}
