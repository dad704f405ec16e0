//! Readings: predictions whose input is an image, written exactly once with the tasks of those that a person must
//! correct.

mod pool;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::labeling::Review;
use domain::prediction::Prediction;
use domain::{ModelId, PredictionId, TaskId, TenantId, Timestamp};
use uuid::Uuid;

use crate::dialect::{Bulk, Listed, Values, list, read_by_uuid};
use crate::images::{self, NewImage, Noted};
use crate::labeling::{self, NewTask};
use crate::sql::{Row, Tx, args, to_list};
use crate::{Error, Store};

/// A reading to be written down.
#[derive(Clone, Debug, PartialEq)]
pub struct NewReading {
    /// The prediction.
    pub prediction: Prediction,
    /// The sender's own key, if it gave one; the same key twice is the same reading.
    pub client_id: Option<String>,
    /// SHA-256 of what was sent, which tells a repetition from another reading under the same key.
    pub digest: String,
    /// The image, which is in the object store already.
    pub image: NewImage,
    /// Which meter or camera it came from; empty if nobody said.
    pub source: String,
    /// What was read there before.
    pub previous: Option<String>,
    /// Why a person must look at it, if one must.
    pub review: Option<Review>,
}

/// What became of a reading that was to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadingReception {
    /// It is written now.
    Recorded,
    /// The same was written before, as this prediction; nothing was written now.
    Repeated(PredictionId),
    /// Another one was written under the same key, this prediction; nothing was written now.
    Contradicted(PredictionId),
}

/// What a prediction whose input is an image has beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadingRecord {
    /// The prediction.
    pub prediction: PredictionId,
    /// Its model.
    pub model: ModelId,
    /// When it was asked.
    pub at: Timestamp,
    /// See [`NewReading::client_id`].
    pub client_id: Option<String>,
    /// See [`NewReading::digest`].
    pub digest: String,
    /// SHA-256 of the image.
    pub image: String,
    /// See [`NewReading::source`].
    pub source: String,
    /// See [`NewReading::previous`].
    pub previous: Option<String>,
    /// How sure the model was.
    pub confidence: f64,
    /// The task in which somebody is to correct it.
    pub task: Option<TaskId>,
    /// When that task got its answer: a text, or that nobody can read the image. None while it waits.
    pub answered_at: Option<Timestamp>,
}

const SELECT: &str = "SELECT r.prediction_id, r.model_id, r.at, r.client_id, r.digest, r.image, r.source, r.previous,
        r.confidence, t.id AS task_id, t.settled_at
    FROM readings r
    LEFT JOIN labeling_tasks t
        ON t.tenant_id = r.tenant_id AND t.prediction_id = r.prediction_id AND t.gold_text IS NULL";

/// Readings of a source that are looked at for the one to compare with.
const LOOKED_BACK: i64 = 20;

impl Store {
    /// One reading.
    pub async fn reading(&self, tenant: TenantId, id: PredictionId) -> Result<Option<ReadingRecord>, Error> {
        let sql = format!("{SELECT} WHERE r.tenant_id = $1 AND r.prediction_id = $2");
        self.row(sql, args![tenant, id]).await?.as_ref().map(read).transpose()
    }

    /// One reading by its sender's key.
    pub async fn reading_by_client_id(
        &self,
        tenant: TenantId,
        model: ModelId,
        client_id: &str,
    ) -> Result<Option<ReadingRecord>, Error> {
        let sql = format!("{SELECT} WHERE r.tenant_id = $1 AND r.model_id = $2 AND r.client_id = $3");
        self.row(sql, args![tenant, model, client_id]).await?.as_ref().map(read).transpose()
    }

    /// The image (its SHA-256) and the source of each of these readings, by one statement however many they are. Those
    /// that there are not are absent.
    pub async fn reading_images(
        &self,
        tenant: TenantId,
        ids: &[PredictionId],
    ) -> Result<HashMap<PredictionId, (String, String)>, Error> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let select = "SELECT prediction_id, image, source FROM readings";
        let rows = read_by_uuid(&self.pools, select, tenant, "prediction_id", &ids).await?;
        let read = |row: &Row| Ok((PredictionId(row.get("prediction_id")?), (row.get("image")?, row.get("source")?)));
        rows.iter().map(read).collect()
    }

    /// The newest reading of a source that is not in doubt: what people say it is, else what was accepted. None if there
    /// is none among the last twenty.
    pub async fn previous_text(&self, tenant: TenantId, model: ModelId, source: &str) -> Result<Option<String>, Error> {
        let sql = "SELECT COALESCE(n.truth, p.decision) AS text
            FROM (SELECT prediction_id FROM readings
                  WHERE tenant_id = $1 AND model_id = $2 AND source = $3 AND source <> ''
                  ORDER BY prediction_id DESC LIMIT $4) AS r
            JOIN predictions p ON p.tenant_id = $1 AND p.id = r.prediction_id
            LEFT JOIN newest_outcomes n ON n.tenant_id = $1 AND n.model_id = $2 AND n.prediction_id = r.prediction_id
            LEFT JOIN labeling_tasks t
                ON t.tenant_id = $1 AND t.prediction_id = r.prediction_id AND t.gold_text IS NULL
            WHERE n.truth <> '' OR (n.truth IS NULL AND t.id IS NULL)
            ORDER BY r.prediction_id DESC LIMIT 1";
        let row = self.row(sql, args![tenant, model, source, LOOKED_BACK]).await?;
        row.map(|row| row.get("text")).transpose()
    }
}

/// Which of the readings are new, and what becomes of each, in their order. Of several new ones under one key it is the
/// first.
pub(crate) async fn receive<'a>(
    tx: &mut Tx,
    sent: &[&'a NewReading],
) -> Result<(Vec<&'a NewReading>, Vec<ReadingReception>), Error> {
    let mut held = held(tx, sent).await?;
    let (mut fresh, mut receptions) = (Vec::with_capacity(sent.len()), Vec::with_capacity(sent.len()));
    for reading in sent {
        let known = key(reading).and_then(|key| held.get(&key));
        receptions.push(match known {
            Some((id, digest)) if *digest == reading.digest => ReadingReception::Repeated(*id),
            Some((id, _)) => ReadingReception::Contradicted(*id),
            None => {
                if let Some(key) = key(reading) {
                    held.insert(key, (reading.prediction.id, reading.digest.clone()));
                }
                fresh.push(*reading);
                ReadingReception::Recorded
            }
        });
    }
    Ok((fresh, receptions))
}

type Key<'a> = (TenantId, ModelId, &'a str);

fn key(reading: &NewReading) -> Option<Key<'_>> {
    Some((reading.prediction.tenant, reading.prediction.model, reading.client_id.as_deref()?))
}

/// What is written under the keys of these readings.
async fn held<'a>(tx: &mut Tx, sent: &[&'a NewReading]) -> Result<HashMap<Key<'a>, (PredictionId, String)>, Error> {
    let mut asked: BTreeMap<(TenantId, ModelId), BTreeSet<&'a str>> = BTreeMap::new();
    for (tenant, model, client_id) in sent.iter().filter_map(|reading| key(reading)) {
        asked.entry((tenant, model)).or_default().insert(client_id);
    }
    let mut held = HashMap::new();
    for ((tenant, model), ids) in asked {
        let list = list(tx.engine(), "$3", Listed::Texts);
        let sql = format!(
            "SELECT r.client_id, r.digest, r.prediction_id FROM {list} CROSS JOIN readings r
             WHERE r.tenant_id = $1 AND r.model_id = $2 AND r.client_id = listed.value"
        );
        for row in tx.rows(sql, args![tenant, model, &to_list(&ids)?]).await? {
            if let Some(id) = ids.get(row.get::<String>("client_id")?.as_str()) {
                held.insert((tenant, model, *id), (PredictionId(row.get("prediction_id")?), row.get("digest")?));
            }
        }
    }
    Ok(held)
}

/// Inserts readings whose predictions are there, with their images and tasks.
pub(crate) async fn write<'a>(tx: &mut Tx, readings: &[&'a NewReading]) -> Result<(), Error> {
    if readings.is_empty() {
        return Ok(());
    }
    let noted = |reading: &&'a NewReading| {
        let NewReading { prediction: Prediction { tenant, model, at, .. }, image, .. } = *reading;
        ((tenant.0, image.sha256.as_str()), Noted { image, model: Some(*model), at: *at })
    };
    images::insert(tx, &readings.iter().map(noted).collect()).await?;
    insert(tx, readings).await?;
    let tasks: Vec<(TenantId, NewTask)> = readings.iter().filter_map(|reading| task(reading)).collect();
    labeling::insert(tx, &tasks).await.map(drop)
}

fn task(reading: &NewReading) -> Option<(TenantId, NewTask)> {
    let Review { origin, reason, needed } = reading.review.clone()?;
    let Prediction { tenant, model, id, at, ref decision, confidence, .. } = reading.prediction;
    let task = NewTask {
        model,
        prediction: id,
        origin,
        reason,
        at,
        read: decision.clone(),
        confidence: confidence.unwrap_or(0.0),
        suggestion: None,
        needed,
        gold: None,
    };
    Some((tenant, task))
}

async fn insert(tx: &mut Tx, readings: &[&NewReading]) -> Result<(), Error> {
    let ints = |of: fn(&Prediction) -> i64| Values::Ints(readings.iter().map(|r| of(&r.prediction)).collect());
    let ids: Vec<Uuid> = readings.iter().map(|r| r.prediction.id.0).collect();
    let bulk = Bulk {
        table: "readings",
        columns: vec![
            ("tenant_id", ints(|p| p.tenant.0)),
            ("prediction_id", Values::Uuids(ids)),
            ("model_id", ints(|p| p.model.0)),
            ("at", ints(|p| p.at.0)),
            ("client_id", Values::OptTexts(readings.iter().map(|r| r.client_id.as_deref()).collect())),
            ("digest", Values::Texts(readings.iter().map(|r| r.digest.as_str()).collect())),
            ("image", Values::Texts(readings.iter().map(|r| r.image.sha256.as_str()).collect())),
            ("source", Values::Texts(readings.iter().map(|r| r.source.as_str()).collect())),
            ("previous", Values::OptTexts(readings.iter().map(|r| r.previous.as_deref()).collect())),
            ("confidence", Values::Reals(readings.iter().map(|r| r.prediction.confidence.unwrap_or(0.0)).collect())),
        ],
        ending: "",
    };
    bulk.insert(tx).await.map_err(|error| error.or_conflict("a reading with this client id is there already"))
}

fn read(row: &Row) -> Result<ReadingRecord, Error> {
    Ok(ReadingRecord {
        prediction: PredictionId(row.get("prediction_id")?),
        model: ModelId(row.get("model_id")?),
        at: row.time("at")?,
        client_id: row.get("client_id")?,
        digest: row.get("digest")?,
        image: row.get("image")?,
        source: row.get("source")?,
        previous: row.get("previous")?,
        confidence: row.get("confidence")?,
        task: row.get::<Option<i64>>("task_id")?.map(TaskId),
        answered_at: row.opt_time("settled_at")?,
    })
}
