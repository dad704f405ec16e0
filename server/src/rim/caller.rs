//! Who asks: the person behind a session, or the program behind a key.

use axum::extract::FromRequestParts;
use domain::Actor;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use tower_sessions::Session;

use super::{Shared, session};
use crate::api::problem::Problem;

/// Somebody known. Without one, a handler that asks for it answers 401.
#[derive(Clone, Debug)]
pub struct Caller(pub Actor);

impl FromRequestParts<Shared> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Problem> {
        // A key that was sent is what the sender wants to be judged by, also when a session cookie came along.
        if let Some(secret) = secret(&parts.headers) {
            let known = shared.desk.keys().authenticate(secret).await?;
            return known.map(Self).ok_or_else(|| Problem::unauthorized("this key is unknown, revoked or expired"));
        }
        let known = match parts.extensions.get::<Session>() {
            Some(session) => session::present(session, shared).await?,
            None => None,
        };
        known.map(|present| Self(present.actor)).ok_or_else(|| Problem::unauthorized("a key or a session is needed"))
    }
}

/// The secret of an API key: `Authorization: Bearer vdt_…` or `X-Api-Key: vdt_…`. An unreadable one is none that opens
/// anything, but it was sent.
fn secret(headers: &HeaderMap) -> Option<&str> {
    if let Some(value) = headers.get("x-api-key") {
        return Some(value.to_str().unwrap_or(""));
    }
    let value = headers.get(AUTHORIZATION)?.to_str().unwrap_or("");
    let (scheme, secret) = value.split_once(' ').unwrap_or((value, ""));
    Some(if scheme.eq_ignore_ascii_case("bearer") { secret.trim() } else { "" })
}
