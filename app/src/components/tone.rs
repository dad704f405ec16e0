//! The five meanings that a colour may carry. The words beside it carry the same.

use serde::{Deserialize, Serialize};

/// What a badge, a message or a point of a timeline means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Just so.
    #[default]
    Neutral,
    /// Stands out without being good or bad.
    Accent,
    /// Good.
    Ok,
    /// Look at it.
    Warn,
    /// Bad.
    Bad,
}

impl Tone {
    /// The last part of a class: `ok` in `badge-ok`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Accent => "accent",
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

impl From<domain::schedule::JobState> for Tone {
    fn from(state: domain::schedule::JobState) -> Self {
        use domain::schedule::JobState;
        match state {
            JobState::Waiting => Self::Neutral,
            JobState::Running => Self::Accent,
            JobState::Succeeded => Self::Ok,
            JobState::Failed => Self::Bad,
        }
    }
}

impl From<domain::run::RunState> for Tone {
    fn from(state: domain::run::RunState) -> Self {
        use domain::run::RunState;
        match state {
            RunState::Queued | RunState::Cancelled => Self::Neutral,
            RunState::Running => Self::Accent,
            RunState::Succeeded => Self::Ok,
            RunState::Failed => Self::Bad,
        }
    }
}
