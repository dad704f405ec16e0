//! Every address of the server, in one place: REST from the list of endpoints, pages from `app`, the rim around both.

use axum::Router;
use axum::extract::Request;
use axum::middleware;
use http::{Method, StatusCode};
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_sessions::{SessionManagerLayer, SessionStore};

use crate::api;
use crate::pages;
use crate::rim::{Shared, caller, panics, rim};

/// Smaller answers do not gain from compression.
const WORTH_COMPRESSING: u64 = 1_024;

/// One address and how it may be asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    /// Method.
    pub method: String,
    /// Path with its variables.
    pub path: String,
}

/// Every address there is: what the router below is made of. The tests walk it.
#[must_use]
pub fn addresses() -> Vec<Address> {
    let of = |method: &Method, path: &str| Address { method: method.to_string(), path: path.to_owned() };
    let rest = api::endpoints().into_iter().map(|endpoint| of(&endpoint.method, endpoint.path));
    let pages = app::page_paths().into_iter().map(|(method, path)| of(&method, &path));
    let files = ["/assets/{name}", "/favicon.ico", "/robots.txt"].into_iter().map(|path| of(&Method::GET, path));
    rest.chain(pages).chain(files).collect()
}

/// The whole server as one service.
pub fn router<S: SessionStore + Clone>(shared: &Shared, sessions: SessionManagerLayer<S>) -> Router {
    let api = api::endpoints().iter().fold(Router::new(), |router, endpoint| endpoint.mount(router));
    let compressible = SizeAbove::new(WORTH_COMPRESSING)
        .and(NotForContentType::const_new("text/event-stream"))
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::const_new("application/zip"));
    let plain = api.merge(pages::router(shared)).fallback(nothing_here).with_state(shared.clone());
    // Who shows a key at REST needs no session, and is spared what cookies cost.
    let by_session = plain.clone().layer(sessions);
    let either =
        move |request: Request| if shows_key(&request) { &plain } else { &by_session }.clone().oneshot(request);
    Router::new()
        .fallback(either)
        .layer(CompressionLayer::new().compress_when(compressible))
        .layer(CatchPanicLayer::custom(panics::answer))
        .layer(middleware::from_fn_with_state(shared.clone(), rim))
}

fn shows_key(request: &Request) -> bool {
    api::is_rest(request.uri()) && caller::secret(request.headers()).is_some()
}

/// The rim writes it out, as a page or as a problem.
async fn nothing_here() -> StatusCode {
    StatusCode::NOT_FOUND
}
