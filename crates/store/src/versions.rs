use std::collections::HashMap;

use domain::manifest::Manifest;
use domain::model::{Version, VersionSummary};
use domain::run::Run;
use domain::{DatasetId, ModelId, RunId, TenantId, Timestamp};

use crate::sql::{Row, Tx, args, to_json};
use crate::{Error, Store};

/// What a run made. Its artifacts must lie in the object store already.
#[derive(Clone, Debug)]
pub struct NewVersion {
    /// Its artifacts and their sums.
    pub manifest: Manifest,
    /// Its headline.
    pub summary: VersionSummary,
}

const COLUMNS: &str =
    "model_id, number, run_id, dataset_id, specification_number, manifest, summary, created_at, created_by";

impl Store {
    /// One version of a model.
    pub async fn version(&self, tenant: TenantId, model: ModelId, number: i64) -> Result<Option<Version>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM versions WHERE tenant_id = $1 AND model_id = $2 AND number = $3");
        self.row(sql, args![tenant, model, number]).await?.as_ref().map(read).transpose()
    }

    /// The version that serves each model of a tenant that has one.
    pub async fn serving_versions(&self, tenant: TenantId) -> Result<Vec<Version>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM versions
             WHERE tenant_id = $1 AND (model_id, number) IN (SELECT model_id, version FROM deployments
                WHERE id IN (SELECT MAX(id) FROM deployments WHERE tenant_id = $1 GROUP BY model_id))"
        );
        self.rows(sql, args![tenant]).await?.iter().map(read).collect()
    }

    /// How many versions each model of a tenant has, if it has any.
    pub async fn version_counts(&self, tenant: TenantId) -> Result<HashMap<ModelId, i64>, Error> {
        let sql = "SELECT model_id, COUNT(*) AS versions FROM versions WHERE tenant_id = $1 GROUP BY model_id";
        let read = |row: &Row| Ok((ModelId(row.get("model_id")?), row.get("versions")?));
        self.rows(sql, args![tenant]).await?.iter().map(read).collect()
    }

    /// Every version of a model, newest first.
    pub async fn versions(&self, tenant: TenantId, model: ModelId) -> Result<Vec<Version>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM versions WHERE tenant_id = $1 AND model_id = $2 ORDER BY number DESC");
        self.rows(sql, args![tenant, model]).await?.iter().map(read).collect()
    }
}

pub(crate) async fn by_run(tx: &mut Tx, tenant: TenantId, run: RunId) -> Result<Option<Version>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM versions WHERE tenant_id = $1 AND run_id = $2");
    tx.row(sql, args![tenant, run]).await?.as_ref().map(read).transpose()
}

/// Inserts what `run` made under the model's next number.
pub(crate) async fn insert(tx: &mut Tx, run: &Run, new: &NewVersion, now: Timestamp) -> Result<Version, Error> {
    let next = "UPDATE models SET version_number = version_number + 1 WHERE tenant_id = $1 AND id = $2
        RETURNING version_number";
    let number: i64 = tx.one(next, args![run.tenant, run.model]).await?.get("version_number")?;
    let insert = format!(
        "INSERT INTO versions (tenant_id, model_id, number, run_id, dataset_id, specification_number, manifest, summary,
            created_at, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING {COLUMNS}"
    );
    let (manifest, summary) = (to_json(&new.manifest)?, to_json(&new.summary)?);
    let specification = run.specification_number;
    let (tenant, model, by) = (run.tenant, run.model, &run.created_by);
    let values = args![tenant, model, number, run.id, run.dataset, specification, &manifest, &summary, now, by];
    read(&tx.one(insert, values).await?)
}

fn read(row: &Row) -> Result<Version, Error> {
    Ok(Version {
        model: ModelId(row.get("model_id")?),
        number: row.get("number")?,
        run: RunId(row.get("run_id")?),
        dataset: DatasetId(row.get("dataset_id")?),
        specification_number: row.get("specification_number")?,
        manifest: row.json("manifest")?,
        summary: row.json("summary")?,
        created_at: row.time("created_at")?,
        created_by: row.get("created_by")?,
    })
}
