//! Field workers of an invented company and the records that they edit on their phones and tablets, with and without a
//! network. No real person or record.
//!
//! Some records become hot for some days: several people work on them at once, most of them on the same few fields.
//! Who is offline works on what was there when the network went away, and syncs hours later. A conflict arises where
//! somebody else brought the same fields in between; other syncs end in one now and then, for no reason that can be seen.
//! Each day is lived from what was before: what happens later changes nothing earlier, and a longer world begins as a
//! shorter one does.

mod days;
mod table;

use std::collections::HashMap;

use domain::Timestamp;
use domain::sync::Sync;

use crate::claims::FIRST_DAY;

/// One sync as a client sends it, and the truth about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The sender's own key.
    pub client_id: String,
    /// What was brought.
    pub sync: Sync,
    /// When it was sent: seconds later, or hours when logs are sent by themselves.
    pub received_at: Timestamp,
    /// The truth.
    pub conflict: bool,
    /// When somebody says so: as it is sent, or up to two days later.
    pub said_at: Timestamp,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    /// Everything sent, in the order in which it was received.
    pub events: Vec<Event>,
}

/// How people live.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conditions {
    /// Share of working days on which somebody is offline for some hours.
    pub offline: f64,
    /// Records that become hot, for each hundred and day.
    pub heat: f64,
    /// Share of the edits of a hot record that are about the same few fields.
    pub focus: f64,
}

impl Default for Conditions {
    fn default() -> Self {
        Self { offline: 0.15, heat: 0.8, focus: 0.8 }
    }
}

/// What world is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// Seed of every random choice.
    pub seed: u64,
    /// Midnight (UTC) at which the first day begins.
    pub first_day: Timestamp,
    /// Number of days.
    pub days: u32,
    /// Number of people.
    pub people: usize,
    /// Number of records.
    pub entities: usize,
    /// How they live.
    pub conditions: Conditions,
    /// From which day on they live otherwise, and how.
    pub drift: Option<(u32, Conditions)>,
}

impl Plan {
    /// Six weeks of 60 people and 500 records from 2026-01-05 on.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let conditions = Conditions::default();
        Self { seed, first_day: FIRST_DAY, days: 42, people: 60, entities: 500, conditions, drift: None }
    }

    /// Lives through it.
    #[must_use]
    pub fn world(&self) -> World {
        let mut acts = days::live(self);
        acts.sort_by_key(|act| (act.sync.at, act.number));
        let conflicts = conflicts(&acts);
        let event = |(act, conflict): (days::Act, bool)| Event {
            client_id: format!("{}:{}", act.sync.client, act.number),
            received_at: act.sync.at.plus(act.delay),
            // Nobody has to be asked whether all went well.
            said_at: act.sync.at.plus(act.delay + if conflict { act.silence } else { 0 }),
            sync: act.sync,
            conflict,
        };
        let mut events: Vec<Event> = acts.into_iter().zip(conflicts).map(event).collect();
        events.sort_by(|a, b| (a.received_at, &a.client_id).cmp(&(b.received_at, &b.client_id)));
        World { events }
    }

    fn conditions(&self, day: u32) -> Conditions {
        self.drift.filter(|(from, _)| day >= *from).map_or(self.conditions, |(_, drifted)| drifted)
    }
}

/// Share of fields edited by two people that end in a conflict: often both wrote the same, or one of them did not matter.
const CLASH: f64 = 0.6;
/// Share of all other syncs that end in one: a lost connection, a broken app.
const MISHAP: f64 = 0.01;

/// Whether each of these acts, in the order of time, ended in a conflict.
fn conflicts(acts: &[days::Act]) -> Vec<bool> {
    let mut of_entity: HashMap<_, Vec<&days::Act>> = HashMap::new();
    let mut ended = Vec::with_capacity(acts.len());
    for act in acts {
        let before = of_entity.entry(&act.sync.entity).or_default();
        let since = act.sync.last_sync.unwrap_or(act.sync.at);
        let others = || before.iter().filter(|other| other.sync.at > since && other.sync.person != act.sync.person);
        let shared = |field: &&String| others().any(|other| other.sync.fields.contains(field));
        let clashes = act.sync.fields.iter().filter(shared).count();
        let peace = (1.0 - MISHAP) * (1.0 - CLASH).powi(clashes as i32);
        ended.push(act.luck > peace);
        before.push(act);
    }
    ended
}

#[cfg(test)]
mod tests {
    use domain::time::{DAY, HOUR};

    use super::*;

    fn small(seed: u64) -> Plan {
        Plan { people: 30, entities: 250, days: 28, ..Plan::new(seed) }
    }

    fn share(events: &[&Event]) -> f64 {
        events.iter().filter(|event| event.conflict).count() as f64 / events.len() as f64
    }

    #[test]
    fn a_seed_gives_the_same_world_and_another_gives_another() {
        assert_eq!(small(1).world(), small(1).world());
        assert_ne!(small(1).world(), small(2).world());
    }

    #[test]
    fn what_happens_later_changes_nothing_earlier() {
        let (long, short) = (small(3).world(), Plan { days: 14, ..small(3) }.world());
        let until = small(3).first_day.plus(13 * DAY);
        let early = |world: &World| -> Vec<Event> {
            world.events.iter().filter(|event| event.received_at < until).cloned().collect()
        };
        assert!(early(&short).len() > 1_000);
        assert_eq!(early(&short), early(&long));
        let drifted = Plan { drift: Some((14, Conditions { offline: 0.5, ..Conditions::default() })), ..small(3) };
        assert_eq!(early(&drifted.world()), early(&long));
    }

    #[test]
    fn syncs_are_possible_and_come_in_the_order_of_their_receipt() {
        let world = small(4).world();
        assert!(world.events.windows(2).all(|pair| pair[0].received_at <= pair[1].received_at));
        let possible = |event: &Event| event.received_at >= event.sync.at && event.said_at >= event.received_at;
        assert!(world.events.iter().all(possible));
        assert!(
            world.events.iter().all(|event| event.sync.clone().checked(event.received_at) == Ok(event.sync.clone()))
        );
        let late = |event: &&Event| event.received_at.since(event.sync.at) > HOUR;
        assert!(world.events.iter().filter(late).count() > 40);
        let mut keys: Vec<&str> = world.events.iter().map(|event| event.client_id.as_str()).collect();
        keys.sort_unstable();
        assert!(keys.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn some_syncs_end_in_a_conflict_and_more_of_them_after_hours_without_a_network() {
        for seed in 1..=3 {
            let world = small(seed).world();
            let all: Vec<&Event> = world.events.iter().collect();
            assert!((0.02..0.15).contains(&share(&all)), "{}", share(&all));
            let long = |event: &&&Event| event.sync.last_sync.is_some_and(|last| event.sync.at.since(last) > 2 * HOUR);
            let offline: Vec<&Event> = all.iter().filter(long).copied().collect();
            assert!(offline.len() > 100 && share(&offline) > 1.5 * share(&all), "{} {}", share(&offline), share(&all));
        }
    }

    #[test]
    fn people_who_are_offline_more_often_have_more_conflicts_from_that_day_on() {
        let drift = Some((14, Conditions { offline: 0.7, heat: 1.6, ..Conditions::default() }));
        let world = Plan { drift, ..small(5) }.world();
        let day = small(5).first_day.plus(14 * DAY);
        let (before, after): (Vec<&Event>, Vec<&Event>) = world.events.iter().partition(|event| event.sync.at < day);
        assert!(share(&after) > 1.2 * share(&before), "{} {}", share(&before), share(&after));
    }
}
