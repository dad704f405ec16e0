//! `verdict promote` and `verdict rollback`.

use clap::Args;
use serde_json::{Value, json};

use super::output::Exit;
use super::rest::{Rest, escaped};
use crate::api::deployments::DeploymentAnswer;

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

pub(super) async fn promote(rest: &Rest, args: PromoteArgs) -> anyhow::Result<Exit> {
    let asked = json!({ "version": args.version, "reason": args.reason, "despite_gates": args.despite_gates });
    deploy(rest, &args.name, "promotions", &asked).await
}

pub(super) async fn roll_back(rest: &Rest, args: RollbackArgs) -> anyhow::Result<Exit> {
    deploy(rest, &args.name, "rollbacks", &json!({ "reason": args.reason })).await
}

async fn deploy(rest: &Rest, model: &str, kind: &str, asked: &Value) -> anyhow::Result<Exit> {
    let done: DeploymentAnswer = rest.post(&format!("/api/v1/models/{}/{kind}", escaped(model)), asked).await?;
    let name = |number: Option<i64>| number.map_or_else(|| String::from("the heuristic"), |n| format!("version {n}"));
    rest.output.result(&done, || {
        format!("`{model}`: {} serves now; {} served before.", name(done.version), name(done.previous))
    })?;
    Ok(Exit::Done)
}
