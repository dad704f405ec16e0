//! Data sets: immutable, hashed, kept as CSV under their hash.

mod archive;
mod images;
mod join;
mod pictures;
mod rows;
mod tasks;

use std::collections::HashSet;
use std::sync::Arc;

use domain::audit::Event;
use domain::dataset::{Dataset, DatasetSource};
use domain::manifest::sha256;
use domain::model::Model;
use domain::reading::{IMAGE, SOURCE};
use domain::specification::Split;
use domain::time::DAY;
use domain::{Actor, DatasetId, ModelId, Permission, Specification, TenantId, Timestamp};
use futures::TryStreamExt;
use ml::table::{Limits, Table};
use serde_json::{Map, Value};
use store::{Artifacts, Cursor};

use crate::error::{Error, Result};
use crate::{Desk, room, text};

pub use images::{ImportedImages, LeftOut};
pub(crate) use images::{labelled, refused};
pub use join::Join;
pub(crate) use join::places;
pub use pictures::ImageRow;
use rows::{Imported, ROW};
pub(crate) use rows::{ids, learnt_from};

room! {
    /// Verbs on data sets.
    Datasets
}

/// The first rows of a data set, as text.
#[derive(Clone, Debug)]
pub struct Preview {
    /// Column names.
    pub header: Vec<String>,
    /// Cells; an empty text is missing.
    pub rows: Vec<Vec<String>>,
}

impl Datasets<'_> {
    /// Takes a CSV in. The same bytes twice are the same data set.
    ///
    /// # Errors
    /// Needs the right to change models; says what is wrong with the file and in which line.
    pub async fn import(&self, actor: &Actor, name: &str, csv: Vec<u8>) -> Result<Dataset> {
        actor.check(Permission::WriteModels)?;
        let name = text::required("name", name, 200)?;
        let draft = Draft::imported(name, csv);
        self.keep(actor, draft).await
    }

    /// Freezes what a model can learn from now: its imported rows and every prediction whose truth is known, unless that may
    /// have come of a warning before a sync.
    ///
    /// # Errors
    /// Needs the right to train; [`Error::Conflict`] if there is nothing at all, [`Error::TooLarge`] if it is too much.
    pub async fn snapshot(&self, actor: &Actor, model: &str) -> Result<Dataset> {
        actor.check(Permission::Train)?;
        let model = self.desk.model(actor.tenant, model).await?;
        self.freeze(actor, &model, None).await
    }

    /// [`Self::snapshot`] without a look at the actor's rights; of the last `days` days, if there is a number.
    pub(crate) async fn freeze(&self, actor: &Actor, model: &Model, days: Option<u32>) -> Result<Dataset> {
        let now = self.desk.now();
        let since = days.map(|days| now.plus(-i64::from(days) * DAY));
        let imported = self.desk.store().newest_import(actor.tenant, model.id).await?;
        let mut labelled = self.with_their_images(model, self.known(model, since, now).await?).await?;
        // Ids of one moment are in any order, and the same examples shall give the same version.
        labelled.sort_by(|a, b| (a.at, &a.features).cmp(&(b.at, &b.features)));
        let rows = match &imported {
            Some(import) => Some(Imported::since(&model.specification, import, self.desk.table(import).await?, since)),
            None => None,
        };
        if labelled.is_empty() && rows.as_ref().is_none_or(|rows| rows.is_whole() || rows.rows.is_empty()) {
            let whole = imported.filter(|_| rows.is_some_and(|rows| rows.is_whole()));
            return whole.ok_or_else(|| nothing_to_learn_from(model, days));
        }
        let (specification, outcome_rows) = (model.specification.clone(), labelled.len() as i64);
        let csv = tokio::task::spawn_blocking(move || compose(&specification, rows.as_ref(), &labelled));
        let csv = csv.await.map_err(Error::internal)?.map_err(Error::internal)?;
        let within = days.map_or_else(String::new, |days| format!(", {days} days"));
        let name = format!("{} with outcomes until {}{within}", model.name, now.rfc3339());
        let verdict_rows = self.desk.store().labelled_by_verdict(actor.tenant, model.id, since, now).await?;
        let (source, model) = (DatasetSource::Snapshot, Some(model.id));
        self.keep(actor, Draft { name: &name, source, model, csv, outcome_rows, verdict_rows, joined: None }).await
    }

    /// Every prediction since a moment whose truth is known at `bound`, unless they are more than fit into a data set.
    async fn known(&self, model: &Model, since: Option<Timestamp>, bound: Timestamp) -> Result<Vec<store::Labelled>> {
        let most = self.desk.inner.limits.dataset_rows;
        let mut parts = std::pin::pin!(self.desk.store().labelled_within(model.tenant, model.id, since, bound));
        let mut labelled = Vec::new();
        while let Some(part) = parts.try_next().await? {
            labelled.extend(part);
            if labelled.len() > most {
                let name = &model.name;
                return Err(Error::TooLarge(format!(
                    "more than {most} outcomes of `{name}` are known; have it learn from fewer days"
                )));
            }
        }
        Ok(labelled)
    }

    /// The tenant's data sets, newest first, those before `before`.
    ///
    /// # Errors
    /// Needs the right to see models.
    pub async fn list(&self, actor: &Actor, before: Option<DatasetId>, limit: u32) -> Result<Vec<Dataset>> {
        actor.check(Permission::ReadModels)?;
        let cursor = before.map(|id| Cursor::number(id.0));
        Ok(self.desk.store().datasets(actor.tenant, cursor.as_ref(), limit.clamp(1, 200)).await?.items)
    }

    /// One data set.
    ///
    /// # Errors
    /// Needs the right to see models; [`Error::NotFound`] for another tenant's.
    pub async fn get(&self, actor: &Actor, id: DatasetId) -> Result<Dataset> {
        actor.check(Permission::ReadModels)?;
        self.desk.dataset(actor.tenant, id).await
    }

    /// Its first `rows` rows.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn preview(&self, actor: &Actor, id: DatasetId, rows: usize) -> Result<Preview> {
        let dataset = self.get(actor, id).await?;
        let table = self.desk.table(&dataset).await?;
        let header = table.columns.iter().map(|column| column.name.clone()).collect();
        let text =
            |row: usize| table.columns.iter().map(|column| column.cell(row).unwrap_or_default().to_owned()).collect();
        Ok(Preview { header, rows: (0..rows.min(table.rows)).map(text).collect() })
    }

    /// Corrections of a reading model whose images are still there, which from now on stay; other rows need nothing.
    async fn with_their_images(
        &self,
        model: &Model,
        mut labelled: Vec<store::Labelled>,
    ) -> Result<Vec<store::Labelled>> {
        if model.specification.reading.is_none() {
            return Ok(labelled);
        }
        let images: Vec<Option<String>> = labelled.iter().map(image_of).collect();
        let named: HashSet<&str> = images.iter().flatten().map(String::as_str).collect();
        let kept = self.desk.store().keep_for_dataset(model.tenant, &Vec::from_iter(named)).await?;
        let mut images = images.iter();
        labelled
            .retain(|_| images.next().is_some_and(|image| image.as_ref().is_some_and(|image| kept.contains(image))));
        Ok(labelled)
    }

    async fn keep(&self, actor: &Actor, draft: Draft<'_>) -> Result<Dataset> {
        let limits = self.desk.inner.limits;
        if draft.csv.len() > limits.dataset_bytes {
            return Err(too_large(limits.dataset_bytes));
        }
        let csv = bytes::Bytes::from(draft.csv);
        let parsed = csv.clone();
        let (table, sum) = tokio::task::spawn_blocking(move || (read(&parsed, limits.dataset_rows), sha256(&parsed)))
            .await
            .map_err(Error::internal)?;
        let table = table?;
        if let Some(known) = self.desk.store().dataset_by_content(actor.tenant, &sum, draft.model).await? {
            return Ok(known);
        }
        self.desk.inner.artifacts.put(&Artifacts::dataset_key(actor.tenant, &sum), csv.clone()).await?;
        let columns = serde_json::to_value(ml::table::infer(&table)).map_err(Error::internal)?;
        let mut detail = serde_json::json!({ "name": draft.name, "rows": table.rows, "outcomes": draft.outcome_rows });
        if let Some(Join { set, entity, time }) = draft.joined {
            detail["features"] = serde_json::json!({ "set": set, "entity": entity, "time": time });
        }
        let event = Event::new(actor, self.desk.now(), "dataset.created", format!("dataset:{sum}")).with(detail);
        let new = store::NewDataset {
            model: draft.model,
            name: draft.name.to_owned(),
            source: draft.source,
            sha256: sum.clone(),
            bytes: csv.len() as i64,
            rows: table.rows as i64,
            outcome_rows: draft.outcome_rows,
            verdict_rows: draft.verdict_rows,
            columns,
            created_by: actor.label(),
        };
        match self.desk.store().create_dataset(actor.tenant, &new, event.at, &event).await {
            // The same bytes came in at the same moment.
            Err(conflict @ store::Error::Conflict(_)) => {
                let known = self.desk.store().dataset_by_content(actor.tenant, &sum, draft.model).await?;
                known.ok_or_else(|| conflict.into())
            }
            made => Ok(made?),
        }
    }
}

fn too_large(most_bytes: usize) -> Error {
    Error::TooLarge(format!("at most {} MiB fit into a data set", most_bytes >> 20))
}

fn nothing_to_learn_from(model: &Model, days: Option<u32>) -> Error {
    let within = days.map_or_else(String::new, |days| format!(" of the last {days} days"));
    let name = &model.name;
    Error::Conflict(format!("`{name}` has nothing to learn from{within}: give it a data set or report outcomes"))
}

/// A data set that is about to be kept.
struct Draft<'a> {
    name: &'a str,
    source: DatasetSource,
    model: Option<ModelId>,
    csv: Vec<u8>,
    outcome_rows: i64,
    verdict_rows: i64,
    /// What was put beside its rows.
    joined: Option<&'a Join>,
}

impl<'a> Draft<'a> {
    /// What somebody brought.
    fn imported(name: &'a str, csv: Vec<u8>) -> Self {
        let source = DatasetSource::Import;
        Self { name, source, model: None, csv, outcome_rows: 0, verdict_rows: 0, joined: None }
    }
}

impl Desk {
    pub(crate) async fn dataset(&self, tenant: TenantId, id: DatasetId) -> Result<Dataset> {
        self.store().dataset(tenant, id).await?.ok_or_else(|| Error::not_found(format!("data set {id}")))
    }

    /// The rows of a data set, exactly as they were hashed.
    pub(crate) async fn table(&self, dataset: &Dataset) -> Result<Arc<Table>> {
        let found = self.inner.artifacts.get(&Artifacts::dataset_key(dataset.tenant, &dataset.sha256)).await?;
        let bytes = found.ok_or_else(|| Error::Conflict(format!("the file of data set {} is missing", dataset.id)))?;
        let (limit, expected, id) = (self.inner.limits.dataset_rows, dataset.sha256.clone(), dataset.id);
        let work = move || {
            if sha256(&bytes) != expected {
                return Err(Error::Conflict(format!(
                    "the file of data set {id} was changed: its SHA-256 is another one"
                )));
            }
            read(&bytes, limit).map(Arc::new)
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
    }
}

/// A CSV of at most so many rows.
pub(crate) fn read(csv: &[u8], max_rows: usize) -> Result<Table> {
    let limits = Limits { max_rows, ..Limits::default() };
    Table::read(csv, &limits).map_err(|error| Error::field("file", error.to_string()))
}

/// The imported rows followed by the labelled predictions, as one CSV with the columns that the specification names and
/// one that tells the rows apart.
fn compose(
    specification: &Specification,
    imported: Option<&Imported>,
    labelled: &[store::Labelled],
) -> Result<Vec<u8>, csv::Error> {
    let names = columns_to_keep(specification);
    // An image says itself which it is.
    let named = specification.reading.is_none() && !names.iter().any(|name| name == ROW);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(names.iter().map(String::as_str).chain(named.then_some(ROW)))?;
    if let Some(imported) = imported {
        let columns: Vec<_> = names.iter().map(|name| imported.table.column(name)).collect();
        let ids = named.then(|| ids(specification, &imported.table));
        for &row in &imported.rows {
            let cells = columns.iter().map(|column| column.and_then(|c| c.cell(row)).unwrap_or_default());
            writer.write_record(cells.map(str::to_owned).chain(ids.as_ref().map(|ids| ids[row].clone())))?;
        }
    }
    for example in labelled {
        let row: Map<String, Value> = serde_json::from_str(&example.features).unwrap_or_default();
        let cells = names.iter().map(|name| cell(specification, &row, example, name));
        writer.write_record(cells.chain(named.then(|| rows::of_prediction(example.prediction))))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
}

/// The image that a reading was of.
fn image_of(reading: &store::Labelled) -> Option<String> {
    let row: Map<String, Value> = serde_json::from_str(&reading.features).ok()?;
    Some(row.get(IMAGE)?.as_str()?.to_owned())
}

fn columns_to_keep(specification: &Specification) -> Vec<String> {
    if specification.reading.is_some() {
        return [IMAGE, specification.target.as_str(), SOURCE].map(str::to_owned).to_vec();
    }
    let mut names: Vec<String> = specification.columns.iter().map(|column| column.name.clone()).collect();
    if let Split::Time { column } | Split::Group { column } = &specification.split
        && !names.contains(column)
    {
        names.push(column.clone());
    }
    if let Some(weight) = &specification.weight
        && !names.contains(weight)
    {
        names.push(weight.clone());
    }
    names.push(specification.target.clone());
    names
}

fn cell(specification: &Specification, row: &Map<String, Value>, example: &store::Labelled, name: &str) -> String {
    if name == specification.target {
        return example.truth.clone();
    }
    match row.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) => String::new(),
        Some(value) => value.to_string(),
        // A request need not say when it was asked; the log knows.
        None if matches!(&specification.split, Split::Time { column } if column == name) => example.at.rfc3339(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use domain::specification::Draft as Recipe;

    use super::*;

    #[test]
    fn a_snapshot_keeps_the_weights_of_its_rows() {
        let recipe = r#"{"task": "binary", "target": "fraud", "classes": ["no", "yes"], "weight": "weight",
            "split": {"by": "time", "column": "at"}, "columns": [{"name": "drift", "kind": "numeric"}]}"#;
        let specification = Recipe::from_json(recipe).unwrap().validate().unwrap();
        let imported = imported(&specification, b"drift,fraud\n7,no\n", None);
        let example = |features: &str| store::Labelled {
            prediction: domain::PredictionId::new(Timestamp(0), [0; 10]),
            features: features.to_owned(),
            truth: String::from("yes"),
            at: Timestamp(0),
        };
        let labelled = [example(r#"{"drift": 3, "weight": 20, "at": "2026-01-01"}"#), example(r#"{"drift": 4}"#)];
        let csv = compose(&specification, Some(&imported), &labelled).unwrap();
        let expected = "drift,at,weight,fraud,_row\n7,,,no\n3,2026-01-01,20,yes\n4,1970-01-01T00:00:00Z,,yes\n";
        let without_ids = |line: &str| match line.rsplit_once(',') {
            Some((cells, id)) if id.len() == 16 => format!("{cells}\n"),
            _ => format!("{line}\n"),
        };
        let csv = String::from_utf8(csv).unwrap();
        assert_eq!(csv.lines().map(without_ids).collect::<String>(), expected);
        let ids: HashSet<_> = csv.lines().skip(1).filter_map(|line| line.rsplit(',').next()).collect();
        assert_eq!(ids.len(), 2, "the import's row, and one prediction twice");
    }

    fn imported(specification: &Specification, csv: &[u8], since: Option<Timestamp>) -> Imported {
        let table = Arc::new(read(csv, 10).unwrap());
        let dataset = Dataset {
            id: DatasetId(1),
            tenant: TenantId(1),
            model: None,
            name: String::from("rows.csv"),
            source: DatasetSource::Import,
            sha256: sha256(csv),
            bytes: csv.len() as i64,
            rows: table.rows as i64,
            outcome_rows: 0,
            verdict_rows: 0,
            columns: Value::Null,
            created_at: Timestamp(0),
            created_by: String::from("operator"),
        };
        Imported::since(specification, &dataset, table, since)
    }

    #[test]
    fn a_window_keeps_the_rows_of_its_days_and_their_names() {
        let recipe = r#"{"task": "binary", "target": "fraud", "classes": ["no", "yes"],
            "split": {"by": "time", "column": "at"}, "columns": [{"name": "drift", "kind": "numeric"}]}"#;
        let specification = Recipe::from_json(recipe).unwrap().validate().unwrap();
        let csv = b"drift,at,fraud\n1,2026-01-01,no\n2,2026-02-01,yes\n3,,no\n";
        let since = Timestamp::parse_rfc3339("2026-01-15T00:00:00Z");
        let (all, window) = (imported(&specification, csv, None), imported(&specification, csv, since));
        assert_eq!((all.rows.as_slice(), window.rows.as_slice()), ([0, 1, 2].as_slice(), [1].as_slice()));
        assert!(all.is_whole() && !window.is_whole());
    }
}
