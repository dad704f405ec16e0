//! Check-ins and check-outs of an invented company, about one in a hundred of them fraudulent. No real site, person or event.
//!
//! Every employee lives their days by themselves, each day from what was before: what happens later changes nothing
//! earlier, and a longer world begins as a shorter one does. Honest days are untidy on purpose: phones lose their way
//! between high buildings, faces are dark, people forget to check out, work on days off and at other sites. So no feature
//! gives fraud away.

mod company;
mod days;
mod fraud;
mod table;

use domain::Timestamp;
use domain::attendance::{EventKind, Position};
use domain::time::DAY;
use jiff::civil::Date;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

pub use company::{DayOff, Employee, Site};
pub use fraud::FraudKind;

use crate::claims::FIRST_DAY;

/// One event as a phone sends it, and the truth about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The sender's own key.
    pub client_id: String,
    /// Whose; a position in [`World::employees`].
    pub employee: usize,
    /// Where it is said to have happened; a position in [`World::sites`].
    pub site: usize,
    /// What.
    pub kind: EventKind,
    /// When it happened, by the phone's clock.
    pub at: Timestamp,
    /// When it was sent: seconds later, or hours when the phone had no network.
    pub received_at: Timestamp,
    /// When the shift was to begin.
    pub scheduled_at: Option<Timestamp>,
    /// Where the phone was.
    pub position: Option<Position>,
    /// How sure the face recognition was, 0 to 1.
    pub face_confidence: Option<f64>,
    /// The truth.
    pub fraud: Option<FraudKind>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    /// Places of work.
    pub sites: Vec<Site>,
    /// Those who work there.
    pub employees: Vec<Employee>,
    /// Days on which most do not.
    pub holidays: Vec<DayOff>,
    /// Everything sent, in the order in which it was received.
    pub events: Vec<Event>,
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
    /// Number of employees.
    pub employees: usize,
}

impl Plan {
    /// Six months of 150 employees from 2026-01-05 on.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, first_day: FIRST_DAY, days: 182, employees: 150 }
    }

    /// Lives through it.
    #[must_use]
    pub fn world(&self) -> World {
        let sites = company::sites();
        let holidays = company::holidays(self.first_day);
        let mut employees = Vec::with_capacity(self.employees);
        let mut events = Vec::new();
        for number in 0..self.employees {
            let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
            rng.set_stream(number as u64);
            let (employee, habits) = company::employee(&mut rng, number, &sites);
            let ground = days::Ground { sites: &sites, holidays: &holidays, first_day: self.first_day };
            events.extend(days::live(&mut rng, &ground, number, habits, self.days));
            employees.push(employee);
        }
        events.sort_by(|a, b| (a.received_at, &a.client_id).cmp(&(b.received_at, &b.client_id)));
        World { sites, employees, holidays, events }
    }
}

/// Six months of 150 employees.
#[must_use]
pub fn world(seed: u64) -> World {
    Plan::new(seed).world()
}

/// The calendar day that lies `days` after the first one.
fn date(first_day: Timestamp, days: i64) -> Date {
    domain::time::local_date(first_day.plus(days * DAY), 0)
}

#[cfg(test)]
mod tests {
    use domain::time::HOUR;

    use super::*;

    fn frauds(world: &World) -> usize {
        world.events.iter().filter(|event| event.fraud.is_some()).count()
    }

    #[test]
    fn a_seed_gives_the_same_world_and_another_gives_another() {
        let plan = |seed| Plan { employees: 8, days: 60, ..Plan::new(seed) };
        assert_eq!(plan(1).world(), plan(1).world());
        assert_ne!(plan(1).world().events, plan(2).world().events);
    }

    #[test]
    fn about_one_event_in_a_hundred_is_fraud_and_every_kind_occurs() {
        for seed in 1..=3 {
            let world = world(seed);
            let share = frauds(&world) as f64 / world.events.len() as f64;
            assert!((0.006..0.016).contains(&share), "{share}");
            assert!((30_000..60_000).contains(&world.events.len()), "{}", world.events.len());
            for kind in FraudKind::ALL {
                let count = world.events.iter().filter(|event| event.fraud == Some(kind)).count();
                assert!(count >= 25, "{kind:?}: {count}");
            }
        }
    }

    #[test]
    fn what_happens_later_changes_nothing_earlier() {
        let plan = Plan { employees: 20, days: 120, ..Plan::new(5) };
        let (long, short) = (plan.world(), Plan { days: 60, ..plan }.world());
        let until = plan.first_day.plus(59 * DAY);
        let early = |world: &World| -> Vec<Event> {
            world.events.iter().filter(|event| event.received_at < until).cloned().collect()
        };
        assert!(early(&short).iter().any(|event| event.fraud.is_some()));
        assert_eq!(early(&short), early(&long));
        let fewer = Plan { employees: 10, ..plan }.world().events;
        assert!(long.events.iter().filter(|event| event.employee < 10).eq(fewer.iter()));
    }

    #[test]
    fn events_are_possible_and_come_in_the_order_of_their_receipt() {
        let world = world(4);
        assert!(world.events.windows(2).all(|pair| pair[0].received_at <= pair[1].received_at));
        assert!(world.events.iter().all(|event| event.received_at >= event.at));
        let late = world.events.iter().filter(|event| event.received_at.since(event.at) > HOUR).count();
        assert!(late > 200, "{late}");
        assert!(world.events.iter().flat_map(|event| event.face_confidence).all(|face| (0.0..=1.0).contains(&face)));
        let positions = world.events.iter().flat_map(|event| event.position);
        assert!(positions.into_iter().all(|at| Position::new(at.latitude, at.longitude).is_ok()));
        let mut keys: Vec<&str> = world.events.iter().map(|event| event.client_id.as_str()).collect();
        keys.sort_unstable();
        assert!(keys.windows(2).all(|pair| pair[0] != pair[1]));
    }

    /// A rule by hand on the two loudest features finds some of the fraud among many honest events.
    #[test]
    fn no_single_feature_gives_fraud_away() {
        let world = world(1);
        let rows = world.features();
        for (name, suspicious) in [
            ("gps_drift_meters", (|value: f64| value > 400.0) as fn(f64) -> bool),
            ("face_recognition_confidence", |value| value < 0.55),
            ("location_consistency_score", |value| value < 0.05),
            ("is_weekend", |value| value == 1.0),
            ("time_since_last_event", |value| value < 0.8),
        ] {
            let flagged = || rows.iter().zip(&world.events).filter(|(row, _)| row.get(name).is_some_and(suspicious));
            let found = flagged().filter(|(_, event)| event.fraud.is_some()).count() as f64;
            let (precision, recall) = (found / flagged().count() as f64, found / frauds(&world) as f64);
            assert!(precision < 0.8 && recall < 0.6, "{name}: precision {precision}, recall {recall}");
        }
    }

    #[test]
    fn every_line_of_the_table_has_all_its_cells() {
        let world = Plan { employees: 5, days: 30, ..Plan::new(1) }.world();
        let text = world.csv();
        assert_eq!(text.lines().count(), world.events.len() + 1);
        assert!(text.lines().all(|line| line.split(',').count() == 16));
        assert!(text.starts_with("event,employee,at,hour_of_day,"));
    }
}
