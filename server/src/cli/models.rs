//! `verdict models`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use desk::models::Wish;
use domain::specification::{Draft, EstimatorKind};
use domain::{Actor, DatasetId, Task};
use serde_json::json;

use super::output::{Exit, table};
use super::place::{Place, read_file};
use super::readings::{self, ImageArgs};
use super::rest::{Rest, escaped};
use crate::api::datasets::{PlainSplit, split};
use crate::api::models::{ModelAnswer, ModelItem, ModelList};
use crate::api::versions::VersionAnswer;

#[derive(Debug, Subcommand)]
pub(super) enum ModelsCommand {
    /// Register a model for a CSV (columns, classes and what to drop are inferred) or for images (--task ocr --zip)
    Create(Box<CreateArgs>),
    /// List the models
    List,
    /// Show a model with its versions
    Show {
        /// Name of the model
        name: String,
    },
    /// List labels of images that a version contradicts so surely that somebody should look again
    Doubtful {
        /// Name of the model
        name: String,
        /// Number of the version [default: the one that serves, else the newest]
        #[arg(long)]
        version: Option<i64>,
    },
}

#[derive(Args, Debug)]
pub(super) struct CreateArgs {
    /// Name: a–z, 0–9, - and _
    name: String,
    /// Rows to learn from, with a header line
    #[arg(long, value_name = "FILE", required_unless_present = "zip")]
    csv: Option<PathBuf>,
    /// Column to be learnt
    #[arg(long, value_name = "COLUMN", required_unless_present_any = ["spec", "zip"])]
    target: Option<String>,
    /// Positive class [default: the one that says yes, else the rarer one]
    #[arg(long, value_name = "VALUE")]
    positive: Option<String>,
    /// Column of dates or times: the latest rows are held back
    #[arg(long, value_name = "COLUMN", conflicts_with = "group")]
    time: Option<String>,
    /// Column of groups: all rows of a group stay together
    #[arg(long, value_name = "COLUMN")]
    group: Option<String>,
    /// At random, or in the order of the rows: the last are held back; without any of these, what suits the rows
    #[arg(long, conflicts_with_all = ["time", "group"])]
    split: Option<PlainSplit>,
    /// Columns not to be learnt from
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    drop: Vec<String>,
    /// Specification in TOML or JSON instead of an inferred one
    #[arg(long, value_name = "FILE", conflicts_with_all = ["target", "positive", "time", "group", "drop"])]
    spec: Option<PathBuf>,
    #[command(flatten)]
    images: ImageArgs,
}

pub(super) async fn run(rest: &Rest, command: ModelsCommand) -> anyhow::Result<Exit> {
    match command {
        ModelsCommand::List => list(rest).await,
        ModelsCommand::Show { name } => show(rest, &name).await,
        ModelsCommand::Create(args) => {
            let place = rest.only_here("models create")?;
            register(place, &place.actor().await?, *args).await
        }
        ModelsCommand::Doubtful { name, version } => {
            let place = rest.only_here("models doubtful")?;
            readings::doubtful(place, &place.actor().await?, &name, version).await
        }
    }
}

async fn register(place: &Place, actor: &Actor, args: CreateArgs) -> anyhow::Result<Exit> {
    if args.images.zip.is_none() {
        return create(place, actor, args).await;
    }
    let CreateArgs { name, split, spec, images, .. } = args;
    readings::create(place, actor, readings::Wanted { name, split, spec, images }).await
}

async fn create(place: &Place, actor: &Actor, args: CreateArgs) -> anyhow::Result<Exit> {
    // The command line asks for it where there are no images.
    let csv = args.csv.clone().unwrap_or_default();
    let dataset = place.desk.datasets().import(actor, &file_name(&csv), read_file(&csv)?).await?;
    let name = args.name.clone();
    let (draft, notes) = match &args.spec {
        Some(path) => (read_specification(path)?, Vec::new()),
        None => propose(place, actor, dataset.id, args).await?,
    };
    for note in &notes {
        place.output.remark(note);
    }
    let model = place.desk.models().create(actor, &name, draft, Some(dataset.id)).await?;
    let shown = json!({ "name": model.name, "dataset": dataset.id, "rows": dataset.rows, "notes": notes,
        "specification": model.specification });
    let columns = model.specification.columns.len();
    place.output.result(&shown, || {
        format!(
            "Model `{}` learns `{}` from {columns} columns of {} rows.",
            model.name, model.specification.target, dataset.rows
        )
    })?;
    place.output.remark(&format!("Next: verdict train {}", model.name));
    Ok(Exit::Done)
}

async fn propose(
    place: &Place,
    actor: &Actor,
    dataset: DatasetId,
    args: CreateArgs,
) -> anyhow::Result<(Draft, Vec<String>)> {
    let split = split(args.time, args.group, args.split)?;
    let wish = Wish { target: args.target.unwrap_or_default(), positive: args.positive, split, drop: args.drop };
    let proposal = place.desk.models().propose(actor, dataset, wish).await?;
    Ok((proposal.draft, proposal.notes))
}

pub(super) fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| String::from("rows.csv"), |name| name.to_string_lossy().into_owned())
}

pub(super) fn read_specification(path: &Path) -> anyhow::Result<Draft> {
    let text = String::from_utf8(read_file(path)?)?;
    let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let draft = if is_json { Draft::from_json(&text) } else { Draft::from_toml(&text) };
    draft.map_err(|error| desk::Error::Invalid(vec![error]).into())
}

async fn list(rest: &Rest) -> anyhow::Result<Exit> {
    let models = rest.get::<ModelList>("/api/v1/models").await?.items;
    rest.output.result(&models, || {
        let row = |item: &ModelItem| {
            let (model, serves) = (&item.model, item.champion.map(|number| number.to_string()));
            let serves = serves.unwrap_or_else(|| String::from("heuristic"));
            vec![model.name.clone(), model.task.as_str().to_owned(), item.versions.to_string(), serves]
        };
        table(&["NAME", "TASK", "VERSIONS", "SERVES"], &models.iter().map(row).collect::<Vec<_>>())
    })?;
    Ok(Exit::Done)
}

async fn show(rest: &Rest, name: &str) -> anyhow::Result<Exit> {
    let shown: ModelAnswer = rest.get(&format!("/api/v1/models/{}", escaped(name))).await?;
    rest.output.result(&shown, || {
        let keys: &[&str] = match shown.model.task {
            Task::Regression => &["r2", "mae"],
            Task::TextRecognition => &["exact", "cer", "within_tolerance"],
            Task::Binary | Task::Multiclass => &["roc_auc", "pr_auc"],
        };
        let row = |version: &VersionAnswer| {
            let serves = if shown.champion == Some(version.number) { "serves" } else { "" };
            let figure = |key: &&str| version.metrics.get(*key).map(|value| format!("{value:.4}"));
            let mut row = vec![version.number.to_string(), version.estimator.clone()];
            row.extend(keys.iter().map(|key| figure(key).unwrap_or_else(|| String::from("–"))));
            row.push(serves.to_owned());
            row
        };
        let head: Vec<&str> = ["VERSION", "ESTIMATOR"].iter().chain(keys).copied().chain([""]).collect();
        table(&head, &shown.versions.iter().map(row).collect::<Vec<_>>())
    })?;
    Ok(Exit::Done)
}

/// `auto`, `logistic`, … of the command line.
pub(super) fn read_estimator(word: &str) -> Result<EstimatorKind, String> {
    let words = || EstimatorKind::ALL.map(EstimatorKind::as_str).join(", ");
    EstimatorKind::parse(word).ok_or_else(|| format!("it is one of {}", words()))
}
