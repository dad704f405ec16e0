//! `verdict promote` and `verdict rollback`.

use clap::Args;
use domain::model::Deployment;

use super::output::Exit;
use super::place::Place;

#[derive(Args, Debug)]
pub(super) struct PromoteArgs {
    /// Name of the model
    name: String,
    /// Number of the version
    version: i64,
    /// Why
    #[arg(long)]
    reason: String,
    /// Promote it although a gate is closed
    #[arg(long)]
    despite_gates: bool,
}

#[derive(Args, Debug)]
pub(super) struct RollbackArgs {
    /// Name of the model
    name: String,
    /// Why
    #[arg(long)]
    reason: String,
}

pub(super) async fn promote(place: &Place, args: PromoteArgs) -> anyhow::Result<Exit> {
    let actor = place.actor().await?;
    let versions = place.desk.versions();
    let done = versions.promote(&actor, &args.name, args.version, &args.reason, args.despite_gates).await?;
    say(place, &args.name, &done)
}

pub(super) async fn roll_back(place: &Place, args: RollbackArgs) -> anyhow::Result<Exit> {
    let actor = place.actor().await?;
    let done = place.desk.versions().roll_back(&actor, &args.name, &args.reason).await?;
    say(place, &args.name, &done)
}

fn say(place: &Place, model: &str, deployment: &Deployment) -> anyhow::Result<Exit> {
    let name = |number: Option<i64>| number.map_or_else(|| String::from("the heuristic"), |n| format!("version {n}"));
    place.output.result(deployment, || {
        format!("`{model}`: {} serves now; {} served before.", name(deployment.version), name(deployment.previous))
    })?;
    Ok(Exit::Done)
}
