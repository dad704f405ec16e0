//! An image of a data set that is read once more, so that people can say what it shows.

use domain::{Actor, Permission, PredictionId};
use store::{NewImage, ReadingReception};

use super::{Asked, ReadRequest, ReadingRecord, Readings};
use crate::error::{Error, Result};
use crate::kind;

/// What the keys begin with that Verdict gives to readings of its own; no client's may.
pub(crate) const OWN: &str = "doubtful-";

impl Readings<'_> {
    /// Logs a stored image as a reading of `model`, under its own hash. The same key twice is the same reading.
    ///
    /// # Errors
    /// As [`Self::read`]; [`Error::Conflict`] if the key stands for another image.
    pub(crate) async fn read_stored(
        &self,
        actor: &Actor,
        model: &str,
        sha256: &str,
        request: ReadRequest,
    ) -> Result<PredictionId> {
        actor.check(Permission::Predict)?;
        let started = self.desk.now();
        let served = self.desk.served(actor.tenant, model).await?;
        let rules = kind::takes_images(&served.model)?;
        if let Some(record) = self.known(actor.tenant, &served.model, &request).await? {
            return of_image(&record, sha256);
        }
        let mut seen = self.desk.look(&served, &request).await?;
        // Written anew, a JPEG would be another image, and what people say of it would not correct the first.
        seen.image = NewImage { sha256: sha256.to_owned(), bytes: request.image.len() as i64, ..seen.image };
        seen.stored = request.image.clone();
        self.keep(actor.tenant, &seen).await?;
        let mut reading = self.reading(actor, &served, rules, &seen, Asked { request, previous: None, started });
        // It says nothing of what its meter shows now.
        reading.source = String::new();
        reading.review = None;
        let id = reading.prediction.id;
        match self.desk.inner.writer.submit_readings(vec![reading]).await?.pop() {
            Some(ReadingReception::Recorded) => Ok(id),
            Some(ReadingReception::Repeated(id) | ReadingReception::Contradicted(id)) => {
                of_image(&self.record(actor.tenant, id).await?, sha256)
            }
            None => Err(Error::internal("the writer answered nothing")),
        }
    }
}

/// The reading, if it is one of this image: whatever people say of another would correct the wrong label.
fn of_image(record: &ReadingRecord, sha256: &str) -> Result<PredictionId> {
    if record.image != sha256 {
        return Err(Error::Conflict(format!("reading {} has this key, and shows another image", record.prediction)));
    }
    Ok(record.prediction)
}
