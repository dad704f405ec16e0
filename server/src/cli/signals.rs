//! Ending on SIGTERM and Ctrl-C: the first asks, the second does not wait.

use tokio_util::sync::CancellationToken;

use super::output::Exit;

/// Cancels `shutdown` at the first signal; ends the process at the second.
pub(super) fn end_on_signal(shutdown: CancellationToken) {
    tokio::spawn(async move {
        if signal().await.is_err() {
            return;
        }
        eprintln!("Finishing what is under way; a second signal ends at once.");
        shutdown.cancel();
        if signal().await.is_ok() {
            std::process::exit(i32::from(Exit::Failed as u8));
        }
    });
}

/// Waits for the next signal to end.
#[cfg(unix)]
pub(super) async fn signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

/// Waits for the next signal to end.
#[cfg(not(unix))]
pub(super) async fn signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
