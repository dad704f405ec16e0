//! Deletes what nobody needs any more: images whose time is over, checkpoints of runs that are over.

use std::time::Duration;

use desk::Desk;
use tokio_util::sync::CancellationToken;

/// Images are kept for days, and hardly ever does a run leave a checkpoint; an hour more is none too many.
const LOOK: Duration = Duration::from_secs(3_600);

pub(super) async fn delete(desk: Desk, shutdown: CancellationToken) {
    let mut tick = super::every(LOOK);
    while shutdown.run_until_cancelled(tick.tick()).await.is_some() {
        let work = async {
            told("expired images", desk.readings().delete_expired_images().await);
            told("checkpoints of runs that are over", desk.training().delete_left_checkpoints().await);
        };
        if shutdown.run_until_cancelled(work).await.is_none() {
            return;
        }
    }
}

fn told(what: &str, deleted: Result<usize, desk::Error>) {
    match deleted {
        Ok(0) => {}
        Ok(deleted) => tracing::info!(deleted, "{what} are deleted"),
        Err(error) => tracing::warn!(%error, "{what} are not deleted"),
    }
}
