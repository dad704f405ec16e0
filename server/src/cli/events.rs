//! `verdict events`.

use std::path::PathBuf;
use std::time::Instant;

use clap::Subcommand;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::output::Exit;
use super::place::{Place, read_file};
use super::rest::Rest;
use crate::api::events::ImportAnswer;

#[derive(Debug, Subcommand)]
pub(super) enum EventsCommand {
    /// Record the events of a CSV; the same file again changes nothing
    Import {
        /// Events, with a header line: client_id, employee, kind, at and, where known, site, scheduled_at, latitude,
        /// longitude, face_confidence, fraud
        #[arg(value_name = "FILE.csv")]
        file: PathBuf,
    },
    /// Recompute the features of every event and compare them with what its prediction was made from
    Recompute,
}

pub(super) async fn run(rest: &Rest, command: EventsCommand) -> anyhow::Result<Exit> {
    match command {
        EventsCommand::Import { file } => import(rest, file).await,
        EventsCommand::Recompute => recompute(rest.only_here("events recompute")?).await,
    }
}

async fn import(rest: &Rest, file: PathBuf) -> anyhow::Result<Exit> {
    let done: ImportAnswer = rest.send("/api/v1/events/import", "text/csv", read_file(&file)?).await?;
    rest.output.result(&done, || {
        let mut text = format!("{} events recorded, {} known already.", done.recorded, done.repeated);
        if !done.contradicted.is_empty() {
            text += &format!("\nOthers were recorded before under these keys: {}", done.contradicted.join(", "));
        }
        text
    })?;
    Ok(if done.contradicted.is_empty() { Exit::Done } else { Exit::Refused })
}

async fn recompute(place: &Place) -> anyhow::Result<Exit> {
    let actor = place.actor().await?;
    let (bar, start) = (bar(), Instant::now());
    let found = place.desk.events().recompute(&actor, |events| bar.set_position(events as u64)).await?;
    bar.finish_and_clear();
    let seconds = start.elapsed().as_secs_f64();
    let shown = json!({ "events": found.events, "different": found.different, "seconds": seconds });
    place.output.result(&shown, || {
        format!(
            "{} events recomputed in {seconds:.1} s; {} differ from what was logged.",
            found.events, found.different
        )
    })?;
    Ok(if found.different == 0 { Exit::Done } else { Exit::Failed })
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {human_pos} events  {elapsed}") {
        bar.set_style(style);
    }
    bar
}
