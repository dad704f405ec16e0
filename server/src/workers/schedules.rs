//! Looks at the clock for all processes, unless another does, and does what is due.

use std::time::Duration;

use desk::Desk;
use tokio_util::sync::CancellationToken;

/// What is due waits no longer than this.
const LOOK: Duration = Duration::from_secs(1);

/// How long to wait when the database fails.
const TROUBLE: Duration = Duration::from_secs(5);

pub(super) async fn tick(desk: Desk, process: String, shutdown: CancellationToken) {
    let mut tick = super::every(LOOK);
    let mut failing = false;
    while shutdown.run_until_cancelled(tick.tick()).await.is_some() {
        let Some(ticked) = shutdown.run_until_cancelled(desk.schedules().tick(&process)).await else { break };
        // Said once, not each second for as long as the database is away.
        if let (Err(error), false) = (&ticked, failing) {
            tracing::warn!(%error, "nobody looks at the clock here");
        }
        failing = ticked.is_err();
    }
    if let Err(error) = desk.schedules().stop_ticking(&process).await {
        tracing::warn!(%error, "another process looks at the clock only when the lease has run out");
    }
}

pub(super) async fn work(desk: Desk, name: String, shutdown: CancellationToken) {
    while !shutdown.is_cancelled() {
        let pause = match shutdown.run_until_cancelled(desk.schedules().work_once(&name)).await {
            None => break,
            Some(Ok(true)) => continue,
            Some(Ok(false)) => LOOK,
            Some(Err(error)) => {
                tracing::error!(%error, "a scheduled job could not be taken up");
                TROUBLE
            }
        };
        shutdown.run_until_cancelled(tokio::time::sleep(pause)).await;
    }
    if let Err(error) = desk.schedules().let_go(&name).await {
        tracing::warn!(%error, "a scheduled job is not let go; it is taken up when its lease has run out");
    }
}
