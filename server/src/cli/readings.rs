//! Models that read images: `verdict models create --task ocr`, `verdict evaluate --zip`, `verdict read`.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};
use desk::datasets::LeftOut;
use desk::models::ReadingWish;
use desk::versions::Readout;
use domain::reading::{SOURCE, Wish};
use domain::specification::Split;
use domain::{Actor, DatasetId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::models::{file_name, read_specification};
use super::output::{Exit, bar, table};
use super::place::{Place, read_file};
use super::rest::{Rest, escaped};
use crate::api::datasets::PlainSplit;
use crate::settings::WrongSetting;

/// Left-out rows that are shown to people; with `--json` there are more.
const SHOWN: usize = 10;

/// A task that images are for.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum ImageTask {
    /// Text recognition.
    Ocr,
}

/// What images add to `verdict models create`.
#[derive(Args, Debug)]
pub(super) struct ImageArgs {
    /// What is to be learnt from images
    #[arg(long, requires = "zip", help_heading = "Images")]
    task: Option<ImageTask>,
    /// Images to learn from: a zip with labels.csv (file,text,source)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["csv", "target", "positive", "time", "group", "drop"],
        help_heading = "Images")]
    pub(super) zip: Option<PathBuf>,
    /// Every character that can occur [default: those of the texts]
    #[arg(long, value_name = "CHARACTERS", requires = "zip", conflicts_with = "spec", help_heading = "Images")]
    charset: Option<String>,
    /// How far a number may be off and still serve
    #[arg(long, value_name = "NUMBER", requires = "zip", conflicts_with = "spec", help_heading = "Images")]
    tolerance: Option<f64>,
    /// Where counting begins at 0 again: 10 for one rolling digit
    #[arg(long, value_name = "NUMBER", requires = "zip", conflicts_with = "spec", help_heading = "Images")]
    wrap: Option<f64>,
    /// Hold back whole sources, so that figures tell of meters or cameras that are not known
    #[arg(long, requires = "zip", conflicts_with_all = ["split", "spec"], help_heading = "Images")]
    source: bool,
}

/// What `verdict models create` was asked for, of images.
pub(super) struct Wanted {
    pub(super) name: String,
    pub(super) split: Option<PlainSplit>,
    pub(super) spec: Option<PathBuf>,
    pub(super) images: ImageArgs,
}

pub(super) async fn create(place: &Place, actor: &Actor, wanted: Wanted) -> anyhow::Result<Exit> {
    let zip = wanted.images.zip.clone().unwrap_or_default();
    let bar = bar(0);
    let report = |done: usize, total: usize| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
        bar.set_message(format!("storing {done} of {total} images"));
    };
    let imported = place.desk.datasets().import_images(actor, &file_name(&zip), read_file(&zip)?.into(), report).await;
    bar.finish_and_clear();
    let imported = imported?;
    say_left_out(place, &imported.left_out);
    let dataset = imported.dataset;
    let (draft, notes) = match &wanted.spec {
        Some(path) => (read_specification(path)?, Vec::new()),
        None => propose(place, actor, dataset.id, &wanted).await?,
    };
    notes.iter().for_each(|note| place.output.remark(note));
    let model = place.desk.models().create(actor, &wanted.name, draft, Some(dataset.id)).await?;
    let shown = json!({ "name": model.name, "dataset": dataset.id, "rows": dataset.rows, "notes": notes,
        "left_out": left_out(&imported.left_out), "specification": model.specification });
    place
        .output
        .result(&shown, || format!("Model `{}` learns to read the text on {} images.", model.name, dataset.rows))?;
    place.output.remark(&format!("Next: verdict train {}", model.name));
    Ok(Exit::Done)
}

async fn propose(
    place: &Place,
    actor: &Actor,
    dataset: DatasetId,
    wanted: &Wanted,
) -> anyhow::Result<(domain::specification::Draft, Vec<String>)> {
    let images = &wanted.images;
    let split = match wanted.split {
        _ if images.source => Some(Split::Group { column: SOURCE.to_owned() }),
        Some(PlainSplit::Random) => Some(Split::Random),
        Some(PlainSplit::Order) => Some(Split::Order),
        None => None,
    };
    let rules = Wish { characters: images.charset.clone(), tolerance: images.tolerance, wrap: images.wrap };
    let proposal = place.desk.models().propose_reading(actor, dataset, ReadingWish { rules, split }).await?;
    Ok((proposal.draft, proposal.notes))
}

fn say_left_out(place: &Place, left_out: &LeftOut) {
    if left_out.rows > 0 {
        place.output.remark(&format!("{} rows are left out:", left_out.rows));
        left_out.named.iter().take(SHOWN).for_each(|row| place.output.remark(&format!("  {row}")));
    }
    if left_out.unlabeled > 0 {
        place.output.remark(&format!("{} images are in no row of labels.csv.", left_out.unlabeled));
    }
}

fn left_out(left_out: &LeftOut) -> Value {
    json!({ "rows": left_out.rows, "named": left_out.named, "unlabeled": left_out.unlabeled })
}

/// Lists the labels that should be looked at again.
pub(super) async fn doubtful(place: &Place, actor: &Actor, name: &str, version: Option<i64>) -> anyhow::Result<Exit> {
    let number = place.desk.versions().named_or_best(actor, name, version).await?;
    let found = place.desk.versions().doubtful_labels(actor, name, number).await?;
    place.output.result(&found, || {
        let row = |one: &desk::versions::DoubtfulLabel| {
            let (image, sure) = (one.image.chars().take(12).collect(), format!("{:.3}", one.confidence));
            vec![one.label.clone(), one.text.clone(), sure, one.source.clone(), image]
        };
        let rows: Vec<_> = found.labels.iter().map(row).collect();
        let words = format!("{} of {} labels are contradicted.", found.doubtful, found.judged);
        format!("{}\n\n{words}", table(&["LABEL", "READ", "SURE", "SOURCE", "IMAGE"], &rows))
    })?;
    Ok(Exit::Done)
}

#[derive(Args, Debug)]
pub(super) struct ReadArgs {
    /// Name of the model
    name: String,
    /// Images: JPEG, PNG or WebP
    #[arg(value_name = "IMAGE", required = true)]
    images: Vec<PathBuf>,
    /// Number of the version [default: the one that serves, else the newest]
    #[arg(long)]
    version: Option<i64>,
    /// Write each reading into the log of predictions, as a program's are; the version that serves reads, and people are
    /// asked where it is in doubt. A server always does
    #[arg(long, conflicts_with = "version")]
    log: bool,
    /// Which meter or camera the images came from
    #[arg(long, value_name = "NAME", default_value = "")]
    source: String,
}

/// A reading that is in the log.
#[derive(Deserialize)]
struct Logged {
    id: String,
    version: Option<i64>,
    text: String,
    confidence: f64,
}

/// Reads images; one that cannot be read is named, and the others are read.
pub(super) async fn read(rest: &Rest, args: ReadArgs) -> anyhow::Result<Exit> {
    match rest.place() {
        Some(_) if !args.log && !args.source.is_empty() => {
            Err(WrongSetting::new("source", "is noted in the log only; say --log").into())
        }
        Some(place) if !args.log => look(place, args).await,
        None if args.version.is_some() => {
            let reason = "on a server the version that serves reads; leave --version out";
            Err(WrongSetting::new("version", reason).into())
        }
        _ => log(rest, &args).await,
    }
}

/// Reads images on the data directory, without a trace in the log.
async fn look(place: &Place, args: ReadArgs) -> anyhow::Result<Exit> {
    let actor = place.actor().await?;
    let number = place.desk.versions().named_or_best(&actor, &args.name, args.version).await?;
    let images = args.images.iter().map(|path| Ok(read_file(path)?.into())).collect::<anyhow::Result<_>>()?;
    let read = place.desk.versions().read(&actor, &args.name, number, images).await?;
    let read: Vec<(&PathBuf, Result<Readout, String>)> = args.images.iter().zip(read).collect();
    let shown = read.iter().map(|(path, said)| match said {
        Ok(said) => json!({ "image": path, "version": number, "text": said.text, "confidence": said.confidence,
            "characters": said.characters }),
        Err(reason) => json!({ "image": path, "error": reason }),
    });
    place.output.result(&shown.collect::<Vec<_>>(), || {
        let row = |(path, said): &(&PathBuf, Result<Readout, String>)| {
            let said = said.as_ref().ok()?;
            Some(vec![path.display().to_string(), said.text.clone(), format!("{:.3}", said.confidence)])
        };
        table(&["IMAGE", "TEXT", "CONFIDENCE"], &read.iter().filter_map(row).collect::<Vec<_>>())
    })?;
    let broken: Vec<String> =
        read.iter().filter_map(|(path, said)| Some(format!("{}: {}", path.display(), said.as_ref().err()?))).collect();
    broken.iter().for_each(|reason| place.output.remark(reason));
    Ok(if broken.is_empty() { Exit::Done } else { Exit::Refused })
}

/// Reads images as for a program: each is a prediction that is durable before it is shown.
async fn log(rest: &Rest, args: &ReadArgs) -> anyhow::Result<Exit> {
    let path = format!("/api/v1/models/{}/readings?source={}", escaped(&args.name), escaped(&args.source));
    let mut read: Vec<(&PathBuf, Logged)> = Vec::new();
    for image in &args.images {
        let answered = rest.send(&path, "application/octet-stream", read_file(image)?).await;
        read.push((image, answered.with_context(|| image.display().to_string())?));
    }
    let shown = read.iter().map(|(path, read)| {
        json!({ "image": path, "id": read.id, "version": read.version, "text": read.text,
            "confidence": read.confidence })
    });
    rest.output.result(&shown.collect::<Vec<_>>(), || {
        let row = |(path, read): &(&PathBuf, Logged)| {
            vec![path.display().to_string(), read.text.clone(), format!("{:.3}", read.confidence), read.id.clone()]
        };
        table(&["IMAGE", "TEXT", "CONFIDENCE", "PREDICTION"], &read.iter().map(row).collect::<Vec<_>>())
    })?;
    if !args.log {
        rest.output
            .remark("Each of them is in the server's log of predictions; people are asked where it is in doubt.");
    }
    Ok(Exit::Done)
}
