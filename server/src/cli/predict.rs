//! `verdict predict`: the rows of a CSV with the answers beside them.

use std::io::BufWriter;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use desk::table;
use domain::prediction::Answer;
use serde_json::json;

use super::output::Exit;
use super::place::{Place, read_file};

#[derive(Args, Debug)]
pub(super) struct PredictArgs {
    /// Name of the model
    name: String,
    /// Rows, with a header line
    #[arg(long, value_name = "FILE")]
    csv: PathBuf,
    /// Where the rows go, with the columns score, decision, confidence and version added
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Number of the version [default: the one that serves, else the newest]
    #[arg(long)]
    version: Option<i64>,
}

pub(super) async fn run(place: &Place, args: PredictArgs) -> anyhow::Result<Exit> {
    let actor = place.actor().await?;
    let number = place.desk.versions().named_or_best(&actor, &args.name, args.version).await?;
    let csv = read_file(&args.csv)?;
    let answers = place.desk.versions().score(&actor, &args.name, number, csv.clone()).await?;
    write(&csv, &args.out, number, &answers).with_context(|| args.out.display().to_string())?;
    let shown = json!({ "model": args.name, "version": number, "rows": answers.len(), "out": args.out });
    place.output.result(&shown, || {
        format!("{} rows answered by version {number} are in {}.", answers.len(), args.out.display())
    })?;
    Ok(Exit::Done)
}

/// Writes the file as it was separated, so that what reads the rows also reads the answers.
fn write(csv: &[u8], out: &Path, version: i64, answers: &[Answer]) -> anyhow::Result<()> {
    let csv = table::without_mark(csv);
    let delimiter = table::delimiter(csv);
    let mut rows = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(csv);
    let file = BufWriter::new(std::fs::File::create(out)?);
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(file);
    let mut header = rows.headers()?.clone();
    header.extend(["score", "decision", "confidence", "version"]);
    writer.write_record(&header)?;
    for (row, answer) in rows.records().zip(answers) {
        let mut row = row?;
        row.push_field(&answer.score.to_string());
        row.push_field(&answer.decision);
        row.push_field(&answer.confidence.map(|confidence| confidence.to_string()).unwrap_or_default());
        row.push_field(&version.to_string());
        writer.write_record(&row)?;
    }
    Ok(writer.flush()?)
}
