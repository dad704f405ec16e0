mod checkpoints;
mod fate;
mod lease;

use domain::audit::Event;
use domain::model::Version;
use domain::retraining::{Standing, Trigger};
use domain::run::{LEASE, Run, RunState};
use domain::specification::EstimatorKind;
use domain::{DatasetId, ModelId, RunId, TenantId, Timestamp};

use crate::page::{before, cut, limit};
use crate::sql::{Row, Tx, Value, args};
use crate::{Cursor, Error, NewVersion, Page, Store, versions};

pub(crate) use fate::end_challenge;
pub use fate::{Move, NewChallenger};
pub use lease::Heartbeat;

/// What a run is made from.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// The model to be trained.
    pub model: ModelId,
    /// Number of the specification.
    pub specification_number: i64,
    /// What it trains on; none has a worker freeze what there is.
    pub dataset: Option<DatasetId>,
    /// The examples of so many days are frozen for it.
    pub days: Option<u32>,
    /// Estimator in place of the specification's own.
    pub estimator: Option<EstimatorKind>,
    /// The seed of every random choice.
    pub seed: i64,
    /// Who asks for it.
    pub created_by: String,
    /// Why it is asked for.
    pub trigger: Trigger,
    /// What the trigger saw.
    pub saw: String,
    /// The furthest that its version may come by itself.
    pub policy: Standing,
    /// What asks for one run and no more, however often it asks.
    pub occasion: Option<String>,
}

/// Which runs; empty means all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// Of this model.
    pub model: Option<ModelId>,
    /// In this state.
    pub state: Option<RunState>,
}

/// How many runs wait and work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunCounts {
    /// Waiting.
    pub queued: i64,
    /// Under way.
    pub running: i64,
}

const COLUMNS: &str =
    "id, tenant_id, model_id, state, specification_number, dataset_id, days, estimator, seed, progress,
    message, attempts, retries, not_before, cancel_requested, created_at, started_at, finished_at, version, created_by,
    cause, saw, policy, became, because";
/// Of `tenant = $1`, `model = $2`.
const OPEN: &str =
    "SELECT 1 AS one FROM runs WHERE tenant_id = $1 AND model_id = $2 AND state IN ('queued', 'running') LIMIT 1";
const LOST: &str = "the lease of the run was lost";
/// Of `tenant = $1`, `id = $2`, held by `owner = $3`.
const HELD: &str = "tenant_id = $1 AND id = $2 AND state = 'running' AND lease_owner = $3";

impl Store {
    /// Queues a run; gives the one that its occasion has asked for already, if there is one. A trigger
    /// that watches asks for none beside another of the same model.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such model, specification or data set; [`Error::Conflict`] when a run of the
    /// model waits or works and a trigger that watches asks for this one.
    pub async fn create_run(
        &self,
        tenant: TenantId,
        new: &NewRun,
        now: Timestamp,
        event: &Event,
    ) -> Result<Run, Error> {
        let mut tx = self.begin().await?;
        // First: it locks the tenant's log, so that two triggers come one after the other.
        tx.append(tenant, event).await?;
        let occasion = new.occasion.as_deref();
        let asked = format!("SELECT {COLUMNS} FROM runs WHERE tenant_id = $1 AND occasion = $2");
        if let Some(row) = tx.row(asked, args![tenant, occasion]).await? {
            return read(&row);
        }
        if Trigger::WATCHING.contains(&new.trigger) && tx.row(OPEN, args![tenant, new.model]).await?.is_some() {
            return Err(Error::Conflict("a run of this model waits or works already"));
        }
        let insert = format!(
            "INSERT INTO runs (tenant_id, model_id, state, specification_number, dataset_id, days, estimator, seed,
                created_at, created_by, occasion, cause, saw, policy)
             VALUES ($1, $2, 'queued', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING {COLUMNS}"
        );
        let (estimator, days) = (new.estimator.map(EstimatorKind::as_str), new.days.map(i64::from));
        let (cause, policy, number) = (new.trigger.as_str(), new.policy.as_str(), new.specification_number);
        let (by, saw, model) = (&new.created_by, &new.saw, new.model);
        let values =
            args![tenant, model, number, new.dataset, days, estimator, new.seed, now, by, occasion, cause, saw, policy];
        let run = read(&tx.one(insert, values).await.map_err(Error::or_not_found)?)?;
        tx.commit().await?;
        Ok(run)
    }

    /// Whether a run of a model waits or works.
    pub async fn is_learning(&self, tenant: TenantId, model: ModelId) -> Result<bool, Error> {
        Ok(self.row(OPEN, args![tenant, model]).await?.is_some())
    }

    /// The newest run of a model that no hand asked for.
    pub async fn last_triggered(&self, tenant: TenantId, model: ModelId) -> Result<Option<Run>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM runs WHERE tenant_id = $1 AND model_id = $2 AND cause <> 'hand'
             ORDER BY id DESC LIMIT 1"
        );
        self.row(sql, args![tenant, model]).await?.as_ref().map(read).transpose()
    }

    /// Says what a run trains on.
    ///
    /// # Errors
    /// [`Error::Conflict`] when `owner` no longer holds the lease; [`Error::NotFound`].
    pub async fn give_run(&self, tenant: TenantId, run: RunId, owner: &str, dataset: DatasetId) -> Result<Run, Error> {
        let mut tx = self.begin().await?;
        let update = format!("UPDATE runs SET dataset_id = $4 WHERE {HELD} RETURNING {COLUMNS}");
        let given = tx.row(update, args![tenant, run, owner, dataset]).await.map_err(Error::or_not_found)?;
        let Some(row) = given else { return Err(not_held(&mut tx, tenant, run).await) };
        tx.commit().await?;
        read(&row)
    }

    /// Ends a run with the version it made. A repetition gives the same version and changes nothing. What becomes of the
    /// version is decided by the caller; if it does not, by whoever asks [`Self::take_undecided`] after a lease.
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
                lease_until = NULL, not_before = $5, became = CASE WHEN policy = 'candidate' THEN policy END
             WHERE {HELD} RETURNING {COLUMNS}"
        );
        let Some(row) = tx.row(update, args![tenant, run, owner, now, now.plus(LEASE)]).await? else {
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

async fn not_held(tx: &mut Tx, tenant: TenantId, run: RunId) -> Error {
    match tx.row("SELECT 1 AS one FROM runs WHERE tenant_id = $1 AND id = $2", args![tenant, run]).await {
        Ok(None) => Error::NotFound,
        Ok(Some(_)) => Error::Conflict(LOST),
        Err(error) => error,
    }
}

fn read(row: &Row) -> Result<Run, Error> {
    let estimator = row.get::<Option<String>>("estimator")?;
    let became = row.get::<Option<String>>("became")?;
    let standing = |word: String| Standing::parse(&word).ok_or_else(|| Error::corrupt("became", word));
    let parse = |word: String| EstimatorKind::parse(&word).ok_or_else(|| Error::corrupt("estimator", word));
    Ok(Run {
        id: RunId(row.get("id")?),
        tenant: TenantId(row.get("tenant_id")?),
        model: ModelId(row.get("model_id")?),
        state: row.word("state", RunState::parse)?,
        specification_number: row.get("specification_number")?,
        dataset: row.get::<Option<i64>>("dataset_id")?.map(DatasetId),
        days: row.get::<Option<i64>>("days")?.and_then(|days| u32::try_from(days).ok()),
        estimator: estimator.map(parse).transpose()?,
        seed: row.get("seed")?,
        progress: row.get("progress")?,
        message: row.get("message")?,
        attempts: row.get("attempts")?,
        retries: row.get("retries")?,
        not_before: row.time("not_before")?,
        cancel_requested: row.get::<i64>("cancel_requested")? != 0,
        created_at: row.time("created_at")?,
        started_at: row.opt_time("started_at")?,
        finished_at: row.opt_time("finished_at")?,
        version: row.get("version")?,
        created_by: row.get("created_by")?,
        trigger: row.word("cause", Trigger::parse)?,
        saw: row.get("saw")?,
        policy: row.word("policy", Standing::parse)?,
        became: became.map(standing).transpose()?,
        because: row.get("because")?,
    })
}
