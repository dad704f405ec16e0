//! What people said of our own readings in Label Studio.

use std::collections::HashSet;

use bytes::Bytes;
use domain::dataset::DatasetSource;
use domain::reading::{IMAGE, SOURCE, TARGET};
use domain::{Actor, Permission, PredictionId, TenantId};
use futures::{StreamExt, TryStreamExt, stream};
use vision::archive::{LabelledTask, Problem, labelled_tasks};

use super::images::refused;
use super::{Datasets, Draft, ImportedImages, LeftOut};
use crate::error::{Error, Result};
use crate::text;

/// Readings that are looked up at the same time.
const AT_ONCE: usize = 8;

/// A row: image, text, source.
type Row = [String; 3];

impl Datasets<'_> {
    /// Takes Label Studio's export of tasks whose images are those of our readings, as the export of a queue names them.
    ///
    /// # Errors
    /// Needs the right to change models; says what is wrong with the file. What is wrong with a
    /// single task is said in the answer, and the others go in.
    pub async fn import_tasks(&self, actor: &Actor, name: &str, json: Bytes) -> Result<ImportedImages> {
        actor.check(Permission::WriteModels)?;
        let name = text::required("name", name, 200)?;
        let most = self.desk.inner.limits.dataset_rows;
        let tasks = tokio::task::spawn_blocking(move || labelled_tasks(&json, most));
        let tasks = tasks.await.map_err(Error::internal)?.map_err(|error| refused(&error))?;
        let rows: Vec<Result<Row, Problem>> =
            stream::iter(tasks).map(|task| self.row_of(actor.tenant, task)).buffered(AT_ONCE).try_collect().await?;
        let mut left_out = LeftOut::default();
        let mut named = |row: Result<Row, Problem>| row.map_err(|problem| left_out.add([problem])).ok();
        let rows: Vec<Row> = rows.into_iter().filter_map(&mut named).collect();
        if rows.is_empty() {
            let why = left_out.named.first().map_or("it has no task", String::as_str);
            return Err(Error::field("file", format!("no task with a text could be read: {why}")));
        }
        let images: HashSet<&str> = rows.iter().map(|row| row[0].as_str()).collect();
        let kept = self.desk.store().keep_for_dataset(actor.tenant, &Vec::from_iter(images)).await?;
        let csv = table(rows.iter().filter(|row| kept.contains(&row[0]))).map_err(Error::internal)?;
        let draft = Draft { name, source: DatasetSource::Import, model: None, csv, outcome_rows: 0, verdict_rows: 0 };
        Ok(ImportedImages { dataset: self.keep(actor, draft).await?, left_out })
    }

    async fn row_of(&self, tenant: TenantId, task: Result<LabelledTask, Problem>) -> Result<Result<Row, Problem>> {
        let task = match task {
            Ok(task) => task,
            Err(problem) => return Ok(Err(problem)),
        };
        let LabelledTask { image, text, source } = task;
        let problem = |reason: &str| Ok(Err(Problem { line: 0, file: image.clone(), reason: reason.to_owned() }));
        let Some(id) = reading_in(&image) else { return problem("It is not the image of a reading.") };
        let Some(record) = self.desk.store().reading(tenant, id).await? else {
            return problem("There is no such reading.");
        };
        if self.desk.store().image(tenant, &record.image).await?.is_none() {
            return problem("Its image is no longer kept.");
        }
        let source = if source.is_empty() { record.source } else { source };
        Ok(Ok([record.image, text, source]))
    }
}

/// `…/api/v1/predictions/{id}/image` names a reading.
fn reading_in(address: &str) -> Option<PredictionId> {
    let rest = address.strip_suffix("/image")?;
    let (place, id) = rest.rsplit_once('/')?;
    id.parse().ok().filter(|_| place.ends_with("/api/v1/predictions"))
}

fn table<'a>(rows: impl Iterator<Item = &'a Row>) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([IMAGE, TARGET, SOURCE])?;
    for row in rows {
        writer.write_record(row)?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
}
