//! Decided cases as CSV, page by page: however many there are, only one page is in memory.

use axum::extract::State;
use axum::response::Response;
use desk::Desk;
use domain::case::{Case, State as Stage};

use crate::api::export::{file, inert};
use crate::api::moment;
use crate::api::problem::Problem;
use crate::rim::Caller;

const COLUMNS: [&str; 17] = [
    "id",
    "employee",
    "site",
    "origin",
    "share",
    "rule",
    "score",
    "prediction",
    "events",
    "opened_at",
    "first_event_at",
    "last_event_at",
    "due_at",
    "verdict",
    "truth",
    "decided_by",
    "decided_at",
];

pub(super) async fn decided(State(desk): State<Desk>, Caller(actor): Caller) -> Result<Response, Problem> {
    let header = COLUMNS.map(str::to_owned).to_vec();
    Ok(file("cases.csv", header, desk.cases().export_decided(&actor)?, cells))
}

fn cells(case: &Case) -> Option<Vec<String>> {
    let Stage::Decided { verdict, by, at } = &case.state else { return None };
    Some(vec![
        case.id.to_string(),
        case.employee.to_string(),
        case.site.to_string(),
        case.origin.as_str().to_owned(),
        case.share.to_string(),
        case.rule.as_str().to_owned(),
        case.score.to_string(),
        case.prediction.to_string(),
        case.events.to_string(),
        moment(case.opened_at),
        moment(case.first_event_at),
        moment(case.last_event_at),
        moment(case.due_at),
        verdict.as_str().to_owned(),
        verdict.truth().to_owned(),
        inert(nameless(by)),
        moment(*at),
    ])
}

/// `person:4` of `person:4 Sami`: who it was, without a name.
fn nameless(label: &str) -> &str {
    label.split(' ').next().unwrap_or(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_decided_has_a_number_and_no_name() {
        assert_eq!(["person:4 Sami Berg", "operator"].map(nameless), ["person:4", "operator"]);
    }
}
