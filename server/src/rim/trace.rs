//! One line in the log for every request: never a query (it may hold a token), a header or a body.

use std::time::Duration;

use axum::extract::Request;
use http::{Method, StatusCode};

use super::request_id::RequestId;

/// What is known of a request before it is handled.
pub(super) struct Line {
    method: Method,
    pub(super) path: String,
}

impl Line {
    pub(super) fn of(request: &Request) -> Self {
        Self { method: request.method().clone(), path: request.uri().path().to_owned() }
    }

    pub(super) fn log(&self, id: &RequestId, status: StatusCode, took: Duration) {
        let (method, path, status) = (&self.method, &self.path, status.as_u16());
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        if status >= 500 && status != 503 {
            tracing::error!(%method, path, status, micros, request = %id, "request failed");
        } else {
            tracing::debug!(%method, path, status, micros, request = %id, "request");
        }
    }
}
