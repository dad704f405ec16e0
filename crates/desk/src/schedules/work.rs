//! One job from its claim to its end.

use std::time::Duration;

use domain::schedule::{JobState, LEASE, MAX_ATTEMPTS, pause_after};
use futures::FutureExt;
use store::Claimed;
use tokio::time::MissedTickBehavior;

use super::Schedules;
use crate::error::{Error, Result};
use crate::panics::caught;

/// How often a worker tells that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(5);

impl Schedules<'_> {
    /// Takes up the next job that waits, or whose worker has died, and does it; answers whether there was one. `worker`
    /// must be this taker's own, also across processes. Spans tenants.
    ///
    /// # Errors
    /// When the database fails; a job that fails is recorded as failed and is no error here.
    pub async fn work_once(&self, worker: &str) -> Result<bool> {
        caught(self.take_up(worker).boxed()).await
    }

    async fn take_up(&self, worker: &str) -> Result<bool> {
        let Some(claimed) = self.desk.store().claim_job(worker, self.desk.now()).await? else { return Ok(false) };
        let work = async {
            tokio::select! {
                done = self.carry_out(&claimed) => done.map(Some),
                lost = self.keep_the_lease(&claimed, worker) => lost.map(|()| None),
            }
        };
        if let Some(done) = caught(work.boxed()).await.transpose() {
            self.end(&claimed, worker, done).await?;
        }
        Ok(true)
    }

    /// Puts back what this worker will not finish, so that another takes it up at once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn let_go(&self, worker: &str) -> Result<()> {
        Ok(self.desk.store().let_go_of_jobs(worker, self.desk.now()).await?)
    }

    async fn end(&self, claimed: &Claimed, worker: &str, done: Result<String>) -> Result<()> {
        let (store, now, run) = (self.desk.store(), self.desk.now(), &claimed.run);
        let (state, message) = match done {
            Ok(message) => (JobState::Succeeded, message),
            Err(Error::Unavailable { reason, .. }) if run.attempts < MAX_ATTEMPTS => {
                let again_at = now.plus(pause_after(run.attempts));
                store.put_off_job(claimed.tenant, run.id, worker, &reason, again_at).await?;
                return Ok(());
            }
            Err(error) => {
                if let Error::Internal(source) = &error {
                    tracing::error!(job = claimed.job.as_str(), error = %source, "a scheduled job failed inside");
                }
                (JobState::Failed, error.to_string())
            }
        };
        store.end_job(claimed.tenant, run.id, worker, state, &message, now).await?;
        Ok(())
    }

    /// Renews the lease until it is lost, or the database is away for so long that it must have run out.
    async fn keep_the_lease(&self, claimed: &Claimed, worker: &str) -> Result<()> {
        let mut tick = tokio::time::interval(HEARTBEAT);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut until = self.desk.now().plus(LEASE);
        loop {
            tick.tick().await;
            let now = self.desk.now();
            match self.desk.store().renew_job(claimed.tenant, claimed.run.id, worker, now).await {
                Ok(true) => until = now.plus(LEASE),
                Ok(false) => return Ok(()),
                Err(store::Error::Unavailable(_)) if self.desk.now() < until => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}
