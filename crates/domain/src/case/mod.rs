//! Cases: predictions that a supervisor must decide. What may be done to a case is decided here; the desk carries it out.

mod decisions;
mod episode;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use decisions::{Conflict, Objection, assign, correct, decide, escalate, release, take};
pub use episode::Alert;

use crate::ids::{CaseId, EmployeeId, PersonId, PredictionId, SiteId, SnoozeId, TenantId};
use crate::time::{HOUR, SECOND, Timestamp};

/// How long a case that somebody took is theirs.
pub const LEASE: i64 = 15 * 60 * SECOND;
/// An event less than this away from an undecided case of the same employee belongs to it.
pub const EPISODE: i64 = 12 * HOUR;
/// A case is to be decided within this time of its opening.
pub const DUE: i64 = 24 * HOUR;
/// An escalated case is to be decided within this time.
pub const DUE_ESCALATED: i64 = 8 * HOUR;

/// Share of the events under the threshold that are looked at all the same, so that it is known what is missed; unless the
/// model's specification says another.
pub const AUDIT_SHARE: f64 = 0.005;

/// What a supervisor found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It was fraud, or would have become it.
    ConfirmedRisk,
    /// No fraud that could be shown, but right to be looked at.
    ValuableAlert,
    /// Nothing.
    FalsePositive,
}

impl Verdict {
    /// Every verdict, in the order forms offer them.
    pub const ALL: [Self; 3] = [Self::ConfirmedRisk, Self::ValuableAlert, Self::FalsePositive];

    /// The word used in pages, REST and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ConfirmedRisk => "confirmed_risk",
            Self::ValuableAlert => "valuable_alert",
            Self::FalsePositive => "false_positive",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.as_str() == word)
    }

    /// Whether the alert was right: fraud, or worth the look.
    #[must_use]
    pub fn is_right(self) -> bool {
        self != Self::FalsePositive
    }

    /// The class of the fraud model that it makes true.
    #[must_use]
    pub fn truth(self) -> &'static str {
        crate::attendance::class(self.is_right())
    }

    /// Whether it must be given with a note.
    #[must_use]
    pub fn needs_note(self) -> bool {
        self == Self::ConfirmedRisk
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ConfirmedRisk => "confirmed risk",
            Self::ValuableAlert => "valuable alert",
            Self::FalsePositive => "false positive",
        })
    }
}

/// Why there is a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The score passed the threshold.
    Threshold,
    /// Drawn at random from what scored lower, to learn what is missed.
    Audit,
}

impl Origin {
    /// The word used in pages, REST and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Threshold => "threshold",
            Self::Audit => "audit",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Threshold, Self::Audit].into_iter().find(|origin| origin.as_str() == word)
    }
}

/// The group of features that pushed a score up most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Where.
    Location,
    /// When.
    Time,
    /// The face.
    Biometric,
    /// What is usual for this employee.
    Behaviour,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 4] = [Self::Location, Self::Time, Self::Biometric, Self::Behaviour];

    /// The word used in pages, REST and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Location => "location",
            Self::Time => "time",
            Self::Biometric => "biometric",
            Self::Behaviour => "behaviour",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.as_str() == word)
    }
}

/// How far a case has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum State {
    /// Waits for anybody.
    Open,
    /// Somebody looks at it.
    Taken {
        /// Who.
        by: PersonId,
        /// How long it is theirs.
        until: Timestamp,
        /// Whether it waits for an admin again once they let go of it.
        escalated: bool,
    },
    /// Waits for an admin.
    Escalated,
    /// Done.
    Decided {
        /// What was found.
        verdict: Verdict,
        /// Who found it: [`crate::Actor::label`].
        by: String,
        /// When.
        at: Timestamp,
    },
}

impl State {
    /// The words of every state, in the order filters offer them.
    pub const WORDS: [&'static str; 4] = ["open", "taken", "escalated", "decided"];

    /// Whether it is an admin's to decide, also while one has taken it.
    #[must_use]
    pub fn is_escalated(&self) -> bool {
        matches!(self, Self::Escalated | Self::Taken { escalated: true, .. })
    }

    /// What is left of it once nobody has taken it any more.
    #[must_use]
    pub fn untaken(&self) -> Self {
        match self {
            Self::Taken { escalated: true, .. } => Self::Escalated,
            Self::Taken { .. } => Self::Open,
            other => other.clone(),
        }
    }

    /// The word used in pages, REST and the database.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Taken { .. } => "taken",
            Self::Escalated => "escalated",
            Self::Decided { .. } => "decided",
        }
    }
}

/// Events of one employee that hang together, to be decided at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Identity.
    pub id: CaseId,
    /// Its organisation.
    pub tenant: TenantId,
    /// Whose events.
    pub employee: EmployeeId,
    /// Where the event with the highest score was.
    pub site: SiteId,
    /// Why there is a case.
    pub origin: Origin,
    /// Share of such events that become cases: 1, or the share drawn for audit.
    pub share: f64,
    /// What pushed the highest score up most.
    pub rule: Rule,
    /// The highest score of its events.
    pub score: f64,
    /// The prediction with that score.
    pub prediction: PredictionId,
    /// Number of its events.
    pub events: i64,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When its first event happened.
    pub first_event_at: Timestamp,
    /// When its last event happened.
    pub last_event_at: Timestamp,
    /// Until when it is to be decided.
    pub due_at: Timestamp,
    /// How far it has come.
    pub state: State,
    /// Who is to decide it.
    pub assignee: Option<PersonId>,
    /// Grows with each change; a change names the one it was made for.
    pub revision: i64,
}

/// What happened to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// It came to be.
    Opened,
    /// Another event joined it.
    Joined,
    /// Somebody took it.
    Taken,
    /// Somebody gave it back.
    Released,
    /// It was given to somebody.
    Assigned,
    /// It was handed to the admins.
    Escalated,
    /// A verdict.
    Decided,
    /// Another verdict than before.
    Corrected,
}

impl StepKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Opened,
        Self::Joined,
        Self::Taken,
        Self::Released,
        Self::Assigned,
        Self::Escalated,
        Self::Decided,
        Self::Corrected,
    ];

    /// The word used in pages, REST and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Joined => "joined",
            Self::Taken => "taken",
            Self::Released => "released",
            Self::Assigned => "assigned",
            Self::Escalated => "escalated",
            Self::Decided => "decided",
            Self::Corrected => "corrected",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// One line of a case's history, which only grows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// 1, 2, 3, … within the case.
    pub sequence: i64,
    /// When.
    pub at: Timestamp,
    /// Who: [`crate::Actor::label`].
    pub actor: String,
    /// What.
    pub kind: StepKind,
    /// The verdict given, if one was.
    pub verdict: Option<Verdict>,
    /// What they wrote.
    pub note: String,
}

/// A time during which an employee makes no cases by a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snooze {
    /// Identity.
    pub id: SnoozeId,
    /// Its organisation.
    pub tenant: TenantId,
    /// Whose events.
    pub employee: EmployeeId,
    /// By what rule.
    pub rule: Rule,
    /// Until when.
    pub until: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: String,
    /// Why.
    pub reason: String,
}
