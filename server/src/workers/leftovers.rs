//! Deletes images whose time is over.

use std::time::Duration;

use desk::Desk;
use tokio_util::sync::CancellationToken;

/// Images are kept for days; an hour more is none too many.
const LOOK: Duration = Duration::from_secs(3_600);

pub(super) async fn delete(desk: Desk, shutdown: CancellationToken) {
    let mut tick = super::every(LOOK);
    while shutdown.run_until_cancelled(tick.tick()).await.is_some() {
        match shutdown.run_until_cancelled(desk.readings().delete_expired_images()).await {
            Some(Ok(0)) => {}
            Some(Ok(deleted)) => tracing::info!(deleted, "expired images are deleted"),
            Some(Err(error)) => tracing::warn!(%error, "expired images are not deleted"),
            None => return,
        }
    }
}
