//! Planned syncs: what was asked of the model, and what came of it.

use domain::prediction::Prediction;
use domain::sync::{Advice, PlannedKind, Sync};
use domain::{PredictionId, SyncId, TenantId, Timestamp};
use uuid::Uuid;

use super::read_sync;
use crate::dialect::{Bulk, Values};
use crate::sql::{Row, Tx, args, to_json};
use crate::{Error, Store};

/// A sync with the prediction made of it.
#[derive(Clone, Debug, PartialEq)]
pub struct NewPlannedSync {
    /// What the model says.
    pub prediction: Prediction,
    /// Where it comes from.
    pub kind: PlannedKind,
    /// What is brought.
    pub sync: Sync,
    /// From which score on a conflict was expected.
    pub threshold: f64,
    /// What was advised.
    pub advice: Advice,
}

/// A planned sync as it was logged, with what was observed after it.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedSync {
    /// The prediction.
    pub prediction: PredictionId,
    /// Where it comes from.
    pub kind: PlannedKind,
    /// What is brought.
    pub sync: Sync,
    /// What was advised.
    pub advice: Advice,
    /// How likely a conflict was.
    pub score: f64,
    /// From which score on one was expected.
    pub threshold: f64,
    /// Until when a conflict of the entity is its outcome.
    pub observed_until: Timestamp,
    /// Whether there was one; none before anybody looked.
    pub observed: Option<bool>,
    /// When somebody looked last.
    pub observed_at: Option<Timestamp>,
    /// The event about which something was said after that.
    pub late_event: Option<SyncId>,
}

/// Of `planned_syncs` as `p`.
pub(crate) const PLANNED: &str = "p.prediction_id, p.kind, p.at, p.client, p.person, p.entity_type, p.entity, p.fields,
    p.last_sync_at, p.advice, p.score, p.threshold, p.observed_until, p.observed, p.observed_at, p.late_event_id";

impl Store {
    /// The sync behind a prediction.
    pub async fn planned_sync(&self, tenant: TenantId, id: PredictionId) -> Result<Option<PlannedSync>, Error> {
        let sql = format!("SELECT {PLANNED} FROM planned_syncs p WHERE p.tenant_id = $1 AND p.prediction_id = $2");
        self.row(sql, args![tenant, id]).await?.as_ref().map(read).transpose()
    }
}

/// Inserts planned syncs whose predictions are there.
pub(crate) async fn write(tx: &mut Tx, planned: &[&NewPlannedSync]) -> Result<(), Error> {
    if planned.is_empty() {
        return Ok(());
    }
    let fields = planned.iter().map(|p| to_json(&p.sync.fields)).collect::<Result<Vec<_>, _>>()?;
    let ids: Vec<Uuid> = planned.iter().map(|p| p.prediction.id.0).collect();
    let ints = |of: fn(&NewPlannedSync) -> i64| Values::Ints(planned.iter().map(|p| of(p)).collect());
    let reals = |of: fn(&NewPlannedSync) -> f64| Values::Reals(planned.iter().map(|p| of(p)).collect());
    let bulk = Bulk {
        table: "planned_syncs",
        columns: vec![
            ("tenant_id", ints(|p| p.prediction.tenant.0)),
            ("prediction_id", Values::Uuids(ids)),
            ("kind", Values::Texts(planned.iter().map(|p| p.kind.as_str()).collect())),
            ("at", ints(|p| p.sync.at.0)),
            ("client", Values::Texts(planned.iter().map(|p| p.sync.client.as_str()).collect())),
            ("person", Values::Texts(planned.iter().map(|p| p.sync.person.as_str()).collect())),
            ("entity_type", Values::Texts(planned.iter().map(|p| p.sync.entity.entity_type.as_str()).collect())),
            ("entity", Values::Texts(planned.iter().map(|p| p.sync.entity.entity.as_str()).collect())),
            ("fields", Values::Texts(fields.iter().map(String::as_str).collect())),
            ("last_sync_at", Values::OptInts(planned.iter().map(|p| p.sync.last_sync.map(|at| at.0)).collect())),
            ("advice", Values::Texts(planned.iter().map(|p| p.advice.as_str()).collect())),
            ("score", reals(|p| p.prediction.score)),
            ("threshold", reals(|p| p.threshold)),
            ("observed_until", ints(|p| p.sync.observed_until().0)),
            ("due_at", ints(|p| p.sync.observed_until().0)),
        ],
        ending: "",
    };
    bulk.insert(tx).await.map_err(Error::or_not_found)
}

pub(crate) fn read(row: &Row) -> Result<PlannedSync, Error> {
    Ok(PlannedSync {
        prediction: PredictionId(row.get("prediction_id")?),
        kind: row.word("kind", PlannedKind::parse)?,
        sync: read_sync(row)?,
        advice: row.word("advice", Advice::parse)?,
        score: row.get("score")?,
        threshold: row.get("threshold")?,
        observed_until: row.time("observed_until")?,
        observed: row.get::<Option<i64>>("observed")?.map(|observed| observed != 0),
        observed_at: row.opt_time("observed_at")?,
        late_event: row.get::<Option<i64>>("late_event_id")?.map(SyncId),
    })
}
