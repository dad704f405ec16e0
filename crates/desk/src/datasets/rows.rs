//! Which row is which, however data sets overlap: a row that one version learnt from must not judge it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::dataset::Dataset;
use domain::manifest::sha256;
use domain::reading::IMAGE;
use domain::row::parse_moment;
use domain::specification::Split;
use domain::{PredictionId, Specification, Timestamp};
use ml::table::Table;

/// Column of a snapshot that tells its rows apart: 16 hexadecimal digits. No specification learns from it.
pub(super) const ROW: &str = "_row";

/// Rows of an import that go into a snapshot.
pub(super) struct Imported {
    pub(super) table: Arc<Table>,
    /// Positions, ascending.
    pub(super) rows: Vec<usize>,
}

impl Imported {
    /// Those since a moment. A row without a moment of its own counts from when it was imported.
    pub(super) fn since(
        specification: &Specification,
        dataset: &Dataset,
        table: Arc<Table>,
        since: Option<Timestamp>,
    ) -> Self {
        let moments = match &specification.split {
            Split::Time { column } => table.column(column),
            Split::Random | Split::Group { .. } | Split::Order => None,
        };
        let moment = |row: usize| moments.and_then(|moments| parse_moment(moments.cell(row)?));
        let is_within = |row: &usize| since.is_none_or(|since| moment(*row).unwrap_or(dataset.created_at) >= since);
        let rows = (0..table.rows).filter(is_within).collect();
        Self { rows, table }
    }

    pub(super) fn is_whole(&self) -> bool {
        self.rows.len() == self.table.rows
    }
}

/// What [`ROW`] says of the row that a prediction made.
pub(super) fn of_prediction(prediction: PredictionId) -> String {
    short(&prediction.to_string())
}

fn short(text: &str) -> String {
    let mut sum = sha256(text.as_bytes());
    sum.truncate(16);
    sum
}

/// What tells each row of a data set from all others of its model, also in other data sets.
pub(crate) fn ids(specification: &Specification, table: &Table) -> Vec<String> {
    match table.column(if specification.reading.is_some() { IMAGE } else { ROW }) {
        Some(named) => (0..table.rows).map(|row| named.cell(row).unwrap_or_default().to_owned()).collect(),
        None => by_inputs(&specification.target, table),
    }
}

/// An imported row is told by its inputs, and by which of the rows with the same ones it is: another file that has it too,
/// perhaps with a corrected label, brings nothing new.
fn by_inputs(target: &str, table: &Table) -> Vec<String> {
    let mut inputs: Vec<_> = table.columns.iter().filter(|column| column.name != target).collect();
    inputs.sort_by(|a, b| a.name.cmp(&b.name));
    let mut seen: HashMap<String, usize> = HashMap::new();
    let id = |row: usize| {
        // A missing cell says nothing, so that a column that is added empty makes no row another.
        let cells: Vec<_> = inputs.iter().filter_map(|column| Some((&column.name, column.cell(row)?))).collect();
        let same = seen.entry(short(&format!("{cells:?}"))).or_default();
        *same += 1;
        short(&format!("{cells:?}:{same}"))
    };
    (0..table.rows).map(id).collect()
}

/// What tells those rows of a data set apart that a version with this specification learnt from.
///
/// # Errors
/// As [`ml::evaluation::learnt_from`].
pub(crate) fn learnt_from(
    specification: &Specification,
    table: &Table,
) -> Result<HashSet<String>, ml::training::TrainError> {
    let mut ids = ids(specification, table);
    let rows = ml::evaluation::learnt_from(specification, table)?;
    Ok(rows.into_iter().map(|row| std::mem::take(&mut ids[row])).collect())
}

#[cfg(test)]
mod tests {
    use domain::specification::Draft;

    use super::*;

    /// Before what the first version knows, somebody adds older rows, so its learning side lies among the latest ones.
    #[test]
    fn a_row_is_known_again_in_another_file() {
        let recipe = r#"{"task": "binary", "target": "fraud", "classes": ["no", "yes"],
            "split": {"by": "time", "column": "at"}, "columns": [{"name": "drift", "kind": "numeric"}]}"#;
        let specification = Draft::from_json(recipe).unwrap().validate().unwrap();
        let row = |day: u32, label: &str| format!("2026-01-{day:02},1,{label}\n");
        let csv = |rows: String| crate::datasets::read(format!("at,drift,fraud\n{rows}").as_bytes(), 99).unwrap();
        let first = csv((11..=20).map(|day| row(day, if day % 2 == 0 { "yes" } else { "no" })).collect());
        let wider = csv((1..=20).map(|day| row(day, "no")).collect());
        let (known, own) = (learnt_from(&specification, &first).unwrap(), ids(&specification, &wider));
        assert!(own[..10].iter().all(|id| !known.contains(id)));
        assert!(own[10..12].iter().all(|id| known.contains(id)), "also the second, whose label is another now");
        let twice = ids(&specification, &csv(row(1, "no").repeat(2)));
        assert!(twice[0] == own[0] && twice[1] != own[0], "{twice:?}");
    }
}
