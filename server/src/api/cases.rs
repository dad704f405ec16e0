//! Cases: listed, looked at; what is done to them is in `verbs`.

mod answer;
mod detail;
mod export;
mod request;
mod verbs;

use axum::extract::State;
use desk::Desk;
use desk::cases::{CaseFilter, CaseOrder, CaseState};
use domain::case::{Origin, Verdict};
use domain::{CaseId, EmployeeId, Permission, PersonId, SiteId};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use answer::CaseAnswer;
use detail::CaseDetail;

use super::endpoint::{Access, Endpoint};
use super::extract::{Asked, In};
use super::problem::Problem;
use super::{Answer, Page, page_size, read_cursor};
use crate::rim::Caller;

/// Which cases.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CaseQuery {
    /// `undecided`, `open`, `taken`, `escalated` (also while an admin has taken it) or `decided`.
    state: Option<String>,
    /// Only given to this person.
    assignee: Option<i64>,
    /// Only with the highest score at this site: its identity.
    site: Option<i64>,
    /// Only of this employee: their identity.
    employee: Option<i64>,
    /// `threshold` or `audit`.
    #[param(value_type = Option<String>)]
    origin: Option<Origin>,
    /// `confirmed_risk`, `valuable_alert` or `false_positive`.
    #[param(value_type = Option<String>)]
    verdict: Option<Verdict>,
    /// `due_first` (when it is not said) or `due_last`.
    #[param(inline)]
    order: Option<Order>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Items of a page, 1 to 200; 50 when it is not said.
    limit: Option<u32>,
}

/// In what order cases are listed.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Order {
    /// The first to be decided first.
    DueFirst,
    /// The last to be decided first.
    DueLast,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let read = Access::Needs(Permission::ReadPredictions);
    let mut all = vec![
        Endpoint::get("/api/v1/cases", read, list)
            .about("Cases", "Cases by when they are due")
            .query::<CaseQuery>()
            .answers_page::<CaseAnswer>(answer::example(), "00064c…")
            .refuses(&[(422, "A wrong word in the query, by its name")]),
        Endpoint::get("/api/v1/cases/{id}", read, show)
            .about("Cases", "A case with its events, its history, and the reasons of its highest score")
            .answers::<CaseDetail>(200, "The case", detail::example())
            .refuses(&[
                (404, "There is no such case"),
                (503, "Too many others ask for reasons; try again after `Retry-After` seconds"),
            ]),
        Endpoint::get("/api/v1/cases.csv", read, export::decided)
            .about("Cases", "All decided cases as CSV, streamed; employees, sites and people by identity only")
            .answers_with(200, "A header line, and a line for each case by when it was due", Some("text/csv")),
    ];
    all.extend(verbs::endpoints());
    all
}

async fn list(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Asked(query): Asked<CaseQuery>,
) -> Answer<Page<CaseAnswer>> {
    let (cursor, limit) = (read_cursor(query.cursor.as_deref())?, page_size(query.limit));
    let page = desk.cases().list(&actor, &query.filter()?, query.order(), cursor.as_ref(), limit).await?;
    let now = desk.now();
    let items = page.items.iter().map(|case| CaseAnswer::of(case, now)).collect();
    Ok(axum::Json(Page { items, next: page.next.map(|next| next.to_string()) }))
}

async fn show(State(desk): State<Desk>, Caller(actor): Caller, In(id): In<CaseId>) -> Answer<CaseDetail> {
    let evidence = desk.cases().evidence(&actor, id).await?;
    CaseDetail::of(evidence, desk.now()).map(axum::Json)
}

impl CaseQuery {
    /// # Errors
    /// Names a state that there is not.
    fn filter(&self) -> Result<CaseFilter, Problem> {
        let read = |word: &str| {
            let words = CaseState::ALL.map(CaseState::as_str).join(", ");
            CaseState::parse(word).ok_or_else(|| Problem::field("state", format!("is none of {words}")))
        };
        Ok(CaseFilter {
            state: self.state.as_deref().map(read).transpose()?,
            assignee: self.assignee.map(PersonId),
            mine: None,
            site: self.site.map(SiteId),
            employee: self.employee.map(EmployeeId),
            origin: self.origin,
            verdict: self.verdict,
            right: false,
            due_before: None,
        })
    }

    fn order(&self) -> CaseOrder {
        match self.order {
            Some(Order::DueLast) => CaseOrder::DueLast,
            Some(Order::DueFirst) | None => CaseOrder::DueFirst,
        }
    }
}
