//! One training execution and its states.

use serde::{Deserialize, Serialize};

use crate::ids::{DatasetId, ModelId, RunId, TenantId};
use crate::specification::EstimatorKind;
use crate::time::Timestamp;

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Waits for a worker.
    Queued,
    /// A worker holds its lease.
    Running,
    /// Made a version.
    Succeeded,
    /// Ended with an error that says what to do.
    Failed,
    /// Someone stopped it.
    Cancelled,
}

impl RunState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Queued, Self::Running, Self::Succeeded, Self::Failed, Self::Cancelled];

    /// The word used in pages, REST and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether nothing more will happen.
    #[must_use]
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

/// A training execution: what was asked for, and how far it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Identity.
    pub id: RunId,
    /// Its organisation.
    pub tenant: TenantId,
    /// The model it trains.
    pub model: ModelId,
    /// Where it stands.
    pub state: RunState,
    /// Number of the specification it trains by.
    pub specification_number: i64,
    /// What it trains on.
    pub dataset: DatasetId,
    /// Estimator asked for in place of the specification's own.
    pub estimator: Option<EstimatorKind>,
    /// The seed of every random choice.
    pub seed: i64,
    /// Share done, 0 to 1.
    pub progress: f64,
    /// What it is doing, or why it failed.
    pub message: String,
    /// How often it has been taken up.
    pub attempts: i64,
    /// Whether somebody asked it to stop.
    pub cancel_requested: bool,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was first taken up.
    pub started_at: Option<Timestamp>,
    /// When it was over.
    pub finished_at: Option<Timestamp>,
    /// Number of the version it made.
    pub version: Option<i64>,
    /// Who asked for it.
    pub created_by: String,
}

/// A line of a run's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// 1, 2, 3, … within the run.
    pub sequence: i64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub line: String,
}

/// How long a worker may be silent before another takes its run, in microseconds.
pub const LEASE: i64 = 30 * crate::time::SECOND;

/// How often a run is taken up again before it is given up: a run that kills its process must not do so for ever.
pub const MAX_ATTEMPTS: i64 = 3;
