//! Immutable snapshots of examples with labels.

use serde::{Deserialize, Serialize};

use crate::ids::{DatasetId, ModelId, TenantId};
use crate::time::Timestamp;

/// Where a data set came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DatasetSource {
    /// A file that somebody brought.
    Import,
    /// The model's imported rows together with the outcomes known at that moment.
    Snapshot,
}

impl DatasetSource {
    /// The word used in pages, REST and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Snapshot => "snapshot",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Import, Self::Snapshot].into_iter().find(|source| source.as_str() == word)
    }
}

/// An immutable snapshot; its rows are a CSV in the object store under its hash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dataset {
    /// Identity.
    pub id: DatasetId,
    /// Its organisation.
    pub tenant: TenantId,
    /// The model it was made for; none while a wizard has not yet made one.
    pub model: Option<ModelId>,
    /// File name or "outcomes until …".
    pub name: String,
    /// Where it came from.
    pub source: DatasetSource,
    /// SHA-256 of its CSV.
    pub sha256: String,
    /// Length of its CSV in bytes.
    pub bytes: i64,
    /// Number of rows.
    pub rows: i64,
    /// Of which labels came from outcomes.
    pub outcome_rows: i64,
    /// Of which labels are verdicts that people gave on cases; they are outcomes too.
    pub verdict_rows: i64,
    /// JSON that describes its columns for pages.
    pub columns: serde_json::Value,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: String,
}
