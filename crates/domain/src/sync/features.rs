//! Five figures of a sync, from what was recorded before it.
//!
//! A sync sees an event if that happened no later and was recorded before, and is among the newest of these. So the figures
//! of what is recorded can be computed again at any time, and come out as they were, however late some events came in; all
//! but the share of conflicts, which knows what was said of them by then.

use std::collections::BTreeSet;

use super::Sync;
use crate::feature::FeatureInfo;
use crate::ids::SyncId;
use crate::time::{DAY, HOUR, Timestamp};

/// How far back a sync sees the edits of its entity.
pub const LOOK_BACK: i64 = 7 * DAY;
/// How far back it sees the other syncs of its person.
pub const MONTH: i64 = 30 * DAY;
/// The most syncs of its entity, and of its person, that it sees: the newest. However hot an entity is, to compute the
/// figures of a sync costs no more.
pub const MOST_SEEN: usize = 1_000;

/// What a person without a history is taken for: one conflict in ten syncs. It weighs as much as ten syncs, so one conflict
/// in somebody's first sync makes 18 %, not 100 %, and nobody's rate is missing.
const PRIOR: (f64, f64) = (1.0, 10.0);

/// The features, in the order of [`Features`].
pub const FEATURES: [FeatureInfo; 5] = [
    FeatureInfo {
        name: "concurrent_editors",
        unit: "people",
        formula: "other people who edited the entity after the last sync, at most within the last 24 h and the entity's \
                  newest 1,000 syncs",
        missing: None,
    },
    FeatureInfo {
        name: "hours_since_last_sync",
        unit: "hours",
        formula: "since the last sync that the client names, else since the person's newest among the entity's newest \
                  1,000 syncs",
        missing: Some(
            "the client names none, and the person has not synced the entity for 7 days, or 1,000 others have since",
        ),
    },
    FeatureInfo {
        name: "conflict_rate_30d",
        unit: "share",
        formula: "of the person's syncs of the last 30 days, at most the newest 1,000, the share known to have ended in \
                  a conflict, as if ten earlier syncs with one conflict had come before them",
        missing: None,
    },
    FeatureInfo {
        name: "entity_edits_24h",
        unit: "edits",
        formula: "of the entity's syncs of the last 24 h, at most the newest 1,000, those that edited a field of it, by \
                  anybody",
        missing: None,
    },
    FeatureInfo {
        name: "field_overlap",
        unit: "share",
        formula: "of the fields that the sync edits, the share that other people edited after the last sync, at most \
                  within the last 7 days and the entity's newest 1,000 syncs; 0 if it edits none",
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

/// A record of what happened before, which has its place among others of its kind.
pub trait Earlier {
    /// By time, and at one time in the order of recording.
    fn place(&self) -> (Timestamp, SyncId);
}

impl Earlier for Edit {
    fn place(&self) -> (Timestamp, SyncId) {
        (self.at, self.id)
    }
}

impl Earlier for Past {
    fn place(&self) -> (Timestamp, SyncId) {
        (self.at, self.id)
    }
}

/// Puts a record where it belongs among those that are in their order; cheap when it is the latest, as most are.
pub fn put<T: Earlier>(records: &mut Vec<T>, record: T) {
    let at = records.partition_point(|other| other.place() < record.place());
    records.insert(at, record);
}

/// What was recorded of one entity and of one person, each in the order of [`Earlier::place`].
#[derive(Clone, Copy, Debug, Default)]
pub struct History<'a> {
    /// Syncs of the entity, by anybody.
    pub edits: &'a [Edit],
    /// Syncs of the person, of any entity.
    pub pasts: &'a [Past],
}

/// The figures of `sync`, which is or would be recorded as `id`. What it does not see of the history is passed over: what
/// happened later, was recorded later, lies too long ago, or comes after the newest [`MOST_SEEN`].
///
/// "After the last sync" is after the moment that the client names; else after the person's own newest sync of the entity;
/// else after the beginning of the last 24 h.
#[must_use]
pub fn features(sync: &Sync, id: SyncId, history: History<'_>) -> Features {
    let age = |edit: &Edit| sync.at.since(edit.at);
    let seen: Vec<&Edit> = newest(history.edits, sync, id, LOOK_BACK).collect();
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

/// The records that `sync` sees, the newest first.
fn newest<'a, T: Earlier>(records: &'a [T], sync: &Sync, id: SyncId, back: i64) -> impl Iterator<Item = &'a T> {
    let until = |end: Timestamp| records.partition_point(|record| record.place().0 <= end);
    let (start, end) = (until(sync.at.plus(-back)), until(sync.at));
    records[start..end].iter().rev().filter(move |record| record.place().1 < id).take(MOST_SEEN)
}

/// A sync of which nothing is said counts as one without a conflict: so does the outcome by observation, and clients that
/// report conflicts alone would else have a rate of 100 %.
fn conflict_rate(sync: &Sync, id: SyncId, pasts: &[Past]) -> f64 {
    let seen = newest(pasts, sync, id, MONTH);
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
    use crate::time::SECOND;

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

    /// Two more syncs than are seen, a second apart: the two oldest alone edit b and end in a conflict. One that is recorded
    /// later takes nobody's place.
    #[test]
    fn of_a_hot_entity_and_a_busy_person_the_newest_syncs_are_seen() {
        let all = MOST_SEEN as i64 + 2;
        let at = |i: i64| NOON.plus((i - all) * SECOND);
        let (mut edits, mut pasts): (Vec<Edit>, Vec<Past>) = (Vec::new(), Vec::new());
        for i in 0..all {
            let fields = vec![String::from(if i < 2 { "b" } else { "a" })];
            put(&mut edits, Edit { id: SyncId(i), at: at(i), person: format!("p{i}"), fields });
            put(&mut pasts, Past { id: SyncId(i), at: at(i), conflict: i < 2 });
        }
        let asked = sync(&["a", "b"], Some(-1.0));
        let of = |edits: &[Edit], pasts: &[Past]| features(&asked, SyncId(all), History { edits, pasts }).0;
        let most = MOST_SEEN as f64;
        let seen = [Some(most), Some(1.0), Some(1.0 / (most + 10.0)), Some(most), Some(0.5)];
        assert_eq!(of(&edits, &pasts), seen);
        assert_eq!(of(&edits[2..], &pasts[2..]), seen, "to know of no others changes nothing");
        put(&mut edits, Edit { id: SyncId(all + 1), at: NOON, person: String::from("late"), fields: Vec::new() });
        assert_eq!(of(&edits, &pasts), seen);
    }

    #[test]
    fn records_are_put_where_they_belong() {
        let mut pasts = vec![past(1, 3.0, false), past(4, 1.0, false)];
        put(&mut pasts, past(3, 2.0, false));
        put(&mut pasts, past(5, 1.0, false));
        put(&mut pasts, past(2, 1.0, false));
        assert_eq!(pasts.iter().map(|past| past.id.0).collect::<Vec<_>>(), [1, 3, 2, 4, 5]);
    }

    #[test]
    fn every_formula_names_the_bound() {
        assert_eq!(MOST_SEEN, 1_000);
        assert!(FEATURES.iter().all(|feature| feature.formula.contains("1,000")));
    }
}
