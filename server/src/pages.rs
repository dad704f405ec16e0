//! Where the pages are let in: whoever is not logged in is led to the login, and everybody else is made known.

use std::sync::Arc;

use app::Needs;
use app::shell::{LOGOUT, THEME};
use app::viewer::Viewer;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use http::{HeaderMap, Method, StatusCode};
use tower_http::limit::RequestBodyLimitLayer;
use tower_sessions::Session;

use crate::api;
use crate::api::endpoint::{Access, Endpoint};
use crate::rim::{Shared, session};

/// Pages and forms that are open to everybody: one logs in through them.
const OPEN: [&str; 6] = ["/login", "/setup", "/actions/log_in", "/actions/complete_setup", THEME, LOGOUT];

/// Room beside the file in the upload form.
const FORM_OVERHEAD: usize = 1 << 20;

/// The pages, their forms and their files.
pub fn router(shared: &Shared) -> Router<Shared> {
    let upload = shared.desk.limits().dataset_bytes + FORM_OVERHEAD;
    app::routes(shared.desk.clone(), api::endpoints().iter().map(listed).collect())
        .with_state(())
        .layer(middleware::from_fn_with_state(shared.clone(), make_known))
        .layer(RequestBodyLimitLayer::new(upload))
        .route("/assets/{name}", axum::routing::get(asset))
        .route("/favicon.ico", axum::routing::get(|| async { Redirect::permanent("/assets/favicon.svg") }))
        .route("/robots.txt", axum::routing::get(|headers: HeaderMap| async move { file("robots.txt", &headers) }))
}

/// An endpoint as the help for programs lists it.
fn listed(endpoint: &Endpoint) -> app::Endpoint {
    let needs = match endpoint.access {
        Access::Public => Needs::Nothing,
        Access::Known => Needs::Anybody,
        Access::Needs(permission) => Needs::Right(permission),
    };
    let (method, summary) = (endpoint.method.to_string(), endpoint.summary.clone());
    app::Endpoint { method, path: endpoint.path, summary, needs }
}

/// Puts the viewer into the request. A page without one leads to the login; a form too, and loses what was typed, which
/// is better than to keep it somewhere for nobody in particular.
async fn make_known(State(shared): State<Shared>, session: Session, mut request: Request, next: Next) -> Response {
    match session::present(&session, &shared).await {
        Ok(Some(present)) => {
            request.extensions_mut().insert(Viewer(Arc::new(present)));
            next.run(request).await
        }
        Ok(None) if OPEN.contains(&request.uri().path()) => next.run(request).await,
        Ok(None) => Redirect::to(&login_address(&request)).into_response(),
        Err(problem) => problem.into_response(),
    }
}

fn login_address(request: &Request) -> String {
    let here = request.uri().path_and_query().map_or("/", |path| path.as_str());
    if request.method() != Method::GET || here == "/" {
        return String::from("/login");
    }
    app::address::address("/login", &[("next", here)])
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    file(&name, &headers)
}

fn file(name: &str, headers: &HeaderMap) -> Response {
    let Some(asset) = app::assets::asset(name) else { return StatusCode::NOT_FOUND.into_response() };
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    let packed = [("br", asset.brotli), ("gzip", asset.gzip)]
        .into_iter()
        .find_map(|(coding, bytes)| bytes.filter(|_| accepted.contains(coding)).map(|bytes| (coding, bytes)));
    let head = [(CONTENT_TYPE, asset.content_type), (CACHE_CONTROL, asset.cache_control), (VARY, "accept-encoding")];
    match packed {
        Some((coding, bytes)) => (head, [(CONTENT_ENCODING, coding)], Body::from(bytes)).into_response(),
        None => (head, Body::from(asset.bytes.into_owned())).into_response(),
    }
}
