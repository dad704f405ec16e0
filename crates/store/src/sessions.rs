use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use domain::manifest::sha256;
use domain::{Clock, Timestamp};
use time::OffsetDateTime;
use tower_sessions_core::session::{Id, Record};
use tower_sessions_core::{ExpiredDeletion, SessionStore, session_store};

use crate::sql::{args, to_json};
use crate::{Error, Store};

/// Web sessions in the database. A record whose data has a number under `person_id` belongs to that person.
#[derive(Clone)]
pub struct Sessions {
    store: Store,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}

impl Sessions {
    /// Sessions in `store` that expire by `clock`.
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    async fn insert(&self, record: &Record) -> Result<bool, Error> {
        let sql = "INSERT INTO sessions (id_hash, data, person_id, expires_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (id_hash) DO NOTHING";
        let (hash, data) = (hash(&record.id), to_json(&record.data)?);
        let values = args![&hash, &data, person(record), expiry(record)];
        Ok(self.store.execute(sql, values).await? == 1)
    }

    /// A session that is gone stays gone: a page that was still loading must not undo a logout.
    async fn update(&self, record: &Record) -> Result<(), Error> {
        let sql = "UPDATE sessions SET data = $2, person_id = $3, expires_at = $4 WHERE id_hash = $1";
        let (hash, data) = (hash(&record.id), to_json(&record.data)?);
        self.store.execute(sql, args![&hash, &data, person(record), expiry(record)]).await.map(drop)
    }

    async fn find(&self, id: Id) -> Result<Option<Record>, Error> {
        let sql = "SELECT data, expires_at FROM sessions WHERE id_hash = $1 AND expires_at > $2";
        let Some(row) = self.store.row(sql, args![&hash(&id), self.clock.now()]).await? else { return Ok(None) };
        let expiry = i128::from(row.get::<i64>("expires_at")?) * 1_000;
        let expiry_date =
            OffsetDateTime::from_unix_timestamp_nanos(expiry).map_err(|e| Error::corrupt("expires_at", e))?;
        Ok(Some(Record { id, data: row.json("data")?, expiry_date }))
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        while !self.insert(record).await.map_err(backend)? {
            record.id = Id::default();
        }
        Ok(())
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        self.update(record).await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        self.find(*id).await.map_err(backend)
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        let sql = "DELETE FROM sessions WHERE id_hash = $1";
        self.store.execute(sql, args![&hash(id)]).await.map(drop).map_err(backend)
    }
}

#[async_trait]
impl ExpiredDeletion for Sessions {
    async fn delete_expired(&self) -> session_store::Result<()> {
        self.store.delete_expired_sessions(self.clock.now()).await.map(drop).map_err(backend)
    }
}

impl Store {
    /// Deletes what has expired by `now`; gives how many. Spans tenants.
    pub async fn delete_expired_sessions(&self, now: Timestamp) -> Result<u64, Error> {
        self.execute("DELETE FROM sessions WHERE expires_at <= $1", args![now]).await
    }
}

fn hash(id: &Id) -> String {
    sha256(&id.0.to_le_bytes())
}

fn person(record: &Record) -> Option<i64> {
    record.data.get("person_id").and_then(serde_json::Value::as_i64)
}

fn expiry(record: &Record) -> i64 {
    i64::try_from(record.expiry_date.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX)
}

fn backend(error: Error) -> session_store::Error {
    match error {
        Error::Corrupt(what) => session_store::Error::Decode(what),
        error => session_store::Error::Backend(error.to_string()),
    }
}
