//! What went wrong, as problem details (RFC 9457). The one place where the desk's errors become HTTP.

use std::sync::Arc;

use app::Failure;
use app::theme::Theme;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use domain::FieldError;
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::rim::face::Face;
use crate::rim::request_id::RequestId;

/// The media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// A request that was not done. Written out at the rim, which knows the request's id.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    kind: &'static str,
    detail: String,
    errors: Vec<FieldError>,
    retry_after: Option<u32>,
    /// For the log only.
    cause: Option<String>,
}

/// A problem as it is sent.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct Wire<'a> {
    /// What kind of problem this is; programs may rely on it.
    #[serde(rename = "type")]
    kind: String,
    /// The kind in words.
    title: &'a str,
    /// The status code again.
    status: u16,
    /// What went wrong this time.
    detail: &'a str,
    /// Name of the request, to find it in the log.
    request_id: String,
    /// What is wrong, field by field.
    #[serde(skip_serializing_if = "<[Wrong]>::is_empty")]
    errors: Vec<Wrong>,
}

/// One field that cannot be accepted.
#[derive(Serialize, ToSchema)]
pub struct Wrong {
    /// Where: `row.amount`, `rows[3].amount`.
    field: String,
    /// What is wrong, and what would be right.
    reason: String,
}

impl Problem {
    fn new(status: StatusCode, kind: &'static str, detail: impl Into<String>) -> Self {
        Self { status, kind, detail: detail.into(), errors: Vec::new(), retry_after: None, cause: None }
    }

    /// 400: the text is no JSON at all.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", detail)
    }

    /// 401: neither a session nor a key.
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
    }

    /// 403: another site's page sent it.
    #[must_use]
    pub fn cross_site() -> Self {
        Self::new(StatusCode::FORBIDDEN, "cross-site", "this request changes something and comes from another site")
    }

    /// 404.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", detail)
    }

    /// 413.
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", detail)
    }

    /// 415.
    #[must_use]
    pub fn media_type(expected: &str) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", format!("send it as {expected}"))
    }

    /// 422, naming one field.
    pub fn field(field: impl Into<String>, reason: impl Into<String>) -> Self {
        desk::Error::field(field, reason).into()
    }

    /// 500. `cause` goes into the log and nowhere else.
    pub fn internal(cause: impl Into<String>) -> Self {
        let detail = "something went wrong inside; the request id finds it in the log";
        Self { cause: Some(cause.into()), ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail) }
    }

    /// 503.
    pub fn unavailable(detail: impl Into<String>, retry_after: u32) -> Self {
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail);
        Self { retry_after: Some(retry_after), ..problem }
    }

    /// 504: the handler took too long.
    #[must_use]
    pub fn timeout() -> Self {
        Self::new(StatusCode::GATEWAY_TIMEOUT, "timeout", "this took too long and was given up")
    }

    /// The status code.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What went wrong this time.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// What belongs into the log, and before nobody's eyes but the operator's.
    pub(crate) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// What a bare status code of a layer below means.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::not_found("there is nothing at this address"),
            StatusCode::METHOD_NOT_ALLOWED => {
                Self::new(status, "method", "this address does not take this method; see the header Allow")
            }
            StatusCode::PAYLOAD_TOO_LARGE => Self::too_large("the body is larger than this address takes"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                Self::new(status, "media-type", "this address does not take this media type")
            }
            StatusCode::UNPROCESSABLE_ENTITY => {
                Self::new(status, "invalid", "a field of the form is missing or cannot be read; nothing was changed")
            }
            StatusCode::TOO_MANY_REQUESTS => Self::new(
                status,
                "too-many",
                "too many attempts have failed; wait a quarter of an hour, then try again",
            ),
            _ => Self::new(status, "about:blank", status.canonical_reason().unwrap_or("no reason given")),
        }
    }

    fn to_json(&self, id: &RequestId) -> Vec<u8> {
        let kind = if self.kind.contains(':') { self.kind.to_owned() } else { format!("urn:verdict:{}", self.kind) };
        let wrong = |error: &FieldError| Wrong { field: error.field.clone(), reason: error.reason.clone() };
        let wire = Wire {
            kind,
            title: title(self),
            status: self.status.as_u16(),
            detail: &self.detail,
            request_id: id.to_string(),
            errors: self.errors.iter().map(wrong).collect(),
        };
        serde_json::to_vec(&wire).unwrap_or_default()
    }

    fn to_page(&self, id: &RequestId, theme: Theme, again: Option<String>) -> String {
        app::failure_page(Failure {
            theme,
            status: self.status.as_u16(),
            what: app::form::capitalised(&self.detail),
            request_id: id.to_string(),
            retry: again.filter(|_| self.status.is_server_error()),
        })
    }
}

fn title(problem: &Problem) -> &'static str {
    match problem.kind {
        "malformed" => "The body cannot be read",
        "unauthorized" => "Log in or send a key",
        "forbidden" => "The right is missing",
        "cross-site" => "The request comes from another site",
        "not-found" => "There is nothing here",
        "conflict" => "This does not fit what is there now",
        "too-large" => "Too large",
        "media-type" => "Another media type is needed",
        "invalid" => "Some fields cannot be accepted",
        "unavailable" => "Not available right now",
        "timeout" => "It took too long",
        "internal" => "Something went wrong inside",
        _ => problem.status.canonical_reason().unwrap_or("Problem"),
    }
}

impl From<desk::Error> for Problem {
    fn from(error: desk::Error) -> Self {
        use desk::Error as E;
        let detail = error.to_string();
        match error {
            E::NotFound(_) => Self::not_found(detail),
            E::Refused(_) => Self::new(StatusCode::FORBIDDEN, "forbidden", detail),
            E::Invalid(errors) => Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail) },
            E::Conflict(_) => Self::new(StatusCode::CONFLICT, "conflict", detail),
            E::TooLarge(_) => Self::too_large(detail),
            E::Unsupported(_) => Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", detail),
            E::Unavailable { retry_after, .. } => Self::unavailable(detail, retry_after),
            E::Internal(source) => Self::internal(source.to_string()),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// Gives a failed answer its body, and logs what must not be shown.
#[must_use]
pub fn write_out(mut response: Response, id: &RequestId, face: &Face) -> Response {
    let problem = match response.extensions_mut().remove::<Arc<Problem>>() {
        Some(problem) => problem,
        None if is_unwritten(&response, face) => Arc::new(Problem::of_status(response.status())),
        None => return response,
    };
    if let Some(cause) = &problem.cause {
        tracing::error!(request = %id, cause, "something failed inside");
    }
    match face {
        Face::Page { theme, again } => {
            let page = problem.to_page(id, *theme, again.clone());
            fill(response, &problem, "text/html; charset=utf-8", Body::from(page))
        }
        Face::Rest | Face::Other => fill(response, &problem, MEDIA_TYPE, Body::from(problem.to_json(id))),
    }
}

/// Whether a layer below has failed with a bare status code, or with a text where a page is shown.
fn is_unwritten(response: &Response, face: &Face) -> bool {
    let failed = response.status().is_client_error() || response.status().is_server_error();
    let content = response.headers().get(CONTENT_TYPE);
    failed
        && match face {
            Face::Rest => content.is_none(),
            Face::Page { .. } => content.is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain")),
            Face::Other => false,
        }
}

fn fill(mut response: Response, problem: &Problem, media_type: &'static str, body: Body) -> Response {
    *response.body_mut() = body;
    let headers = response.headers_mut();
    headers.remove(http::header::CONTENT_LENGTH);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    if problem.status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"verdict\""));
    }
    if let Some(seconds) = problem.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
