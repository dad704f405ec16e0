//! The addresses of pages and forms, for the server to mount.

use axum::Router;
use axum::middleware;
use axum::response::{IntoResponse, Redirect};
use axum::routing::post;
use desk::Desk;
use http::Method;
use http::request::Parts;
use leptos::config::LeptosOptions;
use leptos::prelude::*;
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list_with_exclusions_and_ssg_and_context};
use tower_sessions::Session;

use crate::actions::entry::{self, ACTIONS};
use crate::pages::{Endpoints, Pages};
use crate::shell::{Document, LOGOUT, THEME};
use crate::theme::{self, Theme};

/// Every page, and every form that pages post. `endpoints` is what the help for programs lists.
pub fn routes(desk: Desk, endpoints: Endpoints) -> Router {
    let options = LeptosOptions::builder().output_name("verdict").build();
    let context = move || {
        provide_context(desk.clone());
        provide_context(endpoints.clone());
    };
    Router::new()
        .leptos_routes_with_context(&options, listing(), context, document)
        .route(THEME, post(theme::choose))
        .route(LOGOUT, post(log_out))
        .layer(middleware::from_fn(entry::let_in))
        .with_state(options)
}

/// The same addresses as a list, with their methods, for whoever must know all of them.
#[must_use]
pub fn page_paths() -> Vec<(Method, String)> {
    let pages = listing().into_iter().map(|listed| (Method::GET, listed.path().to_owned()));
    let functions = leptos::server_fn::axum::server_fn_paths();
    let actions =
        functions.filter(|(path, _)| path.starts_with(ACTIONS)).map(|(path, method)| (method, path.to_owned()));
    let forms = [THEME, LOGOUT].map(|path| (Method::POST, path.to_owned()));
    pages.chain(actions).chain(forms).collect()
}

fn listing() -> Vec<AxumRouteListing> {
    // Listing runs the router without a request: pages find no context, and nothing of them is rendered.
    generate_route_list_with_exclusions_and_ssg_and_context(Pages, None, || {}).0
}

fn document() -> impl IntoView {
    let theme = use_context::<Parts>().map_or(Theme::System, |parts| Theme::of(&parts.headers));
    view! { <Document theme><Pages/></Document> }.into_any()
}

async fn log_out(session: Session) -> impl IntoResponse {
    if let Err(error) = session.flush().await {
        tracing::error!(%error, "a session was not ended");
    }
    Redirect::to("/login")
}
