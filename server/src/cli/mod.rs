//! The command line. Stdout is for what was asked (with `--json` only JSON); everything else goes to stderr.

mod audit;
mod demo;
mod evaluate;
mod events;
mod keys;
mod models;
mod output;
mod people;
mod place;
mod predict;
mod readings;
mod serve;
mod signals;
mod train;
mod versions;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::settings::{PlaceArgs, ServiceArgs, Settings};
use output::{Exit, Output};
use place::Place;

const AFTER_HELP: &str = "Settings are taken from flags, then VERDICT_* variables, then a TOML file (verdict.toml in the data \
    directory, or --config), then defaults.\n\nExit codes: 0 done, 1 failed, 2 wrong usage or setting, 3 not found, \
    4 refused or invalid, 5 busy, 6 the audit log is broken.";

/// A self-hosted machine-learning operations desk: predictions written down before they are answered, held against the
/// truth, and better models put into service under rules.
#[derive(Debug, Parser)]
#[command(name = "verdict", version, after_help = AFTER_HELP)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Clone, Debug, clap::Args)]
struct Common {
    /// TOML file with settings [default: verdict.toml in the data directory, if it is there]
    #[arg(long, env = "VERDICT_CONFIG", value_name = "FILE", global = true, help_heading = "Where things are kept")]
    config: Option<PathBuf>,
    #[command(flatten)]
    place: PlaceArgs,
    /// Organisation to work for [default: the only one]
    #[arg(long, env = "VERDICT_TENANT", value_name = "NAME", global = true)]
    tenant: Option<String>,
    /// Write JSON to stdout and nothing else
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve pages and REST
    Serve {
        #[command(flatten)]
        service: ServiceArgs,
    },
    /// Fill a data directory with a simulated insurer, and serve it
    Demo(demo::DemoArgs),
    /// Register models and look at them
    #[command(subcommand)]
    Models(models::ModelsCommand),
    /// Train a model now, in this process
    Train(train::TrainArgs),
    /// Measure a version on a labelled CSV, or on a zip of labelled images
    Evaluate(evaluate::EvaluateArgs),
    /// Answer every row of a CSV; nothing is written into the log of predictions
    Predict(predict::PredictArgs),
    /// Read the text on images; nothing is written into the log of predictions, unless --log says so
    Read(readings::ReadArgs),
    /// Promote a version, so that it serves
    Promote(versions::PromoteArgs),
    /// Put the previous version back
    Rollback(versions::RollbackArgs),
    /// Attendance events
    #[command(subcommand)]
    Events(events::EventsCommand),
    /// People
    #[command(subcommand)]
    User(people::UserCommand),
    /// API keys
    #[command(subcommand)]
    Key(keys::KeyCommand),
    /// The audit log
    #[command(subcommand)]
    Audit(audit::AuditCommand),
}

/// How long a thread that still computes something may keep the process from ending: by then nobody waits for it.
const LAST_THREADS: Duration = Duration::from_secs(2);

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output::complain(&anyhow::anyhow!("the runtime cannot be started: {error}")),
    };
    let done = runtime.block_on(run(cli));
    runtime.shutdown_timeout(LAST_THREADS);
    match done {
        Ok(exit) => exit.into(),
        Err(error) => output::complain(&error),
    }
}

async fn run(cli: Cli) -> anyhow::Result<Exit> {
    let Cli { common, command } = cli;
    let settings = |service| Settings::resolve(common.place.clone(), service, common.config.as_deref());
    match command {
        Command::Serve { service } => serve::serve(&settings(service)?).await,
        Command::Demo(args) => demo::demo(&settings(args.service.clone())?, &args).await,
        command => {
            let settings = settings(ServiceArgs { log: Some(String::from("warn")), ..ServiceArgs::default() })?;
            serve::start_logging(&settings);
            let place = Place::open(&settings, common.tenant.as_deref(), Output::new(common.json)).await?;
            let done = work(&place, command).await;
            place.close().await;
            done
        }
    }
}

async fn work(place: &Place, command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::Models(command) => models::run(place, command).await,
        Command::Train(args) => train::run(place, args).await,
        Command::Evaluate(args) => evaluate::run(place, args).await,
        Command::Predict(args) => predict::run(place, args).await,
        Command::Read(args) => readings::read(place, args).await,
        Command::Promote(args) => versions::promote(place, args).await,
        Command::Rollback(args) => versions::roll_back(place, args).await,
        Command::Events(command) => events::run(place, command).await,
        Command::User(command) => people::run(place, command).await,
        Command::Key(command) => keys::run(place, command).await,
        Command::Audit(command) => audit::run(place, command).await,
        Command::Serve { .. } | Command::Demo(_) => Ok(Exit::Done),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        Cli::command().debug_assert();
    }
}
