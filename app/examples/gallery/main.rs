//! Every piece on one page, served the way the product serves it, with its strict content security policy:
//! `cargo run -p app --example gallery`, then <http://localhost:4400/>.

mod examples;
mod gallery;

use std::net::Ipv4Addr;

use app::assets;
use app::theme::{self, Theme};
use axum::Router;
use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let router = Router::new()
        .route("/", get(|headers: HeaderMap| page(headers, gallery::html)))
        .route("/plain", get(|headers: HeaderMap| page(headers, gallery::plain_html)))
        .route("/assets/{name}", get(asset))
        .route("/theme", post(theme::choose));
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 4400)).await?;
    axum::serve(listener, router).await
}

async fn page(headers: HeaderMap, html: fn(Theme) -> String) -> Response {
    ([("content-security-policy", POLICY)], Html(html(Theme::of(&headers)))).into_response()
}

async fn asset(Path(name): Path<String>) -> Response {
    match assets::asset(&name) {
        Some(asset) => {
            let head = [(CONTENT_TYPE, asset.content_type), (CACHE_CONTROL, asset.cache_control)];
            (head, asset.bytes.into_owned()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
