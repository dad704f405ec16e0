//! Looking at a data set of images: its rows, and each image by its hash.

use bytes::Bytes;
use domain::reading::{IMAGE, SOURCE, TARGET};
use domain::{Actor, DatasetId, Permission};
use store::Artifacts;
use vision::picture::{Limits, Picture};

use super::{Datasets, images::cell};
use crate::error::{Error, Result};
use crate::readings::{StoredImage, media_type};

/// A small image is no wider and no higher than this.
const SMALL: (u32, u32) = (480, 240);
/// A file of fewer bytes is small enough as it is.
const LIGHT: usize = 24 << 10;

/// One row of a data set of images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageRow {
    /// Position in the data set, from 0.
    pub row: usize,
    /// SHA-256 of the image.
    pub image: String,
    /// What it shows.
    pub text: String,
    /// Which meter or camera it came from.
    pub source: String,
    /// Whether people said so of a reading, and not an import.
    pub is_corrected: bool,
}

impl Datasets<'_> {
    /// Up to `count` rows of a data set of images, from row `first` on.
    ///
    /// # Errors
    /// Needs the right to see models; [`Error::NotFound`] for another tenant's.
    pub async fn image_rows(&self, actor: &Actor, id: DatasetId, first: usize, count: usize) -> Result<Vec<ImageRow>> {
        let dataset = self.get(actor, id).await?;
        let table = self.desk.table(&dataset).await?;
        let imported = table.rows.saturating_sub(usize::try_from(dataset.outcome_rows).unwrap_or(0));
        let row = |row: usize| ImageRow {
            row,
            image: cell(&table, IMAGE, row).to_owned(),
            text: cell(&table, TARGET, row).to_owned(),
            source: cell(&table, SOURCE, row).to_owned(),
            is_corrected: row >= imported,
        };
        Ok((first..table.rows.min(first.saturating_add(count))).map(row).collect())
    }

    /// An image that a data set names; where it is `small`, shrunk to stand in a list.
    ///
    /// # Errors
    /// Needs the right to manage labeling, since it shows an image; [`Error::NotFound`] for another tenant's data set, an
    /// image that it does not name, and one that is gone.
    pub async fn image(&self, actor: &Actor, id: DatasetId, sha256: &str, small: bool) -> Result<StoredImage> {
        actor.check(Permission::ManageLabeling)?;
        let dataset = self.desk.dataset(actor.tenant, id).await?;
        let none = || Error::not_found(format!("image {sha256} in data set {id}"));
        let file = self.desk.inner.artifacts.get(&Artifacts::dataset_key(actor.tenant, &dataset.sha256)).await?;
        let is_hash = sha256.len() == 64 && sha256.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if !is_hash || !file.is_some_and(|file| names(&file, sha256)) {
            return Err(none());
        }
        let bytes =
            self.desk.inner.artifacts.get(&Artifacts::image_key(actor.tenant, sha256)).await?.ok_or_else(none)?;
        let bytes = if small && bytes.len() > LIGHT {
            tokio::task::spawn_blocking(move || shrunk(bytes)).await.map_err(Error::internal)?
        } else {
            bytes
        };
        Ok(StoredImage { media_type: media_type(&bytes), bytes, sha256: sha256.to_owned() })
    }
}

/// A hash is found without reading the file as a table: nothing else in it looks like one.
fn names(file: &[u8], sha256: &str) -> bool {
    std::str::from_utf8(file).is_ok_and(|csv| csv.contains(sha256))
}

/// What cannot be decoded stays as it is.
fn shrunk(bytes: Bytes) -> Bytes {
    let Ok(picture) = Picture::decode(&bytes, &Limits::default()) else { return bytes };
    let (width, height) = (f64::from(picture.width()), f64::from(picture.height()));
    let scale = (f64::from(SMALL.0) / width).min(f64::from(SMALL.1) / height);
    if scale >= 1.0 {
        return bytes;
    }
    let side = |length: f64| ((length * scale).round() as u32).max(1);
    picture.resized(side(width), side(height)).encode().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_image_is_shrunk_in_its_proportions_and_a_broken_one_is_left() {
        let picture = Picture::new(1_200, 300, vec![128; 1_200 * 300 * 3]).unwrap();
        let small = Picture::decode(&shrunk(picture.encode().into()), &Limits::default()).unwrap();
        assert_eq!((small.width(), small.height()), (480, 120));
        assert_eq!(shrunk(Bytes::from_static(b"no image")), Bytes::from_static(b"no image"));
    }
}
