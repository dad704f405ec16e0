use std::collections::BTreeMap;

use domain::feature::{FeatureRecord, MOST_SETS};
use domain::{TenantId, Timestamp};
use serde_json::{Map, Value};

use crate::dialect::{Bulk, Values, moments, newest_known};
use crate::query::Query;
use crate::sql::{Row, Tx, args, to_json, to_list};
use crate::{Error, Store};

/// How the newest features of a set's entities stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetFreshness {
    /// Name of the set.
    pub set: String,
    /// Entities that something is known of.
    pub entities: i64,
    /// The latest moment that anything speaks of; none of an empty set.
    pub newest: Option<Timestamp>,
    /// Entities whose newest features are older than they should be.
    pub stale: i64,
    /// Entities whose newest features could not be computed.
    pub failed: i64,
}

const TOO_MANY_SETS: &str = "there are 100 feature sets, which is the most";
const COLUMNS: &str = "v.entity, v.at, v.computed_at, v.fresh_until, v.features, v.problem";

/// Statements that look moments up name at most so many.
const TOGETHER: usize = 1_000;

impl Store {
    /// Adds records to a set, which the first ones make; gives how many are new. Of one entity and moment the first stays.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the tenant has as many sets as are possible.
    pub async fn record_features(
        &self,
        tenant: TenantId,
        set: &str,
        records: &[FeatureRecord],
        now: Timestamp,
        source: &str,
    ) -> Result<u64, Error> {
        let mut tx = self.begin().await?;
        make_set(&mut tx, tenant, set, now, source).await?;
        let new = insert(&mut tx, tenant, set, records, source).await?;
        note_newest(&mut tx, tenant, set, records).await?;
        tx.commit().await?;
        Ok(new)
    }

    /// For each entity and moment the newest record that was known then; none where there was none.
    pub async fn features_known_at(
        &self,
        tenant: TenantId,
        set: &str,
        asked: &[(&str, Timestamp)],
    ) -> Result<Vec<Option<FeatureRecord>>, Error> {
        let mut found = vec![None; asked.len()];
        for (chunk, into) in asked.chunks(TOGETHER).zip(found.chunks_mut(TOGETHER)) {
            let (list, newest) = (moments(self.engine(), "$3"), newest_known(self.engine()));
            let sql = format!("SELECT asked.place, {COLUMNS} FROM {list} CROSS JOIN {newest}");
            for row in self.rows(sql, args![tenant, set, &to_list(&chunk)?]).await? {
                let place: i64 = row.get("place")?;
                if let Some(slot) = usize::try_from(place).ok().and_then(|place| into.get_mut(place)) {
                    *slot = Some(read(&row)?);
                }
            }
        }
        Ok(found)
    }

    /// The newest record of each entity of a set, by entity, those after `after`.
    pub async fn newest_features(
        &self,
        tenant: TenantId,
        set: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<FeatureRecord>, Error> {
        let mut query = Query::new(
            format!(
                "SELECT {COLUMNS} FROM newest_features n CROSS JOIN feature_values v
                 WHERE n.tenant_id = $1 AND n.feature_set = $2 AND v.tenant_id = $1 AND v.feature_set = $2
                    AND v.entity = n.entity AND v.at = n.at"
            ),
            args![tenant, set],
        );
        query.and("n.entity >", after);
        let mark = query.mark(i64::from(limit));
        query.push(&format!(" ORDER BY n.entity LIMIT {mark}"));
        self.rows(query.text, &query.args).await?.iter().map(read).collect()
    }

    /// How each set of a tenant stands at `now`, by name.
    pub async fn feature_sets(&self, tenant: TenantId, now: Timestamp) -> Result<Vec<SetFreshness>, Error> {
        let sql = "SELECT s.name, COUNT(n.entity) AS entities, MAX(n.at) AS newest,
                COUNT(CASE WHEN n.failed = 0 AND n.fresh_until < $2 THEN 1 END) AS stale,
                COUNT(CASE WHEN n.failed = 1 THEN 1 END) AS failed
            FROM feature_sets s
            LEFT JOIN newest_features n ON n.tenant_id = s.tenant_id AND n.feature_set = s.name
            WHERE s.tenant_id = $1 GROUP BY s.name ORDER BY s.name";
        let set = |row: &Row| {
            Ok(SetFreshness {
                set: row.get("name")?,
                entities: row.get("entities")?,
                newest: row.opt_time("newest")?,
                stale: row.get("stale")?,
                failed: row.get("failed")?,
            })
        };
        self.rows(sql, args![tenant, now]).await?.iter().map(set).collect()
    }

    /// Whether a tenant has a set of this name.
    pub async fn has_feature_set(&self, tenant: TenantId, set: &str) -> Result<bool, Error> {
        let sql = "SELECT 1 AS one FROM feature_sets WHERE tenant_id = $1 AND name = $2";
        Ok(self.row(sql, args![tenant, set]).await?.is_some())
    }
}

async fn make_set(tx: &mut Tx, tenant: TenantId, set: &str, now: Timestamp, source: &str) -> Result<(), Error> {
    let insert = "INSERT INTO feature_sets (tenant_id, name, created_at, created_by) VALUES ($1, $2, $3, $4)
        ON CONFLICT DO NOTHING";
    if tx.execute(insert, args![tenant, set, now, source]).await? == 0 {
        return Ok(());
    }
    let count = "SELECT COUNT(*) AS sets FROM feature_sets WHERE tenant_id = $1";
    let sets: i64 = tx.one(count, args![tenant]).await?.get("sets")?;
    if sets > MOST_SETS as i64 { Err(Error::Conflict(TOO_MANY_SETS)) } else { Ok(()) }
}

/// Gives how many are new. In the order of entities and moments, so that two writers wait for one another and not each for
/// the other; of one entity and moment the first that was sent goes first.
async fn insert(
    tx: &mut Tx,
    tenant: TenantId,
    set: &str,
    records: &[FeatureRecord],
    source: &str,
) -> Result<u64, Error> {
    let mut records: Vec<&FeatureRecord> = records.iter().collect();
    records.sort_by_key(|record| (record.entity.as_str(), record.at));
    let features = records.iter().map(|record| to_json(&record.features)).collect::<Result<Vec<_>, _>>()?;
    let times = |of: fn(&FeatureRecord) -> Timestamp| Values::Ints(records.iter().map(|record| of(record).0).collect());
    let bulk = Bulk {
        table: "feature_values",
        columns: vec![
            ("tenant_id", Values::Ints(vec![tenant.0; records.len()])),
            ("feature_set", Values::Texts(vec![set; records.len()])),
            ("entity", Values::Texts(records.iter().map(|record| record.entity.as_str()).collect())),
            ("at", times(|record| record.at)),
            ("computed_at", times(|record| record.computed_at)),
            ("fresh_until", times(|record| record.fresh_until)),
            ("features", Values::Texts(features.iter().map(String::as_str).collect())),
            ("problem", Values::Texts(records.iter().map(|record| record.problem.as_str()).collect())),
            ("source", Values::Texts(vec![source; records.len()])),
        ],
        ending: "ON CONFLICT DO NOTHING",
    };
    bulk.insert_new(tx).await
}

/// In the order of entities, for the same reason.
async fn note_newest(tx: &mut Tx, tenant: TenantId, set: &str, records: &[FeatureRecord]) -> Result<(), Error> {
    let mut newest: BTreeMap<&str, &FeatureRecord> = BTreeMap::new();
    for record in records {
        let known = newest.entry(&record.entity).or_insert(record);
        if record.at > known.at {
            *known = record;
        }
    }
    let ints = |of: fn(&FeatureRecord) -> i64| Values::Ints(newest.values().map(|record| of(record)).collect());
    let bulk = Bulk {
        table: "newest_features",
        columns: vec![
            ("tenant_id", Values::Ints(vec![tenant.0; newest.len()])),
            ("feature_set", Values::Texts(vec![set; newest.len()])),
            ("entity", Values::Texts(newest.keys().copied().collect())),
            ("at", ints(|record| record.at.0)),
            ("fresh_until", ints(|record| record.fresh_until.0)),
            ("failed", ints(|record| i64::from(!record.problem.is_empty()))),
        ],
        ending: "ON CONFLICT (tenant_id, feature_set, entity) DO UPDATE SET
            at = excluded.at, fresh_until = excluded.fresh_until, failed = excluded.failed
            WHERE excluded.at > newest_features.at",
    };
    bulk.insert(tx).await
}

fn read(row: &Row) -> Result<FeatureRecord, Error> {
    Ok(FeatureRecord {
        entity: row.get("entity")?,
        at: row.time("at")?,
        computed_at: row.time("computed_at")?,
        fresh_until: row.time("fresh_until")?,
        features: row.json::<Map<String, Value>>("features")?,
        problem: row.get("problem")?,
    })
}
