//! Five figures of a sync, from what was recorded before it.
//!
//! A sync sees an event if that happened no later and was recorded before. So the figures of what is recorded can be
//! computed again at any time, and come out as they were, however late some events came in.

use std::collections::BTreeSet;

use super::Sync;
use crate::ids::SyncId;
use crate::time::{DAY, HOUR, Timestamp};

/// How far back a sync sees the edits of its entity.
pub const LOOK_BACK: i64 = 7 * DAY;
/// How far back it sees the other syncs of its person.
pub const MONTH: i64 = 30 * DAY;

/// What a person without a history is taken for: one conflict in ten syncs. It weighs as much as ten syncs, so one conflict
/// in somebody's first sync makes 18 %, not 100 %, and nobody's rate is missing.
const PRIOR: (f64, f64) = (1.0, 10.0);

/// What a feature says, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeatureInfo {
    /// Name of the column.
    pub name: &'static str,
    /// Unit; empty for a plain number.
    pub unit: &'static str,
    /// How it is computed.
    pub formula: &'static str,
    /// When it is missing; `None` if never.
    pub missing: Option<&'static str>,
}

/// The features, in the order of [`Features`].
pub const FEATURES: [FeatureInfo; 5] = [
    FeatureInfo {
        name: "concurrent_editors",
        unit: "people",
        formula: "other people who edited the entity after the last sync, at most within the last 24 h",
        missing: None,
    },
    FeatureInfo {
        name: "hours_since_last_sync",
        unit: "hours",
        formula: "since the last sync that the client names, else since the person's newest sync of the entity",
        missing: Some("the client names none, and the person has not synced the entity for 7 days"),
    },
    FeatureInfo {
        name: "conflict_rate_30d",
        unit: "share",
        formula: "of the person's syncs of the last 30 days, the share known to have ended in a conflict, as if ten \
                  earlier syncs with one conflict had come before them",
        missing: None,
    },
    FeatureInfo {
        name: "entity_edits_24h",
        unit: "edits",
        formula: "syncs of the last 24 h, by anybody, that edited a field of the entity",
        missing: None,
    },
    FeatureInfo {
        name: "field_overlap",
        unit: "share",
        formula: "of the fields that the sync edits, the share that other people edited after the last sync, at most \
                  within the last 7 days; 0 if it edits none",
        missing: None,
    },
];

/// The figures of one sync, in the order of [`FEATURES`]; `None` is missing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Features(pub [Option<f64>; FEATURES.len()]);

impl Features {
    /// The figure of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        FEATURES.iter().position(|feature| feature.name == name).and_then(|at| self.0[at])
    }

    /// Share of the edited fields that others edited since the last sync.
    #[must_use]
    pub fn field_overlap(&self) -> f64 {
        self.0[4].unwrap_or(0.0)
    }
}

/// What features need of an earlier sync of the same entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// See [`super::SyncEvent::id`].
    pub id: SyncId,
    /// When it synced.
    pub at: Timestamp,
    /// Who edited.
    pub person: String,
    /// The fields that were edited.
    pub fields: Vec<String>,
}

/// What features need of an earlier sync of the same person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Past {
    /// See [`super::SyncEvent::id`].
    pub id: SyncId,
    /// When it synced.
    pub at: Timestamp,
    /// Whether it is known to have ended in a conflict.
    pub conflict: bool,
}

/// What was recorded of one entity and of one person, each in any order.
#[derive(Clone, Copy, Debug, Default)]
pub struct History<'a> {
    /// Syncs of the entity, by anybody.
    pub edits: &'a [Edit],
    /// Syncs of the person, of any entity.
    pub pasts: &'a [Past],
}

/// The figures of `sync`, which is or would be recorded as `id`. What it does not see of the history is passed over.
///
/// "After the last sync" is after the moment that the client names; else after the person's own newest sync of the entity;
/// else after the beginning of the last 24 h.
#[must_use]
pub fn features(sync: &Sync, id: SyncId, history: History<'_>) -> Features {
    let age = |edit: &Edit| sync.at.since(edit.at);
    let seen: Vec<&Edit> =
        history.edits.iter().filter(|edit| edit.id < id && (0..LOOK_BACK).contains(&age(edit))).collect();
    let own = seen.iter().filter(|edit| edit.person == sync.person).map(|edit| edit.at).max();
    let last_sync = sync.last_sync.or(own);
    let after = last_sync.unwrap_or_else(|| sync.at.plus(-DAY));
    let others = || seen.iter().filter(|edit| edit.person != sync.person && edit.at > after && !edit.fields.is_empty());
    let editors: BTreeSet<&str> = others().filter(|edit| age(edit) < DAY).map(|edit| edit.person.as_str()).collect();
    let touched: BTreeSet<&str> = others().flat_map(|edit| edit.fields.iter().map(String::as_str)).collect();
    let edits = seen.iter().filter(|edit| age(edit) < DAY && !edit.fields.is_empty()).count();
    Features([
        Some(editors.len() as f64),
        last_sync.map(|last| sync.at.since(last) as f64 / HOUR as f64),
        Some(conflict_rate(sync, id, history.pasts)),
        Some(edits as f64),
        Some(overlap(&sync.fields, &touched)),
    ])
}

/// A sync of which nothing is said counts as one without a conflict: so does the outcome by observation, and clients that
/// report conflicts alone would else have a rate of 100 %.
fn conflict_rate(sync: &Sync, id: SyncId, pasts: &[Past]) -> f64 {
    let seen = pasts.iter().filter(|past| past.id < id && (0..MONTH).contains(&sync.at.since(past.at)));
    let (conflicts, syncs) =
        seen.fold(PRIOR, |(conflicts, syncs), past| (conflicts + f64::from(u8::from(past.conflict)), syncs + 1.0));
    conflicts / syncs
}

fn overlap(fields: &[String], touched: &BTreeSet<&str>) -> f64 {
    let shared = fields.iter().filter(|field| touched.contains(field.as_str())).count();
    if fields.is_empty() { 0.0 } else { shared as f64 / fields.len() as f64 }
}

#[cfg(test)]
mod tests {
    use super::super::Entity;
    use super::*;

    const NOON: Timestamp = Timestamp(1_767_614_400_000_000);

    fn hours(n: f64) -> Timestamp {
        NOON.plus((n * HOUR as f64) as i64)
    }

    fn sync(fields: &[&str], last_sync: Option<f64>) -> Sync {
        Sync {
            client: "phone".into(),
            person: "ada".into(),
            entity: Entity { entity_type: "order".into(), entity: "1".into() },
            fields: fields.iter().map(ToString::to_string).collect(),
            last_sync: last_sync.map(hours),
            at: NOON,
        }
    }

    fn edit(id: i64, at: f64, person: &str, fields: &[&str]) -> Edit {
        let fields = fields.iter().map(ToString::to_string).collect();
        Edit { id: SyncId(id), at: hours(at), person: person.into(), fields }
    }

    fn past(id: i64, days: f64, conflict: bool) -> Past {
        Past { id: SyncId(id), at: hours(-days * 24.0), conflict }
    }

    fn of(sync: &Sync, edits: &[Edit], pasts: &[Past]) -> [Option<f64>; 5] {
        features(sync, SyncId(100), History { edits, pasts }).0
    }

    #[test]
    fn a_first_sync_misses_only_its_last_one() {
        assert_eq!(of(&sync(&["a"], None), &[], &[]), [Some(0.0), None, Some(0.1), Some(0.0), Some(0.0)]);
    }

    /// Since 6:00: bob edits a and b, cem edits c, bob again; ada herself and dan, who only fetches, count for nobody. At
    /// 5:00 eve edits d: an edit of the day, but before the last sync.
    #[test]
    fn editors_and_fields_count_since_the_last_sync() {
        let edits = [
            edit(1, -7.0, "eve", &["d"]),
            edit(2, -5.0, "bob", &["a", "b"]),
            edit(3, -4.0, "cem", &["c"]),
            edit(4, -3.0, "bob", &["a"]),
            edit(5, -2.0, "ada", &["d"]),
            edit(6, -1.0, "dan", &[]),
        ];
        let figures = of(&sync(&["a", "c", "d", "e"], Some(-6.0)), &edits, &[]);
        assert_eq!(figures, [Some(2.0), Some(6.0), Some(0.1), Some(5.0), Some(0.5)]);
        // Nothing said: since her own sync two hours ago.
        let figures = of(&sync(&["a", "c", "d", "e"], None), &edits, &[]);
        assert_eq!(figures, [Some(0.0), Some(2.0), Some(0.1), Some(5.0), Some(0.0)]);
        assert_eq!(of(&sync(&[], Some(-6.0)), &edits, &[])[4], Some(0.0));
    }

    /// Offline for ten days: editors count within 24 h, fields within 7 days.
    #[test]
    fn a_long_absence_is_looked_at_within_bounds() {
        let edits = [
            edit(1, -7.0 * 24.0, "bob", &["a"]),
            edit(2, -7.0 * 24.0 + 0.1, "bob", &["b"]),
            edit(3, -24.0, "cem", &["c"]),
            edit(4, -23.9, "dan", &["d"]),
        ];
        let figures = of(&sync(&["a", "b", "c", "d"], Some(-240.0)), &edits, &[]);
        assert_eq!(figures, [Some(1.0), Some(240.0), Some(0.1), Some(1.0), Some(0.75)]);
    }

    /// Event 101 happened an hour before but was recorded after; event 5 was recorded before but happens an hour later, as
    /// a clock that is ahead says. Neither is seen.
    #[test]
    fn what_was_not_known_or_had_not_happened_is_not_seen() {
        let edits = [edit(101, -1.0, "bob", &["a"]), edit(5, 1.0, "cem", &["a"])];
        let pasts = [past(102, 1.0, true), past(6, -0.5, true)];
        assert_eq!(
            of(&sync(&["a"], Some(-2.0)), &edits, &pasts),
            [Some(0.0), Some(2.0), Some(0.1), Some(0.0), Some(0.0)]
        );
        let figures = features(&sync(&["a"], Some(-2.0)), SyncId(200), History { edits: &edits, pasts: &pasts });
        assert_eq!(figures.0, [Some(1.0), Some(2.0), Some(2.0 / 11.0), Some(1.0), Some(1.0)]);
    }

    /// Two conflicts in four syncs of the last 30 days: (2 + 1) / (4 + 10).
    #[test]
    fn the_rate_of_few_syncs_stays_near_that_of_anybody() {
        let pasts =
            [past(1, 30.0, true), past(2, 29.9, true), past(3, 3.0, false), past(4, 2.0, true), past(5, 1.0, false)];
        assert_eq!(of(&sync(&["a"], None), &[], &pasts)[2], Some(3.0 / 14.0));
    }
}
