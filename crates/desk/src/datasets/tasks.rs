//! What people said of our own readings in Label Studio.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use domain::reading::{IMAGE, SOURCE, TARGET};
use domain::{Actor, Permission, PredictionId};
use vision::archive::{LabelledTask, Problem, labelled_tasks};

use super::images::refused;
use super::{Datasets, Draft, ImportedImages, LeftOut};
use crate::error::{Error, Result};
use crate::text;

/// A row of the table.
struct Row {
    /// How the task names the image.
    address: String,
    /// SHA-256 of the image.
    image: String,
    text: String,
    source: String,
}

impl Datasets<'_> {
    /// Takes Label Studio's export of tasks whose images are those of our readings, as the export of a queue names them.
    ///
    /// # Errors
    /// Needs the right to change models; says what is wrong with the file. What is wrong with a
    /// single task is said in the answer, and the others go in.
    pub async fn import_tasks(&self, actor: &Actor, name: &str, json: Bytes) -> Result<ImportedImages> {
        actor.check(Permission::WriteModels)?;
        let name = text::required("name", name, 200)?;
        let (store, most) = (self.desk.store(), self.desk.inner.limits.dataset_rows);
        let tasks = tokio::task::spawn_blocking(move || labelled_tasks(&json, most));
        let tasks = tasks.await.map_err(Error::internal)?.map_err(|error| refused(&error))?;
        let ids: Vec<PredictionId> = tasks.iter().flatten().filter_map(|task| reading_in(&task.image)).collect();
        let known = store.reading_images(actor.tenant, &ids).await?;
        let rows: Vec<Result<Row, Problem>> = tasks.into_iter().map(|task| row(task?, &known)).collect();
        let images: HashSet<&str> = rows.iter().flatten().map(|row| row.image.as_str()).collect();
        let kept = store.keep_for_dataset(actor.tenant, &Vec::from_iter(images)).await?;
        let mut left_out = LeftOut::default();
        let named = |row: Result<Row, Problem>| {
            row.and_then(|row| still_kept(row, &kept)).map_err(|problem| left_out.add([problem])).ok()
        };
        let rows: Vec<Row> = rows.into_iter().filter_map(named).collect();
        if rows.is_empty() {
            let why = left_out.named.first().map_or("it has no task", String::as_str);
            return Err(Error::field("file", format!("no task with a text could be read: {why}")));
        }
        let csv = table(&rows).map_err(Error::internal)?;
        let draft = Draft::imported(name, csv);
        Ok(ImportedImages { dataset: self.keep(actor, draft).await?, left_out })
    }
}

fn row(task: LabelledTask, known: &HashMap<PredictionId, (String, String)>) -> Result<Row, Problem> {
    let LabelledTask { image: address, text, source } = task;
    let id = reading_in(&address).ok_or_else(|| problem(&address, "It is not the image of a reading."))?;
    let (image, where_read) = known.get(&id).ok_or_else(|| problem(&address, "There is no such reading."))?;
    let source = if source.is_empty() { where_read.clone() } else { source };
    Ok(Row { address, image: image.clone(), text, source })
}

fn still_kept(row: Row, kept: &HashSet<String>) -> Result<Row, Problem> {
    if kept.contains(&row.image) { Ok(row) } else { Err(problem(&row.address, "Its image is no longer kept.")) }
}

fn problem(address: &str, reason: &str) -> Problem {
    Problem { line: 0, file: address.to_owned(), reason: reason.to_owned() }
}

/// `…/api/v1/predictions/{id}/image` names a reading.
fn reading_in(address: &str) -> Option<PredictionId> {
    let rest = address.strip_suffix("/image")?;
    let (place, id) = rest.rsplit_once('/')?;
    id.parse().ok().filter(|_| place.ends_with("/api/v1/predictions"))
}

fn table(rows: &[Row]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([IMAGE, TARGET, SOURCE])?;
    for row in rows {
        writer.write_record([&row.image, &row.text, &row.source])?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
}

#[cfg(test)]
mod tests {
    use domain::Role;
    use domain::reading::Reading;
    use domain::time::DAY;
    use serde_json::json;

    use crate::readings::tests::{Meters, image, rules, said};

    #[tokio::test]
    async fn tasks_whose_images_are_gone_are_named() {
        let meters = Meters::new(Reading { retention_days: Some(30), ..rules() }).await;
        let (gone, there) = (meters.read(image(1)).await.unwrap().id, meters.read(image(2)).await.unwrap().id);
        let ada = meters.person("Ada", Role::Labeler).await;
        let task = meters.desk.readings().get(&meters.actor, gone).await.unwrap().task.unwrap();
        meters.desk.labeling().annotate(&ada, task, &said("1")).await.unwrap();
        meters.clock.go_on(31 * DAY);
        assert_eq!(meters.desk.readings().delete_expired_images(meters.actor.tenant).await.unwrap(), 1);
        let address = |id| format!("http://desk/api/v1/predictions/{id}/image");
        let task = |id| {
            let result = json!([{ "type": "textarea", "value": { "text": ["7"] } }]);
            json!({ "data": { "image": address(id) }, "annotations": [{ "result": result }] })
        };
        let tasks = json!([task(gone), task(there)]).to_string();
        let made = meters.desk.datasets().import_tasks(&meters.actor, "corrections", tasks.into()).await.unwrap();
        assert_eq!((made.dataset.rows, made.left_out.rows), (1, 1));
        assert_eq!(made.left_out.named, [format!("{}: Its image is no longer kept.", address(gone))]);
    }
}
