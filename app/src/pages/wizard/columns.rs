//! What can be chosen about columns: how each is read, and by which one the rows are divided.

use desk::models::Proposal;
use desk::table::{ColumnKind as Guess, InferredColumn};
use domain::specification::ColumnKind;
use leptos::prelude::*;

use crate::components::{Cell, Choice, Column, Row, Table};
use crate::form::{Said, key};
use crate::number;
use crate::pages::dataset::{kind_words, missing, range};

use super::proposal::FORM;

/// Divisions offered for each way; a table with hundreds of columns would make an endless list.
const DIVISIONS: usize = 40;

/// Every sensible way to divide the rows, in the words that the form sends.
pub(super) fn splits(columns: &[InferredColumn], target: &str, rows: i64, chosen: &str) -> Vec<Choice> {
    let others = || columns.iter().filter(|column| column.name != target && column.missing == 0);
    let is_clock = |column: &&InferredColumn| {
        column.kind == Guess::DateTime || column.kind == Guess::Numeric && 2 * column.distinct as i64 > rows
    };
    let is_group = |column: &&InferredColumn| {
        let several = column.distinct > 2 && 2 * column.distinct as i64 <= rows;
        several && matches!(column.kind, Guess::Categorical | Guess::Text | Guess::Numeric)
    };
    let mut choices = vec![Choice::new("random", "at random"), Choice::new("order", "the last rows of the file")];
    choices.extend(
        others()
            .filter(is_clock)
            .take(DIVISIONS)
            .map(|column| Choice::new(format!("time:{}", column.name), format!("the latest rows by {}", column.name))),
    );
    choices.extend(others().filter(is_group).take(DIVISIONS).map(|column| {
        Choice::new(format!("group:{}", column.name), format!("whole groups of the same {}", column.name))
    }));
    if !choices.iter().any(|choice| choice.value == chosen) {
        choices.push(Choice::new(chosen, chosen));
    }
    choices
        .into_iter()
        .map(|choice| {
            let is = choice.value == chosen;
            choice.chosen(is)
        })
        .collect()
}

/// The table in which each column's kind is chosen.
pub(super) fn table(columns: &[InferredColumn], proposal: &Proposal, said: &Said, rows: i64) -> impl IntoView + use<> {
    let heads = vec![
        Column::text("Column"),
        Column::text("Read as"),
        Column::number("Missing"),
        Column::number("Different"),
        Column::text("Range or examples"),
        Column::text("What the desk noticed"),
    ];
    let inputs = columns.iter().filter(|column| column.name != proposal.draft.target);
    let rows = inputs.map(|column| row(column, proposal, said, rows)).collect();
    view! { <Table label="Columns and how they are read" columns=heads rows/> }.into_any()
}

fn row(column: &InferredColumn, proposal: &Proposal, said: &Said, rows: i64) -> Row {
    let proposed = proposal.draft.columns.iter().find(|input| input.name == column.name).map(|input| input.kind);
    let read_as = Cell::view(kind_select(column, proposed, said));
    Row::new(vec![
        Cell::text(column.name.clone()),
        read_as,
        Cell::text(missing(column, rows)),
        Cell::text(number::count(column.distinct as i64)),
        Cell::text(range(column)),
        Cell::text(notes_on(&column.name, proposal)),
    ])
}

/// `proposed` is none for a column that the proposal drops; it can be brought back.
fn kind_select(column: &InferredColumn, proposed: Option<ColumnKind>, said: &Said) -> impl IntoView + use<> {
    let name = format!("choices[kinds][{}]", key(&column.name));
    let typed = said.value(FORM, &format!("kinds.{}", key(&column.name)));
    let chosen = if typed.is_empty() { proposed.map_or("drop", ColumnKind::as_str) } else { typed.as_str() };
    let kinds = ColumnKind::ALL.into_iter().filter(|kind| Some(*kind) == proposed || fits(column.kind, *kind));
    let options = kinds.map(|kind| {
        view! { <option value=kind.as_str() selected=kind.as_str() == chosen>{words(kind)}</option> }
    });
    let options = options.collect_view();
    view! {
        <div class="field">
            <select name=name aria-label=format!("How {} is read", column.name)>
                {options}
                <option value="drop" selected=chosen == "drop">"drop it"</option>
            </select>
        </div>
    }
    .into_any()
}

/// Whether every cell of a column that looks like `guess` can be read as `kind`.
fn fits(guess: Guess, kind: ColumnKind) -> bool {
    match kind {
        ColumnKind::Categorical | ColumnKind::Text => true,
        ColumnKind::Numeric => guess == Guess::Numeric,
        ColumnKind::Boolean => guess == Guess::Boolean,
        ColumnKind::DateTime => guess == Guess::DateTime,
    }
}

/// A kind in a person's words.
pub(in crate::pages) fn words(kind: ColumnKind) -> &'static str {
    kind_words(match kind {
        ColumnKind::Numeric => Guess::Numeric,
        ColumnKind::Categorical => Guess::Categorical,
        ColumnKind::Boolean => Guess::Boolean,
        ColumnKind::DateTime => Guess::DateTime,
        ColumnKind::Text => Guess::Text,
    })
}

fn notes_on(column: &str, proposal: &Proposal) -> String {
    let notes = proposal.notes.iter().filter(|note| subject(note) == Some(column));
    notes.map(|note| sentence(note)).collect::<Vec<_>>().join(" ")
}

/// The column that a note is about: the name in the backticks that it begins with.
pub(super) fn subject(note: &str) -> Option<&str> {
    note.strip_prefix('`')?.split('`').next()
}

/// A note about one column without its name, which stands in the row already.
fn sentence(note: &str) -> String {
    let rest = note.splitn(3, '`').nth(2).unwrap_or(note);
    rest.trim_start_matches([':', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_shown_beside_its_column() {
        let note = "`id` is dropped: every value differs, so it looks like an identifier";
        assert_eq!(subject(note), Some("id"));
        assert_eq!(sentence(note), "is dropped: every value differs, so it looks like an identifier");
        assert_eq!(subject("3 rows have no value in `y`"), None);
    }
}
