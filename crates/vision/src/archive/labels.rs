//! The table of an archive, before any image is read.

use std::collections::HashSet;

use csv::{ReaderBuilder, StringRecord, Trim};
use domain::reading::MAX_LENGTH;

use super::{ArchiveError, Problem};

/// Characters of the longest source, here as where an image is sent to be read.
const MAX_SOURCE: usize = 200;

/// One line of the table, as it will be looked for.
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) file: String,
    pub(super) text: String,
    pub(super) source: String,
}

/// Where the columns are.
struct Columns {
    file: usize,
    text: usize,
    source: Option<usize>,
}

/// Every line below the header: a row, or what is wrong with it.
pub(super) fn parse(table: &[u8], most: usize) -> Result<Vec<Result<Row, Problem>>, ArchiveError> {
    let table = table.strip_prefix(b"\xef\xbb\xbf").unwrap_or(table);
    let mut reader = ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(table);
    let header =
        reader.headers().map_err(|_| ArchiveError::Labels("The header of labels.csv is not UTF-8.".to_owned()))?;
    let columns = columns(header)?;
    let mut known = HashSet::new();
    let mut rows = Vec::new();
    for record in reader.records() {
        if rows.len() == most {
            return Err(ArchiveError::TooLarge(format!("labels.csv has more than the {most} rows that are allowed.")));
        }
        rows.push(row(record, &columns, &mut known));
    }
    Ok(rows)
}

fn columns(header: &StringRecord) -> Result<Columns, ArchiveError> {
    let find = |name: &str| header.iter().position(|column| column.eq_ignore_ascii_case(name));
    let need =
        |name: &str| find(name).ok_or_else(|| ArchiveError::Labels(format!("labels.csv has no column `{name}`.")));
    Ok(Columns { file: need("file")?, text: need("text")?, source: find("source") })
}

fn row(
    record: Result<StringRecord, csv::Error>,
    columns: &Columns,
    known: &mut HashSet<String>,
) -> Result<Row, Problem> {
    let problem = |line, file: &str, reason: &str| Problem { line, file: file.to_owned(), reason: reason.to_owned() };
    let record = record.map_err(|error| {
        let line = error.position().map_or(0, csv::Position::line);
        problem(line, "", "This line is not UTF-8.")
    })?;
    let line = record.position().map_or(0, csv::Position::line);
    let cell = |column: usize| record.get(column).unwrap_or_default();
    let named = cell(columns.file);
    let Some(file) = within(named) else {
        let reason = if named.is_empty() { "This line names no file." } else { "The path leads out of the archive." };
        return Err(problem(line, named, reason));
    };
    if !known.insert(file.clone()) {
        return Err(problem(line, named, "An earlier line names the same file."));
    }
    let source = columns.source.map(cell).unwrap_or_default().to_owned();
    Ok(Row { line, file, text: cell(columns.text).to_owned(), source })
}

/// Whether a reading can have this text and source, else why not.
pub(super) fn check(text: &str, source: &str) -> Result<(), String> {
    for (name, said, most) in [("text", text, MAX_LENGTH), ("source", source, MAX_SOURCE)] {
        if said.chars().count() > most || said.contains('\0') {
            return Err(format!("Its {name} has a NUL, or more than the {most} characters that are possible."));
        }
    }
    Ok(())
}

/// The path with `/` between its parts and no `.`; `None` when it is empty, absolute or goes up.
pub(super) fn within(path: &str) -> Option<String> {
    let path = path.replace('\\', "/");
    let parts: Vec<&str> = path.split('/').filter(|part| *part != ".").collect();
    let inside = parts.iter().all(|part| !part.is_empty() && *part != ".." && !part.contains(['\0', ':']));
    (inside && !parts.is_empty()).then(|| parts.join("/"))
}
