//! Features beside the rows of a table, each as it was known at the row's moment: what came later must not teach a model
//! that will not have it when it is asked.

use std::collections::HashSet;
use std::sync::Arc;

use domain::dataset::Dataset;
use domain::feature::FeatureRecord;
use domain::row::{is_missing_text, parse_moment};
use domain::{Actor, Permission, TenantId, Timestamp};
use ml::table::{Limits, RawColumn, Table};
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Datasets, Draft, read, too_large};
use crate::error::{Error, Result};
use crate::text;

/// Rows of a table that features are put beside.
const MOST_ROWS: usize = 200_000;
/// Rows whose features are held at a time.
const TOGETHER: usize = 500;

/// Data sets that are joined at a time: a table, and the file that comes of it, are held whole.
pub(crate) fn places() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(1))
}

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
    /// columns of the file are; [`Error::Unavailable`] while another data set is joined.
    pub async fn import_with_features(&self, actor: &Actor, name: &str, csv: Vec<u8>, join: Join) -> Result<Dataset> {
        actor.check(Permission::WriteModels)?;
        let name = text::required("name", name, 200)?;
        if !self.desk.store().has_feature_set(actor.tenant, &join.set).await? {
            return Err(Error::field("features", format!("there is no feature set `{}`", text::shortened(&join.set))));
        }
        let _place = self.place()?;
        let (rows, entity, time) = (self.desk.inner.limits.dataset_rows, join.entity.clone(), join.time.clone());
        let parse = move || read(&csv, rows).and_then(|table| Ok((keys(&table, &entity, &time)?, table)));
        let (keys, table) = tokio::task::spawn_blocking(parse).await.map_err(Error::internal)??;
        let csv = self.joined(actor.tenant, &join.set, &keys, table).await?;
        let draft = Draft { joined: Some(&join), ..Draft::imported(name, csv) };
        self.keep(actor, draft).await
    }

    /// The table with what was known of each row. Features are read part by part and kept as cells, so that a row takes no
    /// more memory than its line of the file, also where thousands of rows have the same large features.
    async fn joined(&self, tenant: TenantId, set: &str, keys: &[Key], table: Table) -> Result<Vec<u8>> {
        let mut beside = Beside::new(table, self.desk.inner.limits.dataset_bytes);
        for part in keys.chunks(TOGETHER) {
            let asked: Vec<_> = part.iter().flatten().map(|(entity, at)| (entity.as_str(), *at)).collect();
            let mut known = self.desk.store().features_known_at(tenant, set, &asked).await?.into_iter();
            let found: Vec<_> = part.iter().map(|key| key.as_ref().and_then(|_| known.next().flatten())).collect();
            let add = move || beside.add(&found).map(|()| beside);
            beside = tokio::task::spawn_blocking(add).await.map_err(Error::internal)??;
        }
        tokio::task::spawn_blocking(move || beside.csv()).await.map_err(Error::internal)?
    }

    /// The place of the one who joins, until it is dropped.
    fn place(&self) -> Result<OwnedSemaphorePermit> {
        let busy = |_| Error::Unavailable {
            reason: String::from("features are being put beside another data set just now"),
            retry_after: 10,
        };
        Arc::clone(&self.desk.inner.joining).try_acquire_owned().map_err(busy)
    }
}

/// Entity and moment of a row; none where the entity is missing.
type Key = Option<(String, Timestamp)>;

fn keys(table: &Table, entity: &str, time: &str) -> Result<Vec<Key>> {
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

fn key(entities: &RawColumn, times: &RawColumn, row: usize) -> Result<Key> {
    let entity = entities.cell(row).unwrap_or_default().trim();
    if is_missing_text(entity) {
        return Ok(None);
    }
    let time = times.cell(row).unwrap_or_default().trim();
    let wrong = || Error::field("time", format!("row {}: `{}` is not a date or time", row + 1, text::shortened(time)));
    Ok(Some((entity.to_owned(), parse_moment(time).ok_or_else(wrong)?)))
}

/// A table with a column more for each feature that any row has, line by line.
struct Beside {
    table: Table,
    /// The features in the order in which they came up.
    names: Vec<String>,
    known: HashSet<String>,
    lines: csv::Writer<Vec<u8>>,
    /// Where each line ends, and how many features it has cells for: as many as were known by then.
    ends: Vec<(usize, usize)>,
    most_bytes: usize,
}

impl Beside {
    fn new(table: Table, most_bytes: usize) -> Self {
        let lines = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        Self { table, names: Vec::new(), known: HashSet::new(), lines, ends: Vec::new(), most_bytes }
    }

    /// Takes what was known of the next rows.
    fn add(&mut self, found: &[Option<FeatureRecord>]) -> Result<()> {
        for record in found.iter().map(Option::as_ref) {
            for name in record.into_iter().flat_map(|record| record.features.keys()) {
                self.name(name)?;
            }
            let row = self.ends.len();
            let own = self.table.columns.iter().map(|column| column.cell(row).unwrap_or_default().to_owned());
            let further = self.names.iter().map(|name| shown(record.and_then(|record| record.features.get(name))));
            self.lines.write_record(own.chain(further)).map_err(Error::internal)?;
            self.lines.flush().map_err(Error::internal)?;
            self.ends.push((self.lines.get_ref().len(), self.names.len()));
            self.check_size(self.lines.get_ref().len())?;
        }
        Ok(())
    }

    fn name(&mut self, name: &str) -> Result<()> {
        if self.known.contains(name) {
            return Ok(());
        }
        if self.table.column(name).is_some() {
            return Err(Error::field("features", format!("the file has a column `{name}` already")));
        }
        let most = Limits::default().max_columns;
        if self.table.columns.len() + self.names.len() >= most {
            return Err(Error::field("features", format!("with them the file has more than {most} columns")));
        }
        self.names.push(name.to_owned());
        self.known.insert(name.to_owned());
        Ok(())
    }

    fn check_size(&self, bytes: usize) -> Result<()> {
        if bytes > self.most_bytes { Err(too_large(self.most_bytes)) } else { Ok(()) }
    }

    /// The file: lines are as long as the header by commas at their ends.
    fn csv(self) -> Result<Vec<u8>> {
        let mut header = csv::Writer::from_writer(Vec::new());
        let own = self.table.columns.iter().map(|column| &column.name);
        header.write_record(own.chain(&self.names)).map_err(Error::internal)?;
        let mut csv = header.into_inner().map_err(|error| Error::internal(error.to_string()))?;
        let missing: usize = self.ends.iter().map(|(_, known)| self.names.len() - known).sum();
        self.check_size(csv.len() + self.lines.get_ref().len() + missing)?;
        let mut from = 0;
        for &(end, known) in &self.ends {
            csv.extend_from_slice(&self.lines.get_ref()[from..end - 1]);
            csv.extend(std::iter::repeat_n(b',', self.names.len() - known));
            csv.push(b'\n');
            from = end;
        }
        Ok(csv)
    }
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
        let mut beside = Beside::new(table, 1_000);
        found.chunks(2).for_each(|part| beside.add(part).unwrap());
        let csv = String::from_utf8(beside.csv().unwrap()).unwrap();
        assert_eq!(csv, "who,when,y,gap,n,town\na,2026-01-01,1,,3,\nb,2026-01-02,2,,,\"Ulm, Neu\"\n,,3,,,\n");
    }

    #[test]
    fn what_grows_too_large_is_given_up_while_it_grows() {
        let large = [Some(record(json!({"text": "x".repeat(1_000)})))];
        let mut beside = Beside::new(table("who,when\na,2026-01-01\na,2026-01-01\na,2026-01-01\n"), 2_500);
        let done: Vec<_> = (0..3).map(|_| beside.add(&large).is_ok()).collect();
        assert_eq!(done, [true, true, false]);
        assert!(matches!(beside.add(&large), Err(Error::TooLarge(_))));
        // Empty cells count as well.
        let mut beside = Beside::new(table("who,when\na,2026-01-01\nb,2026-01-01\n"), 60);
        beside.add(&[None]).unwrap();
        let many: serde_json::Map<_, _> = (0..8).map(|n| (n.to_string(), Value::Null)).collect();
        beside.add(&[Some(record(Value::Object(many)))]).unwrap();
        assert!(matches!(beside.csv(), Err(Error::TooLarge(_))));
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
        let mut beside = Beside::new(table, 1_000);
        assert_eq!(field(beside.add(&[Some(record(json!({"y": 1})))]).unwrap_err()), "features");
        let many: serde_json::Map<_, _> = (0..1_000).map(|n| (n.to_string(), Value::Null)).collect();
        assert_eq!(field(beside.add(&[Some(record(Value::Object(many)))]).unwrap_err()), "features");
    }
}
