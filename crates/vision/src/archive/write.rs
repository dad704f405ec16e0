//! Writing.

use std::collections::HashSet;
use std::io::Write;

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::labels::within;
use super::window::Window;
use super::{ArchiveError, LABELS};

/// Collects images and their texts into the bytes of a zip: the same bytes for the same images in the same order.
pub struct Writer {
    zip: ZipWriter<Window>,
    window: Window,
    /// Up to here nothing will change.
    done: u64,
    labels: csv::Writer<Vec<u8>>,
    names: HashSet<String>,
}

impl Default for Writer {
    fn default() -> Self {
        let mut labels = csv::Writer::from_writer(Vec::new());
        // a vector takes everything
        let _ = labels.write_record(["file", "text", "source"]);
        let window = Window::default();
        Self { zip: ZipWriter::new(window.clone()), window, done: 0, labels, names: HashSet::new() }
    }
}

impl Writer {
    /// Adds an image, `image` being the bytes of its file.
    ///
    /// # Errors
    /// When the name is taken, is the table's, or leads out of the archive.
    pub fn add(&mut self, file: &str, text: &str, source: &str, image: &[u8]) -> Result<(), ArchiveError> {
        let fits = within(file).is_some_and(|path| path == file) && file != LABELS;
        if !fits || !self.names.insert(file.to_owned()) {
            return Err(ArchiveError::Name(file.to_owned()));
        }
        self.store(file, image, CompressionMethod::Stored).map_err(|error| unwritable(&error))?;
        self.labels.write_record([file, text, source]).map_err(|error| ArchiveError::Labels(error.to_string()))
    }

    /// The next bytes of the zip, so that it need never be in memory as a whole.
    pub fn take(&mut self) -> Vec<u8> {
        self.window.take(self.done)
    }

    /// The zip, or what was not yet taken of it, with the table at its end.
    ///
    /// # Errors
    /// When the archive has grown beyond what a zip can hold.
    pub fn finish(mut self) -> Result<Vec<u8>, ArchiveError> {
        let emptied = std::mem::replace(&mut self.labels, csv::Writer::from_writer(Vec::new()));
        let labels = emptied.into_inner().map_err(|error| ArchiveError::Labels(error.to_string()))?;
        self.store(LABELS, &labels, CompressionMethod::Deflated).map_err(|error| unwritable(&error))?;
        self.zip.finish().map_err(|error| unwritable(&error))?;
        Ok(self.window.take(u64::MAX))
    }

    fn store(&mut self, name: &str, bytes: &[u8], method: CompressionMethod) -> Result<(), ZipError> {
        let options = SimpleFileOptions::default().compression_method(method).last_modified_time(DateTime::DEFAULT);
        self.done = self.window.length();
        self.zip.start_file(name, options)?;
        self.zip.write_all(bytes).map_err(ZipError::from)
    }
}

fn unwritable(error: &ZipError) -> ArchiveError {
    ArchiveError::TooLarge(format!("The archive cannot be written: {error}."))
}
