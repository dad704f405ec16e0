//! The days of all people, one after the other.

use domain::Timestamp;
use domain::sync::{Entity, Sync};
use domain::time::{DAY, HOUR, SECOND};
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Conditions, Plan};

const MINUTE: i64 = 60 * SECOND;

/// Which records there are, and what can be edited of each.
const TYPES: [(&str, &[&str]); 3] = [
    ("order", &["address", "delivery", "discount", "items", "note", "priority", "state", "total"]),
    ("customer", &["address", "contact", "email", "name", "note", "phone", "rating"]),
    ("inspection", &["defects", "note", "photos", "result", "signature", "state"]),
];

/// A sync before anybody knows how it ends.
#[derive(Clone, Debug)]
pub(super) struct Act {
    /// Counts all acts.
    pub(super) number: usize,
    pub(super) sync: Sync,
    /// From the sync until it is received.
    pub(super) delay: i64,
    /// From then until somebody says that there was a conflict.
    pub(super) silence: i64,
    /// 0 to 1: the more, the likelier a conflict.
    pub(super) luck: f64,
}

/// A record that several people work on.
struct Burst {
    entity: usize,
    last_day: u32,
    team: Vec<usize>,
    fields: Vec<&'static str>,
}

/// Everything that all people sync.
pub(super) fn live(plan: &Plan) -> Vec<Act> {
    let mut life = Life { plan, bursts: Vec::new(), acts: Vec::new() };
    for day in 0..plan.days {
        let mut rng = ChaCha8Rng::seed_from_u64(plan.seed);
        rng.set_stream(u64::from(day));
        let conditions = plan.conditions(day);
        life.heat(&mut rng, day, conditions);
        for person in 0..plan.people {
            life.work(&mut rng, day, person, conditions);
        }
    }
    life.acts
}

struct Life<'a> {
    plan: &'a Plan,
    bursts: Vec<Burst>,
    acts: Vec<Act>,
}

/// An edit before it is synced.
struct Edit {
    at: i64,
    entity: usize,
    fields: Vec<&'static str>,
}

impl Life<'_> {
    /// Some records become hot, others cool down.
    fn heat(&mut self, rng: &mut ChaCha8Rng, day: u32, conditions: Conditions) {
        self.bursts.retain(|burst| burst.last_day >= day);
        for entity in 0..self.plan.entities {
            if !rng.random_bool((conditions.heat / 100.0).clamp(0.0, 1.0)) {
                continue;
            }
            let mut people: Vec<usize> = (0..self.plan.people).collect();
            let size = rng.random_range(3..=6).min(people.len());
            let (team, _) = people.partial_shuffle(rng, size);
            let known = TYPES[entity % TYPES.len()].1;
            let fields = known.sample(rng, 3).copied().collect();
            self.bursts.push(Burst { entity, last_day: day + rng.random_range(1..=4), team: team.to_vec(), fields });
        }
    }

    fn work(&mut self, rng: &mut ChaCha8Rng, day: u32, person: usize, conditions: Conditions) {
        let weekend = (i64::from(day) + 3 + self.plan.first_day.0.div_euclid(DAY)).rem_euclid(7) >= 5;
        if !rng.random_bool(if weekend { 0.1 } else { 0.9 }) {
            return;
        }
        let midnight = self.plan.first_day.plus(i64::from(day) * DAY);
        let mut edits: Vec<Edit> = (0..rng.random_range(4..=10)).map(|_| self.edit(rng, person, conditions)).collect();
        edits.sort_by_key(|edit| edit.at);
        let away = rng.random_bool(conditions.offline.clamp(0.0, 1.0)).then(|| {
            let from = rng.random_range(7 * 60..15 * 60) * MINUTE;
            from..from + rng.random_range(2 * 60..8 * 60) * MINUTE
        });
        let (offline, online): (Vec<Edit>, Vec<Edit>) =
            edits.into_iter().partition(|edit| away.as_ref().is_some_and(|away| away.contains(&edit.at)));
        for Edit { at, entity, fields } in online {
            // The record was fetched when it was opened.
            let opened = at - rng.random_range(2..40) * MINUTE;
            self.sync(rng, person, entity, fields, midnight, (opened, at));
        }
        // Of each record all edits go together when the network is back.
        let Some(away) = away else { return };
        let mut entities: Vec<usize> = offline.iter().map(|edit| edit.entity).collect();
        entities.sort_unstable();
        entities.dedup();
        for entity in entities {
            let fields = offline.iter().filter(|edit| edit.entity == entity).flat_map(|edit| edit.fields.clone());
            let fields = fields.collect();
            let back = away.end + rng.random_range(1..300) * SECOND;
            self.sync(rng, person, entity, fields, midnight, (away.start, back));
        }
    }

    /// Somebody edits what their team works on, what is usually theirs, or anything.
    fn edit(&self, rng: &mut ChaCha8Rng, person: usize, conditions: Conditions) -> Edit {
        let at = 8 * HOUR + rng.random_range(0..10 * 60) * MINUTE + rng.random_range(0..60) * SECOND;
        let own: Vec<&Burst> = self.bursts.iter().filter(|burst| burst.team.contains(&person)).collect();
        if let Some(burst) = own.choose(rng).filter(|_| rng.random_bool(0.65)) {
            let focused = rng.random_bool(conditions.focus.clamp(0.0, 1.0));
            let known = if focused { &burst.fields[..] } else { TYPES[burst.entity % TYPES.len()].1 };
            let count = rng.random_range(1..=2);
            return Edit { at, entity: burst.entity, fields: known.sample(rng, count).copied().collect() };
        }
        let entities = self.plan.entities;
        // Two people share each district.
        let entity = if rng.random_bool(0.8) {
            let districts = (self.plan.people / 2).max(1);
            let size = (entities / districts).max(1);
            (person % districts * size + rng.random_range(0..size)) % entities
        } else {
            rng.random_range(0..entities)
        };
        let count = rng.random_range(1..=3);
        Edit { at, entity, fields: TYPES[entity % TYPES.len()].1.sample(rng, count).copied().collect() }
    }

    fn sync(
        &mut self,
        rng: &mut ChaCha8Rng,
        person: usize,
        entity: usize,
        fields: Vec<&'static str>,
        midnight: Timestamp,
        (last, at): (i64, i64),
    ) {
        let mut fields: Vec<String> = fields.into_iter().map(String::from).collect();
        fields.sort_unstable();
        fields.dedup();
        let kind = TYPES[entity % TYPES.len()].0;
        let device = if person.is_multiple_of(3) { "tablet" } else { "phone" };
        let late = rng.random_bool(0.02);
        let delay = if late { rng.random_range(HOUR..12 * HOUR) } else { rng.random_range(SECOND..20 * SECOND) };
        let silence = if rng.random_bool(0.2) { rng.random_range(0..2 * DAY) } else { 0 };
        self.acts.push(Act {
            number: self.acts.len(),
            sync: Sync {
                client: format!("{device}-{}", person + 1),
                person: format!("worker-{:02}", person + 1),
                entity: Entity { entity_type: kind.to_owned(), entity: format!("{kind}-{}", entity + 1) },
                fields,
                last_sync: Some(midnight.plus(last)),
                at: midnight.plus(at),
            },
            delay,
            silence,
            luck: rng.random(),
        });
    }
}
