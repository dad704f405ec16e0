//! Labeling: readings that a person must correct, and what makes their word the truth. What may be done to a task is
//! decided here; the desk carries it out.

pub mod agreement;
mod decisions;
mod review;
pub mod selection;
mod settling;

use serde::{Deserialize, Serialize};

pub use decisions::{Change, Conflict, Objection, annotate, correct, decides, flag, give_back, lease, withdraw};
pub use review::{Review, draw, needed, review};
pub use settling::{settle, standing};

use crate::ids::{ModelId, PersonId, PredictionId, TaskId, TenantId};
use crate::time::{HOUR, SECOND, Timestamp};

/// How long a task that was given to somebody is theirs, unless they look at it again.
pub const LEASE: i64 = 2 * 60 * SECOND;

/// How long an answer can be taken back without a reason.
pub const UNDO: i64 = HOUR;

/// Why somebody should look at a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A client says that it is wrong.
    Report,
    /// Drawn at random from what was accepted, to learn how much of it is wrong.
    Audit,
    /// Chosen because much can be learnt from it.
    Selection,
    /// The model is not sure enough.
    Limit,
    /// It breaks a rule of its model.
    Rule,
    /// Brought in to be labelled.
    Import,
}

impl Origin {
    /// Every origin, in the order in which tasks are given out.
    pub const ALL: [Self; 6] = [Self::Report, Self::Audit, Self::Selection, Self::Limit, Self::Rule, Self::Import];

    /// The word used in pages, REST and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Audit => "audit",
            Self::Selection => "selection",
            Self::Limit => "limit",
            Self::Rule => "rule",
            Self::Import => "import",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.as_str() == word)
    }

    /// Tasks of a higher priority are given out first. Those drawn and chosen are few, and a queue that is never empty
    /// would keep them from ever being answered.
    #[must_use]
    pub fn priority(self) -> i64 {
        match self {
            Self::Report => 4,
            Self::Audit | Self::Selection => 3,
            Self::Limit | Self::Rule => 2,
            Self::Import => 1,
        }
    }
}

/// The priority of a task that somebody passed over: after all others.
pub const LAST: i64 = 0;

/// What somebody sees in an image.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transcript {
    /// This text.
    Text(String),
    /// That nobody can read it.
    Unreadable,
}

impl Transcript {
    /// The text; none where it is unreadable.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Unreadable => None,
        }
    }
}

impl From<Option<String>> for Transcript {
    fn from(text: Option<String>) -> Self {
        text.map_or(Self::Unreadable, Self::Text)
    }
}

/// What somebody did to a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Read the image, without a look at what others had read.
    Read(Transcript),
    /// Decided where two had read differently, or where somebody had asked an admin.
    Decided(Transcript),
    /// Put another answer in the place of the settled one.
    Corrected(Transcript),
    /// Took back the last thing they had done.
    Withdrawn,
    /// Asked an admin to look.
    Flagged,
}

impl Act {
    /// The word used in pages, REST and the database.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Read(_) => "read",
            Self::Decided(_) => "decided",
            Self::Corrected(_) => "corrected",
            Self::Withdrawn => "withdrawn",
            Self::Flagged => "flagged",
        }
    }

    /// Reads the word back, with what was seen.
    #[must_use]
    pub fn parse(word: &str, seen: Transcript) -> Option<Self> {
        Some(match word {
            "read" => Self::Read(seen),
            "decided" => Self::Decided(seen),
            "corrected" => Self::Corrected(seen),
            "withdrawn" => Self::Withdrawn,
            "flagged" => Self::Flagged,
            _ => return None,
        })
    }

    /// What was seen, where somebody said it.
    #[must_use]
    pub fn transcript(&self) -> Option<&Transcript> {
        match self {
            Self::Read(seen) | Self::Decided(seen) | Self::Corrected(seen) => Some(seen),
            Self::Withdrawn | Self::Flagged => None,
        }
    }
}

/// One line of a task's history, which only grows. People are known by number alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Annotation {
    /// 1, 2, 3, … within the task.
    pub sequence: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub person: PersonId,
    /// What.
    pub act: Act,
    /// How long it took them.
    pub seconds: f64,
    /// What stood there before: the settled text, else what was suggested. None where it was unreadable.
    pub before: Option<String>,
    /// Why, where a reason is needed.
    pub note: String,
}

/// How far a task has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum State {
    /// Waits for anybody who has not read it.
    Open,
    /// Two people read it differently: waits for a third, or for an admin.
    Disputed,
    /// Waits for an admin, because somebody asked for one.
    Flagged,
    /// Done.
    Settled {
        /// What stands in the image.
        text: String,
        /// Since when.
        at: Timestamp,
    },
    /// Done: nobody can read it.
    Unreadable {
        /// Since when.
        at: Timestamp,
    },
}

impl State {
    /// The words of every state, in the order filters offer them.
    pub const WORDS: [&'static str; 5] = ["open", "disputed", "flagged", "settled", "unreadable"];

    /// The word used in pages, REST and the database.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Disputed => "disputed",
            Self::Flagged => "flagged",
            Self::Settled { .. } => "settled",
            Self::Unreadable { .. } => "unreadable",
        }
    }

    /// The answer, once there is one.
    #[must_use]
    pub fn answer(&self) -> Option<Transcript> {
        match self {
            Self::Settled { text, .. } => Some(Transcript::Text(text.clone())),
            Self::Unreadable { .. } => Some(Transcript::Unreadable),
            Self::Open | Self::Disputed | Self::Flagged => None,
        }
    }

    /// Since when there is an answer.
    #[must_use]
    pub fn settled_at(&self) -> Option<Timestamp> {
        match self {
            Self::Settled { at, .. } | Self::Unreadable { at } => Some(*at),
            Self::Open | Self::Disputed | Self::Flagged => None,
        }
    }
}

/// Who looks at a task, and how long it is theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Who.
    pub by: PersonId,
    /// Until when.
    pub until: Timestamp,
}

/// A reading that a person must correct.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelingTask {
    /// Identity.
    pub id: TaskId,
    /// Its organisation.
    pub tenant: TenantId,
    /// Whose reading: the queue it stands in.
    pub model: ModelId,
    /// The reading.
    pub prediction: PredictionId,
    /// Why there is a task.
    pub origin: Origin,
    /// The same in words; empty where the origin says all.
    pub reason: String,
    /// See [`Origin::priority`].
    pub priority: i64,
    /// Among those of its priority the oldest comes first.
    pub queued_at: Timestamp,
    /// When it came to be.
    pub created_at: Timestamp,
    /// What the model read.
    pub read: String,
    /// How sure it was.
    pub confidence: f64,
    /// What a client says it should be, if one does.
    pub suggestion: Option<String>,
    /// How many people must read the same.
    pub needed: i64,
    /// The known answer of a task that measures labelers: never shown to them, never settled, never a truth.
    pub gold: Option<String>,
    /// How far it has come.
    pub state: State,
    /// Who looks at it.
    pub lease: Option<Lease>,
    /// Grows with each change; a change names the one it was made for.
    pub revision: i64,
}

impl LabelingTask {
    /// The lease that holds at `now`.
    #[must_use]
    pub fn lease_at(&self, now: Timestamp) -> Option<Lease> {
        self.lease.filter(|lease| lease.until > now)
    }

    /// What a labeler begins with.
    #[must_use]
    pub fn suggested(&self) -> &str {
        self.suggestion.as_deref().unwrap_or(&self.read)
    }

    /// What stands there now: the answer, else the suggestion.
    #[must_use]
    pub fn before(&self) -> Option<String> {
        let answer = self.state.answer().unwrap_or_else(|| Transcript::Text(self.suggested().to_owned()));
        answer.text().map(str::to_owned)
    }
}
