//! The images of a data set, from the object store into memory.

use std::collections::HashMap;

use domain::TenantId;
use domain::manifest::sha256;
use domain::reading::{IMAGE, Reading, SOURCE, TARGET};
use ml::table::Table;
use store::Artifacts;
use vision::picture::{Limits, Picture};
use vision::training::Example;

use crate::Desk;
use crate::error::{Error, Result};
use crate::training::refuse_more_than;

/// Images that are fetched and decoded at a time.
const BATCH: usize = 256;

/// Pixels of a picture that is held in memory: far more than a reader looks at, so that thousands of photographs fit.
const MOST_PIXELS: u64 = 1 << 16;

/// An image with the text that is on it.
pub(crate) struct Labelled {
    /// Position in the data set, from 0.
    pub(crate) row: usize,
    /// SHA-256 of its stored bytes.
    pub(crate) image: String,
    /// What it shows.
    pub(crate) text: String,
    /// Which meter or camera it came from.
    pub(crate) source: String,
    /// Its pixels.
    pub(crate) picture: Picture,
}

impl Labelled {
    pub(crate) fn example(&self) -> Example<'_> {
        Example { picture: &self.picture, text: &self.text, source: &self.source }
    }
}

/// What can be used of a data set, and what cannot.
#[derive(Default)]
pub(crate) struct Images {
    /// In the order of their rows; each image once.
    pub(crate) usable: Vec<Labelled>,
    /// Rows without an image or a text that it could show, in sentences.
    pub(crate) notes: Vec<String>,
}

/// One row before its image is fetched.
struct Row {
    row: usize,
    image: String,
    text: String,
    source: String,
}

impl Desk {
    /// The images in the given rows of a data set. Of rows with the same image the last counts: it corrects the others.
    ///
    /// # Errors
    /// What `report` gives; [`crate::Error::Conflict`] if they are more than fit into a training's memory.
    pub(crate) async fn images(
        &self,
        tenant: TenantId,
        reading: &Reading,
        table: &Table,
        rows: impl IntoIterator<Item = usize>,
        mut report: impl FnMut(usize, usize) -> Result<()>,
    ) -> Result<Images> {
        let (rows, mut notes) = readable(reading, table, rows)?;
        let (total, mut usable, mut lost, mut bytes) = (rows.len(), Vec::with_capacity(rows.len()), 0, 0);
        let mut rows = rows.into_iter();
        loop {
            let batch: Vec<Row> = rows.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                break;
            }
            let asked = batch.len();
            let keys: Vec<String> = batch.iter().map(|row| Artifacts::image_key(tenant, &row.image)).collect();
            let found = self.inner.artifacts.get_many(keys).await?;
            let decode = move || batch.into_iter().zip(found).filter_map(|(row, bytes)| decoded(row, &bytes?));
            let decoded = tokio::task::spawn_blocking(move || decode().collect::<Vec<_>>());
            let decoded = decoded.await.map_err(Error::internal)?;
            lost += asked - decoded.len();
            bytes += decoded.iter().map(|image| 3 * pixels(&image.picture)).sum::<u64>();
            refuse_more_than(self.inner.limits.training_bytes, bytes)?;
            usable.extend(decoded);
            report(usable.len() + lost, total)?;
        }
        if lost > 0 {
            notes.push(format!("{lost} images are no longer there, or not as they were stored"));
        }
        Ok(Images { usable, notes })
    }
}

/// Bytes that are not what their name says are as good as lost.
fn decoded(row: Row, bytes: &[u8]) -> Option<Labelled> {
    let picture = Picture::decode(bytes, &Limits::default()).ok().filter(|_| sha256(bytes) == row.image)?;
    let Row { row, image, text, source } = row;
    Some(Labelled { row, image, text, source, picture: bounded(picture) })
}

/// The picture, shrunk if it would take much memory.
pub(crate) fn bounded(picture: Picture) -> Picture {
    let pixels = pixels(&picture);
    if pixels <= MOST_PIXELS {
        return picture;
    }
    let scale = (MOST_PIXELS as f64 / pixels as f64).sqrt();
    let shrunk = |side: u32| ((f64::from(side) * scale) as u32).max(1);
    picture.resized(shrunk(picture.width()), shrunk(picture.height()))
}

fn pixels(picture: &Picture) -> u64 {
    u64::from(picture.width()) * u64::from(picture.height())
}

/// The rows whose text an image can show, the last one of each image.
fn readable(
    reading: &Reading,
    table: &Table,
    rows: impl IntoIterator<Item = usize>,
) -> Result<(Vec<Row>, Vec<String>)> {
    let missing = |name: &str| Error::Conflict(format!("the data set has no column `{name}`: it holds no images"));
    let column = |name: &str| table.column(name).ok_or_else(|| missing(name));
    let (images, texts, sources) = (column(IMAGE)?, column(TARGET)?, table.column(SOURCE));
    let (mut last, mut kept, mut wrong) = (HashMap::new(), Vec::<Option<Row>>::new(), Vec::new());
    for row in rows {
        let (image, text) = (images.cell(row).unwrap_or_default(), texts.cell(row).unwrap_or_default());
        if let Some(problem) = reading.problem(text) {
            wrong.push(format!("`{text}`: {problem}"));
            continue;
        }
        let source = sources.and_then(|column| column.cell(row)).unwrap_or_default();
        let this = Row { row, image: image.to_owned(), text: text.to_owned(), source: source.to_owned() };
        if let Some(earlier) = last.insert(image.to_owned(), kept.len()) {
            kept[earlier] = None;
        }
        kept.push(Some(this));
    }
    let mut notes = Vec::new();
    if let Some(first) = wrong.first() {
        notes.push(format!("{} rows have a text that the rules of the reading exclude, such as {first}", wrong.len()));
    }
    let repeated = kept.iter().filter(|row| row.is_none()).count();
    if repeated > 0 {
        notes.push(format!("{repeated} rows are of an image that a later row names again; the later one counts"));
    }
    Ok((kept.into_iter().flatten().collect(), notes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_row_corrects_an_earlier_one_and_impossible_texts_are_named() {
        let csv: &[u8] = b"image,text,source\naa,1,m\nbb,2,m\ncc,x,m\naa,3,n\n";
        let table = Table::read(csv, &ml::table::Limits::default()).unwrap();
        let (rows, notes) = readable(&Reading::new("123", 1, 1), &table, 0..4).unwrap();
        let told: Vec<_> = rows.iter().map(|row| (row.row, row.image.as_str(), row.text.as_str())).collect();
        assert_eq!(told, [(1, "bb", "2"), (3, "aa", "3")]);
        assert_eq!(notes.len(), 2);
        assert!(notes[0].contains("`x`"), "{notes:?}");
        let table = Table::read(b"a,b\n1,2\n".as_slice(), &ml::table::Limits::default()).unwrap();
        assert!(readable(&Reading::new("1", 1, 1), &table, 0..1).is_err());
    }

    #[test]
    fn a_photograph_is_shrunk_in_its_proportions() {
        let picture = Picture::new(1_024, 256, vec![0; 1_024 * 256 * 3]).unwrap();
        let small = bounded(picture);
        assert_eq!((small.width(), small.height()), (512, 128));
    }
}
