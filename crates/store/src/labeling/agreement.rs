//! What people read blindly, in pairs: with each other and with what is known.

use domain::labeling::Transcript;
use domain::{ModelId, PersonId, TaskId, TenantId, Timestamp};

use crate::sql::{Row, args};
use crate::{Error, Store};

/// A task that two people read without seeing each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoubleReading {
    /// Which.
    pub task: TaskId,
    /// Who read it first, and what.
    pub first: (PersonId, Transcript),
    /// Who read it second, and what.
    pub second: (PersonId, Transcript),
}

/// What somebody read where the answer is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoldReading {
    /// Which.
    pub task: TaskId,
    /// Who.
    pub person: PersonId,
    /// The known answer.
    pub known: Transcript,
    /// What they read.
    pub seen: Transcript,
}

/// Pairs that figures are computed from: the newest.
const MOST: i64 = 10_000;

/// Line `a` of a task was taken back later by who wrote it.
pub(super) const WITHDRAWN: &str =
    "SELECT 1 FROM annotations w WHERE w.tenant_id = a.tenant_id AND w.task_id = a.task_id
    AND w.person_id = a.person_id AND w.act = 'withdrawn' AND w.sequence > a.sequence";

impl Store {
    /// The newest 10,000 tasks of a queue that two people read blindly, the second from `from` on and before `until`;
    /// the newest first.
    pub async fn double_readings(
        &self,
        tenant: TenantId,
        model: ModelId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<DoubleReading>, Error> {
        // A reading stands alone on its task until the second comes, so the second is the newest one that stands.
        let sql = format!(
            "SELECT a.task_id, b.person_id AS first_person, b.seen AS first_seen, a.person_id, a.seen
             FROM annotations a
             JOIN annotations b ON b.tenant_id = a.tenant_id AND b.task_id = a.task_id AND b.act = 'read'
                AND b.sequence < a.sequence AND b.person_id <> a.person_id
             JOIN labeling_tasks t ON t.tenant_id = a.tenant_id AND t.id = a.task_id AND t.gold_text IS NULL
             WHERE a.tenant_id = $1 AND a.model_id = $2 AND a.at >= $3 AND a.at < $4 AND a.act = 'read'
                AND NOT EXISTS ({WITHDRAWN}) AND NOT EXISTS ({})
             ORDER BY a.at DESC, a.task_id DESC LIMIT $5",
            WITHDRAWN.replace("a.", "b.")
        );
        let read = |row: &Row| {
            Ok(DoubleReading {
                task: TaskId(row.get("task_id")?),
                first: (PersonId(row.get("first_person")?), Transcript::from(row.get::<Option<String>>("first_seen")?)),
                second: (PersonId(row.get("person_id")?), Transcript::from(row.get::<Option<String>>("seen")?)),
            })
        };
        self.rows(sql, args![tenant, model, from, until, MOST]).await?.iter().map(read).collect()
    }

    /// The newest 10,000 readings of a queue where the answer is known, from `from` on and before `until`; the newest
    /// first.
    pub async fn gold_readings(
        &self,
        tenant: TenantId,
        model: ModelId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<GoldReading>, Error> {
        let sql = format!(
            "SELECT a.task_id, a.person_id, a.seen, t.gold_text
             FROM annotations a
             JOIN labeling_tasks t ON t.tenant_id = a.tenant_id AND t.id = a.task_id AND t.gold_text IS NOT NULL
             WHERE a.tenant_id = $1 AND a.model_id = $2 AND a.at >= $3 AND a.at < $4 AND a.act = 'read'
                AND NOT EXISTS ({WITHDRAWN})
             ORDER BY a.at DESC, a.task_id DESC LIMIT $5"
        );
        let read = |row: &Row| {
            Ok(GoldReading {
                task: TaskId(row.get("task_id")?),
                person: PersonId(row.get("person_id")?),
                known: Transcript::Text(row.get("gold_text")?),
                seen: Transcript::from(row.get::<Option<String>>("seen")?),
            })
        };
        self.rows(sql, args![tenant, model, from, until, MOST]).await?.iter().map(read).collect()
    }
}
