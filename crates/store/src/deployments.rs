use domain::audit::Event;
use domain::model::{Deployment, DeploymentKind};
use domain::{DeploymentId, ModelId, TenantId, Timestamp};

use crate::sql::{Row, Tx, args};
use crate::{Error, Store, runs};

/// A move of traffic.
#[derive(Clone, Debug)]
pub struct NewDeployment {
    /// The model.
    pub model: ModelId,
    /// Why.
    pub kind: DeploymentKind,
    /// The version that is to serve; none is the heuristic.
    pub version: Option<i64>,
    /// The version that served when this was decided; if another serves by now, the move is refused.
    pub expected_previous: Option<i64>,
    /// The reason given.
    pub reason: String,
    /// Who.
    pub actor: String,
}

/// Which version serves a model. Spans tenants, for the cache of whoever predicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Serving {
    /// The deployment that says so; greater is later.
    pub deployment: DeploymentId,
    /// The organisation.
    pub tenant: TenantId,
    /// The model.
    pub model: ModelId,
    /// The version that serves; none is the heuristic.
    pub version: Option<i64>,
}

const COLUMNS: &str = "id, model_id, kind, version, previous, reason, at, actor";

impl Store {
    /// Moves traffic.
    ///
    /// # Errors
    /// [`Error::Conflict`] when another version serves than the caller thought; [`Error::NotFound`] when there is no such
    /// model or version.
    pub async fn deploy(
        &self,
        tenant: TenantId,
        new: &NewDeployment,
        now: Timestamp,
        event: &Event,
    ) -> Result<Deployment, Error> {
        let mut tx = self.begin().await?;
        tx.append(tenant, event).await?;
        let deployment = deploy(&mut tx, tenant, new, now).await?;
        tx.commit().await.map_err(Error::or_not_found)?;
        Ok(deployment)
    }

    /// The deployment in force; none has the heuristic serve.
    pub async fn newest_deployment(&self, tenant: TenantId, model: ModelId) -> Result<Option<Deployment>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM deployments WHERE tenant_id = $1 AND model_id = $2 ORDER BY id DESC LIMIT 1"
        );
        self.row(sql, args![tenant, model]).await?.as_ref().map(read).transpose()
    }

    /// The deployment in force of every model of a tenant that has one.
    pub async fn newest_deployments(&self, tenant: TenantId) -> Result<Vec<Deployment>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM deployments
             WHERE id IN (SELECT MAX(id) FROM deployments WHERE tenant_id = $1 GROUP BY model_id)"
        );
        self.rows(sql, args![tenant]).await?.iter().map(read).collect()
    }

    /// Every deployment of a model, newest first.
    pub async fn deployments(&self, tenant: TenantId, model: ModelId) -> Result<Vec<Deployment>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM deployments WHERE tenant_id = $1 AND model_id = $2 ORDER BY id DESC");
        self.rows(sql, args![tenant, model]).await?.iter().map(read).collect()
    }

    /// What serves each model that was ever deployed. Spans tenants.
    pub async fn all_serving(&self) -> Result<Vec<Serving>, Error> {
        let sql = "SELECT d.id, d.tenant_id, d.model_id, d.version FROM deployments d
            JOIN (SELECT MAX(id) AS id FROM deployments GROUP BY tenant_id, model_id) newest ON newest.id = d.id
            ORDER BY d.id";
        self.rows(sql, &[]).await?.iter().map(read_serving).collect()
    }

    /// What moved after the deployment `after`, in order; 0 begins at the first. None is ever missed: ids are committed
    /// in their order. Spans tenants.
    pub async fn all_serving_since(&self, after: DeploymentId) -> Result<Vec<Serving>, Error> {
        let sql = "SELECT id, tenant_id, model_id, version FROM deployments WHERE id > $1 ORDER BY id";
        self.rows(sql, args![after]).await?.iter().map(read_serving).collect()
    }
}

/// Moves traffic within a transaction that has locked the tenant's log.
pub(crate) async fn deploy(
    tx: &mut Tx,
    tenant: TenantId,
    new: &NewDeployment,
    now: Timestamp,
) -> Result<Deployment, Error> {
    // The counter is the lock: from here on nobody else moves traffic until this is committed.
    let next = "UPDATE counters SET value = value + 1 WHERE name = 'deployment' RETURNING value";
    let id = tx.one(next, &[]).await?.get::<i64>("value")?;
    let serving = "SELECT version FROM deployments WHERE tenant_id = $1 AND model_id = $2 ORDER BY id DESC LIMIT 1";
    let previous = match tx.row(serving, args![tenant, new.model]).await? {
        Some(row) => row.get::<Option<i64>>("version")?,
        None => None,
    };
    if previous != new.expected_previous {
        return Err(Error::Conflict("another version serves by now"));
    }
    let insert = format!(
        "INSERT INTO deployments (id, tenant_id, model_id, kind, version, previous, reason, at, actor)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING {COLUMNS}"
    );
    let (kind, reason, actor) = (new.kind.as_str(), &new.reason, &new.actor);
    let values = args![id, tenant, new.model, kind, new.version, previous, reason, now, actor];
    let row = tx.one(insert, values).await.map_err(Error::or_not_found)?;
    let deployment = read(&row)?;
    runs::end_challenge(tx, tenant, &deployment, now).await?;
    Ok(deployment)
}

fn read(row: &Row) -> Result<Deployment, Error> {
    Ok(Deployment {
        id: DeploymentId(row.get("id")?),
        model: ModelId(row.get("model_id")?),
        kind: row.word("kind", DeploymentKind::parse)?,
        version: row.get("version")?,
        previous: row.get("previous")?,
        reason: row.get("reason")?,
        at: row.time("at")?,
        actor: row.get("actor")?,
    })
}

fn read_serving(row: &Row) -> Result<Serving, Error> {
    Ok(Serving {
        deployment: DeploymentId(row.get("id")?),
        tenant: TenantId(row.get("tenant_id")?),
        model: ModelId(row.get("model_id")?),
        version: row.get("version")?,
    })
}
