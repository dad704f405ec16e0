//! Ending on SIGTERM and Ctrl-C: the first asks, the second does not wait.

use tokio_util::sync::CancellationToken;

use super::output::Exit;

/// Cancels `shutdown` at the first signal; ends the process at the second.
pub(super) fn end_on_signal(shutdown: CancellationToken) {
    tokio::spawn(async move {
        let Ok(mut signals) = Signals::listen() else { return };
        signals.next().await;
        eprintln!("Finishing what is under way; a second signal ends at once.");
        shutdown.cancel();
        signals.next().await;
        std::process::exit(i32::from(Exit::Failed as u8));
    });
}

/// The signals that ask a process to end. From its making on they are heard here and nowhere else.
#[cfg(unix)]
pub(super) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    pub(super) fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// The signal that asks a process to end.
#[cfg(not(unix))]
pub(super) struct Signals;

#[cfg(not(unix))]
impl Signals {
    pub(super) fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
