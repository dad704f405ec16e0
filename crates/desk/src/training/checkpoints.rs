//! Where a long training can go on after its process died.

use domain::time::SECOND;
use domain::{RunId, Timestamp};
use store::Artifacts;
use tokio::runtime::Handle;
use vision::training::Checkpoints;

use super::work::Work;
use crate::Desk;

/// What a killed run has to learn again is little more than this, and writing it takes a hundredth of it.
const EVERY: i64 = 20 * SECOND;

/// The newest checkpoint of one run, under the run's id beside its artifacts. It is no artifact: what comes of the run is
/// the same with it and without.
pub(super) struct RunCheckpoints {
    desk: Desk,
    runtime: Handle,
    key: String,
    run: RunId,
    kept_at: Timestamp,
    found: Option<Vec<u8>>,
}

impl Work<'_> {
    /// The run's checkpoints, with the one that a worker before left behind.
    pub(super) async fn checkpoints(&self) -> RunCheckpoints {
        let key = self.checkpoint_key();
        let found = self.desk.inner.artifacts.get(&key).await;
        let found = found.inspect_err(|error| tracing::warn!(run = %self.run.id, %error, "a checkpoint is not read"));
        RunCheckpoints {
            desk: self.desk.clone(),
            runtime: Handle::current(),
            key,
            run: self.run.id,
            kept_at: self.desk.now(),
            found: found.ok().flatten().map(|bytes| bytes.to_vec()),
        }
    }

    /// Takes away the checkpoint of a run that is over.
    pub(super) async fn forget_checkpoint(&self) {
        if let Err(error) = self.desk.inner.artifacts.delete(&self.checkpoint_key()).await {
            tracing::warn!(run = %self.run.id, %error, "a checkpoint stays behind");
        }
    }

    fn checkpoint_key(&self) -> String {
        Artifacts::version_key(self.run.tenant, self.run.model, self.run.id, "checkpoint")
    }
}

impl Checkpoints for RunCheckpoints {
    fn load(&mut self) -> Option<Vec<u8>> {
        self.found.take()
    }

    /// A training goes on without its checkpoint, so a failure is only noted.
    fn save(&mut self, bytes: Vec<u8>) {
        let now = self.desk.now();
        if now.since(self.kept_at) < EVERY {
            return;
        }
        self.kept_at = now;
        if let Err(error) = self.runtime.block_on(self.desk.inner.artifacts.put(&self.key, bytes)) {
            tracing::warn!(run = %self.run, %error, "a checkpoint is not kept");
        }
    }
}
