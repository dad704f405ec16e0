//! Deletes what nobody needs any more: images whose time is over or that nothing claims, checkpoints of runs that are over.

use std::time::Duration;

use desk::Desk;
use tokio_util::sync::CancellationToken;

/// Images are kept for days, and hardly ever does a run leave a checkpoint; an hour more is none too many.
const LOOK: Duration = Duration::from_secs(3_600);

/// All images are listed for it.
const SEARCH: Duration = Duration::from_secs(24 * 3_600);

pub(super) async fn delete(desk: Desk, shutdown: CancellationToken) {
    let mut tick = super::every(LOOK);
    while shutdown.run_until_cancelled(tick.tick()).await.is_some() {
        let work = async {
            told("images that nothing needs", desk.readings().delete_expired_images().await);
            told("checkpoints of runs that are over", desk.training().delete_left_checkpoints().await);
        };
        if shutdown.run_until_cancelled(work).await.is_none() {
            return;
        }
    }
}

/// A loop of its own, because a long list must not hold up the rest.
pub(super) async fn search(desk: Desk, shutdown: CancellationToken) {
    let mut tick = super::every(SEARCH);
    while shutdown.run_until_cancelled(tick.tick()).await.is_some() {
        match shutdown.run_until_cancelled(desk.readings().note_lost_images()).await {
            Some(Ok(0)) => {}
            Some(Ok(noted)) => tracing::info!(noted, "images without a reading or a data set are found"),
            Some(Err(error)) => tracing::warn!(%error, "images without a reading or a data set are not looked for"),
            None => return,
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
