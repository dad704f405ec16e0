//! Models: listed, looked at, registered.

use axum::extract::State;
use axum::response::IntoResponse;
use desk::Desk;
use desk::models::{ModelDetail, ModelSummary};
use domain::model::Model;
use domain::specification::Draft;
use domain::{DatasetId, Permission, Task};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::deployments::DeploymentAnswer;
use super::endpoint::{Access, Endpoint};
use super::extract::{Created, In, Sent};
use super::problem::Problem;
use super::versions::VersionAnswer;
use super::{Answer, moment, specifications};
use crate::rim::Caller;

/// A model to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewModel {
    /// Name in addresses: 1 to 60 of a–z, 0–9, - and _.
    name: String,
    /// The recipe; a proposal for a data set is a good start.
    #[schema(value_type = Object)]
    specification: Draft,
    /// The data set it learns from.
    dataset: Option<i64>,
}

/// A model in a list.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct ModelItem {
    #[serde(flatten)]
    pub(crate) model: ModelHead,
    /// Number of the version that serves; none is the heuristic.
    pub(crate) champion: Option<i64>,
    /// How many versions there are.
    pub(crate) versions: usize,
    /// Why the champion does not answer although it should.
    pub(crate) problem: Option<String>,
}

/// What a model is.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct ModelHead {
    /// Name.
    pub(crate) name: String,
    /// `binary`, `multiclass`, `regression` or `text_recognition`.
    #[schema(value_type = String)]
    pub(crate) task: Task,
    /// The column that is learnt.
    target: String,
    /// Number of the specification in force.
    pub(crate) specification_number: i64,
    /// When it was made.
    created_at: String,
    /// Who made it.
    created_by: String,
}

/// Models by name.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct ModelList {
    /// All of them.
    pub(crate) items: Vec<ModelItem>,
}

/// Everything about one model.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct ModelAnswer {
    #[serde(flatten)]
    pub(crate) model: ModelHead,
    /// Number of the version that serves; none is the heuristic.
    pub(crate) champion: Option<i64>,
    /// Number of the version that is to be compared with it.
    pub(crate) challenger: Option<i64>,
    /// Number of the version that served before.
    pub(crate) previous: Option<i64>,
    /// Why the champion does not answer although it should.
    pub(crate) problem: Option<String>,
    /// The specification in force.
    #[schema(value_type = Object)]
    pub(crate) specification: Value,
    /// Its versions, newest first.
    pub(crate) versions: Vec<VersionAnswer>,
    /// Its deployments, newest first.
    deployments: Vec<DeploymentAnswer>,
}

/// A specification to begin with.
pub(super) fn example_specification() -> Value {
    json!({
        "task": "binary", "target": "fraud", "classes": ["no", "yes"], "positive": "yes",
        "columns": [
            { "name": "amount", "kind": "numeric" },
            { "name": "region", "kind": "categorical" },
            { "name": "driver_age", "kind": "numeric", "optional": true },
        ],
        "split": { "by": "time", "column": "filed_at" },
        "threshold": { "rule": "target_recall", "recall": 0.8 },
        "gates": [{ "metric": "pr_auc", "better_than_champion_by": 0.0 }],
    })
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let read = Access::Needs(Permission::ReadModels);
    let head = json!({ "name": "claims", "task": "binary", "target": "fraud", "specification_number": 1,
        "created_at": "2026-03-01T08:00:00Z", "created_by": "person:1 Ada", "champion": 3, "versions": 3, "problem": null });
    let mut whole = head.clone();
    whole["challenger"] = json!(4);
    whole["previous"] = json!(2);
    whole["specification"] = example_specification();
    whole["versions"] = json!([]);
    whole["deployments"] = json!([]);
    vec![
        Endpoint::get("/api/v1/models", read, list).about("Models", "The models by name").answers::<ModelList>(
            200,
            "The models",
            json!({ "items": [head] }),
        ),
        Endpoint::post("/api/v1/models", Access::Needs(Permission::WriteModels), create)
            .about("Models", "Register a model by its specification")
            .takes::<NewModel>(json!({ "name": "claims", "specification": example_specification(), "dataset": 4 }))
            .answers::<ModelAnswer>(201, "It is registered", whole.clone())
            .refuses(&[
                (403, specifications::RIGHT),
                (404, "There is no such data set"),
                (422, "Every wrong field of the specification"),
            ]),
        Endpoint::get("/api/v1/models/{name}", read, show)
            .about("Models", "A model with its versions and deployments")
            .answers::<ModelAnswer>(200, "The model", whole)
            .refuses(&[(404, "There is no such model")]),
    ]
}

async fn list(State(desk): State<Desk>, Caller(actor): Caller) -> Answer<ModelList> {
    let models = desk.models().list(&actor).await?;
    Ok(axum::Json(ModelList { items: models.into_iter().map(ModelItem::of).collect() }))
}

async fn show(State(desk): State<Desk>, Caller(actor): Caller, In(name): In<String>) -> Answer<ModelAnswer> {
    ModelAnswer::of(desk.models().get(&actor, &name).await?).map(axum::Json)
}

async fn create(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Sent(new): Sent<NewModel>,
) -> Result<impl IntoResponse, Problem> {
    let dataset = new.dataset.map(DatasetId);
    let model = desk.models().create(&actor, &new.name, new.specification, dataset).await?;
    let detail =
        ModelDetail { model, versions: Vec::new(), deployments: Vec::new(), challengers: Vec::new(), problem: None };
    Ok(Created(format!("/api/v1/models/{}", new.name), ModelAnswer::of(detail)?))
}

impl ModelHead {
    fn of(model: &Model) -> Self {
        Self {
            name: model.name.clone(),
            task: model.task(),
            target: model.specification.target.clone(),
            specification_number: model.specification_number,
            created_at: moment(model.created_at),
            created_by: model.created_by.clone(),
        }
    }
}

impl ModelItem {
    fn of(summary: ModelSummary) -> Self {
        Self {
            model: ModelHead::of(&summary.model),
            champion: summary.champion.map(|version| version.number),
            versions: summary.versions,
            problem: summary.problem,
        }
    }
}

impl ModelAnswer {
    fn of(detail: ModelDetail) -> Result<Self, Problem> {
        let specification = serde_json::to_value(&detail.model.specification);
        Ok(Self {
            model: ModelHead::of(&detail.model),
            champion: detail.champion(),
            challenger: detail.challenger(),
            previous: detail.previous(),
            specification: specification.map_err(|error| Problem::internal(error.to_string()))?,
            versions: detail.versions.iter().map(VersionAnswer::of).collect(),
            deployments: detail.deployments.iter().map(DeploymentAnswer::of).collect(),
            problem: detail.problem,
        })
    }
}
