//! Chooses, once a week, the readings that people are to label.

use std::time::Duration;

use desk::Desk;
use tokio_util::sync::CancellationToken;

/// The choice of a week is made within this time of being due.
const LOOK: Duration = Duration::from_secs(60);

pub(super) async fn choose(desk: Desk, shutdown: CancellationToken) {
    let mut tick = super::every(LOOK);
    while shutdown.run_until_cancelled(tick.tick()).await.is_some() {
        match shutdown.run_until_cancelled(desk.labeling().select_due()).await {
            Some(Ok(0)) => {}
            Some(Ok(made)) => tracing::info!(made, "readings are chosen for labeling"),
            Some(Err(error)) => tracing::warn!(%error, "no readings are chosen for labeling"),
            None => return,
        }
    }
}
