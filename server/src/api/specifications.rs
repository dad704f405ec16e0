//! Specifications of a model: every one it had, and the next.

use axum::extract::State;
use axum::response::IntoResponse;
use desk::Desk;
use desk::models::Revision;
use domain::Permission;
use domain::specification::Draft;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::endpoint::{Access, Endpoint};
use super::extract::{Asked, Created, In, Sent};
use super::models::example_specification;
use super::problem::Problem;
use super::{Answer, moment};
use crate::rim::Caller;

/// A specification as it is sent.
#[derive(ToSchema)]
#[schema(value_type = Object)]
struct SpecificationRequest(#[expect(dead_code, reason = "only its schema is used")] Value);

/// In whose place.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SpecificationQuery {
    /// Number of the specification that this one was made from. If another one is in force by now, nothing is changed;
    /// without it this one takes the place of any.
    replaces: Option<i64>,
}

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
            .query::<SpecificationQuery>()
            .takes::<SpecificationRequest>(example_specification())
            .answers::<Numbered>(201, "It is in force", json!({ "number": 2 }))
            .refuses(&[
                (403, RIGHT),
                (404, "There is no such model"),
                (409, "Another specification than `replaces` is in force: look at it, and change that one"),
                (422, "Every wrong field"),
            ]),
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
    Asked(query): Asked<SpecificationQuery>,
    Sent(draft): Sent<Draft>,
) -> Result<impl IntoResponse, Problem> {
    let number = desk.models().specify(&actor, &name, draft, query.replaces).await?;
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
