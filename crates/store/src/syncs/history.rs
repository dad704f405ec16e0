//! What was recorded of entities and people before, as features need it.

use std::collections::{BTreeSet, HashMap};

use domain::sync::{Edit, Entity, History, LOOK_BACK, MONTH, Past, Sync};
use domain::{SyncId, TenantId, Timestamp};

use super::NewSync;
use crate::dialect::{Listed, list, pairs};
use crate::sql::{Engine, Row, Tx, args, to_list};
use crate::{Error, Store};

/// What was recorded of some entities and people.
#[derive(Clone, Debug, Default)]
pub struct SyncHistories {
    edits: HashMap<Entity, Vec<Edit>>,
    pasts: HashMap<String, Vec<Past>>,
}

impl SyncHistories {
    /// What was recorded of the entity and of the person of a sync.
    #[must_use]
    pub fn of(&self, sync: &Sync) -> History<'_> {
        let edits = self.edits.get(&sync.entity).map_or(&[][..], Vec::as_slice);
        let pasts = self.pasts.get(&sync.person).map_or(&[][..], Vec::as_slice);
        History { edits, pasts }
    }

    /// Adds a sync that is recorded as `id`.
    pub fn add(&mut self, id: SyncId, new: &NewSync) {
        let NewSync { sync, conflict, .. } = new;
        self.edits.entry(sync.entity.clone()).or_default().push(sync.edit(id));
        self.pasts.entry(sync.person.clone()).or_default().push(sync.past(id, *conflict == Some(true)));
    }

    fn read(edits: &[Row], pasts: &[Row]) -> Result<Self, Error> {
        let mut histories = Self::default();
        for row in edits {
            let entity = Entity { entity_type: row.at(0)?, entity: row.at(1)? };
            let fields: String = row.at(5)?;
            let fields = serde_json::from_str(&fields).map_err(|error| Error::corrupt("fields", error))?;
            let edit = Edit { id: SyncId(row.at(2)?), at: Timestamp(row.at(3)?), person: row.at(4)?, fields };
            histories.edits.entry(entity).or_default().push(edit);
        }
        for row in pasts {
            let conflict = row.at::<Option<i64>>(3)? == Some(1);
            let past = Past { id: SyncId(row.at(1)?), at: Timestamp(row.at(2)?), conflict };
            histories.pasts.entry(row.at(0)?).or_default().push(past);
        }
        Ok(histories)
    }
}

impl Store {
    /// What these syncs see if they are made now.
    pub async fn sync_histories(&self, tenant: TenantId, syncs: &[Sync]) -> Result<SyncHistories, Error> {
        let asked = Asked::of(syncs.iter())?;
        let ((edits_from, pasts_from), until) = (asked.from(), asked.last);
        let edits = args![tenant, &asked.entities, edits_from, until];
        let edits = self.rows(edits_sql(self.engine()), edits).await?;
        let pasts = args![tenant, &asked.people, pasts_from, until];
        let pasts = self.rows(pasts_sql(self.engine()), pasts).await?;
        SyncHistories::read(&edits, &pasts)
    }
}

/// What these syncs may see of what is recorded so far.
pub(super) async fn before(
    tx: &mut Tx,
    tenant: TenantId,
    syncs: impl Iterator<Item = &Sync>,
) -> Result<SyncHistories, Error> {
    let asked = Asked::of(syncs)?;
    let ((edits_from, pasts_from), until) = (asked.from(), asked.last);
    let edits = tx.rows(edits_sql(tx.engine()), args![tenant, &asked.entities, edits_from, until]).await?;
    let pasts = tx.rows(pasts_sql(tx.engine()), args![tenant, &asked.people, pasts_from, until]).await?;
    SyncHistories::read(&edits, &pasts)
}

/// Whose histories are needed, as JSON lists, and from when to when.
struct Asked {
    entities: String,
    people: String,
    first: Timestamp,
    last: Timestamp,
}

impl Asked {
    fn of<'a>(syncs: impl Iterator<Item = &'a Sync>) -> Result<Self, Error> {
        let (mut entities, mut people) = (BTreeSet::new(), BTreeSet::new());
        let (mut first, mut last) = (Timestamp(i64::MAX), Timestamp(i64::MIN));
        for sync in syncs {
            entities.insert((sync.entity.entity_type.as_str(), sync.entity.entity.as_str()));
            people.insert(sync.person.as_str());
            (first, last) = (first.min(sync.at), last.max(sync.at));
        }
        Ok(Self { entities: to_list(&entities)?, people: to_list(&people)?, first, last })
    }

    fn from(&self) -> (Timestamp, Timestamp) {
        (self.first.plus(-LOOK_BACK), self.first.plus(-MONTH))
    }
}

fn edits_sql(engine: Engine) -> String {
    let pairs = pairs(engine, "$2");
    format!(
        "SELECT entity_type, entity, id, at, person, fields FROM {pairs} CROSS JOIN sync_events
         WHERE tenant_id = $1 AND entity_type = listed.first AND entity = listed.second AND at > $3 AND at <= $4"
    )
}

fn pasts_sql(engine: Engine) -> String {
    let list = list(engine, "$2", Listed::Texts);
    format!(
        "SELECT person, id, at, conflict FROM {list} CROSS JOIN sync_events
         WHERE tenant_id = $1 AND person = listed.value AND at > $3 AND at <= $4"
    )
}
