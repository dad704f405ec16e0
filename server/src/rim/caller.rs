//! Who asks: the person behind a session, or the program behind a key.

use std::convert::Infallible;

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

/// Whoever runs the command line on the data directory, and asks within its process: no request that comes in is marked so.
#[derive(Clone, Debug)]
pub(crate) struct Operator(pub(crate) Actor);

impl FromRequestParts<Shared> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Problem> {
        Credentials::of(parts).actor(shared).await.map(Self)
    }
}

/// By what a caller is known, for answers that go on for so long that it must be asked again.
pub struct Credentials {
    secret: Option<String>,
    session: Option<Session>,
    operator: Option<Actor>,
}

impl<S: Sync> FromRequestParts<S> for Credentials {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

impl Credentials {
    fn of(parts: &Parts) -> Self {
        let secret = secret(&parts.headers).map(str::to_owned);
        let operator = parts.extensions.get::<Operator>().map(|operator| operator.0.clone());
        Self { secret, session: parts.extensions.get::<Session>().cloned(), operator }
    }

    /// Whoever sent the request, if the key or the session is still good.
    ///
    /// # Errors
    /// A problem with status 401, or one of the database.
    pub async fn still_good(&self, shared: &Shared) -> Result<Actor, Problem> {
        if let Some(session) = &self.session {
            session.load().await.map_err(|error| Problem::internal(error.to_string()))?;
        }
        self.actor(shared).await
    }

    async fn actor(&self, shared: &Shared) -> Result<Actor, Problem> {
        if let Some(operator) = &self.operator {
            return Ok(operator.clone());
        }
        // A key that was sent is what the sender wants to be judged by, also when a session cookie came along.
        if let Some(secret) = &self.secret {
            let known = shared.desk.keys().authenticate(secret).await?;
            return known.ok_or_else(|| Problem::unauthorized("this key is unknown, revoked or expired"));
        }
        let known = match &self.session {
            Some(session) => session::present(session, shared).await?,
            None => None,
        };
        known.map(|present| present.actor).ok_or_else(|| Problem::unauthorized("a key or a session is needed"))
    }
}

/// The secret of an API key: `Authorization: Bearer vdt_…` or `X-Api-Key: vdt_…`. An unreadable one is none that opens
/// anything, but it was sent.
pub fn secret(headers: &HeaderMap) -> Option<&str> {
    if let Some(value) = headers.get("x-api-key") {
        return Some(value.to_str().unwrap_or(""));
    }
    let value = headers.get(AUTHORIZATION)?.to_str().unwrap_or("");
    let (scheme, secret) = value.split_once(' ').unwrap_or((value, ""));
    Some(if scheme.eq_ignore_ascii_case("bearer") { secret.trim() } else { "" })
}
