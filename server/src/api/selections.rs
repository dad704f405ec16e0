//! Active learning on demand: readings that people are asked about because most is to be learnt from them.

use axum::extract::State;
use axum::response::IntoResponse;
use desk::Desk;
use desk::labeling::Selection;
use domain::Permission;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::endpoint::{Access, Endpoint};
use super::extract::{Created, In, Sent};
use super::problem::Problem;
use super::{Answer, moment};
use crate::rim::Caller;

/// How many are to be chosen.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SelectionRequest {
    /// 1 to 1,000; as the specification says when it is not said.
    count: Option<u32>,
}

/// A choice among the readings of the last week.
#[derive(Serialize, ToSchema)]
struct SelectionAnswer {
    /// When it was made.
    at: String,
    /// Who made it; the weekly one is the worker's.
    by: String,
    /// How many were asked for.
    asked: i64,
    /// How many there were to choose from.
    pool: i64,
    /// Tasks that came of it.
    chosen: i64,
    /// What somebody who looks at it should know, in sentences.
    notes: Vec<String>,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let manage = Access::Needs(Permission::ManageLabeling);
    vec![
        Endpoint::post("/api/v1/models/{name}/selections", manage, select)
            .about("Labeling", "Choose readings of the last week that the model doubts and that differ, to be labelled")
            .takes::<SelectionRequest>(json!({ "count": 50 }))
            .answers::<SelectionAnswer>(201, "They wait in the queue", example())
            .refuses(&[(404, "There is no such model"), (422, "A count out of bounds, or a model without images")]),
        Endpoint::get("/api/v1/models/{name}/selections/newest", manage, newest)
            .about("Labeling", "The newest choice among a model's readings")
            .answers::<SelectionAnswer>(200, "The choice", example())
            .refuses(&[(404, "There is no such model, or nothing was chosen yet")]),
    ]
}

fn example() -> Value {
    json!({ "at": "2026-03-01T01:00:00Z", "by": "worker", "asked": 50, "pool": 31, "chosen": 31,
        "notes": ["Only 31 of 50 readings could be chosen."] })
}

async fn select(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(name): In<String>,
    Sent(asked): Sent<SelectionRequest>,
) -> Result<impl IntoResponse, Problem> {
    let made = desk.labeling().select(&actor, &name, asked.count).await?;
    Ok(Created(format!("/api/v1/models/{name}/selections/newest"), SelectionAnswer::of(made)))
}

async fn newest(State(desk): State<Desk>, Caller(actor): Caller, In(name): In<String>) -> Answer<SelectionAnswer> {
    let newest = desk.labeling().newest_selection(&actor, &name).await?;
    let made = newest.ok_or_else(|| Problem::not_found(format!("nothing was chosen for `{name}` yet")))?;
    Ok(axum::Json(SelectionAnswer::of(made)))
}

impl SelectionAnswer {
    fn of(Selection { made, chosen }: Selection) -> Self {
        Self { at: moment(made.at), by: made.actor, asked: made.asked, pool: made.pool, chosen, notes: made.notes }
    }
}
