//! Takes up trainings that wait.

use std::time::Duration;

use desk::Desk;
use tokio_util::sync::CancellationToken;

/// How long to wait when nothing waits.
const IDLE: Duration = Duration::from_millis(300);

/// How long to wait when the database fails.
const TROUBLE: Duration = Duration::from_secs(5);

pub(super) async fn work(desk: Desk, name: String, shutdown: CancellationToken) {
    while !shutdown.is_cancelled() {
        let pause = match shutdown.run_until_cancelled(desk.training().work_once(&name)).await {
            None => return let_go(&desk, &name).await,
            Some(Ok(true)) => continue,
            Some(Ok(false)) => IDLE,
            Some(Err(error)) => {
                tracing::error!(%error, "a run could not be taken up");
                TROUBLE
            }
        };
        shutdown.run_until_cancelled(tokio::time::sleep(pause)).await;
    }
}

/// Another process may take the run up at once, instead of when its lease has run out.
async fn let_go(desk: &Desk, name: &str) {
    if let Err(error) = desk.training().let_go(name).await {
        tracing::warn!(%error, "a run is not let go; it is taken up when its lease has run out");
    }
}
