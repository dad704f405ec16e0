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
use crate::api::datasets::{PlainSplit, split};

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

pub(super) async fn run(place: &Place, command: ModelsCommand) -> anyhow::Result<Exit> {
    let actor = place.actor().await?;
    match command {
        ModelsCommand::Create(args) if args.images.zip.is_some() => {
            let CreateArgs { name, split, spec, images, .. } = *args;
            readings::create(place, &actor, readings::Wanted { name, split, spec, images }).await
        }
        ModelsCommand::Create(args) => create(place, &actor, *args).await,
        ModelsCommand::List => list(place, &actor).await,
        ModelsCommand::Show { name } => show(place, &actor, &name).await,
        ModelsCommand::Doubtful { name, version } => readings::doubtful(place, &actor, &name, version).await,
    }
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

async fn list(place: &Place, actor: &Actor) -> anyhow::Result<Exit> {
    let models = place.desk.models().list(actor).await?;
    let shown: Vec<_> = models
        .iter()
        .map(|summary| {
            json!({ "name": summary.model.name, "task": summary.model.task(), "versions": summary.versions,
                "champion": summary.champion.as_ref().map(|version| version.number), "problem": summary.problem })
        })
        .collect();
    place.output.result(&shown, || {
        let champion = |summary: &desk::models::ModelSummary| {
            summary.champion.as_ref().map_or_else(|| String::from("heuristic"), |version| version.number.to_string())
        };
        let row = |summary: &desk::models::ModelSummary| {
            let model = &summary.model;
            vec![model.name.clone(), model.task().as_str().to_owned(), summary.versions.to_string(), champion(summary)]
        };
        table(&["NAME", "TASK", "VERSIONS", "SERVES"], &models.iter().map(row).collect::<Vec<_>>())
    })?;
    Ok(Exit::Done)
}

async fn show(place: &Place, actor: &Actor, name: &str) -> anyhow::Result<Exit> {
    let detail = place.desk.models().get(actor, name).await?;
    let shown = json!({ "name": name, "champion": detail.champion(), "specification": detail.model.specification,
        "versions": detail.versions, "deployments": detail.deployments, "problem": detail.problem });
    place.output.result(&shown, || {
        let figure = |version: &domain::model::Version, key: &str| {
            version.summary.metrics.get(key).map_or_else(|| String::from("–"), |value| format!("{value:.4}"))
        };
        let keys: &[&str] = match detail.model.task() {
            Task::Regression => &["r2", "mae"],
            Task::TextRecognition => &["exact", "cer", "within_tolerance"],
            Task::Binary | Task::Multiclass => &["roc_auc", "pr_auc"],
        };
        let row = |version: &domain::model::Version| {
            let serves = if detail.champion() == Some(version.number) { "serves" } else { "" };
            let mut row = vec![version.number.to_string(), version.summary.estimator.clone()];
            row.extend(keys.iter().map(|key| figure(version, key)));
            row.push(serves.to_owned());
            row
        };
        let head: Vec<&str> = ["VERSION", "ESTIMATOR"].iter().chain(keys).copied().chain([""]).collect();
        table(&head, &detail.versions.iter().map(row).collect::<Vec<_>>())
    })?;
    Ok(Exit::Done)
}

/// `auto`, `logistic`, … of the command line.
pub(super) fn read_estimator(word: &str) -> Result<EstimatorKind, String> {
    let words = || EstimatorKind::ALL.map(EstimatorKind::as_str).join(", ");
    EstimatorKind::parse(word).ok_or_else(|| format!("it is one of {}", words()))
}
