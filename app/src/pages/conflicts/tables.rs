//! Syncs by entity type, by client and by entity.

use desk::Share;
use desk::conflicts::{ConflictFigures, EntityTally, MOST_ENTITIES, MOST_GROUPS, SyncGroup, SyncTally, conflict_rate};
use leptos::prelude::*;

use super::asked::Asked;
use super::figures::interval;
use super::list::Listed;
use crate::components::{Cell, Column, Row, Table};
use crate::number;

fn columns(first: &str) -> Vec<Column> {
    let mut columns = vec![Column::text(first)];
    columns.extend(["Syncs", "Conflicts", "Rate"].map(Column::number));
    columns
}

/// A share with its interval in a lighter hand.
pub(super) fn share(share: Share) -> Cell {
    let (value, interval) = (number::percent(share.value), interval(share));
    Cell::view(view! { {value}" "<small class="nowrap">{interval}</small> })
}

fn cells(tally: SyncTally) -> [Cell; 3] {
    let rate = conflict_rate(tally).map_or_else(|| Cell::text("–"), share);
    [Cell::text(number::count(tally.syncs)), Cell::text(number::count(tally.conflicts)), rate]
}

fn row(name: Cell, tally: SyncTally) -> Row {
    Row::new(std::iter::once(name).chain(cells(tally)).collect())
}

/// Says that there are more than are listed.
fn more(listed: usize, most: usize, what: &str) -> Option<impl IntoView + use<>> {
    (listed == most)
        .then(|| format!("The {most} {what} with the most conflicts."))
        .map(|words| view! { <p class="muted small">{words}</p> })
}

pub(super) fn by_type(board: &ConflictFigures, asked: &Asked) -> impl IntoView + use<> {
    let named = |group: &SyncGroup| {
        let name = group.name.clone();
        let is_shown = board.entity_type.as_ref() == Some(&name);
        let link = view! { <a href=asked.of_type(&name) aria-current=is_shown.then_some("true")>{name.clone()}</a> };
        row(Cell::view(link), group.tally)
    };
    let rows: Vec<Row> = board.by_type.iter().map(named).collect();
    let more = more(rows.len(), MOST_GROUPS, "types");
    view! { <Table label="Conflicts by entity type" columns=columns("Type") rows keep=true/>{more} }.into_any()
}

pub(super) fn by_client(board: &ConflictFigures) -> impl IntoView + use<> {
    let listed = Listed::of_period(board);
    let named = |group: &SyncGroup| {
        let href = Listed { client: group.name.clone(), ..listed.clone() }.href(None);
        row(Cell::link(group.name.clone(), href), group.tally)
    };
    let rows: Vec<Row> = board.by_client.iter().map(named).collect();
    let more = more(rows.len(), MOST_GROUPS, "clients");
    view! { <Table label="Conflicts by client" columns=columns("Client") rows keep=true/>{more} }.into_any()
}

pub(super) fn worst(board: &ConflictFigures) -> AnyView {
    if board.worst.is_empty() {
        return view! { <p class="muted">"No entity has had a conflict in this period."</p> }.into_any();
    }
    let listed = Listed::of_period(board);
    let rows: Vec<Row> = board.worst.iter().map(|entity| worst_row(entity, &listed)).collect();
    let more = more(rows.len(), MOST_ENTITIES, "entities");
    let mut columns = columns("Entity");
    columns.insert(1, Column::text("Type"));
    columns.push(Column::number("People"));
    view! { <Table label="Entities with the most conflicts" columns rows/>{more} }.into_any()
}

fn worst_row(worst: &EntityTally, listed: &Listed) -> Row {
    let record = Listed { entity_type: worst.entity_type.clone(), entity: worst.entity.clone(), ..listed.clone() };
    let mut row = vec![Cell::link(worst.entity.clone(), record.href(None)), Cell::text(worst.entity_type.clone())];
    row.extend(cells(worst.tally));
    row.push(Cell::text(number::count(worst.editors)));
    Row::new(row)
}
