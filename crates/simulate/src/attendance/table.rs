//! The world as the fraud model sees it.

use std::collections::BTreeMap;

use domain::EventId;
use domain::attendance::{FEATURES, Features, Moment, distance_meters, late, recompute};
use domain::time::local_date;

use super::{Event, World};

impl World {
    /// Whether the calendar of `event`'s site calls its day a holiday.
    #[must_use]
    pub fn is_holiday(&self, event: &Event) -> bool {
        let date = local_date(event.at, self.sites[event.site].offset_seconds);
        self.holidays.iter().any(|day| day.date == date && day.site.is_none_or(|site| site == event.site))
    }

    /// The features of every event, as they are when the events are recorded in their order.
    #[must_use]
    pub fn features(&self) -> Vec<Features> {
        let mut of_employee: BTreeMap<usize, Vec<Moment>> = BTreeMap::new();
        for (number, event) in self.events.iter().enumerate() {
            of_employee.entry(event.employee).or_default().push(self.moment(number, event));
        }
        let mut all = vec![Features([None; FEATURES.len()]); self.events.len()];
        for moments in of_employee.values() {
            for (moment, features) in moments.iter().zip(recompute(moments)) {
                all[moment.id.0 as usize] = features;
            }
        }
        all
    }

    fn moment(&self, number: usize, event: &Event) -> Moment {
        let site = &self.sites[event.site];
        Moment {
            id: EventId(number as i64),
            at: event.at,
            kind: event.kind,
            offset_seconds: site.offset_seconds,
            late: late(event.kind, event.at, event.scheduled_at),
            holiday: self.is_holiday(event),
            position: event.position,
            drift_meters: event.position.map(|position| distance_meters(site.position, position)),
            face_confidence: event.face_confidence,
        }
    }

    /// The training table: event, employee, moment, the features in their order, and the truth.
    #[must_use]
    pub fn csv(&self) -> String {
        let names = FEATURES.map(|feature| feature.name).join(",");
        let mut text = format!("event,employee,at,{names},fraud\n");
        for (event, features) in self.events.iter().zip(self.features()) {
            let employee = &self.employees[event.employee].reference;
            text.push_str(&format!("{},{employee},{}", event.client_id, event.at.rfc3339()));
            for value in features.0 {
                text.push(',');
                text.push_str(&value.map(|value| value.to_string()).unwrap_or_default());
            }
            text.push_str(if event.fraud.is_some() { ",yes\n" } else { ",no\n" });
        }
        text
    }
}
