//! What is done by the clock: which jobs there are, when each is due, and what came of it.

mod clock;
mod lease;

use domain::audit::Event;
use domain::schedule::{Job, JobState, Planned, ScheduleRun, ScheduledJob};
use domain::{ModelId, ScheduleId, ScheduleRunId, TenantId, Timestamp};

use crate::page::{before, cut, limit};
use crate::sql::{Row, Tx, Value, args};
use crate::{Cursor, Error, Page, Store};

pub use clock::{DueSchedule, Leadership};
pub use lease::Claimed;

/// A job as it is declared now, and when it is due next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planning {
    /// Of this model; none is the whole organisation.
    pub model: Option<ModelId>,
    /// What and when.
    pub planned: Planned,
    /// The next time, if it was not known before.
    pub next_at: Timestamp,
}

const SELECT: &str = "SELECT s.id, s.tenant_id, s.job, s.model_id, s.expression, s.time_zone, s.next_at, s.paused_at,
        s.paused_by, s.last_run_id, r.due_at, r.asked_by, r.state, r.attempts, r.began_at, r.ended_at, r.message
    FROM schedules s
    LEFT JOIN schedule_runs r ON r.tenant_id = s.tenant_id AND r.id = s.last_run_id";
const RUN_COLUMNS: &str = "id, tenant_id, schedule_id, due_at, asked_by, state, attempts, began_at, ended_at, message";
/// The jobs that this program knows, of `s`; a newer one's are left to it.
fn known() -> String {
    let words: Vec<_> = Job::ALL.iter().map(|job| format!("'{}'", job.as_str())).collect();
    format!("s.job IN ({})", words.join(", "))
}

impl Store {
    /// A tenant's schedules: those of the whole organisation first, then by model.
    pub async fn schedules(&self, tenant: TenantId) -> Result<Vec<ScheduledJob>, Error> {
        let sql = format!(
            "{SELECT} WHERE s.tenant_id = $1 AND s.expression IS NOT NULL AND {}
             ORDER BY COALESCE(s.model_id, 0), s.job",
            known()
        );
        self.rows(sql, args![tenant]).await?.iter().map(read).collect()
    }

    /// One of them.
    pub async fn schedule(&self, tenant: TenantId, id: ScheduleId) -> Result<Option<ScheduledJob>, Error> {
        let sql = format!("{SELECT} WHERE s.tenant_id = $1 AND s.id = $2 AND s.expression IS NOT NULL AND {}", known());
        self.row(sql, args![tenant, id]).await?.as_ref().map(read).transpose()
    }

    /// Makes the tenant's schedules what is declared now. One whose times have changed is due next as `all` says; one that
    /// is no longer declared is kept for what it did.
    pub async fn declare_schedules(&self, tenant: TenantId, all: &[Planning]) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        for one in all {
            declare(&mut tx, tenant, one).await?;
        }
        let declared = format!(
            "SELECT s.id, s.job, s.model_id FROM schedules s
             WHERE s.tenant_id = $1 AND s.expression IS NOT NULL AND {}",
            known()
        );
        for row in tx.rows(declared, args![tenant]).await? {
            let (job, model) = (row.word("job", Job::parse)?, row.get::<Option<i64>>("model_id")?.map(ModelId));
            if !all.iter().any(|one| (one.planned.job, one.model) == (job, model)) {
                let end = "UPDATE schedules SET expression = NULL WHERE tenant_id = $1 AND id = $2";
                tx.execute(end, args![tenant, row.get::<i64>("id")?]).await?;
            }
        }
        tx.commit().await
    }

    /// Holds a schedule up.
    ///
    /// # Errors
    /// [`Error::Conflict`] when it is paused already; [`Error::NotFound`].
    pub async fn pause_schedule(
        &self,
        tenant: TenantId,
        id: ScheduleId,
        by: &str,
        now: Timestamp,
        event: &Event,
    ) -> Result<(), Error> {
        let update = "UPDATE schedules SET paused_at = $3, paused_by = $4
            WHERE tenant_id = $1 AND id = $2 AND paused_at IS NULL";
        let mut tx = self.begin().await?;
        tx.append(tenant, event).await?;
        changed(&mut tx, tenant, id, update, args![tenant, id, now, by], "it is paused already").await?;
        tx.commit().await
    }

    /// Lets a schedule go on, at `next_at`: what it missed meanwhile is not made up for.
    ///
    /// # Errors
    /// [`Error::Conflict`] when it is not paused; [`Error::NotFound`].
    pub async fn resume_schedule(
        &self,
        tenant: TenantId,
        id: ScheduleId,
        next_at: Timestamp,
        event: &Event,
    ) -> Result<(), Error> {
        let update = "UPDATE schedules SET paused_at = NULL, paused_by = NULL, next_at = $3
            WHERE tenant_id = $1 AND id = $2 AND paused_at IS NOT NULL";
        let mut tx = self.begin().await?;
        tx.append(tenant, event).await?;
        changed(&mut tx, tenant, id, update, args![tenant, id, next_at], "it is not paused").await?;
        tx.commit().await
    }

    /// Asks for the job now, beside its times; a pause does not hold that up. What a pause holds is from now on asked for.
    ///
    /// # Errors
    /// [`Error::Conflict`] when it waits or is under way; [`Error::NotFound`].
    pub async fn ask_for_schedule(
        &self,
        tenant: TenantId,
        id: ScheduleId,
        by: &str,
        now: Timestamp,
        event: &Event,
    ) -> Result<ScheduleRun, Error> {
        let mut tx = self.begin().await?;
        tx.append(tenant, event).await?;
        // First the schedule's row, then its executions: everybody who writes both locks them in this order.
        let lock = "UPDATE schedules SET next_at = next_at WHERE tenant_id = $1 AND id = $2 RETURNING id";
        tx.one(lock, args![tenant, id]).await?;
        let run = match begin_run(&mut tx, tenant, id, now, Some(by), now).await? {
            None => ask_for_held(&mut tx, tenant, id, by, now).await?,
            begun => begun,
        };
        let run = run.ok_or(Error::Conflict("it waits or is under way"))?;
        tx.commit().await?;
        Ok(run)
    }

    /// What a schedule did, newest first.
    pub async fn schedule_runs(
        &self,
        tenant: TenantId,
        schedule: ScheduleId,
        cursor: Option<&Cursor>,
        asked: u32,
    ) -> Result<Page<ScheduleRun>, Error> {
        let limit = limit(asked);
        let sql = format!(
            "SELECT {RUN_COLUMNS} FROM schedule_runs WHERE tenant_id = $1 AND schedule_id = $2 AND id < $3
             ORDER BY id DESC LIMIT $4"
        );
        let values = args![tenant, schedule, before(cursor), limit as i64 + 1];
        let runs = self.rows(sql, values).await?.iter().map(read_run).collect::<Result<Vec<_>, _>>()?;
        Ok(cut(runs, limit, |run| run.id.0))
    }

    /// Forgets executions that were over before `before`, but for each schedule's newest; gives how many.
    pub async fn forget_schedule_runs(&self, tenant: TenantId, before: Timestamp) -> Result<usize, Error> {
        let delete = "DELETE FROM schedule_runs WHERE tenant_id = $1 AND ended_at < $2
            AND id NOT IN (SELECT last_run_id FROM schedules WHERE tenant_id = $1 AND last_run_id IS NOT NULL)";
        Ok(self.execute(delete, args![tenant, before]).await? as usize)
    }
}

/// Its newest execution, if there was one, is over.
const IDLE: &str = "NOT EXISTS (SELECT 1 FROM schedule_runs r
    WHERE r.tenant_id = schedules.tenant_id AND r.id = schedules.last_run_id AND r.ended_at IS NULL)";

async fn declare(tx: &mut Tx, tenant: TenantId, one: &Planning) -> Result<(), Error> {
    let Planning { model, planned, next_at } = one;
    let (job, expression, zone) = (planned.job.as_str(), planned.expression.as_str(), planned.time_zone.as_str());
    let values = args![tenant, job, *model, expression, zone, *next_at];
    // What was paused stays so, also by another time.
    let upsert = "INSERT INTO schedules (tenant_id, job, model_id, expression, time_zone, next_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (tenant_id, COALESCE(model_id, 0), job) DO UPDATE
            SET expression = excluded.expression, time_zone = excluded.time_zone, next_at = excluded.next_at
            WHERE schedules.expression IS NULL OR schedules.expression <> excluded.expression
                OR schedules.time_zone <> excluded.time_zone";
    tx.execute(upsert, values).await.map_err(Error::or_not_found).map(drop)
}

/// Does `update`; says why nothing changed: there is no such schedule, or it is as `otherwise` says.
async fn changed(
    tx: &mut Tx,
    tenant: TenantId,
    id: ScheduleId,
    update: &'static str,
    values: &[Value<'_>],
    otherwise: &'static str,
) -> Result<(), Error> {
    if tx.execute(update, values).await? > 0 {
        return Ok(());
    }
    let there = tx.row("SELECT 1 AS one FROM schedules WHERE tenant_id = $1 AND id = $2", args![tenant, id]).await?;
    Err(there.map_or(Error::NotFound, |_| Error::Conflict(otherwise)))
}

/// Writes down that the job is to be done, for the time `due_at`. None if that time was answered before, or an earlier
/// one is not over yet.
async fn begin_run(
    tx: &mut Tx,
    tenant: TenantId,
    schedule: ScheduleId,
    due_at: Timestamp,
    asked_by: Option<&str>,
    now: Timestamp,
) -> Result<Option<ScheduleRun>, Error> {
    let insert = format!(
        "INSERT INTO schedule_runs (tenant_id, schedule_id, due_at, asked_by, state, free_at)
         VALUES ($1, $2, $3, $4, 'waiting', $5) ON CONFLICT DO NOTHING
         RETURNING {RUN_COLUMNS}"
    );
    let Some(row) = tx.row(insert, args![tenant, schedule, due_at, asked_by, now]).await? else { return Ok(None) };
    let run = read_run(&row)?;
    let newest = "UPDATE schedules SET last_run_id = $3 WHERE tenant_id = $1 AND id = $2";
    tx.execute(newest, args![tenant, schedule, run.id]).await?;
    Ok(Some(run))
}

/// Makes what waits for the end of a pause somebody's wish; none if nothing does.
async fn ask_for_held(
    tx: &mut Tx,
    tenant: TenantId,
    schedule: ScheduleId,
    by: &str,
    now: Timestamp,
) -> Result<Option<ScheduleRun>, Error> {
    let update = format!(
        "UPDATE schedule_runs SET asked_by = $3, free_at = $4
         WHERE tenant_id = $1 AND schedule_id = $2 AND state = 'waiting' AND asked_by IS NULL AND EXISTS (
            SELECT 1 FROM schedules s WHERE s.tenant_id = $1 AND s.id = $2 AND s.paused_at IS NOT NULL)
         RETURNING {RUN_COLUMNS}"
    );
    tx.row(update, args![tenant, schedule, by, now]).await?.as_ref().map(read_run).transpose()
}

fn read(row: &Row) -> Result<ScheduledJob, Error> {
    let id = ScheduleId(row.get("id")?);
    let paused_by = row.get::<Option<String>>("paused_by")?;
    let last = row.get::<Option<i64>>("last_run_id")?.map(|run| read_execution(row, ScheduleRunId(run), id));
    Ok(ScheduledJob {
        id,
        job: row.word("job", Job::parse)?,
        model: row.get::<Option<i64>>("model_id")?.map(ModelId),
        expression: row.get("expression")?,
        time_zone: row.get("time_zone")?,
        next_at: row.time("next_at")?,
        paused: row.opt_time("paused_at")?.zip(paused_by),
        last: last.transpose()?,
    })
}

fn read_run(row: &Row) -> Result<ScheduleRun, Error> {
    read_execution(row, ScheduleRunId(row.get("id")?), ScheduleId(row.get("schedule_id")?))
}

fn read_execution(row: &Row, id: ScheduleRunId, schedule: ScheduleId) -> Result<ScheduleRun, Error> {
    Ok(ScheduleRun {
        id,
        schedule,
        due_at: row.time("due_at")?,
        asked_by: row.get("asked_by")?,
        state: row.word("state", JobState::parse)?,
        attempts: row.get("attempts")?,
        began_at: row.opt_time("began_at")?,
        ended_at: row.opt_time("ended_at")?,
        message: row.get("message")?,
    })
}
