//! A panic in one handler is one failed request, not a lost connection.

use std::any::Any;

use axum::response::{IntoResponse, Response};

use crate::api::problem::Problem;

/// The answer in place of the handler's.
#[must_use]
pub fn answer(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    Problem::internal(format!("a handler panicked: {}", text.unwrap_or_default())).into_response()
}
