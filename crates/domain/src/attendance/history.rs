//! One employee's events in the order in which they happened.

use super::Moment;
use super::features::{Features, WINDOW, features};

/// Moments of one employee, ready to be looked back upon.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// By `at`, then `id`.
    moments: Vec<Moment>,
}

impl History {
    /// A history of these moments, in any order.
    #[must_use]
    pub fn new(mut moments: Vec<Moment>) -> Self {
        moments.sort_unstable_by_key(|moment| (moment.at, moment.id));
        Self { moments }
    }

    /// Puts a moment where it belongs; cheap when it is the latest, as most are.
    pub fn add(&mut self, moment: Moment) {
        let place = self.moments.partition_point(|other| (other.at, other.id) < (moment.at, moment.id));
        self.moments.insert(place, moment);
    }

    /// The figures of `event`, which need not be in the history.
    #[must_use]
    pub fn features(&self, event: &Moment) -> Features {
        let oldest = event.at.plus(-WINDOW);
        let start = self.moments.partition_point(|past| past.at <= oldest);
        let end = self.moments.partition_point(|past| past.at <= event.at);
        features(event, &self.moments[start.min(end)..end])
    }
}

/// The figures of every event of one employee, as they were when each was recorded. `events` are in the order of their ids.
#[must_use]
pub fn recompute(events: &[Moment]) -> Vec<Features> {
    let history = History::new(events.to_vec());
    events.iter().map(|event| history.features(event)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{EventKind, Position};
    use super::*;
    use crate::Timestamp;
    use crate::ids::EventId;
    use crate::time::HOUR;

    /// Hours since the event before, hours until it is recorded, and what it says.
    fn events() -> impl Strategy<Value = Vec<Moment>> {
        let happened = (0_i64..40, prop_oneof![4 => Just(0_i64), 1 => 1_i64..200]);
        let said = (any::<bool>(), any::<Option<bool>>(), any::<bool>(), prop::option::of(0.0..1.0_f64));
        let place = prop::option::of((-0.01..0.01_f64, -0.01..0.01_f64));
        prop::collection::vec((happened, said, place), 1..120).prop_map(|drawn| {
            let mut now = 0;
            let mut made: Vec<(i64, Moment)> = Vec::new();
            for ((pause, delay), (comes, late, holiday, face_confidence), place) in drawn {
                now += pause;
                let position = place.map(|(latitude, longitude)| Position { latitude, longitude });
                let moment = Moment {
                    id: EventId(0),
                    at: Timestamp(now * HOUR),
                    kind: if comes { EventKind::CheckIn } else { EventKind::CheckOut },
                    offset_seconds: 3_600,
                    late,
                    holiday,
                    position,
                    drift_meters: position.map(|p| p.latitude * 111_195.0),
                    face_confidence,
                };
                made.push((now + delay, moment));
            }
            made.sort_by_key(|(recorded, _)| *recorded);
            made.iter().zip(1..).map(|((_, moment), id)| Moment { id: EventId(id), ..*moment }).collect()
        })
    }

    proptest! {
        #[test]
        fn figures_come_out_again_as_they_were_recorded(events in events()) {
            let mut known = History::default();
            let recorded: Vec<Features> = events
                .iter()
                .map(|event| {
                    let now = known.features(event);
                    known.add(*event);
                    now
                })
                .collect();
            prop_assert_eq!(&recorded, &recompute(&events));
            let plain: Vec<Features> = events.iter().map(|event| features(event, &events)).collect();
            prop_assert_eq!(recorded, plain);
        }
    }
}
