//! What is snoozed: employees who make no cases by a rule for a time.

use std::collections::HashMap;

use domain::case::Snooze;
use domain::{EmployeeId, Permission};
use leptos::prelude::*;

use super::case::words;
use crate::components::{Button, Cell, Column, Confirm, Panel, Row, Table, Time};
use crate::page::Visit;

/// The snoozes that last, if there are any.
pub(super) async fn panel(visit: &Visit) -> desk::Result<Option<AnyView>> {
    let snoozes = visit.desk.cases().snoozes(&visit.actor).await?;
    if snoozes.is_empty() {
        return Ok(None);
    }
    let ids: Vec<EmployeeId> = snoozes.iter().map(|snooze| snooze.employee).collect();
    let employees = visit.desk.employees().of(&visit.actor, &ids).await?;
    let names: HashMap<_, _> = employees.into_iter().map(|employee| (employee.id, employee.name)).collect();
    let decides = visit.actor.may(Permission::DecideCases);
    let rows = snoozes.into_iter().map(|snooze| row(snooze, &names, decides)).collect();
    let columns = columns(decides);
    let view = view! {
        <Panel title="Snoozed" note=String::from("no new cases by this rule; events are scored all the same")>
            <Table label="Snoozes" columns rows/>
        </Panel>
    };
    Ok(Some(view.into_any()))
}

fn columns(decides: bool) -> Vec<Column> {
    let mut columns = vec![
        Column::text("Employee"),
        Column::text("Rule"),
        Column::text("Until"),
        Column::text("Reason"),
        Column::text("By"),
    ];
    if decides {
        columns.push(Column::silent("End"));
    }
    columns
}

fn row(snooze: Snooze, names: &HashMap<EmployeeId, String>, decides: bool) -> Row {
    let (id, until) = (snooze.id.to_string(), snooze.until);
    let name = names.get(&snooze.employee).cloned().unwrap_or_default();
    let mut cells = vec![
        Cell::text(name.clone()),
        Cell::text(words::rule(snooze.rule)),
        Cell::view(view! { <Time at=until/> }),
        Cell::text(snooze.reason),
        Cell::text(words::name(&snooze.created_by).to_owned()),
    ];
    if decides {
        let sentence = format!("What {name} does from now on makes cases by this rule again.");
        cells.push(Cell::view(view! {
            <Confirm label="End it">
                <p>{sentence}</p>
                <form method="post" action="/actions/end_snooze">
                    <input type="hidden" name="snooze" value=id/>
                    <Button text="End the snooze"/>
                </form>
            </Confirm>
        }));
    }
    Row::new(cells)
}
