//! People of the tenant, for programs that keep them in step with another directory.

use axum::extract::State;
use axum::response::IntoResponse;
use desk::Desk;
use desk::people::NewPerson;
use domain::person::Person;
use domain::{Permission, PersonId, Role};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::endpoint::{Access, Endpoint};
use super::extract::{Created, In, Sent};
use super::problem::Problem;
use super::{Answer, moment};
use crate::rim::Caller;

/// Somebody to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PersonRequest {
    /// Address to log in with.
    email: String,
    /// Name as shown.
    name: String,
    /// `admin`, `supervisor` or `labeler`.
    #[schema(value_type = String)]
    role: Role,
    /// Their first password, at least 10 characters.
    password: String,
}

/// Another role.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RoleRequest {
    /// `admin`, `supervisor` or `labeler`.
    #[schema(value_type = String)]
    role: Role,
}

/// Whether somebody may log in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AccessRequest {
    /// `false` locks them out and ends their sessions.
    enabled: bool,
}

/// Another password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordRequest {
    /// At least 10 characters.
    password: String,
}

/// Someone who logs in.
#[derive(Serialize, ToSchema)]
struct PersonAnswer {
    /// Identity.
    id: i64,
    /// Address.
    email: String,
    /// Name as shown.
    name: String,
    /// `admin`, `supervisor` or `labeler`.
    role: &'static str,
    /// When they were made.
    created_at: String,
    /// Since when they may not log in.
    disabled_at: Option<String>,
}

/// People by name.
#[derive(Serialize, ToSchema)]
struct PersonList {
    /// All of them.
    items: Vec<PersonAnswer>,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let access = Access::Needs(Permission::ManagePeople);
    let person = json!({ "id": 3, "email": "lena@example.org", "name": "Lena", "role": "labeler",
        "created_at": "2026-03-01T08:00:00Z", "disabled_at": null });
    let new =
        json!({ "email": "lena@example.org", "name": "Lena", "role": "labeler", "password": "a long first password" });
    let gone: &[(u16, &str)] = &[(404, "There is no such person"), (409, "It is the last admin")];
    vec![
        Endpoint::get("/api/v1/people", access, list)
            .about("People", "Everybody of the tenant, by name")
            .answers::<PersonList>(200, "The people", json!({ "items": [person] })),
        Endpoint::post("/api/v1/people", access, add)
            .about("People", "Add a person")
            .takes::<PersonRequest>(new)
            .answers::<PersonAnswer>(201, "They can log in", person)
            .refuses(&[(422, "Each wrong field, also an address that is taken")]),
        Endpoint::post("/api/v1/people/{id}/role", access, set_role)
            .about("People", "Give a person another role; their sessions end")
            .takes::<RoleRequest>(json!({ "role": "supervisor" }))
            .answers_with(204, "Done", None)
            .refuses(gone),
        Endpoint::post("/api/v1/people/{id}/access", access, set_access)
            .about("People", "Lock a person out, or let them in again")
            .takes::<AccessRequest>(json!({ "enabled": false }))
            .answers_with(204, "Done", None)
            .refuses(gone),
        Endpoint::post("/api/v1/people/{id}/password", access, set_password)
            .about("People", "Give a person a new password; their sessions end")
            .takes::<PasswordRequest>(json!({ "password": "another long password" }))
            .answers_with(204, "Done", None)
            .refuses(&[(404, "There is no such person"), (422, "It is too short")]),
    ]
}

async fn list(State(desk): State<Desk>, Caller(actor): Caller) -> Answer<PersonList> {
    let people = desk.people().list(&actor).await?;
    Ok(axum::Json(PersonList { items: people.into_iter().map(PersonAnswer::of).collect() }))
}

async fn add(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Sent(asked): Sent<PersonRequest>,
) -> Result<impl IntoResponse, Problem> {
    let PersonRequest { email, name, role, password } = asked;
    let person = desk.people().add(&actor, NewPerson { email, name, role, password }).await?;
    Ok(Created(String::from("/api/v1/people"), PersonAnswer::of(person)))
}

async fn set_role(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(id): In<PersonId>,
    Sent(asked): Sent<RoleRequest>,
) -> Result<StatusCode, Problem> {
    desk.people().set_role(&actor, id, asked.role).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn set_access(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(id): In<PersonId>,
    Sent(asked): Sent<AccessRequest>,
) -> Result<StatusCode, Problem> {
    desk.people().set_disabled(&actor, id, !asked.enabled).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn set_password(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(id): In<PersonId>,
    Sent(asked): Sent<PasswordRequest>,
) -> Result<StatusCode, Problem> {
    desk.people().reset_password(&actor, id, asked.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl PersonAnswer {
    fn of(person: Person) -> Self {
        Self {
            id: person.id.0,
            email: person.email,
            name: person.name,
            role: person.role.as_str(),
            created_at: moment(person.created_at),
            disabled_at: person.disabled_at.map(moment),
        }
    }
}
