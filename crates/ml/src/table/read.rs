//! From bytes to columns, with a bound on everything.

use super::Table;
use super::column::RawColumn;
use super::error::TableError;
use super::value::is_missing;
use csv::{ByteRecord, Reader, ReaderBuilder};
use std::collections::HashSet;
use std::io::{Chain, Cursor, Error, ErrorKind, Read};

/// Bytes looked at to find the delimiter.
const PREFIX: u64 = 64 * 1024;
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// How much is read at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Rows below the header.
    pub max_rows: usize,
    /// Columns.
    pub max_columns: usize,
    /// Bytes of one cell or name, before trimming.
    pub max_cell_bytes: usize,
}

impl Default for Limits {
    /// A million rows of 1000 columns, 64 KiB a cell.
    fn default() -> Self {
        Self { max_rows: 1_000_000, max_columns: 1000, max_cell_bytes: 64 * 1024 }
    }
}

pub(super) fn read(mut reader: impl Read, limits: &Limits) -> Result<Table, TableError> {
    let mut prefix = Vec::new();
    reader.by_ref().take(PREFIX).read_to_end(&mut prefix).map_err(TableError::Io)?;
    let mark = prefix.len() - without_mark(&prefix).len();
    prefix.drain(..mark);
    let (delimiter, crlf) = (delimiter(&prefix), ends_in_crlf(&prefix));
    let mut records = Records::new(Cursor::new(prefix).chain(reader), delimiter, crlf, limits);
    let mut columns = header(&mut records, limits)?;
    let mut rows = 0;
    while records.advance()? {
        if rows == limits.max_rows {
            return Err(TableError::TooManyRows { limit: limits.max_rows });
        }
        add_row(&mut columns, &records)?;
        rows += 1;
    }
    Ok(Table { columns, rows })
}

/// `text` behind its byte order mark, if it has one.
#[must_use]
pub fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)
}

/// The line of `text` in which a record begins, from 1. What the reader says is where the one before ended: the end of its
/// line, and empty lines, may come first.
#[must_use]
pub fn line_of(text: &[u8], place: &csv::Position) -> u64 {
    let rest = usize::try_from(place.byte()).ok().and_then(|start| text.get(start..)).unwrap_or_default();
    let breaks = rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).filter(|byte| **byte == b'\n');
    place.line() + breaks.count() as u64
}

/// The most frequent of comma, semicolon and tab outside of quotes in the first line that has text: what
/// [`Table::read`] takes for the delimiter.
#[must_use]
pub fn delimiter(text: &[u8]) -> u8 {
    let text = &text[..text.len().min(PREFIX as usize)];
    let (mut counts, mut quoted, mut begun) = ([(b',', 0), (b';', 0), (b'\t', 0)], false, false);
    for &byte in text {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted && begun => break,
            _ if !quoted => counts.iter_mut().filter(|(candidate, _)| *candidate == byte).for_each(|(_, n)| *n += 1),
            _ => {}
        }
        begun |= !matches!(byte, b'\n' | b'\r');
    }
    // The first of equally frequent ones: a single column has none of them.
    let best = counts.iter().rev().max_by_key(|(_, count)| *count);
    best.map_or(b',', |(candidate, _)| *candidate)
}

/// Whether the first line ends in a carriage return and a line feed.
fn ends_in_crlf(text: &[u8]) -> bool {
    text.iter().position(|&byte| byte == b'\n').is_some_and(|at| text[..at].ends_with(b"\r"))
}

fn header<R: Read>(records: &mut Records<R>, limits: &Limits) -> Result<Vec<RawColumn>, TableError> {
    if !records.advance()? {
        return Err(TableError::Empty);
    }
    let found = records.record.len();
    if found > limits.max_columns {
        return Err(TableError::TooManyColumns { found, limit: limits.max_columns });
    }
    let mut seen = HashSet::new();
    let mut columns = Vec::with_capacity(found);
    for (at, name) in records.cells().enumerate() {
        let name = name?;
        if name.is_empty() {
            return Err(TableError::UnnamedColumn { position: at + 1 });
        }
        if !seen.insert(name) {
            return Err(TableError::DuplicateColumn { name: name.to_owned() });
        }
        columns.push(RawColumn::new(name));
    }
    Ok(columns)
}

fn add_row<R: Read>(columns: &mut [RawColumn], records: &Records<R>) -> Result<(), TableError> {
    let (found, expected) = (records.record.len(), columns.len());
    if found != expected {
        return Err(TableError::Ragged { line: records.line(), found, expected });
    }
    for (column, cell) in columns.iter_mut().zip(records.cells()) {
        let cell = Some(cell?).filter(|cell| !is_missing(cell));
        if !column.push(cell) {
            return Err(TableError::ColumnTooLong { name: column.name.clone() });
        }
    }
    Ok(())
}

/// What is read, and a last line feed.
type Text<R> = Chain<Chain<Cursor<Vec<u8>>, R>, &'static [u8]>;

/// The records of the text, one at a time.
struct Records<R> {
    reader: Reader<Metered<Text<R>>>,
    record: ByteRecord,
    crlf: bool,
    max_cell_bytes: usize,
}

impl<R: Read> Records<R> {
    fn new(text: Chain<Cursor<Vec<u8>>, R>, delimiter: u8, crlf: bool, limits: &Limits) -> Self {
        // Twice, for a quotation mark within quotes is written as two; and the delimiters.
        let longest = limits.max_columns.saturating_mul(limits.max_cell_bytes.saturating_mul(2).saturating_add(3));
        // Every record ends in a line feed then, on which `line` counts.
        let text = text.chain(&b"\n"[..]);
        let metered = Metered { inner: text, allowance: longest as u64, left: longest as u64 };
        let mut builder = ReaderBuilder::new();
        builder.delimiter(delimiter).has_headers(false).flexible(true);
        let reader = builder.from_reader(metered);
        Self { reader, record: ByteRecord::new(), crlf, max_cell_bytes: limits.max_cell_bytes }
    }

    /// Moves on to the next record; `false` at the end.
    fn advance(&mut self) -> Result<bool, TableError> {
        self.reader.get_mut().refill();
        let line = self.reader.position().line() + u64::from(self.crlf);
        let more = self.reader.read_byte_record(&mut self.record).map_err(|error| self.failure(error, line))?;
        if self.record.iter().any(|cell| cell.len() > self.max_cell_bytes) {
            return Err(TableError::CellTooLong { line: self.line(), limit: self.max_cell_bytes });
        }
        Ok(more)
    }

    fn failure(&self, error: csv::Error, line: u64) -> TableError {
        match error.into_kind() {
            csv::ErrorKind::Io(error) if error.get_ref().is_some_and(|inner| inner.is::<RecordTooLong>()) => {
                TableError::CellTooLong { line, limit: self.max_cell_bytes }
            }
            csv::ErrorKind::Io(error) => TableError::Io(error),
            other => TableError::Io(Error::new(ErrorKind::InvalidData, format!("{other:?}"))),
        }
    }

    /// Where the record begins, counted back from where the reader stands: the position that comes with a record is that
    /// of the empty lines before it. The reader has passed a line feed at its end, but has only reached the carriage
    /// return of a pair.
    fn line(&self) -> u64 {
        let within = self.record.iter().flatten().filter(|&&byte| byte == b'\n').count() as u64;
        let end = self.reader.position().line();
        end.saturating_sub(within + u64::from(!self.crlf)).max(1)
    }

    fn cells(&self) -> impl Iterator<Item = Result<&str, TableError>> {
        self.record.iter().map(|cell| {
            let text = std::str::from_utf8(cell).map_err(|_| TableError::NotUtf8 { line: self.line() })?;
            Ok(text.trim())
        })
    }
}

/// A reader that stops when one record takes more bytes than any may: an open quotation mark would else swallow the rest
/// of the file, however long, into memory.
struct Metered<R> {
    inner: R,
    allowance: u64,
    left: u64,
}

impl<R> Metered<R> {
    fn refill(&mut self) {
        self.left = self.allowance;
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 0 {
            return Err(Error::other(RecordTooLong));
        }
        let read = self.inner.read(buffer)?;
        self.left = self.left.saturating_sub(read as u64);
        Ok(read)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a record is too long")]
struct RecordTooLong;
