//! How models learn again: rules, triggers, and trainings by them.

use axum::extract::State;
use axum::response::IntoResponse;
use desk::Desk;
use desk::retraining::CheckRecord;
use domain::Permission;
use domain::retraining::{Rules, Trigger};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::endpoint::{Access, Endpoint};
use super::extract::{Created, In, Sent};
use super::problem::Problem;
use super::runs::{RunAnswer, example_run};
use super::{Answer, moment};
use crate::rim::Caller;

/// What differs from the model's rules for one retraining.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetrainingRequest {
    /// Learn from the examples of so many days, 1 to 3,650.
    pub(crate) days: Option<u32>,
}

/// Which models are to be trained.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrainingsRequest {
    /// Their names, up to 1,000, each once; all that have new labels if none is named.
    #[serde(default)]
    pub(crate) models: Vec<String>,
}

/// How a model learns again.
#[derive(Serialize, ToSchema)]
struct RetrainingAnswer {
    /// The section `retraining` of its specification, with what is not said there filled in.
    #[schema(value_type = Object)]
    rules: Rules,
    /// What the newest check of its triggers found; none before the first.
    check: Option<TriggerCheckAnswer>,
}

/// What a check of a model's triggers found.
#[derive(Serialize, ToSchema)]
struct TriggerCheckAnswer {
    /// When.
    at: String,
    /// What each watched trigger saw, the most pressing first.
    findings: Vec<FindingAnswer>,
    /// Why no training began although a trigger fires.
    held_back: Option<String>,
    /// The run that it asked for.
    run: Option<i64>,
}

/// What one trigger saw.
#[derive(Serialize, ToSchema)]
struct FindingAnswer {
    /// `metric`, `drift`, `labels` or `age`.
    trigger: &'static str,
    /// Whether it is reason enough for a training.
    fires: bool,
    /// A sentence.
    saw: String,
}

/// What became of a batch.
#[derive(Deserialize, Serialize, ToSchema)]
pub(crate) struct TrainingsAnswer {
    /// One for each model.
    pub(crate) items: Vec<TrainingItem>,
}

/// What became of one model of a batch.
#[derive(Deserialize, Serialize, ToSchema)]
pub(crate) struct TrainingItem {
    /// Its name.
    pub(crate) model: String,
    /// The run that was asked for.
    pub(crate) run: Option<RunAnswer>,
    /// Why there is none.
    pub(crate) problem: Option<String>,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let (read, train) = (Access::Needs(Permission::ReadModels), Access::Needs(Permission::Train));
    let saw = "f1 0.61 on 1,204 outcomes is 8.3 % under its reference 0.665";
    let check = json!({ "at": "2026-03-01T09:00:00Z", "held_back": null, "run": 12,
        "findings": [{ "trigger": "metric", "fires": true, "saw": saw }] });
    let rules: Value = serde_json::to_value(Rules::default()).unwrap_or_default();
    let problems: &[(u16, &str)] = &[(404, "There is no such model"), (503, "Too many runs wait")];
    vec![
        Endpoint::get("/api/v1/models/{name}/retraining", read, show)
            .about("Runs", "How a model learns again, and what its triggers saw last")
            .answers::<RetrainingAnswer>(200, "Rules and the newest check", json!({ "rules": rules, "check": check }))
            .refuses(&[(404, "There is no such model")]),
        Endpoint::post("/api/v1/models/{name}/retrainings", train, retrain)
            .about("Runs", "Have a model learn again by its rules, which say what becomes of the version")
            .takes::<RetrainingRequest>(json!({ "days": 90 }))
            .answers::<RunAnswer>(201, "It waits for a worker", example_run())
            .refuses(problems),
        Endpoint::post("/api/v1/models/{name}/trigger-checks", train, look)
            .about("Runs", "Look at a model's triggers now instead of at the next hour")
            .answers::<TriggerCheckAnswer>(201, "What each saw", check)
            .refuses(problems),
        Endpoint::post("/api/v1/runs", train, start_all)
            .about("Runs", "Ask for a training of several models at once")
            .takes::<TrainingsRequest>(json!({ "models": ["claims"] }))
            .answers::<TrainingsAnswer>(
                200,
                "What became of each",
                json!({ "items": [{ "model": "claims", "run": example_run(), "problem": null }] }),
            )
            .refuses(&[(422, "Too many names, or the one that comes twice, as `models[3]`")]),
    ]
}

async fn show(State(desk): State<Desk>, Caller(actor): Caller, In(name): In<String>) -> Answer<RetrainingAnswer> {
    let check = desk.retraining().newest_check(&actor, &name).await?;
    let rules = desk.models().get(&actor, &name).await?.model.specification.retraining();
    Ok(axum::Json(RetrainingAnswer { rules, check: check.map(TriggerCheckAnswer::of) }))
}

async fn retrain(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(name): In<String>,
    Sent(asked): Sent<RetrainingRequest>,
) -> Result<impl IntoResponse, Problem> {
    let run = desk.retraining().retrain(&actor, &name, asked.days, Trigger::Hand).await?;
    Ok(Created(format!("/api/v1/runs/{}", run.id), RunAnswer::of(&run, &name)))
}

async fn look(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(name): In<String>,
) -> Result<impl IntoResponse, Problem> {
    let record = desk.retraining().check(&actor, &name).await?;
    Ok(Created(format!("/api/v1/models/{name}/retraining"), TriggerCheckAnswer::of(record)))
}

async fn start_all(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Sent(asked): Sent<TrainingsRequest>,
) -> Answer<TrainingsAnswer> {
    let started = desk.training().start_all(&actor, &asked.models).await?;
    let item = |(model, run): (String, desk::Result<_>)| match run {
        Ok(run) => TrainingItem { run: Some(RunAnswer::of(&run, &model)), model, problem: None },
        Err(error) => TrainingItem { model, run: None, problem: Some(error.to_string()) },
    };
    Ok(axum::Json(TrainingsAnswer { items: started.into_iter().map(item).collect() }))
}

impl TriggerCheckAnswer {
    fn of(record: CheckRecord) -> Self {
        let finding = |finding: domain::retraining::Finding| FindingAnswer {
            trigger: finding.trigger.as_str(),
            fires: finding.fires,
            saw: finding.saw,
        };
        Self {
            at: moment(record.at),
            findings: record.check.findings.into_iter().map(finding).collect(),
            held_back: record.check.held_back,
            run: record.run.map(|run| run.0),
        }
    }
}
