//! How a posted form comes in. What Leptos would make of one that it cannot read is replaced: it panics at a body that is
//! no upload, and puts other errors into the address of the page that sent them.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use leptos::server_fn::ServerFn;
use leptos::server_fn::error::SERVER_FN_ERROR_HEADER;

use super::attendance::ImportEvents;
use super::calendar::ImportCalendar;
use super::datasets::ImportDataset;

/// Most bytes of an error that are read.
const LONGEST_ERROR: usize = 4 << 10;

/// How the text of an error begins that a form's own function gave.
const OWN: &[u8] = b"ServerError|";

/// The forms that bring a file.
const UPLOADS: [&str; 3] = [ImportDataset::PATH, ImportEvents::PATH, ImportCalendar::PATH];

/// Where server functions lie.
pub(crate) const ACTIONS: &str = "/actions/";

/// Lets through what can be read, and says of the rest what is wrong.
pub(crate) async fn let_in(request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with(ACTIONS) {
        return next.run(request).await;
    }
    if !is_form(request.uri().path(), request.headers()) {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    let answered = next.run(request).await;
    if answered.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        return failed(answered.into_body()).await.into_response();
    }
    if answered.status().is_client_error() {
        return turned_away(&answered);
    }
    answered
}

fn is_form(path: &str, headers: &HeaderMap) -> bool {
    let sent = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    if UPLOADS.contains(&path) {
        return multer::parse_boundary(sent).is_ok();
    }
    let kind = sent.split(';').next().unwrap_or("").trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Only what a refusal says: Leptos has added where to go back to.
fn turned_away(answered: &Response) -> Response {
    let mut response = answered.status().into_response();
    if let Some(seconds) = answered.headers().get(RETRY_AFTER) {
        response.headers_mut().insert(RETRY_AFTER, seconds.clone());
    }
    response
}

/// A form that cannot be read is its sender's fault; a function that gives an error has failed inside.
async fn failed(error: Body) -> StatusCode {
    let error = to_bytes(error, LONGEST_ERROR).await.unwrap_or_default();
    if error.starts_with(OWN) {
        tracing::error!(cause = %String::from_utf8_lossy(&error), "a form was not answered");
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    StatusCode::UNPROCESSABLE_ENTITY
}
