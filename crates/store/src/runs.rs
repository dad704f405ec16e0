use domain::audit::Event;
use domain::model::Version;
use domain::run::{LEASE, LogLine, MAX_ATTEMPTS, Run, RunState};
use domain::specification::EstimatorKind;
use domain::{Actor, DatasetId, ModelId, RunId, TenantId, Timestamp};

use crate::dialect::{Bulk, Values};
use crate::page::{before, cut, limit};
use crate::sql::{Row, Tx, Value, args};
use crate::{Cursor, Error, NewVersion, Page, Store, dialect, versions};

/// What a run is made from.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// The model to be trained.
    pub model: ModelId,
    /// Number of the specification.
    pub specification_number: i64,
    /// What it trains on.
    pub dataset: DatasetId,
    /// Estimator in place of the specification's own.
    pub estimator: Option<EstimatorKind>,
    /// The seed of every random choice.
    pub seed: i64,
    /// Who asks for it.
    pub created_by: String,
}

/// Which runs; empty means all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// Of this model.
    pub model: Option<ModelId>,
    /// In this state.
    pub state: Option<RunState>,
}

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

/// How many runs wait and work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunCounts {
    /// Waiting.
    pub queued: i64,
    /// Under way.
    pub running: i64,
}

const COLUMNS: &str = "id, tenant_id, model_id, state, specification_number, dataset_id, estimator, seed, progress,
    message, attempts, cancel_requested, created_at, started_at, finished_at, version, created_by";
const LOST: &str = "the lease of the run was lost";
/// Of `tenant = $1`, `id = $2`, held by `owner = $3`.
const HELD: &str = "tenant_id = $1 AND id = $2 AND state = 'running' AND lease_owner = $3";

impl Store {
    /// Queues a run.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such model, specification or data set.
    pub async fn create_run(
        &self,
        tenant: TenantId,
        new: &NewRun,
        now: Timestamp,
        event: &Event,
    ) -> Result<Run, Error> {
        let mut tx = self.begin().await?;
        tx.append(tenant, event).await?;
        let insert = format!(
            "INSERT INTO runs (tenant_id, model_id, state, specification_number, dataset_id, estimator, seed,
                created_at, created_by)
             VALUES ($1, $2, 'queued', $3, $4, $5, $6, $7, $8) RETURNING {COLUMNS}"
        );
        let estimator = new.estimator.map(EstimatorKind::as_str);
        let values =
            args![tenant, new.model, new.specification_number, new.dataset, estimator, new.seed, now, &new.created_by];
        let run = read(&tx.one(insert, values).await.map_err(Error::or_not_found)?)?;
        tx.commit().await?;
        Ok(run)
    }

    /// Takes up the oldest run that waits or whose holder fell silent; before that it ends those that were tried too
    /// often, or cancelled while nobody held them. Spans tenants.
    ///
    /// `owner` must name this taker and no other, also across processes.
    pub async fn claim_run(&self, owner: &str, now: Timestamp) -> Result<Option<Run>, Error> {
        let due = "SELECT 1 AS one FROM runs
            WHERE state IN ('queued', 'running') AND (state = 'queued' OR lease_until < $1) LIMIT 1";
        // Workers look often and mostly in vain; a look costs no write.
        if self.row(due, args![now]).await?.is_none() {
            return Ok(None);
        }
        let mut tx = self.begin().await?;
        end_abandoned(&mut tx, now).await?;
        let claim = format!(
            "UPDATE runs SET state = 'running', lease_owner = $1, lease_until = $2, attempts = attempts + 1,
                started_at = COALESCE(started_at, $3)
             WHERE id = (SELECT id FROM runs
                WHERE state IN ('queued', 'running') AND (state = 'queued' OR lease_until < $3)
                ORDER BY id LIMIT 1 {})
             RETURNING {COLUMNS}",
            dialect::skip_locked(&tx)
        );
        let run = tx.row(claim, args![owner, now.plus(LEASE), now]).await?.as_ref().map(read).transpose()?;
        tx.commit().await?;
        Ok(run)
    }

    /// Takes up this run and no other, if it waits or its holder fell silent. `owner` as for [`Self::claim_run`].
    pub async fn claim_this_run(
        &self,
        tenant: TenantId,
        run: RunId,
        owner: &str,
        now: Timestamp,
    ) -> Result<Option<Run>, Error> {
        let due = "SELECT 1 AS one FROM runs WHERE tenant_id = $1 AND id = $2
            AND (state = 'queued' OR (state = 'running' AND lease_until < $3))";
        if self.row(due, args![tenant, run, now]).await?.is_none() {
            return Ok(None);
        }
        let mut tx = self.begin().await?;
        end_abandoned(&mut tx, now).await?;
        let claim = format!(
            "UPDATE runs SET state = 'running', lease_owner = $3, lease_until = $4, attempts = attempts + 1,
                started_at = COALESCE(started_at, $5)
             WHERE tenant_id = $1 AND id = $2 AND (state = 'queued' OR (state = 'running' AND lease_until < $5))
             RETURNING {COLUMNS}"
        );
        let values = args![tenant, run, owner, now.plus(LEASE), now];
        let claimed = tx.row(claim, values).await?.as_ref().map(read).transpose()?;
        tx.commit().await?;
        Ok(claimed)
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

    /// Ends a run with the version it made. A repetition gives the same version and changes nothing.
    ///
    /// # Errors
    /// [`Error::Conflict`] when `owner` no longer holds the lease; [`Error::NotFound`].
    pub async fn finish_run(
        &self,
        tenant: TenantId,
        run: RunId,
        owner: &str,
        new: &NewVersion,
        now: Timestamp,
        event: impl FnOnce(&Version) -> Event + Send,
    ) -> Result<Version, Error> {
        let mut tx = self.begin().await?;
        tx.lock_log(tenant).await?;
        if let Some(made) = versions::by_run(&mut tx, tenant, run).await? {
            return Ok(made);
        }
        let update = format!(
            "UPDATE runs SET state = 'succeeded', progress = 1, message = '', finished_at = $4, lease_owner = NULL,
                lease_until = NULL
             WHERE {HELD} RETURNING {COLUMNS}"
        );
        let Some(row) = tx.row(update, args![tenant, run, owner, now]).await? else {
            return Err(not_held(&mut tx, tenant, run).await);
        };
        let version = versions::insert(&mut tx, &read(&row)?, new, now).await?;
        let number = "UPDATE runs SET version = $3 WHERE tenant_id = $1 AND id = $2";
        tx.execute(number, args![tenant, run, version.number]).await?;
        tx.append(tenant, &event(&version)).await?;
        tx.commit().await?;
        Ok(version)
    }

    /// Ends a run with the reason for its failure.
    ///
    /// # Errors
    /// [`Error::Conflict`] when `owner` no longer holds the lease; [`Error::NotFound`].
    pub async fn fail_run(
        &self,
        tenant: TenantId,
        run: RunId,
        owner: &str,
        reason: &str,
        now: Timestamp,
        event: &Event,
    ) -> Result<Run, Error> {
        self.end_run(tenant, run, owner, RunState::Failed, reason, now, event).await
    }

    /// Ends a run that was asked to stop.
    ///
    /// # Errors
    /// [`Error::Conflict`] when `owner` no longer holds the lease; [`Error::NotFound`].
    pub async fn finish_cancelled_run(
        &self,
        tenant: TenantId,
        run: RunId,
        owner: &str,
        now: Timestamp,
        event: &Event,
    ) -> Result<Run, Error> {
        self.end_run(tenant, run, owner, RunState::Cancelled, "", now, event).await
    }

    #[allow(clippy::too_many_arguments)]
    async fn end_run(
        &self,
        tenant: TenantId,
        run: RunId,
        owner: &str,
        state: RunState,
        message: &str,
        now: Timestamp,
        event: &Event,
    ) -> Result<Run, Error> {
        let mut tx = self.begin().await?;
        tx.append(tenant, event).await?;
        let update = format!(
            "UPDATE runs SET state = $4, message = $5, finished_at = $6, lease_owner = NULL, lease_until = NULL
             WHERE {HELD} RETURNING {COLUMNS}"
        );
        let values = args![tenant, run, owner, state.as_str(), message, now];
        let Some(row) = tx.row(update, values).await? else { return Err(not_held(&mut tx, tenant, run).await) };
        let run = read(&row)?;
        tx.commit().await?;
        Ok(run)
    }

    /// Lets a run go back into the queue, as when its process shuts down in good order; the attempt does not count.
    pub async fn release_run(&self, tenant: TenantId, run: RunId, owner: &str) -> Result<(), Error> {
        let update = format!(
            "UPDATE runs SET state = 'queued', attempts = attempts - 1, lease_owner = NULL, lease_until = NULL
             WHERE {HELD}"
        );
        self.execute(update, args![tenant, run, owner]).await.map(drop)
    }

    /// Asks a run to stop. One that waits is cancelled at once; one under way hears of it with its next heartbeat.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] when it is over.
    pub async fn request_cancel(
        &self,
        tenant: TenantId,
        run: RunId,
        now: Timestamp,
        event: &Event,
    ) -> Result<Run, Error> {
        let mut tx = self.begin().await?;
        tx.append(tenant, event).await?;
        let update = format!(
            "UPDATE runs SET cancel_requested = 1,
                finished_at = CASE WHEN state = 'queued' THEN $3 ELSE finished_at END,
                state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END
             WHERE tenant_id = $1 AND id = $2 AND state IN ('queued', 'running') RETURNING {COLUMNS}"
        );
        let Some(row) = tx.row(update, args![tenant, run, now]).await? else {
            let there =
                tx.row("SELECT 1 AS one FROM runs WHERE tenant_id = $1 AND id = $2", args![tenant, run]).await?;
            return Err(there.map_or(Error::NotFound, |_| Error::Conflict("the run is over")));
        };
        let run = read(&row)?;
        tx.commit().await?;
        Ok(run)
    }

    /// One run.
    pub async fn run(&self, tenant: TenantId, id: RunId) -> Result<Option<Run>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM runs WHERE tenant_id = $1 AND id = $2");
        self.row(sql, args![tenant, id]).await?.as_ref().map(read).transpose()
    }

    /// A tenant's runs, newest first.
    pub async fn runs(
        &self,
        tenant: TenantId,
        filter: RunFilter,
        cursor: Option<&Cursor>,
        asked: u32,
    ) -> Result<Page<Run>, Error> {
        let limit = limit(asked);
        let mut sql = format!("SELECT {COLUMNS} FROM runs WHERE tenant_id = $1 AND id < $2");
        let mut args: Vec<Value<'_>> = vec![tenant.into(), before(cursor).into(), Value::Int(limit as i64 + 1)];
        if let Some(model) = filter.model {
            args.push(model.into());
            sql.push_str(&format!(" AND model_id = ${}", args.len()));
        }
        if let Some(state) = filter.state {
            args.push(state.as_str().into());
            sql.push_str(&format!(" AND state = ${}", args.len()));
        }
        sql.push_str(" ORDER BY id DESC LIMIT $3");
        let runs = self.rows(sql, &args).await?.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        Ok(cut(runs, limit, |run| run.id.0))
    }

    /// How many runs of a tenant wait and work.
    pub async fn run_counts(&self, tenant: TenantId) -> Result<RunCounts, Error> {
        let sql = "SELECT state, COUNT(*) AS runs FROM runs
            WHERE tenant_id = $1 AND state IN ('queued', 'running') GROUP BY state";
        let mut counts = RunCounts::default();
        for row in self.rows(sql, args![tenant]).await? {
            match row.word("state", RunState::parse)? {
                RunState::Queued => counts.queued = row.get("runs")?,
                _ => counts.running = row.get("runs")?,
            }
        }
        Ok(counts)
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

async fn not_held(tx: &mut Tx, tenant: TenantId, run: RunId) -> Error {
    match tx.row("SELECT 1 AS one FROM runs WHERE tenant_id = $1 AND id = $2", args![tenant, run]).await {
        Ok(None) => Error::NotFound,
        Ok(Some(_)) => Error::Conflict(LOST),
        Err(error) => error,
    }
}

fn read(row: &Row) -> Result<Run, Error> {
    let estimator = row.get::<Option<String>>("estimator")?;
    let parse = |word: String| EstimatorKind::parse(&word).ok_or_else(|| Error::corrupt("estimator", word));
    Ok(Run {
        id: RunId(row.get("id")?),
        tenant: TenantId(row.get("tenant_id")?),
        model: ModelId(row.get("model_id")?),
        state: row.word("state", RunState::parse)?,
        specification_number: row.get("specification_number")?,
        dataset: DatasetId(row.get("dataset_id")?),
        estimator: estimator.map(parse).transpose()?,
        seed: row.get("seed")?,
        progress: row.get("progress")?,
        message: row.get("message")?,
        attempts: row.get("attempts")?,
        cancel_requested: row.get::<i64>("cancel_requested")? != 0,
        created_at: row.time("created_at")?,
        started_at: row.opt_time("started_at")?,
        finished_at: row.opt_time("finished_at")?,
        version: row.get("version")?,
        created_by: row.get("created_by")?,
    })
}
