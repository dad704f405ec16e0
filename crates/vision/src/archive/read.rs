//! Reading, a batch at a time.

use std::collections::HashSet;
use std::io::{Cursor, Read};

use rayon::prelude::*;
use zip::ZipArchive;

use super::labels::{self, Row};
use super::{ArchiveError, Entry, LABELS, Problem, TASKS, tasks};
use crate::picture::{self, Picture};

/// A batch ends at whichever comes first, so that its memory is bounded however large its images are.
const BATCH_ROWS: usize = 256;
const BATCH_BYTES: usize = 16 << 20;
const BATCH_PIXELS: u64 = 24_000_000;

/// How much an archive may hold.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Of each image.
    pub picture: picture::Limits,
    /// Of the table, and files in all.
    pub rows: usize,
    /// Of the table, in bytes.
    pub labels: usize,
    /// Of everything unpacked, in bytes; nothing is unpacked after the image that passes it.
    pub unpacked: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { picture: picture::Limits::default(), rows: 200_000, labels: 32 << 20, unpacked: 4 << 30 }
    }
}

/// An opened archive: an iterator over batches of its images in the order of the table.
pub struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    folder: String,
    rows: std::vec::IntoIter<Result<Row, Problem>>,
    limits: Limits,
    total: usize,
    unlabeled: usize,
    unpacked: u64,
}

/// Some of an archive's images.
#[derive(Debug, Default)]
pub struct Batch {
    /// Those that could be read.
    pub entries: Vec<Entry>,
    /// Those that could not.
    pub problems: Vec<Problem>,
}

/// An image's bytes, known to begin like one.
struct Packed {
    row: Row,
    bytes: Vec<u8>,
    pixels: u64,
}

impl<'a> Archive<'a> {
    /// Reads the directory and the table.
    ///
    /// # Errors
    /// When it is no zip, or has neither a table with the columns `file` and `text` nor tasks, or more of anything than
    /// `limits` allow.
    pub fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, ArchiveError> {
        let mut zip =
            ZipArchive::new(Cursor::new(bytes)).map_err(|error| ArchiveError::Unreadable(error.to_string()))?;
        if zip.len() > limits.rows.saturating_mul(2) {
            let files = zip.len();
            return Err(ArchiveError::TooLarge(format!("The archive has {files} files, more than are allowed.")));
        }
        let (folder, table) = table_of(&zip)?;
        let mut bytes = Vec::new();
        unpack(&mut zip, &format!("{folder}{table}"), limits.labels, &mut bytes)
            .map_err(|reason| ArchiveError::Labels(format!("{table}: {reason}")))?;
        let rows = match table {
            LABELS => labels::parse(&bytes, limits.rows)?,
            _ => {
                let files = names(&zip).filter_map(|name| Some(name.strip_prefix(&folder)?.to_owned())).collect();
                tasks::rows(&bytes, &files, limits.rows)?
            }
        };
        let unlabeled = count_unlabeled(&zip, &folder, &rows);
        let total = rows.len();
        Ok(Self { zip, folder, rows: rows.into_iter(), limits: *limits, total, unlabeled, unpacked: 0 })
    }

    /// Rows of the table: so many entries and problems will come in all.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.total
    }

    /// Images of which the table says nothing; they are left out.
    #[must_use]
    pub fn unlabeled(&self) -> usize {
        self.unlabeled
    }

    fn load(&mut self, row: Row) -> Result<Packed, Problem> {
        let fit = labels::check(&row.text, &row.source);
        let loaded = fit.and_then(|()| self.bytes_of(&row)).and_then(|bytes| {
            let (width, height) = Picture::measure(&bytes, &self.limits.picture).map_err(|error| error.to_string())?;
            Ok((bytes, u64::from(width) * u64::from(height)))
        });
        match loaded {
            Ok((bytes, pixels)) => Ok(Packed { row, bytes, pixels }),
            Err(reason) => Err(Problem { line: row.line, file: row.file, reason }),
        }
    }

    fn bytes_of(&mut self, row: &Row) -> Result<Vec<u8>, String> {
        if self.unpacked > self.limits.unpacked {
            return Err("The archive unpacks to more than is allowed; this image is left out.".to_owned());
        }
        let mut bytes = Vec::new();
        let name = format!("{}{}", self.folder, row.file);
        let unpacked = unpack(&mut self.zip, &name, self.limits.picture.bytes, &mut bytes);
        // What is refused took its time all the same.
        self.unpacked += bytes.len() as u64;
        unpacked.map(|()| bytes)
    }
}

impl Iterator for Archive<'_> {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        let mut batch = Batch::default();
        let mut packed: Vec<Packed> = Vec::new();
        let (mut rows, mut bytes, mut pixels) = (0, 0, 0);
        while rows < BATCH_ROWS && bytes < BATCH_BYTES && pixels < BATCH_PIXELS {
            let Some(row) = self.rows.next() else { break };
            rows += 1;
            match row.and_then(|row| self.load(row)) {
                Ok(image) => {
                    bytes += image.bytes.len();
                    pixels += image.pixels;
                    packed.push(image);
                }
                Err(problem) => batch.problems.push(problem),
            }
        }
        let limits = &self.limits.picture;
        let decoded: Vec<Result<Entry, Problem>> = packed.into_par_iter().map(|image| decode(image, limits)).collect();
        for image in decoded {
            match image {
                Ok(entry) => batch.entries.push(entry),
                Err(problem) => batch.problems.push(problem),
            }
        }
        batch.problems.sort_by_key(|problem| problem.line);
        (rows > 0).then_some(batch)
    }
}

fn decode(Packed { row, bytes, .. }: Packed, limits: &picture::Limits) -> Result<Entry, Problem> {
    match Picture::decode(&bytes, limits) {
        Ok(picture) => Ok(Entry { file: row.file, text: row.text, source: row.source, picture }),
        Err(error) => Err(Problem { line: row.line, file: row.file, reason: error.to_string() }),
    }
}

/// Puts the bytes of a file into `bytes`, and stops at more than `most` of them, whatever the directory says of its size.
/// What there is of a file that is refused stays there.
fn unpack(zip: &mut ZipArchive<Cursor<&[u8]>>, name: &str, most: usize, bytes: &mut Vec<u8>) -> Result<(), String> {
    if zip.index_for_name(name).is_none() {
        return Err("There is no such file in the archive.".to_owned());
    }
    let damaged = || "It is damaged, encrypted or packed in a way that is not read here.".to_owned();
    let file = zip.by_name(name).map_err(|_| damaged())?;
    bytes.reserve(usize::try_from(file.size()).unwrap_or(most).min(most));
    file.take(most as u64 + 1).read_to_end(bytes).map_err(|_| damaged())?;
    if bytes.len() > most {
        return Err(format!("It is larger than the {} KiB that are allowed.", most / 1024));
    }
    Ok(())
}

/// Names that can be read and are not what a Mac adds.
fn names<'a>(zip: &'a ZipArchive<Cursor<&[u8]>>) -> impl Iterator<Item = String> + 'a {
    let readable = zip.file_names().filter_map(Result::ok).map(std::borrow::Cow::into_owned);
    readable.filter(|name| !name.starts_with("__MACOSX/"))
}

/// Where the table lies, and which of the two it is.
fn table_of(zip: &ZipArchive<Cursor<&[u8]>>) -> Result<(String, &'static str), ArchiveError> {
    for table in [LABELS, TASKS] {
        if let Some(folder) = folder_of(zip, table)? {
            return Ok((folder, table));
        }
    }
    Err(ArchiveError::Labels("The archive has no labels.csv.".to_owned()))
}

/// The folder of a table: the top (an empty name), or the only one that has it.
fn folder_of(zip: &ZipArchive<Cursor<&[u8]>>, table: &str) -> Result<Option<String>, ArchiveError> {
    let mut folders: Vec<String> = names(zip)
        .filter_map(|name| name.strip_suffix(table).map(str::to_owned))
        .filter(|folder| folder.is_empty() || folder.ends_with('/'))
        .collect();
    if folders.iter().any(String::is_empty) {
        return Ok(Some(String::new()));
    }
    match folders.len() {
        0 | 1 => Ok(folders.pop()),
        _ => Err(ArchiveError::Labels(format!("The archive has several {table}."))),
    }
}

fn count_unlabeled(zip: &ZipArchive<Cursor<&[u8]>>, folder: &str, rows: &[Result<Row, Problem>]) -> usize {
    let labeled: HashSet<&str> = rows.iter().flatten().map(|row| row.file.as_str()).collect();
    let is_image = |name: &str| {
        let ending = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        matches!(ending.as_str(), "jpg" | "jpeg" | "png" | "webp")
    };
    names(zip)
        .filter(|name| is_image(name) && name.strip_prefix(folder).is_none_or(|file| !labeled.contains(file)))
        .count()
}
