//! Counts of syncs and of conflicts among them. What is read of a period is an index that holds all that is counted: some
//! hundred thousand entries of a quarter. Rows of a table are read only of the few entities that are listed.

mod planned;

pub use planned::{PlannedCount, PlannedFilter, SCORE_BINS};

use domain::time::{DAY, SECOND};
use domain::{TenantId, Timestamp};

use crate::query::Query;
use crate::sql::{Row, args};
use crate::{Error, Store};

/// Which syncs are counted.
#[derive(Clone, Copy, Debug)]
pub struct SyncSpan<'a> {
    /// Those from this moment on.
    pub from: Timestamp,
    /// Those before this moment.
    pub until: Timestamp,
    /// Of what happened before this moment it is known whether it conflicted.
    pub settled: Timestamp,
    /// Only those of entities of this type.
    pub entity_type: Option<&'a str>,
}

/// How many syncs there were, and how many of them conflicted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SyncTally {
    /// All of them.
    pub syncs: i64,
    /// Those of which it is known whether they conflicted.
    pub settled: i64,
    /// Conflicts among those.
    pub conflicts: i64,
}

/// The syncs of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncDay {
    /// In days since 1970-01-01.
    pub day: i64,
    /// Its syncs.
    pub tally: SyncTally,
}

/// What syncs are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncGrouping {
    /// The type of the entity.
    EntityType,
    /// The client that synced.
    Client,
}

/// The syncs of one entity type or of one client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncGroup {
    /// Its name.
    pub name: String,
    /// Its syncs.
    pub tally: SyncTally,
}

/// The syncs of one entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityTally {
    /// Its type.
    pub entity_type: String,
    /// Which one.
    pub entity: String,
    /// Its syncs.
    pub tally: SyncTally,
    /// How many people synced it.
    pub editors: i64,
}

/// Of `sync_events` as `s`, counted in a span whose settled moment is `$4`.
const TALLY: &str = "COUNT(*) AS syncs,
    CAST(COALESCE(SUM(CASE WHEN s.at < $4 THEN 1 ELSE 0 END), 0) AS BIGINT) AS settled,
    CAST(COALESCE(SUM(CASE WHEN s.at < $4 AND s.conflict = 1 THEN 1 ELSE 0 END), 0) AS BIGINT) AS conflicts";
const IN_SPAN: &str = "s.tenant_id = $1 AND s.at >= $2 AND s.at < $3";

impl SyncGrouping {
    fn column(self) -> &'static str {
        match self {
            Self::EntityType => "entity_type",
            Self::Client => "client",
        }
    }
}

impl<'a> SyncSpan<'a> {
    fn query(&self, tenant: TenantId, text: String) -> Query<'a> {
        let mut query = Query::new(text, args![tenant, self.from, self.until, self.settled]);
        // Changed by nothing, the column is none that an index begins with: else all that a type ever had would be read.
        query.and("s.entity_type || '' =", self.entity_type);
        query
    }
}

impl Store {
    /// Whether a tenant has sent any sync.
    pub async fn has_syncs(&self, tenant: TenantId) -> Result<bool, Error> {
        let sql = "SELECT 1 AS one FROM sync_events WHERE tenant_id = $1 LIMIT 1";
        Ok(self.row(sql, args![tenant]).await?.is_some())
    }

    /// The syncs of a span.
    pub async fn sync_tally(&self, tenant: TenantId, span: SyncSpan<'_>) -> Result<SyncTally, Error> {
        let query = span.query(tenant, format!("SELECT {TALLY} FROM sync_events s WHERE {IN_SPAN}"));
        self.row(query.text, &query.args).await?.as_ref().map_or(Ok(SyncTally::default()), tally)
    }

    /// The syncs of a span by day. `offsets` are the moments from which on clocks are so many seconds ahead of UTC, the
    /// first of them where the span begins or before.
    pub async fn sync_days(
        &self,
        tenant: TenantId,
        span: SyncSpan<'_>,
        offsets: &[(Timestamp, i64)],
    ) -> Result<Vec<SyncDay>, Error> {
        let local = local(offsets);
        let text = format!("SELECT (s.at + {local}) / {DAY} AS day, {TALLY} FROM sync_events s WHERE {IN_SPAN}");
        let mut query = span.query(tenant, text);
        query.push(" GROUP BY 1 ORDER BY 1");
        let read = |row: &Row| Ok(SyncDay { day: row.get("day")?, tally: tally(row)? });
        self.rows(query.text, &query.args).await?.iter().map(read).collect()
    }

    /// The syncs of a span by entity type or by client; the `most` with the most conflicts, those first.
    pub async fn sync_groups(
        &self,
        tenant: TenantId,
        span: SyncSpan<'_>,
        by: SyncGrouping,
        most: usize,
    ) -> Result<Vec<SyncGroup>, Error> {
        let name = by.column();
        let text = format!("SELECT s.{name} || '' AS name, {TALLY} FROM sync_events s WHERE {IN_SPAN}");
        let mut query = span.query(tenant, text);
        let most = query.mark(most as i64);
        query.push(&format!(" GROUP BY 1 ORDER BY conflicts DESC, syncs DESC, name LIMIT {most}"));
        let read = |row: &Row| Ok(SyncGroup { name: row.get("name")?, tally: tally(row)? });
        self.rows(query.text, &query.args).await?.iter().map(read).collect()
    }

    /// The `most` entities with the most conflicts of a span, those first. Only they are counted as a whole.
    pub async fn worst_entities(
        &self,
        tenant: TenantId,
        span: SyncSpan<'_>,
        most: usize,
    ) -> Result<Vec<EntityTally>, Error> {
        let text = format!(
            "WITH worst AS (SELECT s.entity_type, s.entity, COUNT(*) AS found FROM sync_events s
                WHERE {IN_SPAN} AND s.at < $4 AND s.conflict = 1"
        );
        let mut query = span.query(tenant, text);
        let most = query.mark(most as i64);
        query.push(&format!(
            " GROUP BY s.entity_type, s.entity ORDER BY found DESC, s.entity_type, s.entity LIMIT {most})
             SELECT s.entity_type, s.entity, {TALLY}, COUNT(DISTINCT s.person) AS editors
             FROM worst CROSS JOIN sync_events s
             WHERE {IN_SPAN} AND s.entity_type = worst.entity_type AND s.entity = worst.entity
             GROUP BY s.entity_type, s.entity ORDER BY conflicts DESC, s.entity_type, s.entity"
        ));
        let read = |row: &Row| {
            Ok(EntityTally {
                entity_type: row.get("entity_type")?,
                entity: row.get("entity")?,
                tally: tally(row)?,
                editors: row.get("editors")?,
            })
        };
        self.rows(query.text, &query.args).await?.iter().map(read).collect()
    }
}

fn tally(row: &Row) -> Result<SyncTally, Error> {
    Ok(SyncTally { syncs: row.get("syncs")?, settled: row.get("settled")?, conflicts: row.get("conflicts")? })
}

/// Microseconds that clocks are ahead of UTC when `s.at` is.
fn local(offsets: &[(Timestamp, i64)]) -> String {
    let (first, changes) = offsets.split_first().map_or((0, offsets), |((_, first), changes)| (*first, changes));
    let cases: String =
        changes.iter().rev().map(|(at, offset)| format!("WHEN s.at >= {} THEN {} ", at.0, offset * SECOND)).collect();
    let first = first * SECOND;
    if cases.is_empty() { format!("({first})") } else { format!("CASE {cases}ELSE {first} END") }
}
