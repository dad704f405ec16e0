//! When a request was last heard of: a part of it came, or its handler said that the work goes on.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::FromRequestParts;
use http::request::Parts;
use http_body_util::BodyExt;

/// The moment at which the last part of a request came.
#[derive(Clone)]
pub struct Heard {
    begun: Instant,
    /// Microseconds after that.
    last: Arc<AtomicU64>,
}

impl<S: Sync> FromRequestParts<S> for Heard {
    type Rejection = Infallible;

    /// Of a request that did not come through the rim nobody waits to hear.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().cloned().unwrap_or_else(Self::now))
    }
}

impl Heard {
    /// Its head has come now.
    pub(super) fn now() -> Self {
        Self { begun: Instant::now(), last: Arc::new(AtomicU64::new(0)) }
    }

    /// `body`, whose parts are noticed as they come.
    pub(super) fn listen(&self, body: Body) -> impl HttpBody<Data = Bytes, Error = axum::Error> + Send + use<> {
        let heard = self.clone();
        body.map_frame(move |frame| {
            heard.notice();
            frame
        })
    }

    /// Ends when nothing was heard for so long.
    pub(super) async fn silent_for(&self, long: Duration) {
        loop {
            let end = self.at() + long;
            if Instant::now() >= end {
                return;
            }
            tokio::time::sleep_until(end.into()).await;
        }
    }

    /// The time until which an answer must begin starts anew.
    pub fn notice(&self) {
        let micros = u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.last.store(micros, Ordering::Relaxed);
    }

    fn at(&self) -> Instant {
        self.begun + Duration::from_micros(self.last.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_part_of_a_body_is_noticed() {
        let long_ago = Instant::now() - Duration::from_secs(60);
        let heard = Heard { begun: long_ago, last: Arc::default() };
        let body = heard.listen(Body::from("a part"));
        assert_eq!(heard.at(), long_ago);
        Body::new(body).collect().await.unwrap();
        assert!(heard.at() >= long_ago + Duration::from_secs(60));
    }
}
