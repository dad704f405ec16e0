//! A data set of images as a zip, which is written while it is sent.

use bytes::Bytes;
use domain::reading::{IMAGE, SOURCE, TARGET};
use domain::{Actor, DatasetId, Permission};
use futures::Stream;
use store::Artifacts;
use vision::archive::Writer;

use super::Datasets;
use super::images::cell;
use crate::error::{Error, Result};

/// Images that are fetched at a time: what is in memory at once.
const BATCH: usize = 32;

impl Datasets<'_> {
    /// A zip of a data set's images with its `labels.csv`, as [`Self::import_images`] takes it, part by part. Images that
    /// are no longer there are left out.
    ///
    /// # Errors
    /// Needs the right to manage labeling, since it shows images; [`Error::Conflict`] for a data set without images.
    pub async fn export_images(
        &self,
        actor: &Actor,
        id: DatasetId,
    ) -> Result<impl Stream<Item = Result<Bytes>> + Send + use<>> {
        actor.check(Permission::ManageLabeling)?;
        let (desk, tenant) = (self.desk.clone(), actor.tenant);
        let dataset = desk.dataset(tenant, id).await?;
        let table = desk.table(&dataset).await?;
        table.column(IMAGE).ok_or_else(|| Error::Conflict(format!("data set {id} holds no images")))?;
        Ok(async_stream::try_stream! {
            let mut writer = Writer::default();
            for first in (0..table.rows).step_by(BATCH) {
                let rows = first..table.rows.min(first + BATCH);
                let key = |row: usize| Artifacts::image_key(tenant, cell(&table, IMAGE, row));
                let found = desk.inner.artifacts.get_many(rows.clone().map(key).collect()).await?;
                for (row, image) in rows.zip(found) {
                    let Some(image) = image else { continue };
                    let file = format!("images/{:06}.{}", row + 1, extension(&image));
                    let (text, source) = (cell(&table, TARGET, row), cell(&table, SOURCE, row));
                    writer.add(&file, text, source, &image).map_err(Error::internal)?;
                }
                yield Bytes::from(writer.take());
            }
            yield Bytes::from(writer.finish().map_err(Error::internal)?);
        })
    }
}

/// PNG and JPEG are what is stored.
fn extension(image: &[u8]) -> &'static str {
    if image.starts_with(b"\x89PNG") { "png" } else { "jpg" }
}
