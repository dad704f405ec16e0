//! Where a long training can go on after its process died.

use domain::run::Run;
use domain::time::SECOND;
use domain::{TenantId, Timestamp};
use store::Artifacts;
use tokio::runtime::Handle;
use vision::training::Checkpoints;

use super::Training;
use super::work::Work;
use crate::Desk;
use crate::error::Result;

/// What a killed run has to learn again is little more than this, and writing it takes a hundredth of it.
const EVERY: i64 = 20 * SECOND;

/// The newest checkpoint of one run, under the run's id beside its artifacts. It is no artifact: what comes of the run is
/// the same with it and without.
pub(super) struct RunCheckpoints {
    desk: Desk,
    runtime: Handle,
    run: Run,
    worker: String,
    /// When the last one was kept; none before the first, so that a run killed soon does not begin anew.
    kept_at: Option<Timestamp>,
    found: Option<Vec<u8>>,
}

impl Work<'_> {
    /// The run's checkpoints, with the one that a worker before left behind.
    pub(super) async fn checkpoints(&self) -> RunCheckpoints {
        let found = self.desk.inner.artifacts.get(&key(self.run)).await;
        let found = found.inspect_err(|error| tracing::warn!(run = %self.run.id, %error, "a checkpoint is not read"));
        RunCheckpoints {
            desk: self.desk.clone(),
            runtime: Handle::current(),
            run: self.run.clone(),
            worker: self.worker.to_owned(),
            kept_at: None,
            found: found.ok().flatten().map(|bytes| bytes.to_vec()),
        }
    }
}

impl Training<'_> {
    /// Takes away the checkpoints of runs that are over, as they are left where a process died, or the object store was
    /// away, when a run ended; gives how many.
    ///
    /// # Errors
    /// When the database or the object store fails.
    pub async fn delete_left_checkpoints(&self, tenant: TenantId) -> Result<usize> {
        let mut deleted = 0;
        loop {
            let left = self.desk.store().left_checkpoints(tenant).await?;
            if left.is_empty() {
                return Ok(deleted);
            }
            for run in &left {
                self.desk.delete_checkpoint(run).await?;
            }
            deleted += left.len();
        }
    }
}

impl Desk {
    /// Takes away the checkpoint of a run that is over. What stays behind is found again, so a failure is only noted.
    pub(super) async fn forget_checkpoint(&self, run: &Run) {
        if let Err(error) = self.delete_checkpoint(run).await {
            tracing::warn!(run = %run.id, %error, "a checkpoint stays behind");
        }
    }

    async fn delete_checkpoint(&self, run: &Run) -> Result<()> {
        self.inner.artifacts.delete(&key(run)).await?;
        Ok(self.store().forget_checkpoint(run.tenant, run.id).await?)
    }
}

fn key(run: &Run) -> String {
    Artifacts::version_key(run.tenant, run.model, run.id, "checkpoint")
}

impl RunCheckpoints {
    /// Whether a worker before left one behind.
    pub(super) fn is_there(&self) -> bool {
        self.found.is_some()
    }

    async fn keep(&self, bytes: Vec<u8>) -> Result<()> {
        if self.desk.store().note_checkpoint(self.run.tenant, self.run.id, &self.worker).await? {
            self.desk.inner.artifacts.put(&key(&self.run), bytes).await?;
        }
        Ok(())
    }
}

impl Checkpoints for RunCheckpoints {
    fn load(&mut self) -> Option<Vec<u8>> {
        self.found.take()
    }

    /// A training goes on without its checkpoint, so a failure is only noted.
    fn save(&mut self, bytes: Vec<u8>) {
        let now = self.desk.now();
        if self.kept_at.is_some_and(|kept_at| now.since(kept_at) < EVERY) {
            return;
        }
        self.kept_at = Some(now);
        if let Err(error) = self.runtime.block_on(self.keep(bytes)) {
            tracing::warn!(run = %self.run.id, %error, "a checkpoint is not kept");
        }
    }
}
