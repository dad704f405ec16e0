//! Which runs have left a checkpoint behind. The checkpoints themselves are objects: [`crate::Artifacts`].

use domain::run::Run;
use domain::{RunId, TenantId};

use super::{COLUMNS, HELD, read};
use crate::sql::args;
use crate::{Error, Store};

/// Runs given at once.
const TOGETHER: i64 = 100;

impl Store {
    /// Notes that a run has a checkpoint, before it is written. False if `owner` no longer holds the run: then nobody
    /// would take away what it writes.
    pub async fn note_checkpoint(&self, tenant: TenantId, run: RunId, owner: &str) -> Result<bool, Error> {
        let update = format!("UPDATE runs SET checkpointed = 1 WHERE {HELD}");
        Ok(self.execute(update, args![tenant, run, owner]).await? > 0)
    }

    /// Notes that a run has no checkpoint any more.
    pub async fn forget_checkpoint(&self, tenant: TenantId, run: RunId) -> Result<(), Error> {
        let update = "UPDATE runs SET checkpointed = 0 WHERE tenant_id = $1 AND id = $2 AND checkpointed = 1";
        self.execute(update, args![tenant, run]).await.map(drop)
    }

    /// Up to 100 runs that are over and have a checkpoint.
    pub async fn left_checkpoints(&self, tenant: TenantId) -> Result<Vec<Run>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM runs WHERE tenant_id = $1 AND checkpointed = 1 AND state NOT IN ('queued', 'running')
             ORDER BY id LIMIT $2"
        );
        self.rows(sql, args![tenant, TOGETHER]).await?.iter().map(read).collect()
    }
}
