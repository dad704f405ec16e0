//! Who looks at the page, as the server's middleware found out before the page was asked.

use std::net::IpAddr;
use std::sync::Arc;

use desk::Desk;
use desk::people::Present;
use domain::{Actor, Timestamp};
use http::request::Parts;
use leptos::prelude::{expect_context, use_context};
use tower_sessions::Session;

/// The header in which the server gives every request its name.
pub const REQUEST_ID: &str = "x-request-id";

/// The person behind the session, put into the request by the server.
#[derive(Clone)]
pub struct Viewer(pub Arc<Present>);

impl Viewer {
    /// For the desk's verbs.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.0.actor
    }
}

/// Where the request came from, put into it by the server, which knows its proxies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// The viewer of this request, if somebody is logged in.
#[must_use]
pub fn viewer() -> Option<Viewer> {
    use_context::<Parts>()?.extensions.get::<Viewer>().cloned()
}

/// The actor of this request.
///
/// # Errors
/// [`desk::Error::NotFound`] when nobody is logged in; the server turns such requests away before they come here.
pub fn actor() -> desk::Result<Actor> {
    viewer().map(|viewer| viewer.actor().clone()).ok_or_else(|| desk::Error::not_found("session; log in again"))
}

/// The desk behind this request.
#[must_use]
pub fn desk() -> Desk {
    expect_context::<Desk>()
}

/// This moment, once for the whole page.
#[must_use]
pub fn now() -> Timestamp {
    desk().now()
}

/// Where this request came from.
#[must_use]
pub fn client_address() -> Option<IpAddr> {
    use_context::<Parts>()?.extensions.get::<ClientAddress>().map(|address| address.0)
}

/// The name of this request, by which it is found in the log.
#[must_use]
pub fn request_id() -> Option<String> {
    let parts = use_context::<Parts>()?;
    parts.headers.get(REQUEST_ID)?.to_str().ok().map(str::to_owned)
}

/// The session of this request.
#[must_use]
pub fn session() -> Option<Session> {
    use_context::<Parts>()?.extensions.get::<Session>().cloned()
}
