//! Employees: whose attendance is recorded. They are known by the organisation's own keys, and do not log in.

use axum::extract::State;
use desk::Desk;
use desk::employees::EmployeeDraft;
use domain::attendance::Employee;
use domain::{Permission, SiteId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::endpoint::{Access, Endpoint};
use super::extract::{Asked, Sent};
use super::{Answer, Page, moment, page_size, read_cursor};
use crate::rim::Caller;

/// Which employees.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EmployeeQuery {
    /// Only those who usually work at this site: its identity.
    site: Option<i64>,
    /// Only with this text in their name or reference.
    text: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Items of a page, 1 to 200; 50 when it is not said.
    limit: Option<u32>,
}

/// Employees to be made or changed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EmployeesRequest {
    /// Up to 10,000.
    employees: Vec<EmployeeRequest>,
}

/// What is said of an employee.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EmployeeRequest {
    /// Your own key for them, by which events name them.
    reference: String,
    /// Name as shown.
    name: String,
    /// Reference of the site where they usually work.
    site: Option<String>,
}

/// How many employees are as they were sent now.
#[derive(Serialize, ToSchema)]
struct PutAnswer {
    /// Those made and those changed.
    employees: usize,
}

/// Somebody whose attendance is recorded.
#[derive(Serialize, ToSchema)]
pub(super) struct EmployeeAnswer {
    /// Identity.
    id: i64,
    /// Your own key for them.
    reference: String,
    /// Name.
    name: String,
    /// Identity of the site where they usually work.
    site: Option<i64>,
    /// When they were made.
    created_at: String,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let new = json!({ "employees": [{ "reference": "e-1042", "name": "Sami Berg", "site": "north" }] });
    vec![
        Endpoint::post("/api/v1/employees", Access::Needs(Permission::ManageAttendance), put)
            .about("Attendance", "Make employees whose reference is new and change the others; all of them or none")
            .takes::<EmployeesRequest>(new)
            .answers::<PutAnswer>(200, "They are there", json!({ "employees": 1 }))
            .refuses(&[(413, "Too many employees"), (422, "Each wrong field, as `employees[3].name`")]),
        Endpoint::get("/api/v1/employees", Access::Needs(Permission::ReadPredictions), list)
            .about("Attendance", "Employees by name")
            .query::<EmployeeQuery>()
            .answers_page::<EmployeeAnswer>(example(), "1042"),
    ]
}

pub(super) fn example() -> Value {
    json!({ "id": 1_042, "reference": "e-1042", "name": "Sami Berg", "site": 3, "created_at": "2026-03-01T08:00:00Z" })
}

async fn put(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Sent(asked): Sent<EmployeesRequest>,
) -> Answer<PutAnswer> {
    let drafts: Vec<EmployeeDraft> = asked.employees.into_iter().map(EmployeeDraft::from).collect();
    desk.employees().put(&actor, &drafts).await?;
    Ok(axum::Json(PutAnswer { employees: drafts.len() }))
}

async fn list(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Asked(query): Asked<EmployeeQuery>,
) -> Answer<Page<EmployeeAnswer>> {
    let (after, limit) = (read_cursor(query.cursor.as_deref())?, page_size(query.limit));
    let site = query.site.map(SiteId);
    let employees = desk.employees().list(&actor, site, query.text.as_deref(), after, limit).await?;
    let page = Page::of(employees, limit, |employee| employee.id.to_string());
    Ok(axum::Json(Page { items: page.items.into_iter().map(EmployeeAnswer::of).collect(), next: page.next }))
}

impl From<EmployeeRequest> for EmployeeDraft {
    fn from(asked: EmployeeRequest) -> Self {
        let EmployeeRequest { reference, name, site } = asked;
        Self { reference, name, site }
    }
}

impl EmployeeAnswer {
    pub(super) fn of(employee: Employee) -> Self {
        Self {
            id: employee.id.0,
            reference: employee.reference,
            name: employee.name,
            site: employee.site.map(|site| site.0),
            created_at: moment(employee.created_at),
        }
    }
}
