use domain::retraining::Check;
use domain::{ModelId, RunId, TenantId, Timestamp};

use crate::sql::{args, to_json};
use crate::{Error, Store};

/// The newest check of a model's triggers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckRecord {
    /// When.
    pub at: Timestamp,
    /// What it found.
    pub check: Check,
    /// The run that it asked for.
    pub run: Option<RunId>,
}

impl Store {
    /// Keeps what a check found in the place of what the one before did.
    pub async fn keep_check(&self, tenant: TenantId, model: ModelId, record: &CheckRecord) -> Result<(), Error> {
        let found = to_json(&record.check)?;
        let insert = "INSERT INTO trigger_checks (tenant_id, model_id, at, found, run_id) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (tenant_id, model_id) DO UPDATE SET at = excluded.at, found = excluded.found,
                run_id = excluded.run_id";
        self.execute(insert, args![tenant, model, record.at, &found, record.run]).await.map(drop)
    }

    /// The newest check of a model's triggers.
    pub async fn newest_check(&self, tenant: TenantId, model: ModelId) -> Result<Option<CheckRecord>, Error> {
        let sql = "SELECT at, found, run_id FROM trigger_checks WHERE tenant_id = $1 AND model_id = $2";
        let Some(row) = self.row(sql, args![tenant, model]).await? else { return Ok(None) };
        let run = row.get::<Option<i64>>("run_id")?.map(RunId);
        Ok(Some(CheckRecord { at: row.time("at")?, check: row.json("found")?, run }))
    }

    /// How many predictions of a model got a truth, or another one, after `since`.
    pub async fn labels_since(&self, tenant: TenantId, model: ModelId, since: Timestamp) -> Result<i64, Error> {
        let sql = "SELECT COUNT(*) AS labels FROM newest_outcomes
            WHERE tenant_id = $1 AND model_id = $2 AND at > $3 AND truth <> ''";
        self.row(sql, args![tenant, model, since]).await?.map_or(Ok(0), |row| row.get("labels"))
    }
}
