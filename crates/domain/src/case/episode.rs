//! Which events make a case together.

use super::{Case, DUE, EPISODE, Origin, Rule, State};
use crate::attendance::AttendanceEvent;
use crate::ids::CaseId;

/// Why an event is to be looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alert {
    /// See [`Case::origin`].
    pub origin: Origin,
    /// See [`Case::share`].
    pub share: f64,
    /// What pushed the event's score up most.
    pub rule: Rule,
}

impl Alert {
    /// That an event passed the threshold.
    #[must_use]
    pub fn threshold(rule: Rule) -> Self {
        Self { origin: Origin::Threshold, share: 1.0, rule }
    }

    /// That an event under it was drawn, being one of that share of them.
    #[must_use]
    pub fn audit(rule: Rule, share: f64) -> Self {
        Self { origin: Origin::Audit, share, rule }
    }
}

impl Case {
    /// The case that `event` opens.
    #[must_use]
    pub fn opened_by(id: CaseId, event: &AttendanceEvent, alert: Alert) -> Self {
        Self {
            id,
            tenant: event.tenant,
            employee: event.employee,
            site: event.site,
            origin: alert.origin,
            share: alert.share,
            rule: alert.rule,
            score: event.score,
            prediction: event.prediction,
            events: 1,
            opened_at: event.received_at,
            first_event_at: event.at,
            last_event_at: event.at,
            due_at: event.received_at.plus(DUE),
            state: State::Open,
            assignee: None,
            revision: 1,
        }
    }

    /// Whether `event` belongs to this case. What is drawn for audit stays by itself: its share says what it stands for.
    #[must_use]
    pub fn takes_in(&self, event: &AttendanceEvent, alert: Alert) -> bool {
        let is_undecided = !matches!(self.state, State::Decided { .. });
        let is_near = event.at > self.first_event_at.plus(-EPISODE) && event.at < self.last_event_at.plus(EPISODE);
        let by_threshold = self.origin == Origin::Threshold && alert.origin == Origin::Threshold;
        is_undecided && is_near && by_threshold && self.employee == event.employee
    }

    /// Adds an event.
    pub fn join(&mut self, event: &AttendanceEvent, alert: Alert) {
        self.events += 1;
        self.revision += 1;
        self.first_event_at = self.first_event_at.min(event.at);
        self.last_event_at = self.last_event_at.max(event.at);
        if event.score > self.score {
            (self.score, self.prediction, self.site, self.rule) =
                (event.score, event.prediction, event.site, alert.rule);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attendance::EventKind;
    use crate::case::Verdict;
    use crate::time::HOUR;
    use crate::{EmployeeId, EventId, PredictionId, SiteId, TenantId, Timestamp};

    const ALERT: Alert = Alert { origin: Origin::Threshold, share: 1.0, rule: Rule::Location };

    fn event(hours: i64, score: f64) -> AttendanceEvent {
        AttendanceEvent {
            id: EventId(hours),
            tenant: TenantId(1),
            client_id: hours.to_string(),
            employee: EmployeeId(1),
            site: SiteId(hours),
            kind: EventKind::CheckIn,
            at: Timestamp(hours * HOUR),
            received_at: Timestamp(hours * HOUR),
            scheduled_at: None,
            position: None,
            face_confidence: None,
            offset_seconds: 0,
            drift_meters: None,
            holiday: false,
            prediction: PredictionId::new(Timestamp(hours), [0; 10]),
            score,
        }
    }

    #[test]
    fn an_event_joins_the_undecided_case_that_it_is_near() {
        let mut case = Case::opened_by(CaseId(1), &event(100, 0.5), ALERT);
        for (hours, is_near) in [(88, false), (89, true), (111, true), (112, false)] {
            assert_eq!(case.takes_in(&event(hours, 0.9), ALERT), is_near, "{hours}");
        }
        let other = AttendanceEvent { employee: EmployeeId(2), ..event(100, 0.9) };
        assert!(!case.takes_in(&other, ALERT));
        assert!(!case.takes_in(&event(100, 0.1), Alert { origin: Origin::Audit, ..ALERT }));
        case.state = State::Decided { verdict: Verdict::FalsePositive, by: String::new(), at: Timestamp(0) };
        assert!(!case.takes_in(&event(100, 0.9), ALERT));
    }

    #[test]
    fn a_case_shows_its_highest_score() {
        let mut case = Case::opened_by(CaseId(1), &event(100, 0.5), ALERT);
        case.join(&event(90, 0.4), Alert { rule: Rule::Time, ..ALERT });
        assert_eq!((case.score, case.rule, case.events, case.revision), (0.5, Rule::Location, 2, 2));
        case.join(&event(110, 0.9), Alert { rule: Rule::Time, ..ALERT });
        assert_eq!((case.score, case.rule, case.site), (0.9, Rule::Time, SiteId(110)));
        assert_eq!((case.first_event_at, case.last_event_at), (Timestamp(90 * HOUR), Timestamp(110 * HOUR)));
        assert_eq!(case.due_at, Timestamp(124 * HOUR), "what joins does not put it off");
    }
}
