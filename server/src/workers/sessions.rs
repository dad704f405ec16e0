//! Deletes sessions that have ended.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tower_sessions::ExpiredDeletion;

const HOUR: Duration = Duration::from_secs(3_600);

pub(super) async fn clean<S: ExpiredDeletion>(sessions: S, shutdown: CancellationToken) {
    let mut tick = super::every(HOUR);
    while shutdown.run_until_cancelled(tick.tick()).await.is_some() {
        if let Err(error) = sessions.delete_expired().await {
            tracing::warn!(%error, "ended sessions are not deleted");
        }
    }
}
