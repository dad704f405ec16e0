//! Deletes sessions that have ended, and failed logins that block nobody any more.

use std::time::Duration;

use desk::Desk;
use tokio_util::sync::CancellationToken;
use tower_sessions::ExpiredDeletion;

const HOUR: Duration = Duration::from_secs(3_600);

pub(super) async fn clean<S: ExpiredDeletion>(desk: Desk, sessions: S, shutdown: CancellationToken) {
    let mut tick = super::every(HOUR);
    while shutdown.run_until_cancelled(tick.tick()).await.is_some() {
        if let Err(error) = sessions.delete_expired().await {
            tracing::warn!(%error, "ended sessions are not deleted");
        }
        if let Err(error) = desk.people().forget_old_failures().await {
            tracing::warn!(%error, "old failed logins are not forgotten");
        }
    }
}
