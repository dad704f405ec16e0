//! `verdict outcomes`: what turned out to be true, brought as a file.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Subcommand;
use csv::StringRecord;
use desk::table;
use serde::Serialize;

use super::output::{Exit, bar};
use super::place::read_file;
use super::rest::Rest;
use crate::api::outcomes::{BatchAnswer, BatchAnswers, BatchItem};

#[derive(Debug, Subcommand)]
pub(super) enum OutcomesCommand {
    /// Record the truths of a CSV; the same file again changes nothing
    Import {
        /// Truths, with a header line: prediction (its id) and truth (a class or a number)
        #[arg(value_name = "FILE.csv")]
        file: PathBuf,
    },
}

/// What became of a file of truths.
#[derive(Debug, Default, Serialize)]
struct Imported {
    /// Recorded now.
    recorded: usize,
    /// Recorded before, and the same.
    known: usize,
    /// Not recorded.
    wrong: Vec<Wrong>,
}

/// A row that is not recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Wrong {
    /// Where it begins in the file, from 1.
    line: u64,
    /// The column that is to blame; empty for the whole row.
    column: &'static str,
    /// What is wrong with it.
    reason: String,
}

/// A row that can be sent.
#[derive(Debug, PartialEq, Eq)]
struct Truth {
    line: u64,
    prediction: String,
    truth: String,
}

/// What the columns may be called.
const PREDICTION: [&str; 3] = ["prediction", "prediction_id", "id"];
const TRUTH: [&str; 2] = ["truth", "outcome"];

/// Truths that are sent at a time.
const TOGETHER: usize = 5_000;

/// Wrong rows that are shown to people; with `--json` there are all.
const SHOWN: usize = 50;

pub(super) async fn run(rest: &Rest, command: OutcomesCommand) -> anyhow::Result<Exit> {
    let OutcomesCommand::Import { file } = command;
    let (truths, wrong) = read(&file)?;
    let mut done = Imported { wrong, ..Imported::default() };
    let bar = bar(truths.len() as u64);
    for part in truths.chunks(TOGETHER) {
        let sent: Vec<BatchItem> = part.iter().map(Truth::item).collect();
        let answers: BatchAnswers = rest.post("/api/v1/outcomes", &sent).await?;
        part.iter().zip(answers.items).for_each(|(truth, answer)| done.count(truth.line, answer));
        bar.inc(part.len() as u64);
    }
    bar.finish_and_clear();
    done.wrong.sort_by_key(|wrong| wrong.line);
    rest.output.result(&done, || done.told())?;
    Ok(if done.wrong.is_empty() { Exit::Done } else { Exit::Refused })
}

fn read(file: &Path) -> anyhow::Result<(Vec<Truth>, Vec<Wrong>)> {
    let bytes = read_file(file)?;
    sort_out(&bytes).with_context(|| file.display().to_string())
}

/// The rows that can be sent, and those that cannot.
fn sort_out(bytes: &[u8]) -> anyhow::Result<(Vec<Truth>, Vec<Wrong>)> {
    let csv = table::without_mark(bytes);
    let mut rows = csv::ReaderBuilder::new().delimiter(table::delimiter(csv)).flexible(true).from_reader(csv);
    let header = rows.headers()?.clone();
    let (prediction, truth) = (column(&header, &PREDICTION)?, column(&header, &TRUTH)?);
    let (mut truths, mut wrong) = (Vec::new(), Vec::new());
    for row in rows.records() {
        let place = match &row {
            Ok(row) => row.position(),
            Err(error) => error.position(),
        };
        let line = place.map_or(0, |place| table::line_of(csv, place));
        let Ok(row) = row else {
            wrong.push(Wrong { line, column: "", reason: String::from("is not in UTF-8") });
            continue;
        };
        let cell = |at: usize, column| {
            let text = row.get(at).map(str::trim).filter(|text| !text.is_empty());
            text.map(str::to_owned).ok_or_else(|| Wrong { line, column, reason: String::from("is missing") })
        };
        match (cell(prediction, PREDICTION[0]), cell(truth, TRUTH[0])) {
            (Ok(prediction), Ok(truth)) => truths.push(Truth { line, prediction, truth }),
            (Err(first), _) | (_, Err(first)) => wrong.push(first),
        }
    }
    Ok((truths, wrong))
}

fn column(header: &StringRecord, names: &[&str]) -> Result<usize, desk::Error> {
    let found = header.iter().position(|name| names.contains(&name.trim().to_lowercase().as_str()));
    found.ok_or_else(|| desk::Error::field("line 1", format!("there is no column `{}`", names[0])))
}

impl Truth {
    fn item(&self) -> BatchItem {
        BatchItem { prediction: self.prediction.clone(), truth: self.truth.clone().into() }
    }
}

impl Imported {
    fn count(&mut self, line: u64, answer: BatchAnswer) {
        let column = match answer.status {
            201 => return self.recorded += 1,
            200 => return self.known += 1,
            404 => PREDICTION[0],
            _ => TRUTH[0],
        };
        let detail = answer.detail.unwrap_or_default();
        // The column stands before it already.
        let reason = detail.strip_prefix("truth: ").unwrap_or(&detail).to_owned();
        self.wrong.push(Wrong { line, column, reason });
    }

    fn told(&self) -> String {
        let Self { recorded, known, wrong } = self;
        let mut lines = vec![format!("{recorded} truths recorded, {known} known already, {} rows wrong.", wrong.len())];
        let place = |wrong: &Wrong| if wrong.column.is_empty() { "" } else { ", " };
        let row = |wrong: &Wrong| format!("  line {}{}{}: {}", wrong.line, place(wrong), wrong.column, wrong.reason);
        lines.extend(wrong.iter().take(SHOWN).map(row));
        if wrong.len() > SHOWN {
            lines.push(format!("  … and {} more; --json lists all of them.", wrong.len() - SHOWN));
        }
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_by_the_names_of_columns_and_told_by_line() {
        let (truths, wrong) =
            sort_out("\u{feff}note;Truth;prediction_id\r\na;yes;p1\r\nb;;p2\r\nc;no\r\n\r\nd;no;p3\r\n".as_bytes())
                .unwrap();
        let found: Vec<_> = truths.iter().map(|t| (t.line, t.prediction.as_str(), t.truth.as_str())).collect();
        assert_eq!(found, [(2, "p1", "yes"), (6, "p3", "no")]);
        let named: Vec<_> = wrong.iter().map(|wrong| (wrong.line, wrong.column)).collect();
        assert_eq!(named, [(3, "truth"), (4, "prediction")]);
        assert!(sort_out(b"prediction,label\n").unwrap_err().to_string().contains("`truth`"));
    }
}
