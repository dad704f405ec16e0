//! `verdict train`: asks for a run and sees it to its end. On a data directory this process works on it, unless a server
//! took it up first; on a server, that one's workers do.

mod all;

use std::time::Duration;

use clap::Args;
use desk::training::Options;
use domain::run::Run;
use domain::specification::EstimatorKind;
use domain::{Actor, RunId};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::models::read_estimator;
use super::output::Exit;
use super::place::Place;
use super::rest::{Rest, escaped};
use super::runs::{Follow, OnSignal, ended, told};
use crate::api::models::ModelAnswer;
use crate::api::runs::RunAnswer;
use crate::workers::worker_name;

#[derive(Args, Debug)]
pub(super) struct TrainArgs {
    /// Name of the model
    #[arg(required_unless_present = "all")]
    name: Option<String>,
    /// Every model that has new labels, or has not learnt yet
    #[arg(long, conflicts_with_all = ["name", "estimator", "seed"])]
    all: bool,
    /// Learner: auto, logistic, neural, boosted or forest [default: the specification's]
    #[arg(long, value_parser = read_estimator)]
    estimator: Option<EstimatorKind>,
    /// Seed of every random choice [default: 1]
    #[arg(long)]
    seed: Option<i64>,
}

/// How often a run that another process holds is tried.
const LOOK: Duration = Duration::from_millis(200);

/// Figures that a training ends with, of those that its task has.
const FIGURES: [&str; 8] = ["roc_auc", "pr_auc", "f1", "r2", "mae", "exact", "cer", "within_tolerance"];

pub(super) async fn run(rest: &Rest, args: TrainArgs) -> anyhow::Result<Exit> {
    let Some(name) = &args.name else { return all::train(rest).await };
    let asked = json!({ "estimator": args.estimator, "seed": args.seed });
    let run: RunAnswer = rest.post(&format!("/api/v1/models/{}/runs", escaped(name)), &asked).await?;
    match see_through(rest, run.id).await? {
        Some(run) => report(rest, &run).await,
        None => Ok(Exit::Interrupted),
    }
}

/// Asks for a run on the data directory and sees it to its end.
pub(super) async fn train(place: &Place, actor: &Actor, model: &str, options: Options) -> anyhow::Result<Run> {
    let run = place.desk.training().start(actor, model, options).await?;
    see_through(&Rest::here(place.clone()), run.id.0).await?;
    Ok(place.desk.training().get(actor, run.id).await?)
}

/// Follows a run to its end; none when a signal ended that. Where this process works on it, a signal ends the run.
pub(super) async fn see_through(rest: &Rest, id: i64) -> anyhow::Result<Option<RunAnswer>> {
    let Some(place) = rest.place() else {
        return Follow::of(rest, id).until_the_end(OnSignal::EndsFollowing).await;
    };
    let over = CancellationToken::new();
    let followed = async {
        let followed = Follow::of(rest, id).until_the_end(OnSignal::CancelsRun).await;
        over.cancel();
        followed
    };
    let (run, ()) = tokio::try_join!(followed, work(place, RunId(id), &over))?;
    Ok(run)
}

/// Works on the run. Another process may have taken it: then it is only followed, and taken over should that one die.
async fn work(place: &Place, id: RunId, over: &CancellationToken) -> anyhow::Result<()> {
    let (actor, name) = (place.actor().await?, worker_name(0));
    while !over.is_cancelled() && !place.desk.training().work_on(&actor, id, &name).await? {
        over.run_until_cancelled(tokio::time::sleep(LOOK)).await;
    }
    Ok(())
}

pub(super) async fn report(rest: &Rest, run: &RunAnswer) -> anyhow::Result<Exit> {
    // What becomes of a version is decided just after its run is over.
    let run: RunAnswer = rest.get(&format!("/api/v1/runs/{}", run.id)).await?;
    let Some(number) = run.version else {
        rest.output.result(&json!({ "run": run.id, "state": run.state, "message": run.message }), || told(&run))?;
        return Ok(ended(run.state));
    };
    let name = &run.model;
    let model: ModelAnswer = rest.get(&format!("/api/v1/models/{name}")).await?;
    let version = model.versions.iter().find(|version| version.number == number);
    let shown = json!({ "run": run.id, "state": run.state, "version": number, "summary": version,
        "became": run.became, "because": run.because });
    rest.output.result(&shown, || {
        let figure = |key: &str| Some(format!("{key} {:.4}", version?.metrics.get(key)?));
        let figures: Vec<String> = FIGURES.into_iter().filter_map(figure).collect();
        let learnt = version.map(|version| version.estimator.as_str()).unwrap_or_default();
        // Nothing is decided of what somebody trained by hand.
        let became = run.became.filter(|_| !run.because.is_empty());
        let became = became.map(|became| format!("\nIt is a {} now: {}.", became.as_str(), run.because));
        let figures = figures.join(", ");
        format!("Version {number} of `{name}`: {learnt}; {figures} on held-back rows.{}", became.unwrap_or_default())
    })?;
    if model.champion.is_none() {
        rest.output.remark(&format!("No version serves yet. Next: verdict promote {name} {number} --reason \"…\""));
    }
    Ok(Exit::Done)
}
