//! The audit log: each entry carries the hash of the one before, so that a change in the middle shows.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Actor, TenantId, Timestamp};

/// What is to be written down about a change.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Whose log.
    pub tenant: TenantId,
    /// When.
    pub at: Timestamp,
    /// Who, as [`Actor::label`] names them.
    pub actor: String,
    /// What was done: `version.promoted`, `key.revoked`.
    pub action: &'static str,
    /// To what: `model:fraud/7`, `person:3`.
    pub subject: String,
    /// What else an auditor needs, never a secret.
    pub detail: serde_json::Value,
}

impl Event {
    /// `actor` did `action` to `subject` at `at`.
    pub fn new(actor: &Actor, at: Timestamp, action: &'static str, subject: impl Into<String>) -> Self {
        Self {
            tenant: actor.tenant,
            at,
            actor: actor.label(),
            action,
            subject: subject.into(),
            detail: serde_json::Value::Null,
        }
    }

    /// The same with details.
    #[must_use]
    pub fn with(mut self, detail: serde_json::Value) -> Self {
        self.detail = detail;
        self
    }
}

/// One line of the log as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// 1, 2, 3, … without gaps within a tenant.
    pub sequence: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject: String,
    /// JSON text, exactly as hashed.
    pub detail: String,
    /// Hash of the entry before; 64 zeros for the first.
    pub previous_hash: String,
    /// SHA-256 over all of the above, lower-case hex.
    pub hash: String,
}

/// What the first entry of a log names as the hash before it.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

impl Entry {
    /// The entry that follows the one with `previous_hash`.
    #[must_use]
    pub fn following(event: &Event, sequence: i64, previous_hash: &str) -> Self {
        let mut entry = Self {
            sequence,
            at: event.at,
            actor: event.actor.clone(),
            action: event.action.to_owned(),
            subject: event.subject.clone(),
            detail: event.detail.to_string(),
            previous_hash: previous_hash.to_owned(),
            hash: String::new(),
        };
        entry.hash = entry.compute_hash(event.tenant);
        entry
    }

    /// The hash that this entry must carry. Every field is preceded by its length, so that no two entries that differ
    /// hash the same text.
    #[must_use]
    pub fn compute_hash(&self, tenant: TenantId) -> String {
        let mut hasher = Sha256::new();
        let (tenant, sequence, at) = (tenant.to_string(), self.sequence.to_string(), self.at.0.to_string());
        let fields =
            [&self.previous_hash, &tenant, &sequence, &at, &self.actor, &self.action, &self.subject, &self.detail];
        for field in fields {
            hasher.update((field.len() as u64).to_le_bytes());
            hasher.update(field.as_bytes());
        }
        crate::manifest::hex(&hasher.finalize())
    }
}

/// What is kept of a log beside it: its last entry, so that one cut off at the end shows too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Sequence of the last entry; 0 in an empty log.
    pub sequence: i64,
    /// Its hash.
    pub hash: String,
}

/// Where a log stops being what was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// An entry's own fields do not give its hash.
    #[error("entry {0} was changed after it was written")]
    Changed(i64),
    /// The entry does not follow the one before it.
    #[error("entry {0} does not follow the entry before it: something was removed, inserted or reordered")]
    Gap(i64),
    /// The log ends before the entry that was the last one.
    #[error("entry {0} and all after it are missing at the end")]
    CutOff(i64),
}

/// Walks a log in order, entry by entry, and notices the first one that was tampered with.
#[derive(Clone, Debug)]
pub struct Verifier {
    tenant: TenantId,
    last: Head,
    sequence: i64,
    hash: String,
}

impl Verifier {
    /// Starts before the first entry of `tenant`, whose log had `last` as its head before the walk: entries that are
    /// written meanwhile may follow.
    #[must_use]
    pub fn new(tenant: TenantId, last: Head) -> Self {
        Self { tenant, last, sequence: 0, hash: GENESIS.to_owned() }
    }

    /// Takes the next entry.
    ///
    /// # Errors
    /// [`Broken`], naming the entry.
    pub fn check(&mut self, entry: &Entry) -> Result<(), Broken> {
        if entry.sequence != self.sequence + 1 || entry.previous_hash != self.hash {
            return Err(Broken::Gap(entry.sequence));
        }
        let is_another = entry.sequence == self.last.sequence && entry.hash != self.last.hash;
        if is_another || entry.compute_hash(self.tenant) != entry.hash {
            return Err(Broken::Changed(entry.sequence));
        }
        self.sequence = entry.sequence;
        self.hash.clone_from(&entry.hash);
        Ok(())
    }

    /// Says that there are no more entries.
    ///
    /// # Errors
    /// [`Broken::CutOff`], if there were more.
    pub fn finish(&self) -> Result<(), Broken> {
        if self.sequence < self.last.sequence { Err(Broken::CutOff(self.sequence + 1)) } else { Ok(()) }
    }

    /// How many entries were good, and the hash of the last one.
    #[must_use]
    pub fn head(&self) -> (i64, &str) {
        (self.sequence, &self.hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(n: i64) -> Vec<Entry> {
        let actor = Actor::operator(TenantId(1));
        let mut previous = GENESIS.to_owned();
        (1..=n)
            .map(|sequence| {
                let event = Event::new(&actor, Timestamp(sequence), "test.made", format!("thing:{sequence}"));
                let entry = Entry::following(&event, sequence, &previous);
                previous.clone_from(&entry.hash);
                entry
            })
            .collect()
    }

    fn verify(tenant: i64, entries: &[Entry]) -> Result<i64, Broken> {
        verify_until(tenant, entries, Head { sequence: 0, hash: GENESIS.to_owned() })
    }

    fn verify_until(tenant: i64, entries: &[Entry], last: Head) -> Result<i64, Broken> {
        let mut verifier = Verifier::new(TenantId(tenant), last);
        entries.iter().try_for_each(|entry| verifier.check(entry))?;
        verifier.finish()?;
        Ok(verifier.head().0)
    }

    #[test]
    fn an_untouched_log_verifies() {
        assert_eq!(verify(1, &log(5)), Ok(5));
        assert_eq!(verify(1, &[]), Ok(0));
    }

    #[test]
    fn a_changed_field_is_named() {
        let mut entries = log(5);
        entries[2].subject = String::from("thing:99");
        assert_eq!(verify(1, &entries), Err(Broken::Changed(3)));
    }

    #[test]
    fn a_removed_or_reordered_entry_is_a_gap() {
        let mut entries = log(5);
        entries.remove(1);
        assert_eq!(verify(1, &entries), Err(Broken::Gap(3)));
        let mut entries = log(5);
        entries.swap(3, 4);
        assert_eq!(verify(1, &entries), Err(Broken::Gap(5)));
    }

    #[test]
    fn a_log_that_ends_too_early_or_with_another_entry_shows() {
        let entries = log(5);
        let last = |sequence: usize| Head { sequence: sequence as i64, hash: entries[sequence - 1].hash.clone() };
        assert_eq!(verify_until(1, &entries, last(5)), Ok(5));
        assert_eq!(verify_until(1, &entries, last(3)), Ok(5), "what is written during the walk may follow");
        assert_eq!(verify_until(1, &entries[..3], last(5)), Err(Broken::CutOff(4)));
        assert_eq!(verify_until(1, &[], last(1)), Err(Broken::CutOff(1)));
        let other = Head { hash: GENESIS.to_owned(), ..last(5) };
        assert_eq!(verify_until(1, &entries, other), Err(Broken::Changed(5)));
    }

    #[test]
    fn a_log_cannot_be_passed_off_as_another_tenants() {
        assert_eq!(verify(2, &log(1)), Err(Broken::Changed(1)));
    }
}
