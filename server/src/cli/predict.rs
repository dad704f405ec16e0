//! `verdict predict`: the rows of a CSV with the answers beside them.

mod asked;

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use csv::StringRecord;
use desk::table;
use serde_json::json;

use super::output::{Exit, bar};
use super::place::{Place, read_file};
use super::rest::Rest;
use crate::settings::WrongSetting;
use asked::{Answered, Rows, TOGETHER};

#[derive(Args, Debug)]
pub(super) struct PredictArgs {
    /// Name of the model
    name: String,
    /// Rows, with a header line
    #[arg(long, value_name = "FILE")]
    csv: PathBuf,
    /// Where the rows go, with the columns score, decision, confidence and version added; from a server also prediction
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Number of the version [default: the one that serves, else the newest]; a server answers by the one that serves
    #[arg(long)]
    version: Option<i64>,
}

/// What is added to each row.
const ADDED: [&str; 4] = ["score", "decision", "confidence", "version"];

pub(super) async fn run(rest: &Rest, args: PredictArgs) -> anyhow::Result<Exit> {
    let (version, rows) = match (rest.place(), args.version) {
        (Some(place), version) => score(place, &args, version).await?,
        (None, None) => ask(rest, &args).await?,
        (None, Some(_)) => {
            let reason = "a server answers by the version that serves; leave --version out";
            return Err(WrongSetting::new("version", reason).into());
        }
    };
    let logged = rest.place().is_none();
    let shown = json!({ "model": args.name, "version": version, "rows": rows, "out": args.out, "logged": logged });
    rest.output.result(&shown, || {
        let by = version.map_or_else(|| String::from("the heuristic"), |number| format!("version {number}"));
        format!("{rows} rows answered by {by} are in {}.", args.out.display())
    })?;
    if logged {
        rest.output
            .remark("Each of them is in the server's log of predictions, under the id in the column prediction.");
    }
    Ok(Exit::Done)
}

/// Answers on the data directory, without a trace in the log.
async fn score(place: &Place, args: &PredictArgs, version: Option<i64>) -> anyhow::Result<(Option<i64>, usize)> {
    let actor = place.actor().await?;
    let number = place.desk.versions().named_or_best(&actor, &args.name, version).await?;
    let csv = read_file(&args.csv)?;
    let answers = place.desk.versions().score(&actor, &args.name, number, csv.clone()).await?;
    let mut out = Out::create(&csv, &args.out, &ADDED)?;
    for (row, answer) in records(&csv)?.iter().zip(&answers) {
        let confidence = answer.confidence.map(|confidence| confidence.to_string()).unwrap_or_default();
        out.add(row, [answer.score.to_string(), answer.decision.clone(), confidence, number.to_string()])?;
    }
    out.finish()?;
    Ok((Some(number), answers.len()))
}

/// Asks a server, part by part; each answer is in the file before the next part is asked.
async fn ask(rest: &Rest, args: &PredictArgs) -> anyhow::Result<(Option<i64>, usize)> {
    let csv = read_file(&args.csv)?;
    let rows = Rows::of(rest, &args.name, &csv).await?;
    let mut out = Out::create(&csv, &args.out, &[ADDED.as_slice(), &["prediction"]].concat())?;
    let bar = bar(rows.len() as u64);
    let (mut version, mut done) = (None, 0);
    for part in rows.parts(TOGETHER) {
        let answers =
            part.ask(rest).await.with_context(|| format!("after {done} rows, which are in {}", out.name()))?;
        for (row, answer) in part.records.iter().zip(&answers) {
            let Answered { score, decision, confidence, id, .. } = answer;
            let confidence = confidence.map(|confidence| confidence.to_string()).unwrap_or_default();
            let number = answer.version.map(|number| number.to_string()).unwrap_or_default();
            out.add(row, [score.to_string(), decision.clone(), confidence, number, id.clone()])?;
        }
        out.flush()?;
        version = answers.last().and_then(|answer| answer.version);
        done += answers.len();
        bar.set_position(done as u64);
    }
    bar.finish_and_clear();
    out.finish()?;
    Ok((version, done))
}

/// The rows of a file as they were separated.
fn records(csv: &[u8]) -> anyhow::Result<Vec<StringRecord>> {
    Ok(reader(csv).into_records().collect::<Result<_, _>>()?)
}

fn reader(csv: &[u8]) -> csv::Reader<&[u8]> {
    let csv = table::without_mark(csv);
    csv::ReaderBuilder::new().delimiter(table::delimiter(csv)).flexible(true).from_reader(csv)
}

/// The file of answers, separated as the file of rows was, so that what reads the rows also reads the answers.
struct Out {
    path: PathBuf,
    writer: csv::Writer<BufWriter<File>>,
}

impl Out {
    fn create(csv: &[u8], path: &Path, added: &[&str]) -> anyhow::Result<Self> {
        let delimiter = table::delimiter(table::without_mark(csv));
        let file = File::create(path).with_context(|| path.display().to_string())?;
        let writer = csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(BufWriter::new(file));
        let mut out = Self { path: path.to_owned(), writer };
        let mut header = reader(csv).headers()?.clone();
        header.extend(added);
        out.write(&header)?;
        Ok(out)
    }

    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn add<const N: usize>(&mut self, row: &StringRecord, added: [String; N]) -> anyhow::Result<()> {
        let mut row = row.clone();
        added.iter().for_each(|cell| row.push_field(cell));
        self.write(&row)
    }

    fn write(&mut self, row: &StringRecord) -> anyhow::Result<()> {
        self.writer.write_record(row).with_context(|| self.name())
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        self.writer.flush().with_context(|| self.name())
    }

    fn finish(mut self) -> anyhow::Result<()> {
        self.flush()
    }
}
