//! Where reasons are computed: on few threads beside the ones that answer requests, and only as long as somebody waits.

use std::num::NonZero;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use domain::row::Cell;
use ml::model::{Explanation, Model};
use tokio::sync::{Semaphore, oneshot};

use crate::Desk;
use crate::error::{Error, Result};

/// Whoever has not begun after this long is told to come again.
const PATIENCE: Duration = Duration::from_secs(10);

/// Half of the machine: the other half answers those who want no reasons.
pub(crate) fn places() -> Arc<Semaphore> {
    let cores = available_parallelism().map_or(1, NonZero::get);
    Arc::new(Semaphore::new((cores / 2).max(1)))
}

/// Ends with the request for which something is computed.
pub(crate) struct Waiting(oneshot::Sender<()>);

impl Waiting {
    /// Why each of `rows` is answered as it is.
    ///
    /// # Errors
    /// When nobody waits for it any more.
    pub(crate) fn explain(&self, model: &Model, rows: &[Vec<Cell>]) -> Result<Vec<Explanation>> {
        rows.iter().map(|row| self.check().map(|()| model.explain(row))).collect()
    }

    fn check(&self) -> Result<()> {
        if self.0.is_closed() { Err(Error::internal("nobody waits for these reasons any more")) } else { Ok(()) }
    }
}

impl Desk {
    /// Does `work`, which explains rows, on one of the threads for it.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when all of them stay busy; what `work` says.
    pub(crate) async fn explaining<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Waiting) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let busy = |_| Error::Unavailable { reason: String::from("too many reasons are asked for"), retry_after: 10 };
        let places = Arc::clone(&self.inner.explaining);
        let place = tokio::time::timeout(PATIENCE, places.acquire_owned()).await.map_err(busy)?;
        let place = place.map_err(Error::internal)?;
        let (sender, _dropped_with_the_request) = oneshot::channel();
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            work(&Waiting(sender))
        });
        done.await.map_err(Error::internal)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_given_up_when_the_request_is_dropped() {
        let (sender, request) = oneshot::channel();
        let waiting = Waiting(sender);
        assert!(waiting.check().is_ok());
        drop(request);
        assert!(waiting.check().is_err());
    }
}
