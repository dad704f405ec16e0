//! The next task of a queue, for one person at a time.

use domain::labeling::{LEASE, LabelingTask};
use domain::{ModelId, PersonId, TaskId, TenantId, Timestamp};

use super::{COLUMNS, read};
use crate::sql::{Tx, args};
use crate::{Error, Store, dialect};

/// Who asks for a task, and for which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claimant {
    /// Who.
    pub person: PersonId,
    /// From the queue of this model.
    pub model: ModelId,
    /// Not this one, which they look at already.
    pub besides: Option<TaskId>,
    /// Whether they also decide what was flagged, and may have read or flagged it themselves.
    pub decides: bool,
    /// Whether they are to be measured this time, if there is a task for it that they do not know.
    pub measured: bool,
}

/// Nobody has it, at `$4`. Of the queue of `$2`.
const FREE: &str = "t.tenant_id = $1 AND t.model_id = $2 AND t.settled_at IS NULL
    AND (t.leased_until IS NULL OR t.leased_until <= $4)";

/// An answer is looked for: it is not known, or somebody asked for an admin all the same.
pub(super) const WAITS: &str = "(t.gold_text IS NULL OR t.state = 'flagged')";

/// Person `$3` has said nothing of it that still stands: each withdrawal takes one line back.
pub(super) const UNREAD: &str =
    "COALESCE((SELECT SUM(CASE WHEN a.act = 'withdrawn' THEN -1 ELSE 1 END) FROM annotations a
    WHERE a.tenant_id = t.tenant_id AND a.person_id = $3 AND a.task_id = t.id), 0) <= 0";

/// Nor of another task of the same reading, where they may have seen the answer.
const UNKNOWN: &str = "NOT EXISTS (SELECT 1 FROM labeling_tasks o CROSS JOIN annotations a
    WHERE o.tenant_id = t.tenant_id AND o.prediction_id = t.prediction_id AND o.gold_text IS NULL
        AND a.tenant_id = o.tenant_id AND a.task_id = o.id AND a.person_id = $3)";

const ORDER: &str = "ORDER BY t.priority DESC, t.queued_at, t.id LIMIT 1";

impl Claimant {
    fn waiting(&self) -> String {
        if self.decides {
            format!("{FREE} AND {WAITS} AND (t.state <> 'open' OR {UNREAD})")
        } else {
            format!("{FREE} AND t.gold_text IS NULL AND t.state <> 'flagged' AND {UNREAD}")
        }
    }

    fn measuring() -> String {
        format!("{FREE} AND t.gold_text IS NOT NULL AND t.state = 'open' AND {UNREAD} AND {UNKNOWN}")
    }
}

impl Store {
    /// Gives the person a task, for as long as a lease lasts: the one they have already, else the first of the queue that
    /// nobody has and that they have not read, unless it is theirs to decide. No two people are ever given the same.
    pub async fn claim_task(
        &self,
        tenant: TenantId,
        who: Claimant,
        now: Timestamp,
    ) -> Result<Option<LabelingTask>, Error> {
        let mut tx = self.begin().await?;
        let own = "t.tenant_id = $1 AND t.model_id = $2 AND t.leased_by = $3 AND t.leased_until > $4
            AND t.settled_at IS NULL";
        let mut task = take(&mut tx, tenant, who, now, own).await?;
        if task.is_none() && who.measured {
            task = take(&mut tx, tenant, who, now, &Claimant::measuring()).await?;
        }
        if task.is_none() {
            task = take(&mut tx, tenant, who, now, &who.waiting()).await?;
        }
        tx.commit().await?;
        Ok(task)
    }
}

/// Leases the first task that fits.
async fn take(
    tx: &mut Tx,
    tenant: TenantId,
    who: Claimant,
    now: Timestamp,
    condition: &str,
) -> Result<Option<LabelingTask>, Error> {
    let skip_locked = dialect::skip_locked(tx);
    let update = format!(
        "UPDATE labeling_tasks SET leased_by = $3, leased_until = $5, revision = revision + 1
         WHERE tenant_id = $1
            AND id = (SELECT t.id FROM labeling_tasks t WHERE {condition} AND t.id <> $6 {ORDER} {skip_locked})
         RETURNING {COLUMNS}"
    );
    let values = args![tenant, who.model, who.person, now, now.plus(LEASE), who.besides.unwrap_or(TaskId(0))];
    tx.row(update, values).await.map_err(Error::or_not_found)?.as_ref().map(read).transpose()
}
