//! From a file that anybody may have sent to pixels, a text and bytes fit to be stored.

use std::num::NonZero;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use bytes::Bytes;
use domain::manifest::sha256;
use store::NewImage;
use tokio::sync::Semaphore;
use vision::Readout;
use vision::picture::{Limits, Picture, PictureError};

use super::{ReadRequest, Readings};
use crate::Desk;
use crate::error::{Error, Result};
use crate::serving::Served;

/// Whoever has not begun after this long is told to come again.
const PATIENCE: Duration = Duration::from_secs(10);

/// As many as there are cores: more would not be faster, and a large photograph takes much memory while it is decoded.
pub(crate) fn places() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(available_parallelism().map_or(1, NonZero::get)))
}

/// What one look at an image gives.
pub(super) struct Seen {
    /// SHA-256 of what was sent.
    pub(super) digest: String,
    /// The image as it is stored: pixels only.
    pub(super) stored: Bytes,
    /// Its figures.
    pub(super) image: NewImage,
    /// What it says.
    pub(super) readout: Readout,
}

impl Readings<'_> {
    /// The longest file of an image that is looked at, in bytes.
    #[must_use]
    pub fn most_bytes(&self) -> usize {
        Limits::default().bytes
    }
}

impl Desk {
    /// Decodes, reads and encodes an image, on a thread for it.
    ///
    /// # Errors
    /// What is wrong with the file; [`Error::Unavailable`] when too many are looked at.
    pub(super) async fn look(&self, served: &Arc<Served>, request: &ReadRequest) -> Result<Seen> {
        let busy = |_| Error::Unavailable { reason: String::from("too many images are sent just now"), retry_after: 2 };
        let places = Arc::clone(&self.inner.looking);
        let place = tokio::time::timeout(PATIENCE, places.acquire_owned()).await.map_err(busy)?;
        let place = place.map_err(Error::internal)?;
        let (served, request) = (Arc::clone(served), request.clone());
        let work = move || {
            let _place = place;
            look(&served, &request)
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
    }
}

fn look(served: &Served, request: &ReadRequest) -> Result<Seen> {
    let picture = Picture::decode(&request.image, &Limits::default()).map_err(refused)?;
    let readout = served.reader().and_then(|reader| reader.read(&[&picture]).pop());
    let stored = picture.encode();
    let image = NewImage {
        sha256: sha256(&stored),
        bytes: stored.len() as i64,
        width: i64::from(picture.width()),
        height: i64::from(picture.height()),
    };
    let nothing = || Readout { text: String::new(), confidence: 0.0, characters: Vec::new() };
    let readout = readout.unwrap_or_else(nothing);
    Ok(Seen { digest: digest(request), stored: stored.into(), image, readout })
}

/// What tells a repeated request from another one under the same key.
pub(super) async fn digest_of(request: ReadRequest) -> Result<String> {
    tokio::task::spawn_blocking(move || digest(&request)).await.map_err(Error::internal)
}

fn digest(request: &ReadRequest) -> String {
    let said = serde_json::json!([sha256(&request.image), request.source, request.previous]);
    sha256(said.to_string().as_bytes())
}

fn refused(error: PictureError) -> Error {
    match error {
        PictureError::TooLarge(reason) => Error::TooLarge(reason),
        PictureError::Unknown(reason) => Error::Unsupported(reason),
        PictureError::Broken(reason) => Error::field("image", reason),
    }
}
