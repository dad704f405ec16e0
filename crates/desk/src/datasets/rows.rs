//! Which row is which, however data sets overlap: a row that one version learnt from must not judge it.

use std::collections::HashSet;
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
    sha256: String,
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
        Self { rows, sha256: dataset.sha256.clone(), table }
    }

    pub(super) fn is_whole(&self) -> bool {
        self.rows.len() == self.table.rows
    }

    /// What [`ROW`] says of the row at a position.
    pub(super) fn id(&self, row: usize) -> String {
        of_position(&self.sha256, row)
    }
}

/// What [`ROW`] says of the row that a prediction made.
pub(super) fn of_prediction(prediction: PredictionId) -> String {
    short(&prediction.to_string())
}

fn of_position(dataset: &str, row: usize) -> String {
    short(&format!("{dataset}:{row}"))
}

fn short(text: &str) -> String {
    let mut sum = sha256(text.as_bytes());
    sum.truncate(16);
    sum
}

/// What tells each row of a data set from all others of its model, also in other data sets.
pub(crate) fn ids(specification: &Specification, dataset: &Dataset, table: &Table) -> Vec<String> {
    let named = table.column(if specification.reading.is_some() { IMAGE } else { ROW });
    let own = |row: usize| named.and_then(|column| Some(column.cell(row)?.to_owned()));
    (0..table.rows).map(|row| own(row).unwrap_or_else(|| of_position(&dataset.sha256, row))).collect()
}

/// What tells those rows of a data set apart that a version with this specification learnt from.
///
/// # Errors
/// As [`ml::evaluation::learnt_from`].
pub(crate) fn learnt_from(
    specification: &Specification,
    dataset: &Dataset,
    table: &Table,
) -> Result<HashSet<String>, ml::training::TrainError> {
    let mut ids = ids(specification, dataset, table);
    let rows = ml::evaluation::learnt_from(specification, table)?;
    Ok(rows.into_iter().map(|row| std::mem::take(&mut ids[row])).collect())
}
