//! `verdict audit`.

use clap::Subcommand;

use super::output::Exit;
use super::place::Place;
use crate::api::audit::VerificationAnswer;

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Check that no entry was changed, removed, inserted or reordered
    Verify,
}

pub(super) async fn run(place: &Place, command: AuditCommand) -> anyhow::Result<Exit> {
    let AuditCommand::Verify = command;
    let actor = place.actor().await?;
    let found = VerificationAnswer::of(place.desk.audit().verify(&actor).await?);
    place.output.result(&found, || match &found.problem {
        None => format!("{} entries, each as it was written. Head: {}", found.entries, found.head),
        Some(problem) => format!("BROKEN after {} good entries: {problem}", found.entries),
    })?;
    Ok(if found.intact { Exit::Done } else { Exit::AuditBroken })
}
