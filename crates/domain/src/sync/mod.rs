//! Records that mobile clients edit and sync, and what can be said of a sync from what was known before it.

mod advice;
mod features;
mod specification;

use serde::{Deserialize, Serialize};

pub use advice::{Advice, advise};
pub use features::{Earlier, Edit, FEATURES, Features, History, LOOK_BACK, MONTH, MOST_SEEN, Past, features, put};
pub use specification::{MODEL, row, specification};

use crate::error::FieldError;
use crate::ids::{PredictionId, SyncId, TenantId};
use crate::time::{DAY, Timestamp};

/// How long after a sync a conflict of its entity is its outcome.
pub const OBSERVED: i64 = DAY;
/// The most fields that one sync may bring.
pub const MAX_FIELDS: usize = 200;
/// The longest name of anything, in characters.
pub const MAX_TEXT: usize = 100;

/// Clients whose clocks are ahead are believed so far.
const FUTURE: i64 = DAY;
/// 2000-01-01T00:00:00Z: no log that is brought is older.
const OLDEST: Timestamp = Timestamp(946_684_800_000_000);

/// What is edited: a customer, an order, a note.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Entity {
    /// Which type of record.
    pub entity_type: String,
    /// Which one of them.
    pub entity: String,
}

/// Edits that a client brings, or is about to bring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sync {
    /// The device or app.
    pub client: String,
    /// Who edited.
    pub person: String,
    /// What was edited.
    pub entity: Entity,
    /// The fields that were edited, sorted, each once. None for a client that only fetches.
    pub fields: Vec<String>,
    /// When the client last had the entity as all others had it, as it says.
    pub last_sync: Option<Timestamp>,
    /// When it syncs.
    pub at: Timestamp,
}

impl Sync {
    /// The sync in the form in which it is kept, if it is possible at `now`: texts without the blanks around them, fields
    /// sorted and each once.
    ///
    /// # Errors
    /// The field that is wrong.
    pub fn checked(mut self, now: Timestamp) -> Result<Self, FieldError> {
        self.client = text("client", &self.client)?;
        self.person = text("person", &self.person)?;
        self.entity.entity_type = text("entity_type", &self.entity.entity_type)?;
        self.entity.entity = text("entity", &self.entity.entity)?;
        if self.fields.len() > MAX_FIELDS {
            return Err(FieldError::new("fields", format!("at most {MAX_FIELDS} fields fit into one sync")));
        }
        let fields = self.fields.iter().enumerate();
        self.fields = fields.map(|(i, field)| text(&format!("fields[{i}]"), field)).collect::<Result<_, _>>()?;
        self.fields.sort_unstable();
        self.fields.dedup();
        if self.at < OLDEST || self.at.since(now) > FUTURE {
            return Err(FieldError::new("at", "a moment from 2000 to tomorrow is needed"));
        }
        match self.last_sync {
            Some(last) if last < OLDEST => Err(FieldError::new("last_sync", "a moment from 2000 on is needed")),
            Some(last) if last > self.at => Err(FieldError::new("last_sync", "lies after the sync itself")),
            _ => Ok(self),
        }
    }

    /// Until when a conflict of its entity is its outcome.
    #[must_use]
    pub fn observed_until(&self) -> Timestamp {
        self.at.plus(OBSERVED)
    }

    /// What later syncs of its entity need of it, recorded as `id`.
    #[must_use]
    pub fn edit(&self, id: SyncId) -> Edit {
        Edit { id, at: self.at, person: self.person.clone(), fields: self.fields.clone() }
    }

    /// What later syncs of its person need of it.
    #[must_use]
    pub fn past(&self, id: SyncId, conflict: bool) -> Past {
        Past { id, at: self.at, conflict }
    }
}

/// `text` without the blanks around it, if it names something.
///
/// # Errors
/// Names `field`.
pub fn text(field: &str, text: &str) -> Result<String, FieldError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MAX_TEXT {
        return Err(FieldError::new(field, format!("1 to {MAX_TEXT} characters are needed")));
    }
    if text.chars().any(char::is_control) {
        return Err(FieldError::new(field, "holds a control character"));
    }
    Ok(text.to_owned())
}

/// A sync as it was recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SyncEvent {
    /// Identity, given out under a lock: of one tenant's events it says what was known before what.
    pub id: SyncId,
    /// Its organisation.
    pub tenant: TenantId,
    /// The sender's own key; the same key twice is the same event.
    pub client_id: String,
    /// What was brought.
    pub sync: Sync,
    /// When it came in.
    pub received_at: Timestamp,
    /// The prediction made of it.
    pub prediction: PredictionId,
    /// Whether it ended in a conflict, as the newest word on it says.
    pub conflict: Option<bool>,
}

/// Something that was said of whether a sync ended in a conflict. Nothing is overwritten: another word is the next record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictFact {
    /// 1 for the first word, 2 for the next, …
    pub sequence: i64,
    /// Whether there was one.
    pub conflict: bool,
    /// When it was said.
    pub at: Timestamp,
    /// Who said it.
    pub actor: String,
}

/// Where a planned sync comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlannedKind {
    /// A client asked before it synced.
    Asked,
    /// It was recorded as an event, and scored as it came in.
    Event,
}

impl PlannedKind {
    /// The word used in pages, REST and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Event => "event",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Asked, Self::Event].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// The class of the conflict model for what ended in a conflict and for what did not.
#[must_use]
pub fn class(conflict: bool) -> &'static str {
    if conflict { "yes" } else { "no" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::HOUR;

    const NOW: Timestamp = Timestamp(1_767_571_200_000_000);

    fn sync() -> Sync {
        Sync {
            client: "tablet-3".into(),
            person: " ada ".into(),
            entity: Entity { entity_type: "order".into(), entity: "4711".into() },
            fields: vec!["total".into(), "address".into(), " total".into()],
            last_sync: Some(NOW.plus(-HOUR)),
            at: NOW,
        }
    }

    #[test]
    fn a_sync_is_kept_without_blanks_and_with_each_field_once() {
        let checked = sync().checked(NOW).unwrap();
        assert_eq!((checked.person.as_str(), checked.fields), ("ada", vec!["address".to_owned(), "total".to_owned()]));
        let fetched = Sync { fields: Vec::new(), last_sync: None, ..sync() };
        assert!(fetched.checked(NOW).is_ok());
    }

    #[test]
    fn what_is_impossible_is_named() {
        let entity =
            |entity_type: &str, entity: &str| Entity { entity_type: entity_type.into(), entity: entity.into() };
        let long = "x".repeat(MAX_TEXT + 1);
        for (wrong, field) in [
            (Sync { client: String::new(), ..sync() }, "client"),
            (Sync { person: "a\nb".into(), ..sync() }, "person"),
            (Sync { entity: entity("\u{7}", "1"), ..sync() }, "entity_type"),
            (Sync { entity: entity("order", &long), ..sync() }, "entity"),
            (Sync { fields: vec!["a".into(), " ".into()], ..sync() }, "fields[1]"),
            (Sync { fields: vec!["a".into(); MAX_FIELDS + 1], ..sync() }, "fields"),
            (Sync { at: Timestamp(0), ..sync() }, "at"),
            (Sync { at: NOW.plus(DAY + 1), ..sync() }, "at"),
            (Sync { last_sync: Some(NOW.plus(1)), ..sync() }, "last_sync"),
            (Sync { last_sync: Some(Timestamp(0)), ..sync() }, "last_sync"),
        ] {
            assert_eq!(wrong.checked(NOW).unwrap_err().field, field);
        }
    }
}
