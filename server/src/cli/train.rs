//! `verdict train`: asks for a run and works on it here, unless a server took it up first.

use std::time::Duration;

use clap::Args;
use desk::training::Options;
use domain::run::{Run, RunState};
use domain::specification::EstimatorKind;
use domain::{Actor, RunId};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::models::read_estimator;
use super::output::{Exit, bar};
use super::place::Place;
use super::signals;
use crate::workers::worker_name;

#[derive(Args, Debug)]
pub(super) struct TrainArgs {
    /// Name of the model
    name: String,
    /// Learner: auto, logistic, neural, boosted or forest [default: the specification's]
    #[arg(long, value_parser = read_estimator)]
    estimator: Option<EstimatorKind>,
    /// Seed of every random choice [default: 1]
    #[arg(long)]
    seed: Option<i64>,
}

/// How often progress is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// Steps of the bar.
const STEPS: u64 = 1_000;

pub(super) async fn run(place: &Place, args: TrainArgs) -> anyhow::Result<Exit> {
    let actor = place.actor().await?;
    let options = Options { estimator: args.estimator, seed: args.seed, dataset: None };
    let run = train(place, &actor, &args.name, options).await?;
    report(place, &actor, &args.name, &run).await
}

/// Asks for a run and sees it to its end; Ctrl-C asks it to stop.
pub(super) async fn train(place: &Place, actor: &Actor, model: &str, options: Options) -> anyhow::Result<Run> {
    let run = place.desk.training().start(actor, model, options).await?;
    let over = CancellationToken::new();
    let followed = async {
        let followed = follow(place, actor, run.id).await;
        over.cancel();
        followed
    };
    let (run, ()) = tokio::try_join!(followed, work(place, actor, run.id, &over))?;
    Ok(run)
}

/// Works on the run. Another process may have taken it: then it is only followed, and taken over should that one die.
async fn work(place: &Place, actor: &Actor, id: RunId, over: &CancellationToken) -> anyhow::Result<()> {
    let name = worker_name(0);
    while !over.is_cancelled() && !place.desk.training().work_on(actor, id, &name).await? {
        over.run_until_cancelled(tokio::time::sleep(LOOK)).await;
    }
    Ok(())
}

async fn follow(place: &Place, actor: &Actor, id: RunId) -> anyhow::Result<Run> {
    let bar = bar(STEPS);
    let mut stop = Box::pin(signals::signal());
    let mut asked = false;
    loop {
        let run = place.desk.training().get(actor, id).await?;
        bar.set_position((run.progress * STEPS as f64) as u64);
        bar.set_message(run.message.clone());
        if run.state.is_over() {
            bar.finish_and_clear();
            return Ok(run);
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            signalled = &mut stop, if !asked => {
                signalled?;
                asked = true;
                place.desk.training().cancel(actor, id).await?;
            }
        }
    }
}

async fn report(place: &Place, actor: &Actor, name: &str, run: &Run) -> anyhow::Result<Exit> {
    let Some(number) = run.version else {
        place.output.result(&json!({ "run": run.id, "state": run.state, "message": run.message }), || {
            format!("Run {} is {}: {}", run.id, run.state.as_str(), run.message)
        })?;
        return Ok(if run.state == RunState::Cancelled { Exit::Refused } else { Exit::Failed });
    };
    let detail = place.desk.models().get(actor, name).await?;
    let version = detail.versions.iter().find(|version| version.number == number);
    let summary = version.map(|version| &version.summary);
    let shown = json!({ "run": run.id, "state": run.state, "version": number, "summary": summary });
    place.output.result(&shown, || {
        let figure = |key: &str| Some(format!("{key} {:.4}", summary?.metrics.get(key)?));
        let figures: Vec<String> = ["roc_auc", "pr_auc", "f1", "r2", "mae", "exact", "cer", "within_tolerance"]
            .into_iter()
            .filter_map(figure)
            .collect();
        let learnt = summary.map(|summary| summary.estimator.as_str()).unwrap_or_default();
        format!("Version {number} of `{name}`: {learnt}; {} on held-back rows.", figures.join(", "))
    })?;
    if detail.champion().is_none() {
        place.output.remark(&format!("No version serves yet. Next: verdict promote {name} {number} --reason \"…\""));
    }
    Ok(Exit::Done)
}
