//! Sessions: in our own database, ended by inactivity, by age, or by their person's next epoch.

use std::time::Duration;

use desk::people::Present;
use domain::{PersonId, Timestamp};
use serde::{Deserialize, Serialize};
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, Session, SessionManagerLayer, SessionStore};

use super::Shared;
use crate::api::problem::Problem;

/// What a session holds once somebody logged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// Who.
    pub person: PersonId,
    /// Good as long as the person's epoch stays this.
    pub epoch: i64,
    /// When they logged in.
    pub since: Timestamp,
    /// When the session was last written back because it was used.
    pub seen: Timestamp,
}

/// Where a session keeps its [`Login`].
pub const LOGIN: &str = "login";

/// A session in use is written back no more often than this: idle expiry counts from the last write.
const WRITE_BACK: i64 = domain::time::SECOND * 60;

/// The layer that gives handlers a `Session`. Secure cookies carry a name that binds them to this host.
pub fn layer<S: SessionStore>(store: S, idle: Duration, https: bool) -> SessionManagerLayer<S> {
    let idle = time::Duration::seconds(i64::try_from(idle.as_secs()).unwrap_or(i64::MAX));
    SessionManagerLayer::new(store)
        .with_name(if https { "__Host-verdict" } else { "verdict" })
        .with_secure(https)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(idle))
}

/// Who is behind a session, if it is still good.
///
/// # Errors
/// When the database fails.
pub async fn present(session: &Session, shared: &Shared) -> Result<Option<Present>, Problem> {
    let broken = |error: tower_sessions::session::Error| Problem::internal(error.to_string());
    let Some(login) = session.get::<Login>(LOGIN).await.map_err(broken)? else { return Ok(None) };
    let now = shared.desk.now();
    if now.since(login.since) > shared.rules.session_micros {
        session.flush().await.map_err(broken)?;
        return Ok(None);
    }
    let present = shared.desk.people().present(login.person, login.epoch).await?;
    if present.is_some() && now.since(login.seen) > WRITE_BACK {
        session.insert(LOGIN, Login { seen: now, ..login }).await.map_err(broken)?;
    }
    Ok(present)
}
