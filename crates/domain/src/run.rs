//! One training execution and its states.

use serde::{Deserialize, Serialize};

use crate::ids::{DatasetId, ModelId, RunId, TenantId};
use crate::retraining::{Standing, Trigger};
use crate::specification::EstimatorKind;
use crate::time::{HOUR, MINUTE, Timestamp};

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
    /// What it trains on; none until a worker has frozen what there is.
    pub dataset: Option<DatasetId>,
    /// The examples of so many days are frozen for it; of all if there is no number.
    pub days: Option<u32>,
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
    /// How often it was put off because something it needs was away.
    pub retries: i64,
    /// Not taken up before.
    pub not_before: Timestamp,
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
    /// Why it was asked for.
    pub trigger: Trigger,
    /// What the trigger saw; empty for a hand or a schedule.
    pub saw: String,
    /// The furthest that its version may come by itself.
    pub policy: Standing,
    /// What became of its version; none until that is decided.
    pub became: Option<Standing>,
    /// Why.
    pub because: String,
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

/// How often a run is put off before it is given up: for three and a half hours in all.
pub const MAX_RETRIES: i64 = 8;

/// How long a run is put off that was put off so many times before: a minute, then twice as long each time, at most an
/// hour. In microseconds.
#[must_use]
pub fn retry_delay(retries: i64) -> i64 {
    (MINUTE << retries.clamp(0, 6)).min(HOUR)
}

/// How often a run is taken up again before it is given up: a run that kills its process must not do so for ever.
pub const MAX_ATTEMPTS: i64 = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_put_off_longer_each_time() {
        let minutes: Vec<i64> = (0..MAX_RETRIES).map(|retries| retry_delay(retries) / MINUTE).collect();
        assert_eq!(minutes, [1, 2, 4, 8, 16, 32, 60, 60]);
    }
}
