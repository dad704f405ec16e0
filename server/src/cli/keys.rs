//! `verdict key`.

use clap::{Args, Subcommand};
use domain::Scope;
use serde_json::json;

use super::output::Exit;
use super::place::Place;

#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// Make an API key; its secret is shown only now
    Create(CreateArgs),
}

#[derive(Args, Debug)]
pub(super) struct CreateArgs {
    /// What it is for
    #[arg(long)]
    name: String,
    /// Some of predict, read, write, admin
    #[arg(long, value_name = "A,B", value_delimiter = ',', required = true)]
    scopes: Vec<Scope>,
    /// Days until it expires [default: never]
    #[arg(long, value_name = "DAYS")]
    expires_in_days: Option<u32>,
}

pub(super) async fn run(place: &Place, command: KeyCommand) -> anyhow::Result<Exit> {
    let KeyCommand::Create(args) = command;
    let actor = place.actor().await?;
    let (key, secret) = place.desk.keys().create(&actor, &args.name, &args.scopes, args.expires_in_days).await?;
    let shown = json!({ "id": key.id, "name": key.name, "scopes": key.scopes, "secret": secret,
        "expires_at": key.expires_at.map(domain::Timestamp::rfc3339) });
    place.output.result(&shown, || format!("Key “{}”. The secret is shown only now:\n{secret}", key.name))?;
    Ok(Exit::Done)
}
