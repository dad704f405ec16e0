//! `verdict schedules`: what is done by the clock.

use clap::Subcommand;
use serde_json::json;

use super::output::{Exit, minute, table};
use super::rest::{Rest, escaped};
use crate::api::Whole;
use crate::api::schedules::{ScheduleAnswer, ScheduleRunAnswer};

#[derive(Debug, Subcommand)]
pub(super) enum SchedulesCommand {
    /// List what is done by the clock, with the next and the last time of each
    List {
        /// Only of this model
        #[arg(long, value_name = "NAME")]
        model: Option<String>,
    },
    /// Hold one up until somebody resumes it
    Pause {
        /// Number of the schedule
        schedule: i64,
    },
    /// Let one go on at its next time
    Resume {
        /// Number of the schedule
        schedule: i64,
    },
    /// Ask for one now, also while it is paused; a server's next free worker does it
    Run {
        /// Number of the schedule
        schedule: i64,
    },
}

pub(super) async fn run(rest: &Rest, command: SchedulesCommand) -> anyhow::Result<Exit> {
    match command {
        SchedulesCommand::List { model } => list(rest, model.as_deref()).await,
        SchedulesCommand::Pause { schedule } => change(rest, schedule, "pause").await,
        SchedulesCommand::Resume { schedule } => change(rest, schedule, "resume").await,
        SchedulesCommand::Run { schedule } => run_now(rest, schedule).await,
    }
}

async fn list(rest: &Rest, model: Option<&str>) -> anyhow::Result<Exit> {
    let query = model.map(|name| format!("?model={}", escaped(name))).unwrap_or_default();
    let all = rest.get::<Whole<ScheduleAnswer>>(&format!("/api/v1/schedules{query}")).await?.items;
    rest.output.result(&all, || {
        let head = ["SCHEDULE", "JOB", "MODEL", "WHEN", "TIME ZONE", "NEXT (UTC)", "LAST", ""];
        table(&head, &all.iter().map(row).collect::<Vec<_>>())
    })?;
    Ok(Exit::Done)
}

fn row(one: &ScheduleAnswer) -> Vec<String> {
    let next = if one.paused_at.is_some() { String::from("paused") } else { minute(&one.next_at) };
    let (last, why) = match &one.last {
        Some(last) => (last.state.as_str().to_owned(), last.message.clone()),
        None => (String::from("never"), String::new()),
    };
    let (job, model) = (one.job.as_str().to_owned(), one.model.clone().unwrap_or_default());
    vec![one.id.to_string(), job, model, one.expression.clone(), one.time_zone.clone(), next, last, why]
}

async fn change(rest: &Rest, id: i64, how: &str) -> anyhow::Result<Exit> {
    let one: ScheduleAnswer = rest.post(&format!("/api/v1/schedules/{id}/{how}"), &json!({})).await?;
    rest.output.result(&one, || match &one.paused_at {
        Some(_) => format!("Schedule {id} ({}) is paused until somebody resumes it.", what(&one)),
        None => format!("Schedule {id} ({}) goes on; next at {} UTC.", what(&one), minute(&one.next_at)),
    })?;
    Ok(Exit::Done)
}

async fn run_now(rest: &Rest, id: i64) -> anyhow::Result<Exit> {
    let asked: ScheduleRunAnswer = rest.post(&format!("/api/v1/schedules/{id}/runs"), &json!({})).await?;
    rest.output.result(&asked, || format!("Schedule {id} is {}.", asked.state.as_str()))?;
    if rest.place().is_some() {
        rest.output.remark("A server on this data directory does it, now or when one is started.");
    }
    Ok(Exit::Done)
}

/// What is done, and to what: retrain `fraud`.
pub(super) fn what(one: &ScheduleAnswer) -> String {
    let model = one.model.as_ref().map(|name| format!(" `{name}`")).unwrap_or_default();
    format!("{}{model}", one.job.as_str())
}
