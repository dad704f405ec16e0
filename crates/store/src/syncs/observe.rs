//! What was seen of planned syncs once their time is over, and what of that changes later.

use std::ops::AddAssign;

use domain::audit::Event;
use domain::sync::Entity;
use domain::{PredictionId, TenantId, Timestamp};

use super::lock;
use crate::outcomes::{self, NewOutcome, Recording};
use crate::sql::{Row, Tx, args};
use crate::{Error, Store};

/// A planned sync that is to be looked at, and what is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueSync {
    /// The prediction.
    pub prediction: PredictionId,
    /// What was to be synced.
    pub entity: Entity,
    /// Whether the entity had a conflict in the time.
    pub seen: bool,
    /// What was seen when somebody looked before.
    pub before: Option<bool>,
    /// The sender's key of the event about which something was said after that.
    pub late: Option<String>,
}

/// The truth that follows from what was seen.
#[derive(Clone, Debug)]
pub struct ObservedTruth {
    /// The record.
    pub outcome: NewOutcome,
    /// Why another one than before is true.
    pub reason: String,
    /// The audit entry of a correction.
    pub event: Event,
}

/// What a look brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Observations {
    /// Planned syncs that were looked at.
    pub looked_at: usize,
    /// First outcomes recorded.
    pub recorded: usize,
    /// Outcomes corrected.
    pub corrected: usize,
}

impl AddAssign for Observations {
    fn add_assign(&mut self, other: Self) {
        self.looked_at += other.looked_at;
        self.recorded += other.recorded;
        self.corrected += other.corrected;
    }
}

/// The selection is made twice, first to read it, then to settle it: under the lock it is the same.
const DUE: &str = "FROM planned_syncs p WHERE p.tenant_id = $1 AND p.due_at <= $2
    ORDER BY p.due_at, p.prediction_id LIMIT $3";
const SEEN: &str = "CASE WHEN EXISTS (SELECT 1 FROM sync_events e
        WHERE e.tenant_id = p.tenant_id AND e.entity_type = p.entity_type AND e.entity = p.entity
            AND e.at >= p.at AND e.at <= p.observed_until AND e.conflict = 1) THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END";

impl Store {
    /// Whose planned syncs are to be looked at. Spans tenants.
    pub async fn tenants_with_due_syncs(&self, now: Timestamp) -> Result<Vec<TenantId>, Error> {
        let sql = "SELECT DISTINCT tenant_id FROM planned_syncs WHERE due_at <= $1 ORDER BY tenant_id";
        self.rows(sql, args![now]).await?.iter().map(|row| Ok(TenantId(row.at(0)?))).collect()
    }

    /// Looks at up to `most` planned syncs whose time is over at `now`, or about which something was said later, and
    /// records what was seen as their outcomes: all in one transaction, one after the other where several processes do it.
    /// An outcome that somebody else recorded stays as it is.
    pub async fn observe_syncs(
        &self,
        tenant: TenantId,
        now: Timestamp,
        most: i64,
        truth: impl Fn(&DueSync) -> ObservedTruth + Send + Sync,
    ) -> Result<Observations, Error> {
        let mut tx = self.begin().await?;
        tx.lock_log(tenant).await?;
        lock(&mut tx, tenant, 0).await?;
        let due = due(&mut tx, tenant, now, most).await?;
        let (first, again): (Vec<&DueSync>, Vec<&DueSync>) = due.iter().partition(|due| due.before.is_none());
        let truths: Vec<NewOutcome> = first.into_iter().map(|due| truth(due).outcome).collect();
        let recordings = outcomes::record(&mut tx, tenant, &truths.iter().collect::<Vec<_>>()).await?;
        let recorded = recordings.iter().filter(|one| matches!(one, Recording::Recorded(_))).count();
        let mut corrected = 0;
        for due in again.into_iter().filter(|due| due.before != Some(due.seen)) {
            corrected += usize::from(correct(&mut tx, tenant, truth(due)).await?);
        }
        settle(&mut tx, tenant, now, most).await?;
        tx.commit().await?;
        Ok(Observations { looked_at: due.len(), recorded, corrected })
    }
}

async fn due(tx: &mut Tx, tenant: TenantId, now: Timestamp, most: i64) -> Result<Vec<DueSync>, Error> {
    let sql = format!(
        "SELECT p.prediction_id, p.entity_type, p.entity, p.observed, {SEEN} AS seen,
            (SELECT l.client_id FROM sync_events l WHERE l.tenant_id = p.tenant_id AND l.id = p.late_event_id) AS late
         {DUE}"
    );
    let read = |row: &Row| {
        Ok(DueSync {
            prediction: PredictionId(row.get("prediction_id")?),
            entity: Entity { entity_type: row.get("entity_type")?, entity: row.get("entity")? },
            seen: flag(row, "seen")?.unwrap_or(false),
            before: flag(row, "observed")?,
            late: row.get("late")?,
        })
    };
    tx.rows(sql, args![tenant, now, most]).await?.iter().map(read).collect()
}

fn flag(row: &Row, column: &str) -> Result<Option<bool>, Error> {
    Ok(row.get::<Option<i64>>(column)?.map(|flag| flag != 0))
}

/// Puts a truth in the place of the one that the same actor recorded; gives whether there was such a one.
async fn correct(tx: &mut Tx, tenant: TenantId, truth: ObservedTruth) -> Result<bool, Error> {
    let id = truth.outcome.prediction.0;
    let held = outcomes::newest(tx, tenant, &[id]).await?.remove(&id);
    if held.is_none_or(|held| held.actor != truth.outcome.actor || held.truth == truth.outcome.truth) {
        return Ok(false);
    }
    tx.append(tenant, &truth.event).await?;
    outcomes::replace(tx, tenant, &truth.outcome, &truth.reason).await?;
    Ok(true)
}

async fn settle(tx: &mut Tx, tenant: TenantId, now: Timestamp, most: i64) -> Result<(), Error> {
    let update = format!(
        "UPDATE planned_syncs AS p SET observed = {SEEN}, observed_at = $2, due_at = NULL
         WHERE p.tenant_id = $1 AND p.prediction_id IN (SELECT p.prediction_id {DUE})"
    );
    tx.execute(update, args![tenant, now, most]).await.map(drop)
}
