//! Who looks at the clock, and what they find due.

use domain::schedule::{SCHEDULER_LEASE, ScheduleRun};
use domain::{ScheduleId, TenantId, Timestamp};

use super::{IDLE, begin_run, known};
use crate::sql::{Row, args};
use crate::{Error, Store};

/// The right to write down what is due: of one process at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leadership {
    /// How often it has changed hands. What somebody of an earlier term still writes is refused.
    pub term: i64,
}

/// A schedule whose time has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueSchedule {
    /// Its organisation.
    pub tenant: TenantId,
    /// Identity.
    pub id: ScheduleId,
    /// Five fields of cron.
    pub expression: String,
    /// By the clocks of this IANA time zone.
    pub time_zone: String,
    /// The time that has come.
    pub due_at: Timestamp,
}

/// Schedules given at once.
const TOGETHER: i64 = 200;

impl Store {
    /// Becomes, or stays, the one that looks at the clock; none while another is. `owner` must name this process and no
    /// other. The cluster has one.
    pub async fn lead(&self, owner: &str, now: Timestamp) -> Result<Option<Leadership>, Error> {
        let held = "SELECT owner, until, term FROM scheduler WHERE id = 1";
        if let Some(row) = self.row(held, args![]).await? {
            let (is_own, until) = (row.get::<String>("owner")? == owner, row.time("until")?);
            // Processes look every second: a look costs no write unless there is something to gain.
            if !is_own && until >= now {
                return Ok(None);
            }
            if is_own && until > now.plus(SCHEDULER_LEASE / 2) {
                return Ok(Some(Leadership { term: row.get("term")? }));
            }
        }
        let mut tx = self.begin().await?;
        let update =
            "UPDATE scheduler SET term = CASE WHEN owner = $1 THEN term ELSE term + 1 END, owner = $1, until = $3
            WHERE id = 1 AND (owner = $1 OR until < $2) RETURNING term";
        let row = tx.row(update, args![owner, now, now.plus(SCHEDULER_LEASE)]).await?;
        tx.commit().await?;
        row.map(|row| Ok(Leadership { term: row.get("term")? })).transpose()
    }

    /// Lets another process look at the clock at once, as when this one shuts down in good order.
    pub async fn stop_leading(&self, owner: &str) -> Result<(), Error> {
        let update = "UPDATE scheduler SET until = 0 WHERE id = 1 AND owner = $1";
        self.execute(update, args![owner]).await.map(drop)
    }

    /// Up to 200 schedules whose time has come, that are not paused, and whose newest execution is over; the longest
    /// overdue first. Spans tenants.
    pub async fn all_due_schedules(&self, now: Timestamp) -> Result<Vec<DueSchedule>, Error> {
        let due = format!(
            "SELECT s.tenant_id, s.id, s.expression, s.time_zone, s.next_at FROM schedules s
             WHERE s.next_at <= $1 AND s.expression IS NOT NULL AND s.paused_at IS NULL AND {} AND {}
             ORDER BY s.next_at, s.id LIMIT $2",
            known(),
            IDLE.replace("schedules.", "s.")
        );
        let read = |row: &Row| {
            Ok(DueSchedule {
                tenant: TenantId(row.get("tenant_id")?),
                id: ScheduleId(row.get("id")?),
                expression: row.get("expression")?,
                time_zone: row.get("time_zone")?,
                due_at: row.time("next_at")?,
            })
        };
        self.rows(due, args![now, TOGETHER]).await?.iter().map(read).collect()
    }

    /// Writes down that what is due is to be done, and when it is due next, in one. None if another did, it was paused
    /// meanwhile, or this process looks at the clock no longer. A due time is answered once, even if two processes take
    /// themselves for the one that looks.
    pub async fn begin_due_run(
        &self,
        by: Leadership,
        due: &DueSchedule,
        next_at: Timestamp,
        now: Timestamp,
    ) -> Result<Option<ScheduleRun>, Error> {
        let mut tx = self.begin().await?;
        let update = format!(
            "UPDATE schedules SET next_at = $4
             WHERE tenant_id = $1 AND id = $2 AND next_at = $3 AND expression IS NOT NULL AND paused_at IS NULL
                AND {IDLE} AND EXISTS (SELECT 1 FROM scheduler l WHERE l.id = 1 AND l.term = $5)"
        );
        let values = args![due.tenant, due.id, due.due_at, next_at, by.term];
        if tx.execute(update, values).await? == 0 {
            return Ok(None);
        }
        let run = begin_run(&mut tx, due.tenant, due.id, due.due_at, None, now).await?;
        // Where clocks differ, a time may come that was answered before: it passes. Another execution's end is waited for.
        let answered = "SELECT 1 AS one FROM schedule_runs WHERE tenant_id = $1 AND schedule_id = $2 AND due_at = $3";
        if tx.row(answered, args![due.tenant, due.id, due.due_at]).await?.is_some() {
            tx.commit().await?;
        }
        Ok(run)
    }
}
