//! What is sent to be recorded, and what is answered.

use domain::prediction::Prediction;
use domain::sync::{Advice, Sync, SyncEvent};
use domain::{SyncId, Timestamp};

use super::SyncHistories;

/// A sync as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSync {
    /// The sender's own key; the same key twice is the same event.
    pub client_id: String,
    /// SHA-256 of what was sent but for the conflict, which may be said later.
    pub digest: String,
    /// What was brought.
    pub sync: Sync,
    /// When it came in.
    pub received_at: Timestamp,
    /// Whether it ended in a conflict, if the sender knows.
    pub conflict: Option<bool>,
    /// Who says so.
    pub actor: String,
}

/// New syncs, and what was recorded of their entities and people before.
#[derive(Clone, Debug, Default)]
pub struct UnscoredSyncs {
    /// The place of each among those that were sent, and the number it gets: in the order in which they are recorded, by
    /// time, and at one time as they were sent. A later one may see an earlier one.
    pub events: Vec<(usize, SyncId)>,
    /// What they may see.
    pub histories: SyncHistories,
}

/// What is recorded together with a sync.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoredSync {
    /// What the model says.
    pub prediction: Prediction,
    /// From which score on a conflict was expected.
    pub threshold: f64,
    /// What would have been advised.
    pub advice: Advice,
}

/// What became of a sync that was sent.
#[derive(Clone, Debug, PartialEq)]
pub enum SyncReception {
    /// It is recorded now.
    Recorded(SyncEvent),
    /// The same was recorded before; nothing was written.
    Repeated(SyncEvent),
    /// The same was recorded before; whether it ended in a conflict is known only now, or known otherwise.
    Amended(SyncEvent),
    /// Another event was recorded under the same key, this one; nothing was written.
    Contradicted(SyncEvent),
    /// The same was recorded before. A person has said otherwise of its conflict, which no program's key overrules; nothing
    /// was written.
    Overruled(SyncEvent),
}

/// What became of the syncs that were sent.
#[derive(Clone, Debug, PartialEq)]
pub struct SyncReceptions {
    /// Of each, in their order.
    pub receptions: Vec<SyncReception>,
    /// Planned syncs that were observed before, and must be looked at again.
    pub late: u64,
}
