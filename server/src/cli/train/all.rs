//! `verdict train --all`: a run for each model that has something new to learn from, one after the other.

use domain::run::RunState;
use serde::Serialize;
use serde_json::json;

use super::see_through;
use crate::api::retraining::{TrainingItem, TrainingsAnswer};
use crate::api::runs::RunAnswer;
use crate::cli::output::{Exit, table};
use crate::cli::rest::Rest;

/// What became of one model.
#[derive(Serialize)]
struct Ended {
    model: String,
    run: Option<i64>,
    state: Option<RunState>,
    version: Option<i64>,
    /// Why there is no version.
    message: Option<String>,
}

pub(super) async fn train(rest: &Rest) -> anyhow::Result<Exit> {
    let started: TrainingsAnswer = rest.post("/api/v1/runs", &json!({})).await?;
    let mut ended = Vec::new();
    let mut waiting = started.items.into_iter();
    while let Some(item) = waiting.next() {
        let Some(run) = &item.run else {
            ended.push(Ended::of(item));
            continue;
        };
        match see_through(rest, run.id).await? {
            None => return Ok(Exit::Interrupted),
            Some(run) => {
                let stopped = run.state == RunState::Cancelled;
                ended.push(Ended::of(TrainingItem { run: Some(run), ..item }));
                if stopped && rest.place().is_some() {
                    cancel(rest, waiting.by_ref().filter_map(|item| item.run)).await?;
                }
            }
        }
    }
    rest.output.result(&ended, || told(&ended))?;
    let good = ended.iter().all(|one| one.state == Some(RunState::Succeeded));
    Ok(if good { Exit::Done } else { Exit::Failed })
}

/// Whoever stops one of them here means the others as well.
async fn cancel(rest: &Rest, runs: impl Iterator<Item = RunAnswer>) -> anyhow::Result<()> {
    for run in runs {
        rest.post::<()>(&format!("/api/v1/runs/{}/cancellation", run.id), &json!({})).await?;
    }
    Ok(())
}

fn told(ended: &[Ended]) -> String {
    if ended.is_empty() {
        return String::from("No model has anything new to learn from.");
    }
    let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
    let row = |one: &Ended| {
        let state = one.state.map_or("not started", RunState::as_str).to_owned();
        let why = one.message.clone().unwrap_or_default();
        vec![one.model.clone(), number(one.run), state, number(one.version), why]
    };
    table(&["MODEL", "RUN", "STATE", "VERSION", ""], &ended.iter().map(row).collect::<Vec<_>>())
}

impl Ended {
    fn of(item: TrainingItem) -> Self {
        let run = item.run.as_ref();
        let failed = run.filter(|run| run.version.is_none()).map(|run| run.message.clone());
        Self {
            run: run.map(|run| run.id),
            state: run.map(|run| run.state),
            version: run.and_then(|run| run.version),
            message: item.problem.or(failed),
            model: item.model,
        }
    }
}
