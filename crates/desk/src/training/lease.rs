//! Holding a run: the lease is renewed, and what was said is written down.

use std::sync::Mutex;
use std::time::Duration;

use domain::Timestamp;
use domain::run::LEASE;
use store::Heartbeat;
use tokio::time::MissedTickBehavior;

use super::progress::{Shared, lock};
use super::work::{Stopped, Work};
use crate::error::Error;

/// How often a worker tells that it is alive and hears whether it is to stop.
const HEARTBEAT: Duration = Duration::from_millis(500);

/// The log is written with every so many heartbeats.
const BEATS_PER_LOG: u32 = 2;

impl Work<'_> {
    /// Renews the lease until it is lost or the database fails for good; then says why.
    pub(super) async fn keep_the_lease(&self, shared: &Mutex<Shared>) -> Stopped {
        let mut tick = tokio::time::interval(HEARTBEAT);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut until, mut beats) = (self.claimed_at.plus(LEASE), 0);
        loop {
            tick.tick().await;
            let now = self.desk.now();
            match self.beat(shared, now).await {
                Ok(()) => until = now.plus(LEASE),
                // Until the lease has run out nobody else takes the run up.
                Err(Stopped::Failed(Error::Unavailable { .. })) if self.desk.now() < until => continue,
                Err(Stopped::Failed(Error::Unavailable { .. })) => return Stopped::LeaseLost,
                Err(stopped) => return stopped,
            }
            if let Some(error) = self.overdue(now) {
                lock(shared).stop = true;
                return Stopped::Failed(error);
            }
            beats += 1;
            if beats % BEATS_PER_LOG == 0 {
                self.write_log(shared).await;
            }
        }
    }

    async fn beat(&self, shared: &Mutex<Shared>, now: Timestamp) -> Result<(), Stopped> {
        let (share, line) = {
            let shared = lock(shared);
            (f64::from(shared.share), shared.line.clone())
        };
        match self.desk.store().heartbeat(self.run.tenant, self.run.id, self.worker, share, &line, now).await? {
            Heartbeat::Continue => Ok(()),
            Heartbeat::CancelRequested => {
                lock(shared).stop = true;
                Ok(())
            }
            Heartbeat::Lost => Err(Stopped::LeaseLost),
        }
    }

    /// Writes down what was said since the last time. A run goes on without its log, so a failure is only noted.
    pub(super) async fn write_log(&self, shared: &Mutex<Shared>) {
        let lines = std::mem::take(&mut lock(shared).unlogged);
        let written = self.desk.store().append_log(self.run.tenant, self.run.id, &lines, self.desk.now()).await;
        if let Err(error) = written {
            tracing::warn!(run = %self.run.id, %error, lines = lines.len(), "lines of a run's log are lost");
        }
    }
}
