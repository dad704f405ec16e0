//! Versions: listed, looked at, compared.

use std::collections::BTreeMap;

use axum::extract::State;
use desk::Desk;
use desk::versions::VersionDetail;
use domain::Permission;
use domain::model::Version;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::deployments::DeploymentAnswer;
use super::endpoint::{Access, Endpoint};
use super::extract::{Asked, In};
use super::problem::Problem;
use super::{Answer, moment};
use crate::rim::Caller;

/// The headline of a version.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct VersionAnswer {
    /// 1, 2, 3, … within the model.
    pub(crate) number: i64,
    /// What was learnt: `boosted trees`.
    pub(crate) estimator: String,
    /// Figure → value on the rows held back.
    #[schema(value_type = Object)]
    pub(crate) metrics: BTreeMap<String, f64>,
    /// Score from which a binary version says yes.
    threshold: Option<f64>,
    /// Rows learnt from.
    trained_on: u64,
    /// Rows held back.
    held_back: u64,
    /// Seconds of training.
    training_seconds: f64,
    /// The run that made it.
    run: i64,
    /// The data set it was trained on.
    dataset: i64,
    /// Number of the specification it was trained by.
    specification_number: i64,
    /// When it was made.
    created_at: String,
    /// Who asked for it.
    created_by: String,
}

/// Versions, newest first.
#[derive(Serialize, ToSchema)]
struct VersionList {
    /// All of them.
    items: Vec<VersionAnswer>,
}

/// Everything about one version.
#[derive(Serialize, ToSchema)]
struct VersionRecord {
    #[serde(flatten)]
    version: VersionAnswer,
    /// Whether it serves.
    serves: bool,
    /// Artifacts with their SHA-256, and what the version came from.
    #[schema(value_type = Object)]
    manifest: Value,
    /// The specification it was trained by.
    #[schema(value_type = Object)]
    specification: Value,
    /// Figures with 95 % intervals and baselines, curves, confusion, importance; none when an artifact was changed.
    #[schema(value_type = Option<Object>)]
    evaluation: Option<Value>,
    /// What is wrong with its artifacts.
    integrity_problem: Option<String>,
    /// The model's gates, answered for this version.
    gates: Vec<GateAnswer>,
    /// The champion (a) and this version (b) on the same rows, if another version serves.
    #[schema(value_type = Option<Object>)]
    comparison: Option<Value>,
    /// Its deployments, newest first.
    deployments: Vec<DeploymentAnswer>,
}

/// A gate and its answer.
#[derive(Serialize, ToSchema)]
struct GateAnswer {
    /// The figure it asks for.
    metric: String,
    /// Whether the version passes.
    passed: bool,
    /// Why.
    reason: String,
}

/// Which two versions.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Pair {
    /// Number of one version.
    a: i64,
    /// Number of the other.
    b: i64,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let access = Access::Needs(Permission::ReadModels);
    let version = json!({ "number": 3, "estimator": "boosted trees", "metrics": { "pr_auc": 0.41, "roc_auc": 0.83 },
        "threshold": 0.27, "trained_on": 10_200, "held_back": 1_800, "training_seconds": 3.1, "run": 12, "dataset": 4,
        "specification_number": 1, "created_at": "2026-03-01T09:00:00Z", "created_by": "person:1 Ada" });
    let gone: &[(u16, &str)] = &[(404, "There is no such model or version")];
    vec![
        Endpoint::get("/api/v1/models/{name}/versions", access, list)
            .about("Versions", "The versions of a model, newest first")
            .answers::<VersionList>(200, "The versions", json!({ "items": [version] }))
            .refuses(gone),
        Endpoint::get("/api/v1/models/{name}/versions/{version}", access, show)
            .about("Versions", "A version with its evaluation, manifest and gates")
            .answers::<VersionRecord>(200, "The version", version.clone())
            .refuses(gone),
        Endpoint::get("/api/v1/models/{name}/comparison", access, compare)
            .about("Versions", "Two versions measured on the same rows: those that the later one held back")
            .query::<Pair>()
            .answers_with(
                200,
                "Figures of both with their differences, and where they disagree",
                Some("application/json"),
            )
            .refuses(&[(404, "There is no such model or version"), (409, "They cannot read the same rows")]),
    ]
}

async fn list(State(desk): State<Desk>, Caller(actor): Caller, In(name): In<String>) -> Answer<VersionList> {
    let detail = desk.models().get(&actor, &name).await?;
    Ok(axum::Json(VersionList { items: detail.versions.iter().map(VersionAnswer::of).collect() }))
}

async fn show(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In((name, number)): In<(String, i64)>,
) -> Answer<VersionRecord> {
    VersionRecord::of(&desk.versions().get(&actor, &name, number).await?).map(axum::Json)
}

async fn compare(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(name): In<String>,
    Asked(pair): Asked<Pair>,
) -> Answer<Value> {
    let comparison = desk.versions().compare(&actor, &name, pair.a, pair.b).await?;
    json(&*comparison).map(axum::Json)
}

impl VersionAnswer {
    pub(super) fn of(version: &Version) -> Self {
        let summary = &version.summary;
        Self {
            number: version.number,
            estimator: summary.estimator.clone(),
            metrics: summary.metrics.clone(),
            threshold: summary.threshold,
            trained_on: summary.trained_on,
            held_back: summary.held_back,
            training_seconds: summary.training_seconds,
            run: version.run.0,
            dataset: version.dataset.0,
            specification_number: version.specification_number,
            created_at: moment(version.created_at),
            created_by: version.created_by.clone(),
        }
    }
}

impl VersionRecord {
    fn of(detail: &VersionDetail) -> Result<Self, Problem> {
        let gate = |result: &desk::versions::GateResult| GateAnswer {
            metric: result.gate.metric.clone(),
            passed: result.verdict.passed,
            reason: result.verdict.reason.clone(),
        };
        let evaluation = &detail.inspected.evaluation;
        Ok(Self {
            version: VersionAnswer::of(&detail.version),
            serves: detail.champion == Some(detail.version.number),
            manifest: json(&detail.version.manifest)?,
            specification: json(&detail.specification)?,
            evaluation: evaluation.as_ref().ok().map(json).transpose()?,
            integrity_problem: evaluation.as_ref().err().cloned(),
            gates: detail.gates.iter().map(gate).collect(),
            comparison: detail.comparison.as_deref().map(json).transpose()?,
            deployments: detail.deployments.iter().map(DeploymentAnswer::of).collect(),
        })
    }
}

fn json(value: &impl Serialize) -> Result<Value, Problem> {
    serde_json::to_value(value).map_err(|error| Problem::internal(error.to_string()))
}
