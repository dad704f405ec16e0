//! Zips of images with a `labels.csv` that says what each of them shows.
//!
//! The table has a header with `file` and `text`, perhaps `source`, and whatever else, which is ignored. It lies at the
//! top, or everything lies in one folder. In its place there may be a `tasks.json`: annotated tasks as Label Studio
//! exports them. What is wrong with one image is said of that image; the others are read.

mod labels;
mod read;
mod tasks;
#[cfg(test)]
mod tests;
mod window;
mod write;

pub use read::{Archive, Batch, Limits};
pub use tasks::{LabelledTask, labelled_tasks};
pub use write::Writer;

use crate::picture::Picture;

/// The name of the table.
pub const LABELS: &str = "labels.csv";

/// The name of what Label Studio exports, which may stand in its place.
pub const TASKS: &str = "tasks.json";

/// One image and what it shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// As the table names it.
    pub file: String,
    /// The truth; empty where the table says nothing.
    pub text: String,
    /// Which meter or camera it comes from; empty where the table says nothing.
    pub source: String,
    /// The image.
    pub picture: Picture,
}

/// Why one row of the table gave no [`Entry`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line of the table, the header being 1; 0 where there are no lines.
    pub line: u64,
    /// As the table names it.
    pub file: String,
    /// A sentence for people.
    pub reason: String,
}

/// Why an archive as a whole cannot be read or written, in a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// No zip, or a damaged one.
    #[error("This is no zip archive that can be read: {0}.")]
    Unreadable(String),
    /// The table is missing or unfit.
    #[error("{0}")]
    Labels(String),
    /// More than [`Limits`] allow.
    #[error("{0}")]
    TooLarge(String),
    /// A name that is taken or unfit.
    #[error("The image {0} cannot be added: its name is taken or leads out of the archive.")]
    Name(String),
}
