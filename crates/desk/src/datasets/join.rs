//! Features beside the rows of a table, each as it was known at the row's moment: what came later must not teach a model
//! that will not have it when it is asked.

use std::collections::BTreeSet;

use domain::dataset::{Dataset, DatasetSource};
use domain::feature::FeatureRecord;
use domain::row::{is_missing_text, parse_moment};
use domain::{Actor, Permission, Timestamp};
use ml::table::{RawColumn, Table};
use serde_json::Value;

use super::{Datasets, Draft, read};
use crate::error::{Error, Result};
use crate::text;

/// Rows of a table that features are put beside.
const MOST_ROWS: usize = 200_000;

/// Which features are put beside which rows.
#[derive(Clone, Debug)]
pub struct Join {
    /// The feature set.
    pub set: String,
    /// The column that names a row's entity.
    pub entity: String,
    /// The column of the moment at which a row was asked about.
    pub time: String,
}

impl Datasets<'_> {
    /// Takes a CSV in with further columns: the features of each row's entity as they were known at the row's moment.
    /// Where nothing was known the cells are empty.
    ///
    /// # Errors
    /// As [`Self::import`]; also for a set, a column or a moment that cannot be used, and for features that are called as
    /// columns of the file are.
    pub async fn import_with_features(&self, actor: &Actor, name: &str, csv: Vec<u8>, join: Join) -> Result<Dataset> {
        actor.check(Permission::WriteModels)?;
        let name = text::required("name", name, 200)?;
        if !self.desk.store().has_feature_set(actor.tenant, &join.set).await? {
            return Err(Error::field("features", format!("there is no feature set `{}`", text::shortened(&join.set))));
        }
        let (rows, entity, time) = (self.desk.inner.limits.dataset_rows, join.entity.clone(), join.time.clone());
        let parse = move || read(&csv, rows).and_then(|table| Ok((keys(&table, &entity, &time)?, table)));
        let (keys, table) = tokio::task::spawn_blocking(parse).await.map_err(Error::internal)??;
        let asked: Vec<(&str, Timestamp)> = keys.iter().flatten().map(|(entity, at)| (entity.as_str(), *at)).collect();
        let mut known = self.desk.store().features_known_at(actor.tenant, &join.set, &asked).await?.into_iter();
        let found: Vec<Option<FeatureRecord>> =
            keys.iter().map(|key| key.as_ref().and_then(|_| known.next().flatten())).collect();
        let csv = tokio::task::spawn_blocking(move || beside(&table, &found)).await.map_err(Error::internal)??;
        let draft = Draft {
            name,
            source: DatasetSource::Import,
            model: None,
            csv,
            outcome_rows: 0,
            verdict_rows: 0,
            joined: Some(&join),
        };
        self.keep(actor, draft).await
    }
}

/// Entity and moment of each row; none where the entity is missing.
fn keys(table: &Table, entity: &str, time: &str) -> Result<Vec<Option<(String, Timestamp)>>> {
    if table.rows > MOST_ROWS {
        return Err(Error::TooLarge(format!("features are put beside at most {MOST_ROWS} rows")));
    }
    let named = |field: &str, name: &str| {
        let missing = || Error::field(field, format!("the file has no column `{}`", text::shortened(name)));
        table.column(name).ok_or_else(missing)
    };
    let (entities, times) = (named("entity", entity)?, named("time", time)?);
    (0..table.rows).map(|row| key(entities, times, row)).collect()
}

fn key(entities: &RawColumn, times: &RawColumn, row: usize) -> Result<Option<(String, Timestamp)>> {
    let entity = entities.cell(row).unwrap_or_default().trim();
    if is_missing_text(entity) {
        return Ok(None);
    }
    let time = times.cell(row).unwrap_or_default().trim();
    let wrong = || Error::field("time", format!("row {}: `{}` is not a date or time", row + 1, text::shortened(time)));
    Ok(Some((entity.to_owned(), parse_moment(time).ok_or_else(wrong)?)))
}

/// The table with a column more for each feature that any row has.
fn beside(table: &Table, found: &[Option<FeatureRecord>]) -> Result<Vec<u8>> {
    let names: BTreeSet<&str> =
        found.iter().flatten().flat_map(|record| record.features.keys()).map(String::as_str).collect();
    if let Some(name) = names.iter().find(|name| table.column(name).is_some()) {
        return Err(Error::field("features", format!("the file has a column `{name}` already")));
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = table.columns.iter().map(|column| column.name.as_str()).chain(names.iter().copied());
    writer.write_record(header).map_err(Error::internal)?;
    for (row, record) in found.iter().enumerate() {
        let own = table.columns.iter().map(|column| column.cell(row).unwrap_or_default().to_owned());
        let further = names.iter().map(|name| shown(record.as_ref().and_then(|record| record.features.get(*name))));
        writer.write_record(own.chain(further)).map_err(Error::internal)?;
    }
    writer.into_inner().map_err(|error| Error::internal(error.to_string()))
}

fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn table(csv: &str) -> Table {
        read(csv.as_bytes(), 10).unwrap()
    }

    fn record(features: Value) -> FeatureRecord {
        FeatureRecord {
            entity: String::from("a"),
            at: Timestamp(0),
            computed_at: Timestamp(0),
            fresh_until: Timestamp(1),
            features: features.as_object().unwrap().clone(),
            problem: String::new(),
        }
    }

    #[test]
    fn each_row_has_its_features_beside_it() {
        let table = table("who,when,y\na,2026-01-01,1\nb,2026-01-02,2\n,,3\n");
        let keys = keys(&table, "who", "when").unwrap();
        assert_eq!(keys[0], Some((String::from("a"), parse_moment("2026-01-01").unwrap())));
        assert_eq!(keys[2], None, "without an entity there is nothing to look up");
        let found = [Some(record(json!({"n": 3, "gap": null}))), Some(record(json!({"town": "Ulm, Neu"}))), None];
        let csv = String::from_utf8(beside(&table, &found).unwrap()).unwrap();
        assert_eq!(csv, "who,when,y,gap,n,town\na,2026-01-01,1,,3,\nb,2026-01-02,2,,,\"Ulm, Neu\"\n,,3,,,\n");
    }

    #[test]
    fn what_cannot_be_joined_is_named() {
        let table = table("who,when,y\na,soon,1\n");
        let field = |result: Error| match result {
            Error::Invalid(wrong) => wrong[0].field.clone(),
            other => other.to_string(),
        };
        assert_eq!(field(keys(&table, "whom", "when").unwrap_err()), "entity");
        assert_eq!(field(keys(&table, "who", "at").unwrap_err()), "time");
        assert_eq!(field(keys(&table, "who", "when").unwrap_err()), "time");
        assert_eq!(field(beside(&table, &[Some(record(json!({"y": 1})))]).unwrap_err()), "features");
    }
}
