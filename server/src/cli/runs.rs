//! `verdict runs`: trainings listed, looked at, followed, cancelled.

mod follow;

use clap::Subcommand;
use domain::run::RunState;
use serde_json::json;

use super::output::{Exit, minute, table};
use super::rest::{Rest, escaped};
use crate::api::Page;
use crate::api::runs::{LogAnswer, RunAnswer};
pub(super) use follow::{Follow, OnSignal};

#[derive(Debug, Subcommand)]
pub(super) enum RunsCommand {
    /// List trainings, newest first
    List {
        /// Only of this model
        #[arg(long, value_name = "NAME")]
        model: Option<String>,
        /// Only queued, running, succeeded, failed or cancelled ones
        #[arg(long, value_parser = read_state)]
        state: Option<RunState>,
        /// At most so many
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000))]
        limit: u32,
    },
    /// Show a training with its log
    Show {
        /// Number of the run
        run: i64,
    },
    /// Follow a training to its end; the exit code says how it ended. Ctrl-C ends the following, not the training
    Follow {
        /// Number of the run
        run: i64,
    },
    /// Ask a training to stop
    Cancel {
        /// Number of the run
        run: i64,
    },
}

/// Runs that are asked for at a time.
const PAGE: u32 = 200;

pub(super) async fn run(rest: &Rest, command: RunsCommand) -> anyhow::Result<Exit> {
    match command {
        RunsCommand::List { model, state, limit } => list(rest, model.as_deref(), state, limit).await,
        RunsCommand::Show { run } => show(rest, run).await,
        RunsCommand::Follow { run } => follow(rest, run).await,
        RunsCommand::Cancel { run } => cancel(rest, run).await,
    }
}

async fn list(rest: &Rest, model: Option<&str>, state: Option<RunState>, limit: u32) -> anyhow::Result<Exit> {
    let mut query = String::new();
    query.extend(model.map(|name| format!("&model={}", escaped(name))));
    query.extend(state.map(|state| format!("&state={}", state.as_str())));
    let (mut runs, mut cursor) = (Vec::new(), String::new());
    while runs.len() < limit as usize {
        let part = (limit - runs.len() as u32).min(PAGE);
        let page: Page<RunAnswer> = rest.get(&format!("/api/v1/runs?limit={part}{query}{cursor}")).await?;
        runs.extend(page.items);
        let Some(next) = page.next else { break };
        cursor = format!("&cursor={}", escaped(&next));
    }
    rest.output.result(&runs, || {
        let head = ["RUN", "MODEL", "STATE", "DONE", "VERSION", "ASKED FOR (UTC)", "BY", ""];
        table(&head, &runs.iter().map(row).collect::<Vec<_>>())
    })?;
    Ok(Exit::Done)
}

fn row(run: &RunAnswer) -> Vec<String> {
    let version = run.version.map(|number| number.to_string()).unwrap_or_default();
    let why = if run.state == RunState::Failed { run.message.clone() } else { String::new() };
    let (state, at) = (run.state.as_str().to_owned(), minute(&run.created_at));
    vec![run.id.to_string(), run.model.clone(), state, percent(run), version, at, run.created_by.clone(), why]
}

fn percent(run: &RunAnswer) -> String {
    format!("{:.0} %", run.progress * 100.0)
}

async fn show(rest: &Rest, id: i64) -> anyhow::Result<Exit> {
    let run: RunAnswer = rest.get(&format!("/api/v1/runs/{id}")).await?;
    let log: LogAnswer = rest.get(&format!("/api/v1/runs/{id}/log")).await?;
    let mut shown = serde_json::to_value(&run)?;
    shown["log"] = json!(log.items);
    rest.output.result(&shown, || {
        let lines = log.items.iter().map(|line| format!("  {}  {}", minute(&line.at), line.line));
        format!("{}\n{}", told(&run), lines.collect::<Vec<_>>().join("\n"))
    })?;
    Ok(Exit::Done)
}

async fn follow(rest: &Rest, id: i64) -> anyhow::Result<Exit> {
    let Some(run) = Follow::of(rest, id).with_log().until_the_end(OnSignal::EndsFollowing).await? else {
        return Ok(Exit::Interrupted);
    };
    rest.output.result(&run, || told(&run))?;
    Ok(ended(run.state))
}

async fn cancel(rest: &Rest, id: i64) -> anyhow::Result<Exit> {
    rest.post::<()>(&format!("/api/v1/runs/{id}/cancellation"), &json!({})).await?;
    let run: RunAnswer = rest.get(&format!("/api/v1/runs/{id}")).await?;
    rest.output.result(&run, || match run.state {
        RunState::Cancelled => format!("Run {id} of `{}` is cancelled.", run.model),
        _ => format!("Run {id} of `{}` was asked to stop.", run.model),
    })?;
    Ok(Exit::Done)
}

/// One sentence about a run.
pub(super) fn told(run: &RunAnswer) -> String {
    let (id, model, state) = (run.id, &run.model, run.state.as_str());
    match (run.state, run.version) {
        (RunState::Succeeded, Some(version)) => format!("Run {id} of `{model}` succeeded: version {version}."),
        (RunState::Queued | RunState::Running, _) => {
            format!("Run {id} of `{model}` is {state}, {}: {}", percent(run), run.message)
        }
        _ => format!("Run {id} of `{model}` is {state}: {}", run.message),
    }
}

/// The exit code for how a run ended.
pub(super) fn ended(state: RunState) -> Exit {
    match state {
        RunState::Succeeded => Exit::Done,
        RunState::Cancelled => Exit::Refused,
        RunState::Failed | RunState::Queued | RunState::Running => Exit::Failed,
    }
}

fn read_state(word: &str) -> Result<RunState, String> {
    let words = || RunState::ALL.map(RunState::as_str).join(", ");
    RunState::parse(word).ok_or_else(|| format!("it is one of {}", words()))
}
