//! Who works on a run, for how long, and what they say meanwhile.

use domain::audit::Event;
use domain::run::{LEASE, LogLine, MAX_ATTEMPTS, Run, RunState};
use domain::{Actor, RunId, TenantId, Timestamp};

use super::{COLUMNS, HELD, not_held, read};
use crate::dialect::{Bulk, Values};
use crate::sql::{Row, Tx, Value, args};
use crate::{Error, Store, dialect};

/// What a worker hears when it reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heartbeat {
    /// Go on.
    Continue,
    /// Somebody asked the run to stop.
    CancelRequested,
    /// The lease went to another, or the run is over: stop, and write nothing.
    Lost,
}

/// It waits and may be taken up, or its holder fell silent. Of `now = $1`.
const DUE: &str = "state IN ('queued', 'running') AND ((state = 'queued' AND not_before <= $1) OR lease_until < $1)";

/// First whose tenant has the fewest at work, then whose tenant was served longest ago, then in the order they came: a
/// tenant with many runs does not hold up another's first. Of `now = $1`.
const FAIR: &str = "
    (SELECT COUNT(*) FROM runs w WHERE w.tenant_id = r.tenant_id AND w.state = 'running' AND w.lease_until >= $1),
    (SELECT COALESCE(MAX(s.started_at), 0) FROM runs s WHERE s.tenant_id = r.tenant_id), r.id";

impl Store {
    /// Takes up a run that waits or whose holder fell silent, in turn between the tenants; before that it ends those that were tried too
    /// often, or cancelled while nobody held them. Spans tenants.
    ///
    /// `owner` must name this taker and no other, also across processes.
    pub async fn claim_run(&self, owner: &str, now: Timestamp) -> Result<Option<Run>, Error> {
        let due = format!("SELECT 1 AS one FROM runs WHERE {DUE} LIMIT 1");
        // Workers look often and mostly in vain; a look costs no write.
        if self.row(due, args![now]).await?.is_none() {
            return Ok(None);
        }
        self.claim(None, owner, now).await
    }

    /// Takes up this run and no other, if it waits or its holder fell silent. `owner` as for [`Self::claim_run`].
    pub async fn claim_this_run(
        &self,
        tenant: TenantId,
        run: RunId,
        owner: &str,
        now: Timestamp,
    ) -> Result<Option<Run>, Error> {
        self.claim(Some((tenant, run)), owner, now).await
    }

    async fn claim(&self, only: Option<(TenantId, RunId)>, owner: &str, now: Timestamp) -> Result<Option<Run>, Error> {
        let mut tx = self.begin().await?;
        end_abandoned(&mut tx, now).await?;
        let mut args: Vec<Value<'_>> = vec![now.into(), owner.into(), now.plus(LEASE).into()];
        let which = match only {
            Some((tenant, run)) => {
                args.extend_from_slice(args![tenant, run]);
                format!("tenant_id = $4 AND id = $5 AND {DUE}")
            }
            None => {
                let skip_locked = dialect::skip_locked(&tx);
                format!("id = (SELECT r.id FROM runs r WHERE {DUE} ORDER BY {FAIR} LIMIT 1 {skip_locked})")
            }
        };
        let update = format!(
            "UPDATE runs SET state = 'running', lease_owner = $2, lease_until = $3, attempts = attempts + 1,
                started_at = COALESCE(started_at, $1)
             WHERE {which} RETURNING {COLUMNS}"
        );
        let run = tx.row(update, &args).await?.as_ref().map(read).transpose()?;
        tx.commit().await?;
        Ok(run)
    }

    /// Renews the lease and says how far the run is.
    pub async fn heartbeat(
        &self,
        tenant: TenantId,
        run: RunId,
        owner: &str,
        progress: f64,
        message: &str,
        now: Timestamp,
    ) -> Result<Heartbeat, Error> {
        let sql = format!(
            "UPDATE runs SET progress = $4, message = $5, lease_until = $6 WHERE {HELD} RETURNING cancel_requested"
        );
        let mut tx = self.begin().await?;
        let row = tx.row(sql, args![tenant, run, owner, progress, message, now.plus(LEASE)]).await?;
        tx.commit().await?;
        Ok(match row.map(|row| row.get::<i64>("cancel_requested")).transpose()? {
            None => Heartbeat::Lost,
            Some(0) => Heartbeat::Continue,
            Some(_) => Heartbeat::CancelRequested,
        })
    }

    /// Lets a run go back into the queue, as when its process shuts down in good order; the attempt does not count.
    pub async fn release_run(&self, tenant: TenantId, run: RunId, owner: &str) -> Result<(), Error> {
        let update = format!(
            "UPDATE runs SET state = 'queued', attempts = attempts - 1, lease_owner = NULL, lease_until = NULL
             WHERE {HELD}"
        );
        self.execute(update, args![tenant, run, owner]).await.map(drop)
    }

    /// Lets a run wait until `until` because something it needs is away, `why` says what; the attempt does not count.
    ///
    /// # Errors
    /// [`Error::Conflict`] when `owner` no longer holds the lease; [`Error::NotFound`].
    #[allow(clippy::too_many_arguments)]
    pub async fn put_off_run(
        &self,
        tenant: TenantId,
        run: RunId,
        owner: &str,
        why: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        let update = format!(
            "UPDATE runs SET state = 'queued', message = $4, not_before = $5, retries = retries + 1,
                attempts = attempts - 1, lease_owner = NULL, lease_until = NULL
             WHERE {HELD} RETURNING id"
        );
        if tx.row(update, args![tenant, run, owner, why, until]).await?.is_none() {
            return Err(not_held(&mut tx, tenant, run).await);
        }
        append_log(&mut tx, tenant, run, &[why.to_owned()], now).await?;
        tx.commit().await
    }

    /// Appends lines to the run's log.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn append_log(
        &self,
        tenant: TenantId,
        run: RunId,
        lines: &[String],
        now: Timestamp,
    ) -> Result<(), Error> {
        if lines.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        append_log(&mut tx, tenant, run, lines, now).await?;
        tx.commit().await
    }

    /// Up to 1,000 lines of the run's log after the one with the given number; 0 begins at the first.
    pub async fn log_after(&self, tenant: TenantId, run: RunId, after: i64) -> Result<Vec<LogLine>, Error> {
        let sql = "SELECT sequence, at, line FROM run_log
            WHERE tenant_id = $1 AND run_id = $2 AND sequence > $3 ORDER BY sequence LIMIT 1000";
        let line =
            |row: &Row| Ok(LogLine { sequence: row.get("sequence")?, at: row.time("at")?, line: row.get("line")? });
        self.rows(sql, args![tenant, run, after]).await?.iter().map(line).collect()
    }
}

/// Nobody holds it any more and nobody is to take it up: cancelled meanwhile, or tried too often. Of `now = $1`.
const ABANDONED: &str = "state = 'running' AND lease_until < $1 AND (cancel_requested = 1 OR attempts >= $2)";

/// Ends what is abandoned, tenant by tenant: the lock on a tenant's log comes before any other of its rows.
async fn end_abandoned(tx: &mut Tx, now: Timestamp) -> Result<(), Error> {
    let tenants = format!("SELECT DISTINCT tenant_id FROM runs WHERE {ABANDONED} ORDER BY tenant_id");
    for row in tx.rows(tenants, args![now, MAX_ATTEMPTS]).await? {
        end_abandoned_of(tx, TenantId(row.get("tenant_id")?), now).await?;
    }
    Ok(())
}

async fn end_abandoned_of(tx: &mut Tx, tenant: TenantId, now: Timestamp) -> Result<(), Error> {
    tx.lock_log(tenant).await?;
    let given_up = format!("given up: {MAX_ATTEMPTS} attempts ended without a word, as if the process had been killed");
    let update = format!(
        "UPDATE runs SET state = CASE WHEN cancel_requested = 1 THEN 'cancelled' ELSE 'failed' END,
            message = CASE WHEN cancel_requested = 1 THEN message ELSE $3 END,
            finished_at = $1, lease_owner = NULL, lease_until = NULL
         WHERE {ABANDONED} AND tenant_id = $4 RETURNING {COLUMNS}"
    );
    for row in tx.rows(update, args![now, MAX_ATTEMPTS, &given_up, tenant]).await? {
        let run = read(&row)?;
        let (action, line) = match run.state {
            RunState::Failed => ("run.failed", given_up.clone()),
            _ => ("run.stopped", String::from("cancelled")),
        };
        let event = Event::new(&Actor::worker(tenant), now, action, format!("run:{}", run.id))
            .with(serde_json::json!({ "reason": line }));
        append_log(tx, tenant, run.id, &[line], now).await?;
        tx.append(tenant, &event).await?;
    }
    Ok(())
}

async fn append_log(tx: &mut Tx, tenant: TenantId, run: RunId, lines: &[String], now: Timestamp) -> Result<(), Error> {
    let (count, rows) = (lines.len() as i64, lines.len());
    let more = "UPDATE runs SET log_lines = log_lines + $3 WHERE tenant_id = $1 AND id = $2 RETURNING log_lines";
    let last: i64 = tx.one(more, args![tenant, run, count]).await?.get("log_lines")?;
    let bulk = Bulk {
        table: "run_log",
        columns: vec![
            ("tenant_id", Values::Ints(vec![tenant.0; rows])),
            ("run_id", Values::Ints(vec![run.0; rows])),
            ("sequence", Values::Ints((last - count + 1..=last).collect())),
            ("at", Values::Ints(vec![now.0; rows])),
            ("line", Values::Texts(lines.iter().map(String::as_str).collect())),
        ],
        ending: "",
    };
    bulk.insert(tx).await
}
