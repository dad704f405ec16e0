//! What becomes of the version that a run made.

use domain::audit::Event;
use domain::model::{Challenger, Deployment};
use domain::retraining::Fate;
use domain::run::{LEASE, Run};
use domain::{ModelId, RunId, TenantId, Timestamp};

use super::{COLUMNS, read};
use crate::deployments::{self, NewDeployment};
use crate::sql::{Row, Tx, args};
use crate::{Error, Store, dialect};

/// How a version's standing changes what serves.
#[derive(Clone, Debug)]
pub enum Move {
    /// Not at all.
    None,
    /// It becomes the one to be compared with the champion.
    Challenge(NewChallenger),
    /// It serves.
    Deploy {
        /// What is moved.
        new: NewDeployment,
        /// Number of the model's specification by whose rules that was decided.
        specification: i64,
    },
}

/// A version that is to be compared with the champion; none ends that.
#[derive(Clone, Debug)]
pub struct NewChallenger {
    /// The model.
    pub model: ModelId,
    /// The version.
    pub version: Option<i64>,
    /// Why.
    pub reason: String,
    /// Who.
    pub actor: String,
}

const CHALLENGER: &str = "model_id, version, reason, at, actor";

impl Store {
    /// A run that made a version of which nobody has decided what becomes, or whose decider fell silent; the caller has
    /// it for a lease. Spans tenants.
    pub async fn take_undecided(&self, now: Timestamp) -> Result<Option<Run>, Error> {
        let undecided = "state = 'succeeded' AND became IS NULL AND not_before <= $1";
        let look = format!("SELECT 1 AS one FROM runs WHERE {undecided} LIMIT 1");
        // Workers look often and mostly in vain; a look costs no write.
        if self.row(look, args![now]).await?.is_none() {
            return Ok(None);
        }
        let mut tx = self.begin().await?;
        let skip_locked = dialect::skip_locked(&tx);
        let take = format!(
            "UPDATE runs SET not_before = $2
             WHERE id = (SELECT id FROM runs WHERE {undecided} ORDER BY id LIMIT 1 {skip_locked}) RETURNING {COLUMNS}"
        );
        let run = tx.row(take, args![now, now.plus(LEASE)]).await?.as_ref().map(read).transpose()?;
        tx.commit().await?;
        Ok(run)
    }

    /// Keeps a decision that takes long for another lease.
    pub async fn hold_undecided(&self, tenant: TenantId, run: RunId, now: Timestamp) -> Result<(), Error> {
        let update = "UPDATE runs SET not_before = $3
            WHERE tenant_id = $1 AND id = $2 AND state = 'succeeded' AND became IS NULL";
        self.execute(update, args![tenant, run, now.plus(LEASE)]).await.map(drop)
    }

    /// Records what becomes of the version that a run made, and moves what is to be moved, all at once. Only the first
    /// call for a run does anything; gives whether this was it.
    ///
    /// # Errors
    /// [`Error::Conflict`] when another version serves than the decision was made for, or other rules hold: it is to be made
    /// again.
    pub async fn settle_run(
        &self,
        tenant: TenantId,
        run: RunId,
        fate: &Fate,
        step: &Move,
        now: Timestamp,
        events: &[Event],
    ) -> Result<bool, Error> {
        let mut tx = self.begin().await?;
        tx.lock_log(tenant).await?;
        let settle = "UPDATE runs SET became = $3, because = $4
            WHERE tenant_id = $1 AND id = $2 AND state = 'succeeded' AND became IS NULL";
        if tx.execute(settle, args![tenant, run, fate.standing.as_str(), &fate.reason]).await? == 0 {
            return Ok(false);
        }
        for event in events {
            tx.append(tenant, event).await?;
        }
        match step {
            Move::None => {}
            Move::Challenge(new) => challenge(&mut tx, tenant, new, now).await?,
            Move::Deploy { new, specification } => {
                check_judged(&mut tx, tenant, new, *specification).await?;
                deployments::deploy(&mut tx, tenant, new, now).await?;
            }
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Names the version that is to be compared with the champion.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such model or version.
    pub async fn challenge(
        &self,
        tenant: TenantId,
        new: &NewChallenger,
        now: Timestamp,
        event: &Event,
    ) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        tx.append(tenant, event).await?;
        challenge(&mut tx, tenant, new, now).await?;
        tx.commit().await
    }

    /// Who was to be compared with the champion of a model, newest first, at most 200.
    pub async fn challengers(&self, tenant: TenantId, model: ModelId) -> Result<Vec<Challenger>, Error> {
        let sql = format!(
            "SELECT {CHALLENGER} FROM challengers WHERE tenant_id = $1 AND model_id = $2 ORDER BY id DESC LIMIT 200"
        );
        self.rows(sql, args![tenant, model]).await?.iter().map(read_challenger).collect()
    }
}

/// Judging takes a while. Meanwhile somebody may turn the rules down, or take out of service what was the first version.
async fn check_judged(tx: &mut Tx, tenant: TenantId, new: &NewDeployment, specification: i64) -> Result<(), Error> {
    let sql = "SELECT specification_number FROM models WHERE tenant_id = $1 AND id = $2";
    let model = tx.row(sql, args![tenant, new.model]).await?.ok_or(Error::NotFound)?;
    if model.get::<i64>("specification_number")? != specification {
        return Err(Error::Conflict("the model has other rules by now"));
    }
    let served = "SELECT 1 AS one FROM deployments WHERE tenant_id = $1 AND model_id = $2 LIMIT 1";
    if new.expected_previous.is_none() && tx.row(served, args![tenant, new.model]).await?.is_some() {
        return Err(Error::Conflict("a version has served by now"));
    }
    Ok(())
}

async fn challenge(tx: &mut Tx, tenant: TenantId, new: &NewChallenger, now: Timestamp) -> Result<(), Error> {
    let insert = "INSERT INTO challengers (tenant_id, model_id, version, reason, at, actor)
        VALUES ($1, $2, $3, $4, $5, $6)";
    let values = args![tenant, new.model, new.version, &new.reason, now, &new.actor];
    tx.execute(insert, values).await.map(drop).map_err(Error::or_not_found)
}

/// A challenger that serves is none any more.
pub(crate) async fn end_challenge(
    tx: &mut Tx,
    tenant: TenantId,
    deployment: &Deployment,
    now: Timestamp,
) -> Result<(), Error> {
    let newest = "SELECT version FROM challengers WHERE tenant_id = $1 AND model_id = $2 ORDER BY id DESC LIMIT 1";
    let Some(row) = tx.row(newest, args![tenant, deployment.model]).await? else { return Ok(()) };
    if deployment.version.is_none() || row.get::<Option<i64>>("version")? != deployment.version {
        return Ok(());
    }
    let (reason, actor) = (String::from("it became champion"), deployment.actor.clone());
    let new = NewChallenger { model: deployment.model, version: None, reason, actor };
    challenge(tx, tenant, &new, now).await
}

fn read_challenger(row: &Row) -> Result<Challenger, Error> {
    Ok(Challenger {
        model: ModelId(row.get("model_id")?),
        version: row.get("version")?,
        reason: row.get("reason")?,
        at: row.time("at")?,
        actor: row.get("actor")?,
    })
}
