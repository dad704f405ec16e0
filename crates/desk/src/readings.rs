//! Readings: an image comes in, its text goes out, and both are durable before. What is doubtful goes before a person by
//! the same transaction.

mod again;
mod look;
mod report;
mod retention;
#[cfg(test)]
pub(crate) mod tests;

use bytes::Bytes;
use domain::labeling::{self, Origin};
use domain::model::Model;
use domain::prediction::{Prediction, Route};
use domain::reading::{IMAGE, Reading, SOURCE};
use domain::{Actor, Permission, PredictionId, TenantId, Timestamp};
use serde_json::json;
use store::{Artifacts, Held, NewReading, ReadingReception};

pub(crate) use again::OWN;
pub(crate) use look::places;
pub use report::Report;
pub use store::ReadingRecord;
pub use vision::CharacterConfidence;

use crate::error::{Error, Result};
use crate::predictions::random;
use crate::serving::Served;
use crate::{kind, room, text};
use look::Seen;

room! {
    /// Verbs on readings.
    Readings
}

/// An image to be read.
#[derive(Clone, Debug)]
pub struct ReadRequest {
    /// The file: JPEG, PNG or WebP.
    pub image: Bytes,
    /// Which meter or camera it came from; empty if the sender does not say.
    pub source: String,
    /// The sender's own key, without the blanks around it; the same key twice is the same reading.
    pub client_id: Option<String>,
    /// What was read there before; the newest known reading of the source if the sender does not say.
    pub previous: Option<String>,
}

/// A reading that is durable.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// Identity, to report an error by.
    pub id: PredictionId,
    /// The version that read it; none is the heuristic.
    pub version: Option<i64>,
    /// Who read it.
    pub route: Route,
    /// When.
    pub at: Timestamp,
    /// The text; empty if there is nobody to read it but people.
    pub text: String,
    /// How sure that is.
    pub confidence: f64,
    /// How sure each of its characters is.
    pub characters: Vec<CharacterConfidence>,
    /// Why a person looks at it, if one does.
    pub review: Option<Origin>,
    /// Whether this is the answer to the same request as it was given before.
    pub repeated: bool,
}

/// A stored image.
#[derive(Clone, Debug)]
pub struct StoredImage {
    /// Its file.
    pub bytes: Bytes,
    /// `image/png` or `image/jpeg`.
    pub media_type: &'static str,
    /// SHA-256 of the file.
    pub sha256: String,
}

/// What is known of a request before it is answered.
struct Asked {
    request: ReadRequest,
    previous: Option<String>,
    started: Timestamp,
}

impl Readings<'_> {
    /// Reads an image. Reading, image and, where it is doubtful, the task to correct it are durable when this returns.
    ///
    /// # Errors
    /// Needs the right to predict; [`Error::TooLarge`], [`Error::Unsupported`] or a wrong field `image` for a file that is
    /// too large, of another kind or broken; [`Error::Conflict`] if the key stands for another reading;
    /// [`Error::Unavailable`] when the log is full.
    pub async fn read(&self, actor: &Actor, model: &str, request: ReadRequest) -> Result<Answered> {
        actor.check(Permission::Predict)?;
        let started = self.desk.now();
        let served = self.desk.served(actor.tenant, model).await?;
        let rules = kind::takes_images(&served.model)?;
        let request = checked(request)?;
        if let Some(record) = self.known(actor.tenant, &served.model, &request).await? {
            let digest = look::digest_of(request).await?;
            return self.again(actor, &record, record.digest == digest).await;
        }
        let seen = self.desk.look(&served, &request).await?;
        self.keep(actor.tenant, &seen).await?;
        let previous = self.previous(actor.tenant, &served.model, rules, &request).await?;
        let reading = self.reading(actor, &served, rules, &seen, Asked { request, previous, started });
        let answer = Answered {
            id: reading.prediction.id,
            version: reading.prediction.version,
            route: reading.prediction.route,
            at: reading.prediction.at,
            text: seen.readout.text,
            confidence: seen.readout.confidence,
            characters: seen.readout.characters,
            review: reading.review.as_ref().map(|review| review.origin),
            repeated: false,
        };
        match self.desk.inner.writer.submit_readings(vec![reading]).await?.pop() {
            Some(ReadingReception::Recorded) => {
                served.counts.answered(served.source(), 1, self.desk.now().since(started));
                Ok(answer)
            }
            Some(ReadingReception::Repeated(id)) => {
                self.again(actor, &self.record(actor.tenant, id).await?, true).await
            }
            Some(ReadingReception::Contradicted(id)) => {
                self.again(actor, &self.record(actor.tenant, id).await?, false).await
            }
            None => Err(Error::internal("the writer answered nothing")),
        }
    }

    /// The image of a reading.
    ///
    /// # Errors
    /// Needs the right to label; a labeler sees images of labeling tasks only. [`Error::NotFound`] for another tenant's,
    /// and when the image is no longer kept.
    pub async fn image(&self, actor: &Actor, id: PredictionId) -> Result<StoredImage> {
        actor.check(Permission::Label)?;
        let record = self.record(actor.tenant, id).await?;
        if record.task.is_none() {
            actor.check(Permission::ManageLabeling)?;
        }
        let gone = || Error::not_found(format!("image of {id}: it is no longer kept"));
        self.desk.store().image(actor.tenant, &record.image).await?.ok_or_else(gone)?;
        let bytes = self.desk.inner.artifacts.get(&Artifacts::image_key(actor.tenant, &record.image)).await?;
        let bytes = bytes.ok_or_else(gone)?;
        Ok(StoredImage { media_type: media_type(&bytes), bytes, sha256: record.image })
    }

    /// What a reading has beside its prediction.
    ///
    /// # Errors
    /// Needs the right to see predictions; [`Error::NotFound`] for another tenant's.
    pub async fn get(&self, actor: &Actor, id: PredictionId) -> Result<ReadingRecord> {
        actor.check(Permission::ReadPredictions)?;
        self.record(actor.tenant, id).await
    }

    async fn record(&self, tenant: TenantId, id: PredictionId) -> Result<ReadingRecord> {
        let found = self.desk.store().reading(tenant, id).await?;
        found.ok_or_else(|| Error::not_found(format!("reading {id}")))
    }

    async fn known(&self, tenant: TenantId, model: &Model, request: &ReadRequest) -> Result<Option<ReadingRecord>> {
        let Some(client_id) = &request.client_id else { return Ok(None) };
        Ok(self.desk.store().reading_by_client_id(tenant, model.id, client_id).await?)
    }

    /// The answer that was given before under the same key.
    async fn again(&self, actor: &Actor, record: &ReadingRecord, is_same: bool) -> Result<Answered> {
        if !is_same {
            let reason = format!("this client id stands for another reading: {}", record.prediction);
            return Err(Error::Conflict(reason));
        }
        let logged = self.desk.store().prediction(actor.tenant, record.prediction).await?;
        let Prediction { id, version, route, at, decision, confidence, probabilities, .. } =
            logged.ok_or_else(|| Error::internal("a reading without a prediction"))?.prediction;
        let review = match record.task {
            Some(task) => self.desk.store().labeling_task(actor.tenant, task).await?.map(|task| task.origin),
            None => None,
        };
        Ok(Answered {
            characters: characters(&decision, &probabilities),
            confidence: confidence.unwrap_or(0.0),
            text: decision,
            repeated: true,
            id,
            version,
            route,
            at,
            review,
        })
    }

    /// Puts the image into the object store, unless it is there.
    async fn keep(&self, tenant: TenantId, seen: &Seen) -> Result<()> {
        match self.desk.store().use_image(tenant, &seen.image.sha256, self.desk.now()).await? {
            Held::There => Ok(()),
            Held::Absent => {
                let key = Artifacts::image_key(tenant, &seen.image.sha256);
                Ok(self.desk.inner.artifacts.put(&key, seen.stored.clone()).await?)
            }
            Held::Going => Err(Error::Unavailable {
                reason: String::from("the same image is being deleted just now"),
                retry_after: 1,
            }),
        }
    }

    /// What was read before, where that matters.
    async fn previous(
        &self,
        tenant: TenantId,
        model: &Model,
        rules: &Reading,
        request: &ReadRequest,
    ) -> Result<Option<String>> {
        let matters = rules.number.as_ref().is_some_and(|number| number.increasing);
        if request.previous.is_some() || !matters || request.source.is_empty() {
            return Ok(request.previous.clone());
        }
        Ok(self.desk.store().previous_text(tenant, model.id, &request.source).await?)
    }

    fn reading(&self, actor: &Actor, served: &Served, rules: &Reading, seen: &Seen, asked: Asked) -> NewReading {
        let Asked { request, previous, started } = asked;
        let at = self.desk.now();
        let id = PredictionId::new(at, random());
        let readout = &seen.readout;
        let is_read = served.reader().is_some();
        let sure: Vec<f64> = readout.characters.iter().map(|character| character.confidence).collect();
        let prediction = Prediction {
            id,
            tenant: actor.tenant,
            model: served.model.id,
            version: if is_read { served.version } else { None },
            route: if is_read { Route::Champion } else { Route::Heuristic },
            at,
            features: json!({ IMAGE: seen.image.sha256, SOURCE: request.source, "previous": previous }).to_string(),
            score: readout.confidence,
            decision: readout.text.clone(),
            confidence: Some(readout.confidence),
            probabilities: json!(sure).to_string(),
            latency_micros: at.since(started),
            actor: actor.label(),
        };
        let broken = if is_read { rules.broken_rule(&readout.text, previous.as_deref()) } else { None };
        NewReading {
            review: labeling::review(rules, id, readout.confidence, broken.as_deref()),
            client_id: request.client_id,
            digest: seen.digest.clone(),
            image: seen.image.clone(),
            source: request.source,
            previous,
            prediction,
        }
    }
}

/// PNG and JPEG are what is stored.
pub(crate) fn media_type(image: &[u8]) -> &'static str {
    if image.starts_with(b"\x89PNG") { "image/png" } else { "image/jpeg" }
}

/// How sure each character of a logged reading is, from its `probabilities`.
#[must_use]
pub fn characters(text: &str, logged: &str) -> Vec<CharacterConfidence> {
    let sure: Vec<f64> = serde_json::from_str(logged).unwrap_or_default();
    text.chars().zip(sure).map(|(character, confidence)| CharacterConfidence { character, confidence }).collect()
}

/// The request with its key as it is kept.
///
/// # Errors
/// Names every wrong field.
fn checked(request: ReadRequest) -> Result<ReadRequest> {
    let mut wrong = Vec::new();
    let mut bounded = |field: &str, said: &str, most: usize| {
        if said.chars().count() > most || said.contains('\0') {
            wrong.push(domain::FieldError::new(field, format!("at most {most} characters are possible, and no NUL")));
        }
    };
    bounded("source", &request.source, 200);
    bounded("previous", request.previous.as_deref().unwrap_or_default(), domain::reading::MAX_LENGTH);
    let client_id = request.client_id.as_deref().map(key).transpose().map_err(|error| wrong.push(error));
    let client_id = client_id.unwrap_or_default().map(str::to_owned);
    if wrong.is_empty() { Ok(ReadRequest { client_id, ..request }) } else { Err(Error::Invalid(wrong)) }
}

/// # Errors
/// Names a key that is empty, too long or not a client's to give.
fn key(client_id: &str) -> Result<&str, domain::FieldError> {
    let key = text::required("client_id", client_id, 200)?;
    if key.starts_with(OWN) {
        return Err(domain::FieldError::new("client_id", format!("none that begins with `{OWN}` is possible")));
    }
    Ok(key)
}
