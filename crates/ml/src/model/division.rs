//! How rows are best divided, when nobody said.

use domain::specification::Split;

use super::useless::IDENTIFIER_ROWS;
use crate::table::{self, ColumnKind, InferredColumn, RawColumn, Table};

/// By time where a column tells it, because a model is asked about rows that come after those it learnt from; in the order
/// of the rows where that is the order in which they came; else at random. With the reason, in a sentence.
pub(super) fn that_suits(table: &Table, columns: &[InferredColumn], target: &str) -> (Split, Option<String>) {
    let others = || columns.iter().filter(|column| column.name != target && column.missing == 0);
    let is_clock = |column: &&InferredColumn| column.kind == ColumnKind::DateTime && column.distinct > 1;
    if let Some(InferredColumn { name, .. }) = others().find(is_clock) {
        let note = format!("the latest rows by `{name}` are held back to judge by");
        return (Split::Time { column: name.clone() }, Some(note));
    }
    let counts_up = |column: &&InferredColumn| {
        let differs = column.distinct == table.rows && table.rows >= IDENTIFIER_ROWS;
        differs && table.column(&column.name).is_some_and(rises)
    };
    if let Some(InferredColumn { name, .. }) = others().find(counts_up) {
        // were the rows shuffled before they were numbered, their order would be as good as any other
        let note =
            format!("`{name}` counts up, so the rows are in the order in which they came: the last are held back");
        return (Split::Order, Some(note));
    }
    (Split::Random, None)
}

/// Whether the cells are whole numbers, each larger than the one before.
fn rises(column: &RawColumn) -> bool {
    let mut before = f64::NEG_INFINITY;
    column.cells().flatten().all(|text| {
        let number = table::parse_number(text).filter(|number| number.fract() == 0.0);
        number.is_some_and(|number| std::mem::replace(&mut before, number) < number)
    })
}
