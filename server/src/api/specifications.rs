//! Specifications of a model: every one it had, and the next.

use axum::extract::State;
use axum::response::IntoResponse;
use desk::Desk;
use desk::models::Revision;
use domain::Permission;
use domain::specification::Draft;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::endpoint::{Access, Endpoint};
use super::extract::{Created, In, Sent};
use super::models::example_specification;
use super::problem::Problem;
use super::{Answer, moment};
use crate::rim::Caller;

/// A specification as it is sent.
#[derive(ToSchema)]
#[schema(value_type = Object)]
struct SpecificationRequest(#[expect(dead_code, reason = "only its schema is used")] Value);

/// A specification and when it came.
#[derive(Serialize, ToSchema)]
struct RevisionAnswer {
    /// 1, 2, 3, …
    number: i64,
    /// The recipe.
    #[schema(value_type = Object)]
    specification: Value,
    /// When.
    at: String,
    /// Who.
    by: String,
}

/// Specifications, newest first.
#[derive(Serialize, ToSchema)]
struct RevisionList {
    /// All of them.
    items: Vec<RevisionAnswer>,
}

/// Which one it became.
#[derive(Serialize, ToSchema)]
struct Numbered {
    /// Its number.
    number: i64,
}

/// What the document says of the right, where it depends on the specification.
pub(super) const RIGHT: &str =
    "It takes the right to change models, and for the `retraining.policy` of champion the right to promote";

pub(super) fn endpoints() -> Vec<Endpoint> {
    let path = "/api/v1/models/{name}/specifications";
    let item = json!({ "number": 1, "specification": example_specification(), "at": "2026-03-01T08:00:00Z",
        "by": "person:1 Ada" });
    vec![
        Endpoint::get(path, Access::Needs(Permission::ReadModels), list)
            .about("Models", "Every specification the model had, newest first")
            .answers::<RevisionList>(200, "The specifications", json!({ "items": [item] }))
            .refuses(&[(404, "There is no such model")]),
        Endpoint::post(path, Access::Needs(Permission::WriteModels), add)
            .about("Models", "Put the next specification into force, for trainings from now on")
            .takes::<SpecificationRequest>(example_specification())
            .answers::<Numbered>(201, "It is in force", json!({ "number": 2 }))
            .refuses(&[(403, RIGHT), (404, "There is no such model"), (422, "Every wrong field")]),
    ]
}

async fn list(State(desk): State<Desk>, Caller(actor): Caller, In(name): In<String>) -> Answer<RevisionList> {
    let revisions = desk.models().revisions(&actor, &name).await?;
    let items = revisions.into_iter().map(RevisionAnswer::of).collect::<Result<_, _>>();
    Ok(axum::Json(RevisionList { items: items? }))
}

async fn add(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(name): In<String>,
    Sent(draft): Sent<Draft>,
) -> Result<impl IntoResponse, Problem> {
    let number = desk.models().specify(&actor, &name, draft).await?;
    Ok(Created(format!("/api/v1/models/{name}/specifications"), Numbered { number }))
}

impl RevisionAnswer {
    fn of(revision: Revision) -> Result<Self, Problem> {
        let specification = serde_json::to_value(&revision.specification);
        Ok(Self {
            number: revision.number,
            specification: specification.map_err(|error| Problem::internal(error.to_string()))?,
            at: moment(revision.at),
            by: revision.by,
        })
    }
}
