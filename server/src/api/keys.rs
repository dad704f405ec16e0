//! API keys: made, listed, revoked.

use axum::extract::State;
use axum::response::IntoResponse;
use desk::Desk;
use domain::person::ApiKey;
use domain::{KeyId, Permission, Scope};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::endpoint::{Access, Endpoint};
use super::extract::{Created, In, Sent};
use super::problem::Problem;
use super::{Answer, moment};
use crate::rim::Caller;

/// A key to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct KeyRequest {
    /// What it is for.
    name: String,
    /// Some of `predict`, `read`, `write`, `admin`.
    #[schema(value_type = Vec<String>)]
    scopes: Vec<Scope>,
    /// Days until it expires; never when it is not said.
    expires_in_days: Option<u32>,
}

/// An API key without its secret.
#[derive(Serialize, ToSchema)]
struct KeyAnswer {
    /// Identity.
    id: i64,
    /// What it is for.
    name: String,
    /// First characters of the secret.
    prefix: String,
    /// What it may be used for.
    scopes: Vec<&'static str>,
    /// When it was made.
    created_at: String,
    /// Who made it.
    created_by: String,
    /// From when on it is refused.
    expires_at: Option<String>,
    /// About when it was last used.
    last_used_at: Option<String>,
    /// Since when it is refused.
    revoked_at: Option<String>,
}

/// A new key and, this once, its secret.
#[derive(Serialize, ToSchema)]
struct NewKeyAnswer {
    #[serde(flatten)]
    key: KeyAnswer,
    /// It is not shown again.
    secret: String,
}

/// Keys, newest first.
#[derive(Serialize, ToSchema)]
struct KeyList {
    /// All of them.
    items: Vec<KeyAnswer>,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let access = Access::Needs(Permission::ManageKeys);
    let key = json!({ "id": 7, "name": "till", "prefix": "vdt_3fa81c", "scopes": ["predict"],
        "created_at": "2026-03-01T08:00:00Z", "created_by": "person:1 Ada", "expires_at": null, "last_used_at": null,
        "revoked_at": null });
    let mut made = key.clone();
    made["secret"] = json!("vdt_3fa81c…");
    vec![
        Endpoint::get("/api/v1/keys", access, list).about("Keys", "The keys, newest first").answers::<KeyList>(
            200,
            "The keys",
            json!({ "items": [key] }),
        ),
        Endpoint::post("/api/v1/keys", access, create)
            .about("Keys", "Make a key; its secret is shown only now")
            .takes::<KeyRequest>(json!({ "name": "till", "scopes": ["predict"], "expires_in_days": 90 }))
            .answers::<NewKeyAnswer>(201, "It may be used for what its scopes allow", made)
            .refuses(&[(422, "Each wrong field")]),
        Endpoint::delete("/api/v1/keys/{id}", access, revoke)
            .about("Keys", "Revoke a key")
            .answers_with(204, "It is refused from now on", None)
            .refuses(&[(404, "There is no such key")]),
    ]
}

async fn list(State(desk): State<Desk>, Caller(actor): Caller) -> Answer<KeyList> {
    let keys = desk.keys().list(&actor).await?;
    Ok(axum::Json(KeyList { items: keys.into_iter().map(KeyAnswer::of).collect() }))
}

async fn create(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Sent(asked): Sent<KeyRequest>,
) -> Result<impl IntoResponse, Problem> {
    let (key, secret) = desk.keys().create(&actor, &asked.name, &asked.scopes, asked.expires_in_days).await?;
    Ok(Created(String::from("/api/v1/keys"), NewKeyAnswer { key: KeyAnswer::of(key), secret }))
}

async fn revoke(State(desk): State<Desk>, Caller(actor): Caller, In(id): In<KeyId>) -> Result<StatusCode, Problem> {
    desk.keys().revoke(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl KeyAnswer {
    fn of(key: ApiKey) -> Self {
        Self {
            id: key.id.0,
            name: key.name,
            prefix: key.prefix,
            scopes: key.scopes.iter().map(|scope| scope.as_str()).collect(),
            created_at: moment(key.created_at),
            created_by: key.created_by,
            expires_at: key.expires_at.map(moment),
            last_used_at: key.last_used_at.map(moment),
            revoked_at: key.revoked_at.map(moment),
        }
    }
}
