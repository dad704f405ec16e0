//! `verdict retrain`: a model learns again by its own rules, now or by the clock.

use clap::Args;
use serde_json::{Value, json};

use super::output::{Exit, minute};
use super::rest::{Rest, escaped};
use super::train::{self, see_through};
use crate::api::Whole;
use crate::api::models::ModelAnswer;
use crate::api::runs::RunAnswer;
use crate::api::schedules::ScheduleAnswer;

#[derive(Args, Debug)]
pub(super) struct RetrainArgs {
    /// Name of the model
    name: String,
    /// Learn from the examples of so many days [default: as the model's rules say]
    #[arg(long, value_name = "N")]
    days: Option<u32>,
    /// Not now, but by the clock from now on: minute, hour, day of the month, month, day of the week
    #[arg(long, value_name = "CRON")]
    schedule: Option<String>,
}

pub(super) async fn run(rest: &Rest, args: RetrainArgs) -> anyhow::Result<Exit> {
    if let Some(expression) = &args.schedule {
        return schedule(rest, &args, expression).await;
    }
    let path = format!("/api/v1/models/{}/retrainings", escaped(&args.name));
    let run: RunAnswer = rest.post(&path, &json!({ "days": args.days })).await?;
    match see_through(rest, run.id).await? {
        Some(run) => train::report(rest, &run).await,
        None => Ok(Exit::Interrupted),
    }
}

/// Puts the next specification into force, which differs in nothing but when the model learns again, and from how much.
async fn schedule(rest: &Rest, args: &RetrainArgs, expression: &str) -> anyhow::Result<Exit> {
    let path = format!("/api/v1/models/{}", escaped(&args.name));
    let ModelAnswer { model, mut specification, .. } = rest.get(&path).await?;
    specification["schedule"]["retrain"] = json!(expression);
    if let Some(days) = args.days {
        specification["retraining"]["days"] = json!(days);
    }
    // Whatever somebody else has changed meanwhile is not taken back.
    let next = format!("{path}/specifications?replaces={}", model.specification_number);
    rest.post::<Value>(&next, &specification).await?;
    let query = format!("/api/v1/schedules?model={}", escaped(&args.name));
    let all = rest.get::<Whole<ScheduleAnswer>>(&query).await?.items;
    let one = all.into_iter().find(|one| one.job.as_str() == "retrain");
    let one = one.ok_or_else(|| anyhow::anyhow!("the schedule was put into force and is not there"))?;
    rest.output.result(&one, || {
        let (expression, zone) = (&one.expression, &one.time_zone);
        format!("`{}` learns again by `{expression}` ({zone}), next at {} UTC.", args.name, minute(&one.next_at))
    })?;
    Ok(Exit::Done)
}
