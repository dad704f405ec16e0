//! The command line. Stdout is for what was asked (with `--json` only JSON); everything else goes to stderr.

mod audit;
mod demo;
mod evaluate;
mod events;
mod health;
mod keys;
mod models;
mod outcomes;
mod output;
mod people;
mod place;
mod predict;
mod readings;
mod rest;
mod retrain;
mod runs;
mod schedules;
mod serve;
mod signals;
mod status;
mod train;
mod versions;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::settings::{PlaceArgs, ServerArgs, ServiceArgs, Settings, WrongSetting};
use output::{Exit, Output};
use place::Place;
use rest::Rest;

const AFTER_HELP: &str = "Commands work on the data directory, also while a server runs on it. With --server they work against a \
    server; those that cannot say so.\n\nSettings are taken from flags, then VERDICT_* variables, then a TOML file (verdict.toml in the data \
    directory, or --config), then defaults.\n\nExit codes: 0 done, 1 failed, 2 wrong usage or setting, 3 not found, \
    4 refused, invalid or cancelled, 5 busy or away, 6 the audit log is broken, 130 interrupted.";

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
    #[command(flatten)]
    server: ServerArgs,
    /// Organisation to work for [default: the only one]; a server knows it by the key
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
    /// Train a model: in this process, or on the server
    Train(train::TrainArgs),
    /// Have a model learn again by its own rules, which also say what becomes of the version; now, or by the clock
    Retrain(retrain::RetrainArgs),
    /// Trainings that were, are and will be
    #[command(subcommand)]
    Runs(runs::RunsCommand),
    /// What is done by the clock
    #[command(subcommand)]
    Schedules(schedules::SchedulesCommand),
    /// Measure a version on a labelled CSV, or on a zip of labelled images
    Evaluate(evaluate::EvaluateArgs),
    /// Answer every row of a CSV; on a data directory nothing is written into the log of predictions, on a server each is
    Predict(predict::PredictArgs),
    /// Read the text on images; on a data directory nothing is written into the log of predictions, unless --log says so
    Read(readings::ReadArgs),
    /// Promote a version, so that it serves
    Promote(versions::PromoteArgs),
    /// Put the previous version back
    Rollback(versions::RollbackArgs),
    /// What turned out to be true
    #[command(subcommand)]
    Outcomes(outcomes::OutcomesCommand),
    /// Look at each part: database, tables, champions, writer, artifacts, disk. Exit code 1 if one fails
    Health,
    /// What goes on: models and who serves, runs, what waits for people, what failed
    Status,
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
    match (command, &common.server.server) {
        (Command::Serve { .. }, Some(_)) => Err(rest::only_here("serve").into()),
        (Command::Demo(_), Some(_)) => Err(rest::only_here("demo").into()),
        (Command::Serve { service }, None) => serve::serve(&settings(service)?).await,
        (Command::Demo(args), None) => demo::demo(&settings(args.service.clone())?, &args).await,
        (Command::Health, _) => {
            let opened = common.rest().await;
            health::run(opened, Output::new(common.json)).await
        }
        (command, _) => {
            let rest = common.rest().await?;
            let done = work(&rest, command).await;
            rest.close().await;
            done
        }
    }
}

async fn work(rest: &Rest, command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::Models(command) => models::run(rest, command).await,
        Command::Train(args) => train::run(rest, args).await,
        Command::Retrain(args) => retrain::run(rest, args).await,
        Command::Runs(command) => runs::run(rest, command).await,
        Command::Schedules(command) => schedules::run(rest, command).await,
        Command::Evaluate(args) => evaluate::run(rest, args).await,
        Command::Predict(args) => predict::run(rest, args).await,
        Command::Read(args) => readings::read(rest, args).await,
        Command::Promote(args) => versions::promote(rest, args).await,
        Command::Rollback(args) => versions::roll_back(rest, args).await,
        Command::Outcomes(command) => outcomes::run(rest, command).await,
        Command::Status => status::run(rest).await,
        Command::Events(command) => events::run(rest, command).await,
        Command::User(command) => people::run(rest.only_here("user")?, command).await,
        Command::Key(command) => keys::run(rest.only_here("key")?, command).await,
        Command::Audit(command) => audit::run(rest.only_here("audit")?, command).await,
        Command::Serve { .. } | Command::Demo(_) | Command::Health => Ok(Exit::Done),
    }
}

impl Common {
    /// The data directory.
    async fn open(&self) -> anyhow::Result<Place> {
        let service = ServiceArgs { log: Some(String::from("warn")), ..ServiceArgs::default() };
        let settings = Settings::resolve(self.place.clone(), service, self.config.as_deref())?;
        serve::start_logging(&settings);
        Place::open(&settings, self.tenant.as_deref(), Output::new(self.json)).await
    }

    /// The server that was named, else the data directory.
    async fn rest(&self) -> anyhow::Result<Rest> {
        match (&self.server.server, &self.tenant) {
            (None, _) => Ok(Rest::here(self.open().await?)),
            (Some(server), None) => Ok(Rest::there(server, &self.server, Output::new(self.json))?),
            (Some(_), Some(_)) => {
                Err(WrongSetting::new("tenant", "a key is of one organisation; leave --tenant (VERDICT_TENANT) out")
                    .into())
            }
        }
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
