//! What the desk does by the clock: which jobs there are, and when each is due next.

mod cron;
mod timetable;

use serde::{Deserialize, Serialize};

pub use cron::{Schedule, Wrong};
pub use timetable::{Planned, Timetable, of_model, of_tenant};

use crate::actor::Permission;
use crate::ids::{ModelId, ScheduleId, ScheduleRunId};
use crate::time::{DAY, MINUTE, SECOND, Timestamp};

/// What is done when its time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Job {
    /// Trains a model again, by what is known now.
    Retrain,
    /// Chooses the readings of a model that people are to label.
    Select,
    /// Looks whether models should learn again without waiting for their time.
    CheckTriggers,
    /// Deletes what is no longer needed.
    CleanUp,
    /// Records what was observed after planned syncs as their outcomes.
    Observe,
    /// Checks the audit log link by link, and the champions' artifacts against their manifests.
    Verify,
}

impl Job {
    /// Every job, in the order lists show them.
    pub const ALL: [Self; 6] =
        [Self::Retrain, Self::Select, Self::CheckTriggers, Self::CleanUp, Self::Observe, Self::Verify];

    /// The word used in REST, the command line and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Retrain => "retrain",
            Self::Select => "select",
            Self::CheckTriggers => "check_triggers",
            Self::CleanUp => "clean_up",
            Self::Observe => "observe",
            Self::Verify => "verify",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|job| job.as_str() == word)
    }

    /// What somebody needs who pauses it, resumes it or asks for it: of a model's jobs the same as for doing them by hand; what
    /// the whole organisation has, to manage that.
    #[must_use]
    pub fn permission(self) -> Permission {
        match self {
            Self::Retrain => Permission::Train,
            Self::Select => Permission::ManageLabeling,
            Self::CheckTriggers | Self::CleanUp | Self::Observe | Self::Verify => Permission::ManageSchedules,
        }
    }
}

/// Where one execution of a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Its time has come; nobody works on it yet, or somebody is to try again.
    Waiting,
    /// A worker holds its lease.
    Running,
    /// Done.
    Succeeded,
    /// Not done; the message says why.
    Failed,
}

impl JobState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Running, Self::Succeeded, Self::Failed];

    /// The word used in REST and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
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
        matches!(self, Self::Succeeded | Self::Failed)
    }
}

/// One execution of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleRun {
    /// Identity; greater is later.
    pub id: ScheduleRunId,
    /// Of this schedule.
    pub schedule: ScheduleId,
    /// The time it answers to; when it was asked for, if somebody asked.
    pub due_at: Timestamp,
    /// Who asked for it; none if the clock did.
    pub asked_by: Option<String>,
    /// Where it stands.
    pub state: JobState,
    /// How often it has been taken up.
    pub attempts: i64,
    /// When it was first taken up.
    pub began_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// What came of it, or why nothing did.
    pub message: String,
}

/// A job with its times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduledJob {
    /// Identity.
    pub id: ScheduleId,
    /// What is done.
    pub job: Job,
    /// To which model; none is the whole organisation.
    pub model: Option<ModelId>,
    /// When, as five fields of cron.
    pub expression: String,
    /// By the clocks of this IANA time zone.
    pub time_zone: String,
    /// When next. While it is paused this moment passes unused.
    pub next_at: Timestamp,
    /// Since when, and by whom, it is held up.
    pub paused: Option<(Timestamp, String)>,
    /// Its newest execution.
    pub last: Option<ScheduleRun>,
}

impl ScheduledJob {
    /// Whether somebody may ask for it now: it is not under way, and waits for nothing but the end of a pause.
    #[must_use]
    pub fn may_be_asked_for(&self) -> bool {
        let is_held =
            |run: &ScheduleRun| self.paused.is_some() && run.state == JobState::Waiting && run.asked_by.is_none();
        self.last.as_ref().is_none_or(|run| run.state.is_over() || is_held(run))
    }
}

/// How long the scheduler may be silent before another process becomes it, in microseconds.
pub const SCHEDULER_LEASE: i64 = 10 * SECOND;

/// How long a worker may be silent before another takes its job up, in microseconds.
pub const LEASE: i64 = 30 * SECOND;

/// How often a job is taken up before it is given up.
pub const MAX_ATTEMPTS: i64 = 6;

/// How long executions are remembered, in microseconds.
pub const HISTORY: i64 = 90 * DAY;

/// How long to wait before a job is tried again that could not be done for now: a minute, and twice as long each time.
#[must_use]
pub fn pause_after(attempts: i64) -> i64 {
    MINUTE << attempts.clamp(1, 10).saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        assert!(Job::ALL.into_iter().all(|job| Job::parse(job.as_str()) == Some(job)));
        assert!(JobState::ALL.into_iter().all(|state| JobState::parse(state.as_str()) == Some(state)));
        assert_eq!(Job::parse("sleep"), None);
    }

    #[test]
    fn what_cannot_be_done_for_now_is_tried_ever_more_rarely() {
        assert_eq!([1, 2, 3, 6].map(pause_after), [1, 2, 4, 32].map(|minutes| minutes * MINUTE));
    }
}
