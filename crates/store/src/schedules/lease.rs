//! Who works on a job, and for how long.

use domain::schedule::{Job, JobState, LEASE, MAX_ATTEMPTS, ScheduleRun};
use domain::{ModelId, ScheduleRunId, TenantId, Timestamp};

use super::{RUN_COLUMNS, known, read_run};
use crate::sql::args;
use crate::{Error, Store, dialect};

/// A job in the hands of a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// Its organisation.
    pub tenant: TenantId,
    /// What is to be done.
    pub job: Job,
    /// To which model; none is the whole organisation.
    pub model: Option<ModelId>,
    /// The execution.
    pub run: ScheduleRun,
}

/// A worker tries so many before it looks again, where others take what it has found.
const LOOKED_AT: i64 = 8;

/// Of `tenant = $1`, `id = $2`, held by `owner = $3`.
const HELD: &str = "tenant_id = $1 AND id = $2 AND owner = $3 AND state = 'running'";

/// Nobody holds it, and it was taken up as often as is possible: of `now = $1` and the most attempts `$2`.
const ABANDONED: &str = "ended_at IS NULL AND free_at <= $1 AND attempts >= $2";

impl Store {
    /// Takes up a job that waits or whose holder fell silent: of the tenant that has waited longest for one, so that none
    /// waits behind all of another's. A pause holds what waits, unless somebody asked for it. Spans tenants.
    ///
    /// `owner` must name this taker and no other, also across processes.
    pub async fn claim_job(&self, owner: &str, now: Timestamp) -> Result<Option<Claimed>, Error> {
        let free = format!(
            "SELECT r.id FROM schedule_runs r JOIN schedules s ON s.tenant_id = r.tenant_id AND s.id = r.schedule_id
             WHERE r.ended_at IS NULL AND r.free_at <= $1 AND r.attempts < $2 AND {}
                AND (s.paused_at IS NULL OR r.asked_by IS NOT NULL OR r.state = 'running')
             ORDER BY (SELECT COALESCE(MAX(o.began_at), 0) FROM schedule_runs o WHERE o.tenant_id = r.tenant_id), r.id
             LIMIT $3",
            known()
        );
        // Workers look often and mostly in vain; a look costs no write.
        for row in self.rows(free, args![now, MAX_ATTEMPTS, LOOKED_AT]).await? {
            if let Some(claimed) = self.claim_this_job(row.get("id")?, owner, now).await? {
                return Ok(Some(claimed));
            }
        }
        Ok(None)
    }

    /// None if another was faster.
    async fn claim_this_job(&self, id: i64, owner: &str, now: Timestamp) -> Result<Option<Claimed>, Error> {
        let mut tx = self.begin().await?;
        let update = format!(
            "UPDATE schedule_runs SET state = 'running', owner = $2, free_at = $3, attempts = attempts + 1,
                began_at = COALESCE(began_at, $1)
             WHERE id = (SELECT id FROM schedule_runs WHERE id = $4 AND ended_at IS NULL AND free_at <= $1 {})
             RETURNING {RUN_COLUMNS}",
            dialect::skip_locked(&tx)
        );
        let Some(row) = tx.row(update, args![now, owner, now.plus(LEASE), id]).await? else { return Ok(None) };
        let (tenant, run) = (TenantId(row.get("tenant_id")?), read_run(&row)?);
        let of = "SELECT job, model_id FROM schedules WHERE tenant_id = $1 AND id = $2";
        let of = tx.one(of, args![tenant, run.schedule]).await?;
        let model = of.get::<Option<i64>>("model_id")?.map(ModelId);
        let claimed = Claimed { tenant, job: of.word("job", Job::parse)?, model, run };
        tx.commit().await?;
        Ok(Some(claimed))
    }

    /// Renews the lease; false when another has it now.
    pub async fn renew_job(
        &self,
        tenant: TenantId,
        run: ScheduleRunId,
        owner: &str,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let update = format!("UPDATE schedule_runs SET free_at = $4 WHERE {HELD}");
        Ok(self.execute(update, args![tenant, run, owner, now.plus(LEASE)]).await? > 0)
    }

    /// Writes down what came of it; false when another has it now, and will say.
    pub async fn end_job(
        &self,
        tenant: TenantId,
        run: ScheduleRunId,
        owner: &str,
        state: JobState,
        message: &str,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let update =
            format!("UPDATE schedule_runs SET state = $4, message = $5, ended_at = $6, owner = NULL WHERE {HELD}");
        Ok(self.execute(update, args![tenant, run, owner, state.as_str(), message, now]).await? > 0)
    }

    /// Puts it back, to be tried again from `free_at` on, because of `message`.
    pub async fn put_off_job(
        &self,
        tenant: TenantId,
        run: ScheduleRunId,
        owner: &str,
        message: &str,
        free_at: Timestamp,
    ) -> Result<bool, Error> {
        let update = format!(
            "UPDATE schedule_runs SET state = 'waiting', message = $4, free_at = $5, owner = NULL WHERE {HELD}"
        );
        Ok(self.execute(update, args![tenant, run, owner, message, free_at]).await? > 0)
    }

    /// Puts back what this worker holds and will not finish, as when its process shuts down in good order; the attempt
    /// does not count. Spans tenants.
    pub async fn let_go_of_jobs(&self, owner: &str, now: Timestamp) -> Result<(), Error> {
        let update = "UPDATE schedule_runs SET state = 'waiting', owner = NULL, free_at = $2, attempts = attempts - 1
            WHERE owner = $1 AND state = 'running' AND ended_at IS NULL";
        self.execute(update, args![owner, now]).await.map(drop)
    }

    /// Ends those that nobody holds and that were taken up as often as is possible. Spans tenants.
    pub async fn give_up_jobs(&self, now: Timestamp) -> Result<u64, Error> {
        let look = format!("SELECT 1 AS one FROM schedule_runs WHERE {ABANDONED} LIMIT 1");
        // Hardly ever is there one, and a look costs no write.
        if self.row(look, args![now, MAX_ATTEMPTS]).await?.is_none() {
            return Ok(0);
        }
        let message = format!("given up: {MAX_ATTEMPTS} attempts did not end, as if the process had been killed");
        let update = format!(
            "UPDATE schedule_runs SET state = 'failed', ended_at = $1, owner = NULL,
                message = CASE WHEN state = 'running' THEN $3 ELSE message END
             WHERE {ABANDONED}"
        );
        self.execute(update, args![now, MAX_ATTEMPTS, &message]).await
    }
}
