//! From the parts of a request to checked arguments; what is wrong becomes a problem that names it.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::response::IntoResponse;
use domain::attendance::MAX_CALENDAR;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, StatusCode, Uri};
use serde::de::{DeserializeOwned, IgnoredAny};

use super::problem::Problem;
use crate::rim::Shared;

/// The variable parts of the address. One that cannot be read leads nowhere: 404.
pub struct In<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<Shared> for In<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Problem> {
        let read = Path::<T>::from_request_parts(parts, shared).await;
        read.map(|Path(value)| Self(value)).map_err(|_| Problem::not_found("there is nothing at this address"))
    }
}

/// The query. A wrong or unknown word in it is named.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Shared> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Problem> {
        refuse_nul(&parts.uri)?;
        match Query::<T>::try_from_uri(&parts.uri) {
            Ok(Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(wrong_query(&rejection.body_text())),
        }
    }
}

/// Nothing that is looked for holds the character NUL, which PostgreSQL does not even take as an argument.
fn refuse_nul(uri: &Uri) -> Result<(), Problem> {
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri).map(|Query(pairs)| pairs).unwrap_or_default();
    match pairs.into_iter().find(|(_, value)| value.contains('\0')) {
        Some((name, _)) => Err(Problem::field(name, "the character NUL is not possible")),
        None => Ok(()),
    }
}

/// `Failed to deserialize query string: limit: invalid digit found in string` names its field before the last colon.
fn wrong_query(text: &str) -> Problem {
    let text = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(text);
    let (field, reason) = text.split_once(": ").unwrap_or(("query", text));
    let field = quoted(reason).unwrap_or(field);
    Problem::field(field, plain(reason))
}

/// What is said of a name that comes twice.
pub const TWICE: &str = "is there twice";

/// `x` of "duplicate field `x`".
#[must_use]
pub fn twice(message: &str) -> Option<&str> {
    message.strip_prefix("duplicate field `")?.split('`').next()
}

/// The parser's words without its marks and without the place, which means little in a body of one line.
fn plain(message: &str) -> String {
    message.split(" at line ").next().unwrap_or(message).replace('`', "")
}

/// `x` of "unknown field `x`, expected …" and "missing field `x`".
fn quoted(message: &str) -> Option<&str> {
    let rest = message.strip_prefix("unknown field `").or_else(|| message.strip_prefix("missing field `"))?;
    rest.split('`').next()
}

/// The bytes of a JSON body, not yet read.
pub struct JsonText(pub Bytes);

impl FromRequest<Shared> for JsonText {
    type Rejection = Problem;

    async fn from_request(request: Request, shared: &Shared) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::media_type("application/json"));
        }
        read_body(request, shared.rules.body_bytes).await.map(Self)
    }
}

/// A JSON body, read.
pub struct Sent<T>(pub T);

/// From this length on a body is parsed on a blocking thread, so that others do not wait behind it.
pub const LONG: usize = 64 << 10;

impl<T: DeserializeOwned + Send + 'static> FromRequest<Shared> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, shared: &Shared) -> Result<Self, Problem> {
        let JsonText(body) = JsonText::from_request(request, shared).await?;
        if body.len() < LONG {
            return parse(&body).map(Self);
        }
        apart(move || parse(&body)).await.map(Self)
    }
}

/// Work that takes a while, on a thread where others do not wait behind it.
pub(super) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Problem::internal(error.to_string()))?
}

/// A CSV body as large as a data set may be.
pub struct CsvText(pub Vec<u8>);

impl FromRequest<Shared> for CsvText {
    type Rejection = Problem;

    async fn from_request(request: Request, shared: &Shared) -> Result<Self, Problem> {
        read_text(request, "text/csv", shared.desk.limits().dataset_bytes).await.map(|body| Self(body.into()))
    }
}

/// An iCalendar body as large as a calendar may be.
pub struct CalendarText(pub String);

impl FromRequest<Shared> for CalendarText {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &Shared) -> Result<Self, Problem> {
        let body = read_text(request, "text/calendar", MAX_CALENDAR).await?;
        String::from_utf8(body.into()).map(Self).map_err(|_| Problem::field("calendar", "is not in UTF-8"))
    }
}

async fn read_text(request: Request, media_type: &str, limit: usize) -> Result<Bytes, Problem> {
    if !content_type(request.headers()).eq_ignore_ascii_case(media_type) {
        return Err(Problem::media_type(media_type));
    }
    read_body(request, limit).await
}

/// Reads JSON into `T`, naming the field that does not fit.
///
/// # Errors
/// 400 for a text that is no JSON, 422 for JSON that is something else than `T`.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        // serde calls `null` in the place of a word malformed
        if error.inner().is_syntax() && serde_json::from_slice::<IgnoredAny>(body).is_ok() {
            return Problem::field(path, "something else is needed");
        }
        wrong_json(&path, error.inner())
    })?;
    json.end().map_err(|error| wrong_json("body", &error))?;
    Ok(value)
}

/// What a JSON error says to the sender.
#[must_use]
pub fn wrong_json(path: &str, error: &serde_json::Error) -> Problem {
    let message = error.to_string();
    if !error.is_data() && !message.starts_with("number out of range") {
        return Problem::malformed(message);
    }
    let reason = twice(&message).map_or_else(|| plain(&message), |_| String::from(TWICE));
    let inner = quoted(&message).or_else(|| twice(&message)).unwrap_or("");
    let field = match (path, inner) {
        ("." | "" | "?", "") => String::from("body"),
        ("." | "" | "?", name) => name.to_owned(),
        (path, name) if name.is_empty() || path.ends_with(name) => path.to_owned(),
        (path, name) => format!("{path}.{name}"),
    };
    Problem::field(field, reason)
}

pub(super) async fn read_body(request: Request, limit: usize) -> Result<Bytes, Problem> {
    let (parts, body): (Parts, Body) = request.into_parts();
    let announced = parts.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let too_large = || Problem::too_large(format!("this request may have at most {limit} bytes"));
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    to_bytes(body, limit).await.map_err(|error| {
        let source = std::error::Error::source(&error);
        if source.is_some_and(|source| source.is::<http_body_util::LengthLimitError>()) {
            too_large()
        } else {
            Problem::malformed("the body ended too early")
        }
    })
}

pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let essence = content_type(headers);
    essence.eq_ignore_ascii_case("application/json") || essence.ends_with("+json")
}

pub(super) fn content_type(headers: &HeaderMap) -> &str {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    value.split(';').next().unwrap_or("").trim()
}

/// 201 with where the new thing is.
pub struct Created<T>(pub String, pub T);

impl<T: serde::Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> axum::response::Response {
        (StatusCode::CREATED, [(http::header::LOCATION, self.0)], axum::Json(self.1)).into_response()
    }
}
