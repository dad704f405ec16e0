mod history;
mod observe;
mod planned;
mod record;
mod sent;

use domain::sync::{ConflictFact, Entity, Sync, SyncEvent};
use domain::{PredictionId, SyncId, TenantId, Timestamp};

use crate::page::{cut_at, limit};
use crate::query::Query;
use crate::sql::{Row, Tx, args};
use crate::{Cursor, Error, Page, Store};

pub use history::SyncHistories;
pub use observe::{DueSync, Observations, ObservedTruth};
pub use planned::{NewPlannedSync, PlannedSync};
pub(crate) use planned::{PLANNED, read as read_planned, write as write_planned};
pub use sent::{NewSync, ScoredSync, SyncReception, SyncReceptions, UnscoredSyncs};

/// Which syncs; empty means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncFilter {
    /// Of entities of this type.
    pub entity_type: Option<String>,
    /// Of entities of this name; with the type it is one.
    pub entity: Option<String>,
    /// Of this person.
    pub person: Option<String>,
    /// By this client.
    pub client: Option<String>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}

const COLUMNS: &str = "e.tenant_id, e.id, e.client_id, e.client, e.person, e.entity_type, e.entity, e.fields,
    e.last_sync_at, e.at, e.received_at, e.prediction_id, e.conflict";

impl Store {
    /// One sync.
    pub async fn sync_event(&self, tenant: TenantId, id: SyncId) -> Result<Option<SyncEvent>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM sync_events e WHERE e.tenant_id = $1 AND e.id = $2");
        self.row(sql, args![tenant, id]).await?.as_ref().map(read).transpose()
    }

    /// A tenant's syncs, the last to happen first.
    pub async fn sync_events(
        &self,
        tenant: TenantId,
        filter: &SyncFilter,
        cursor: Option<&Cursor>,
        asked: u32,
    ) -> Result<Page<SyncEvent>, Error> {
        let limit = limit(asked);
        let select = format!("SELECT {COLUMNS} FROM sync_events e WHERE e.tenant_id = $1");
        let mut query = Query::new(select, args![tenant]);
        query.and("e.entity_type =", filter.entity_type.as_ref());
        query.and("e.entity =", filter.entity.as_ref());
        query.and("e.person =", filter.person.as_ref());
        query.and("e.client =", filter.client.as_ref());
        query.and("e.at >=", filter.from);
        query.and("e.at <", filter.until);
        if let Some((at, id)) = cursor.and_then(Cursor::as_moment) {
            let (at, id) = (query.mark(at), query.mark(id));
            query.push(&format!(" AND (e.at, e.id) < ({at}, {id})"));
        }
        query.order("e.at DESC, e.id DESC", limit);
        let events = self.rows(query.text, &query.args).await?.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        Ok(cut_at(events, limit, |event| Cursor::moment(event.sync.at, event.id.0)))
    }

    /// Everything that was said about whether a sync ended in a conflict, first to newest.
    pub async fn conflict_facts(&self, tenant: TenantId, id: SyncId) -> Result<Vec<ConflictFact>, Error> {
        let sql = "SELECT sequence, conflict, at, actor FROM sync_conflicts WHERE tenant_id = $1 AND event_id = $2
            ORDER BY sequence";
        let read = |row: &Row| {
            Ok(ConflictFact {
                sequence: row.get("sequence")?,
                conflict: row.get::<i64>("conflict")? != 0,
                at: row.time("at")?,
                actor: row.get("actor")?,
            })
        };
        self.rows(sql, args![tenant, id]).await?.iter().map(read).collect()
    }
}

/// Takes the lock under which a tenant's syncs are recorded and observed, and `events` numbers; gives the last of them.
/// The lock comes after that of the audit log and before all others.
async fn lock(tx: &mut Tx, tenant: TenantId, events: i64) -> Result<i64, Error> {
    let update = "UPDATE tenants SET last_sync = last_sync + $2 WHERE id = $1 RETURNING last_sync";
    tx.one(update, args![tenant, events]).await?.get("last_sync")
}

fn read(row: &Row) -> Result<SyncEvent, Error> {
    Ok(SyncEvent {
        id: SyncId(row.get("id")?),
        tenant: TenantId(row.get("tenant_id")?),
        client_id: row.get("client_id")?,
        sync: read_sync(row)?,
        received_at: row.time("received_at")?,
        prediction: PredictionId(row.get("prediction_id")?),
        conflict: row.get::<Option<i64>>("conflict")?.map(|conflict| conflict != 0),
    })
}

fn read_sync(row: &Row) -> Result<Sync, Error> {
    Ok(Sync {
        client: row.get("client")?,
        person: row.get("person")?,
        entity: Entity { entity_type: row.get("entity_type")?, entity: row.get("entity")? },
        fields: row.json("fields")?,
        last_sync: row.opt_time("last_sync_at")?,
        at: row.time("at")?,
    })
}
