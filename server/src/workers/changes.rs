//! Serves what another process deployed.

use std::time::Duration;

use desk::Desk;
use tokio_util::sync::CancellationToken;

/// A promotion by another process takes effect within this.
const LOOK: Duration = Duration::from_millis(500);

pub(super) async fn follow(desk: Desk, shutdown: CancellationToken) {
    let mut tick = super::every(LOOK);
    let mut failing = false;
    while shutdown.run_until_cancelled(tick.tick()).await.is_some() {
        let followed = desk.follow_deployments().await;
        // Said once, not twice a second for as long as the database is away.
        if let (Err(error), false) = (&followed, failing) {
            tracing::warn!(%error, "changes of other processes are not seen");
        }
        failing = followed.is_err();
    }
}
