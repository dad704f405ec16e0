//! Serves what another process deployed or specified, and champions that could not be loaded before.

use std::time::Duration;

use desk::Desk;
use tokio_util::sync::CancellationToken;

/// A promotion by another process takes effect within this.
const LOOK: Duration = Duration::from_millis(500);

/// How often refused champions are looked at.
const RETRY: Duration = Duration::from_secs(1);

pub(super) async fn follow(desk: Desk, shutdown: CancellationToken) {
    let mut tick = super::every(LOOK);
    let mut failing = false;
    while shutdown.run_until_cancelled(tick.tick()).await.is_some() {
        let followed = desk.follow_changes().await;
        // Said once, not twice a second for as long as the database is away.
        if let (Err(error), false) = (&followed, failing) {
            tracing::warn!(%error, "changes of other processes are not seen");
        }
        failing = followed.is_err();
    }
}

/// A loop of its own, because an object store that is away lets callers wait, and other models must not.
pub(super) async fn retry(desk: Desk, shutdown: CancellationToken) {
    let mut tick = super::every(RETRY);
    while shutdown.run_until_cancelled(tick.tick()).await.is_some() {
        match shutdown.run_until_cancelled(desk.retry_refused()).await {
            Some(Err(error)) => tracing::warn!(%error, "a refused champion is not tried again"),
            Some(Ok(())) => {}
            None => return,
        }
    }
}
