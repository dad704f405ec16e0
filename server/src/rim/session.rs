//! Sessions: in our own database, ended by inactivity, by age, or by their person's next epoch.

use std::time::Duration;

use app::actions::session::in_session::{EPOCH, MADE_AT, PERSON};
use desk::people::Present;
use domain::{PersonId, Timestamp};
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, Session, SessionManagerLayer, SessionStore};

use super::Shared;
use crate::api::problem::Problem;

/// Where a session keeps when it was last written back because it was used.
const SEEN: &str = "seen";

/// A session in use is written back no more often than this: idle expiry counts from the last write.
const WRITE_BACK: i64 = 60 * domain::time::SECOND;

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

/// Who is behind a session, if it is still good. A session that is too old is ended.
///
/// # Errors
/// When the database fails.
pub async fn present(session: &Session, shared: &Shared) -> Result<Option<Present>, Problem> {
    let Some((person, epoch, made_at)) = login(session).await.map_err(broken)? else { return Ok(None) };
    let now = shared.desk.now();
    if now.since(made_at) > shared.rules.session_micros {
        session.flush().await.map_err(broken)?;
        return Ok(None);
    }
    let present = shared.desk.people().present(person, epoch).await?;
    if present.is_some() {
        keep_alive(session, made_at, now).await.map_err(broken)?;
    }
    Ok(present)
}

type Outcome<T> = Result<T, tower_sessions::session::Error>;

async fn login(session: &Session) -> Outcome<Option<(PersonId, i64, Timestamp)>> {
    let Some(person) = session.get::<i64>(PERSON).await? else { return Ok(None) };
    let epoch = session.get::<i64>(EPOCH).await?;
    let made_at = session.get::<i64>(MADE_AT).await?;
    Ok(epoch.zip(made_at).map(|(epoch, made_at)| (PersonId(person), epoch, Timestamp(made_at))))
}

/// Changing a session makes the layer write it back with a later end.
async fn keep_alive(session: &Session, made_at: Timestamp, now: Timestamp) -> Outcome<()> {
    let seen = session.get::<i64>(SEEN).await?.map_or(made_at, Timestamp);
    if now.since(seen) > WRITE_BACK {
        session.insert(SEEN, now.0).await?;
    }
    Ok(())
}

fn broken(error: tower_sessions::session::Error) -> Problem {
    Problem::internal(error.to_string())
}
