//! Data sets of images: the pixels lie in the object store under their hash, the data set is a CSV that names them.

use std::collections::HashSet;
use std::time::Duration;

use bytes::Bytes;
use domain::dataset::Dataset;
use domain::manifest::sha256;
use domain::reading::{IMAGE, SOURCE, TARGET};
use domain::{Actor, Permission, TenantId};
use ml::table::Table;
use rayon::prelude::*;
use store::{Artifacts, NewImage};
use tokio::sync::mpsc;
use vision::archive::{Archive, ArchiveError, Batch, Entry, Limits, Problem};
use vision::picture::Picture;

use super::{Datasets, Draft};
use crate::error::{Error, Result};
use crate::text;

/// Rows that were left out and are named; of more only their number is known.
const MOST_NAMED: usize = 100;

/// Batches that are decoded before they are stored: memory stays bounded, and neither waits for the other.
const AHEAD: usize = 2;

/// How often an image is put that somebody else is deleting, and how long that is waited for.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_secs(1);

/// What an archive of images became.
#[derive(Clone, Debug)]
pub struct ImportedImages {
    /// The data set; the same images and texts twice are the same one.
    pub dataset: Dataset,
    /// What was left out.
    pub left_out: LeftOut,
}

/// Rows of an archive that gave no example.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// How many.
    pub rows: usize,
    /// The first of them, by line and name, with the reason.
    pub named: Vec<String>,
    /// Images of which the table says nothing.
    pub unlabeled: usize,
}

impl LeftOut {
    pub(crate) fn add(&mut self, problems: impl IntoIterator<Item = Problem>) {
        for Problem { line, file, reason } in problems {
            self.rows += 1;
            if self.named.len() < MOST_NAMED {
                let place = if line > 0 { format!("line {line}, ") } else { String::new() };
                self.named.push(format!("{place}{file}: {reason}"));
            }
        }
    }
}

/// An example as it is stored.
struct Stored {
    image: NewImage,
    bytes: Bytes,
    text: String,
    source: String,
}

/// What the thread that unpacks an archive says.
enum Unpacked {
    /// How many rows there are, and images without one.
    Opened { rows: usize, unlabeled: usize },
    /// Some of them.
    Part { stored: Vec<Stored>, problems: Vec<Problem> },
    /// It cannot be read.
    Refused(ArchiveError),
}

impl Datasets<'_> {
    /// Takes a zip of images with `labels.csv` (`file,text,source`) in; `report` hears how many of how many rows are done.
    /// Images are stored without what cameras write beside the pixels.
    ///
    /// # Errors
    /// Needs the right to change models; [`Error::TooLarge`]; says what is wrong with the archive. What is wrong with a
    /// single image is said in the answer, and the others go in.
    pub async fn import_images(
        &self,
        actor: &Actor,
        name: &str,
        zip: Bytes,
        mut report: impl FnMut(usize, usize),
    ) -> Result<ImportedImages> {
        actor.check(Permission::WriteModels)?;
        let name = text::required("name", name, 200)?;
        let most = self.desk.inner.limits.dataset_bytes;
        if zip.len() > most {
            return Err(Error::TooLarge(format!("at most {} MiB fit into a data set", most >> 20)));
        }
        let mut csv = csv::Writer::from_writer(Vec::new());
        csv.write_record([IMAGE, TARGET, SOURCE]).map_err(Error::internal)?;
        let (mut left_out, mut total, mut done, mut kept) = (LeftOut::default(), 0, 0, HashSet::new());
        let mut parts = unpack(zip, self.desk.inner.limits.dataset_rows);
        while let Some(part) = parts.recv().await {
            match part {
                Unpacked::Opened { rows, unlabeled } => (total, left_out.unlabeled) = (rows, unlabeled),
                Unpacked::Refused(error) => return Err(refused(&error)),
                Unpacked::Part { stored, problems } => {
                    done += stored.len() + problems.len();
                    left_out.add(problems);
                    for row in &stored {
                        csv.write_record([&row.image.sha256, &row.text, &row.source]).map_err(Error::internal)?;
                        kept.insert(row.image.sha256.clone());
                    }
                    self.store_images(actor.tenant, stored).await?;
                }
            }
            report(done, total);
        }
        if kept.is_empty() {
            let why = left_out.named.first().map_or_else(|| String::from("it has none"), Clone::clone);
            return Err(Error::field("file", format!("no image with a text could be read: {why}")));
        }
        // The data set must not name what a power cut takes away.
        self.desk.inner.artifacts.sync().await?;
        self.claim_images(actor.tenant, &kept).await?;
        let csv = csv.into_inner().map_err(|error| Error::internal(error.into_error()))?;
        let draft = Draft::imported(name, csv);
        Ok(ImportedImages { dataset: self.keep(actor, draft).await?, left_out })
    }

    /// Keeps images from now on, for the data set that is made next.
    async fn claim_images(&self, tenant: TenantId, images: &HashSet<String>) -> Result<()> {
        let images: Vec<&str> = images.iter().map(String::as_str).collect();
        if self.desk.store().keep_for_dataset(tenant, &images).await?.len() == images.len() {
            return Ok(());
        }
        Err(Error::Unavailable { reason: String::from("some of the images are just being deleted"), retry_after: 10 })
    }

    /// Puts images into the object store and notes them. One that retention is just taking away is put again after it.
    async fn store_images(&self, tenant: TenantId, mut stored: Vec<Stored>) -> Result<()> {
        for _ in 0..TRIES {
            let images: Vec<NewImage> = stored.iter().map(|row| row.image.clone()).collect();
            // Noted first: from then on nobody takes it away, unless this import never ends.
            let going = self.desk.store().note_images(tenant, &images, self.desk.now()).await?;
            let (again, noted): (Vec<_>, Vec<_>) =
                stored.into_iter().partition(|row| going.contains(&row.image.sha256));
            let item = |row: Stored| (Artifacts::image_key(tenant, &row.image.sha256), row.bytes);
            self.desk.inner.artifacts.put_many(noted.into_iter().map(item).collect()).await?;
            if again.is_empty() {
                return Ok(());
            }
            stored = again;
            tokio::time::sleep(PAUSE).await;
        }
        Err(Error::Unavailable { reason: String::from("some of the images are just being deleted"), retry_after: 10 })
    }
}

pub(super) fn cell<'a>(table: &'a Table, column: &str, row: usize) -> &'a str {
    table.column(column).and_then(|column| column.cell(row)).unwrap_or_default()
}

/// Unpacks, decodes and encodes on a thread of its own, never more than a few batches ahead.
fn unpack(zip: Bytes, rows: usize) -> mpsc::Receiver<Unpacked> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        let limits = Limits { rows: rows.min(Limits::default().rows), ..Limits::default() };
        let archive = match Archive::open(&zip, &limits) {
            Ok(archive) => archive,
            Err(error) => return drop(sender.blocking_send(Unpacked::Refused(error))),
        };
        let opened = Unpacked::Opened { rows: archive.rows(), unlabeled: archive.unlabeled() };
        // Whoever no longer listens wants no more of it.
        let mut listens = sender.blocking_send(opened).is_ok();
        for batch in archive {
            listens = listens && sender.blocking_send(part(batch)).is_ok();
            if !listens {
                return;
            }
        }
    });
    receiver
}

/// The entries that have a text, and everything that is wrong with the others.
pub(crate) fn labelled(Batch { entries, mut problems }: Batch) -> (Vec<Entry>, Vec<Problem>) {
    let (labelled, silent): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| !entry.text.is_empty());
    let without_text = |file| Problem { line: 0, file, reason: String::from("labels.csv gives it no text") };
    problems.extend(silent.into_iter().map(|entry| without_text(entry.file)));
    (labelled, problems)
}

fn part(batch: Batch) -> Unpacked {
    let (labelled, problems) = labelled(batch);
    let store = |entry: Entry| {
        let bytes = Bytes::from(Picture::encode(&entry.picture));
        let (width, height) = (entry.picture.width().into(), entry.picture.height().into());
        let image = NewImage { sha256: sha256(&bytes), bytes: bytes.len() as i64, width, height };
        Stored { image, bytes, text: entry.text, source: entry.source }
    };
    Unpacked::Part { stored: labelled.into_par_iter().map(store).collect(), problems }
}

pub(crate) fn refused(error: &ArchiveError) -> Error {
    match error {
        ArchiveError::TooLarge(reason) => Error::TooLarge(reason.clone()),
        other => Error::field("file", other.to_string()),
    }
}

#[cfg(test)]
mod tests;
