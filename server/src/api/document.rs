//! The OpenAPI document, made from the same list that the router is made from.

use std::sync::OnceLock;

use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, PathItem, PathsBuilder};
use utoipa::openapi::{SecurityRequirement, Server};

use super::endpoint::{Access, Endpoint};
use super::problem::{Wire, Wrong};
use crate::rim::Caller;

const DESCRIPTION: &str = "Every prediction is written down before it is answered, and keeps an id by which its \
    outcome is reported. Lists come in pages: send `next` back as `cursor`. Whatever goes wrong is answered as \
    problem details (RFC 9457) that name each wrong field; its `request_id`, or the header `x-request-id` that you \
    send, finds it in the log, where requests that went well are written at the level `debug` only. A key is sent as `Authorization: Bearer vdt_…` or `X-Api-Key: vdt_…`.";

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::get("/api/v1/openapi.json", Access::Known, show).about("Service", "This document").answers_with(
        200,
        "OpenAPI 3.1",
        Some("application/json"),
    )]
}

async fn show(_: Caller) -> Response {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT.get_or_init(|| document().to_json().unwrap_or_default());
    ([(CONTENT_TYPE, "application/json")], text.as_str()).into_response()
}

/// The document of every endpoint under `/api`.
#[must_use]
pub fn document() -> OpenApi {
    let (mut paths, mut components) = (PathsBuilder::new(), ComponentsBuilder::new());
    components = components.schema_from::<Wire<'_>>().schema_from::<Wrong>();
    for endpoint in super::endpoints() {
        let (method, path, operation, schemas) = endpoint.into_document();
        paths = paths.path(path, PathItem::new(method, operation));
        components = components.schemas_from_iter(schemas);
    }
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("vdt_…").build();
    let header = ApiKey::Header(ApiKeyValue::new("X-Api-Key"));
    let components = components
        .security_scheme("bearer", SecurityScheme::Http(bearer))
        .security_scheme("key", SecurityScheme::ApiKey(header));
    let none: [&str; 0] = [];
    OpenApiBuilder::new()
        .info(InfoBuilder::new().title("Verdict").version(env!("CARGO_PKG_VERSION")).description(Some(DESCRIPTION)))
        .servers(Some([Server::new("/")]))
        .paths(paths)
        .components(Some(components.build()))
        .security(Some([SecurityRequirement::new("bearer", none), SecurityRequirement::new("key", none)]))
        .build()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    #[test]
    fn no_two_types_share_a_name() {
        let mut known = HashMap::new();
        for endpoint in super::super::endpoints() {
            let (_, path, _, schemas) = endpoint.into_document();
            for (name, schema) in schemas {
                let shape = serde_json::to_value(schema).unwrap();
                let first = known.entry(name.clone()).or_insert_with(|| shape.clone());
                assert_eq!(*first, shape, "`{name}` is something else at {path}");
            }
        }
        assert!(known.len() > 50);
    }
}
