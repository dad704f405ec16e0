//! What may be done to a case, by whom, and in what state it is then.

use super::{Case, DUE_ESCALATED, LEASE, Rule, State, Verdict};
use crate::actor::{Actor, Permission};
use crate::error::FieldError;
use crate::ids::{CaseId, PersonId};
use crate::time::Timestamp;

/// Why a case stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// Somebody has given a verdict.
    #[error("decided as {verdict} by {by} at {}", at.rfc3339())]
    Decided {
        /// Which.
        verdict: Verdict,
        /// Who: [`Actor::label`].
        by: String,
        /// When.
        at: Timestamp,
    },
    /// Somebody else looks at it.
    #[error("taken by person {by} until {}", until.rfc3339())]
    Taken {
        /// Who.
        by: PersonId,
        /// How long it is theirs.
        until: Timestamp,
    },
    /// It was handed to the admins.
    #[error("escalated: an admin decides it")]
    Escalated,
    /// It has grown since it was looked at.
    #[error("another event has joined case {0}: look again")]
    Grown(CaseId),
    /// There is no verdict to correct.
    #[error("not decided yet, so there is no verdict to correct")]
    Undecided,
    /// The verdict given is the one there is.
    #[error("the verdict is {0} already")]
    SameVerdict(Verdict),
    /// A program cannot look at a case.
    #[error("only a person can take a case")]
    NoPerson,
}

/// Why a verdict or an escalation was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Objection {
    /// The case is not in a state for it.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// What was said is not enough.
    #[error(transparent)]
    Invalid(#[from] FieldError),
}

impl Case {
    /// Its state at `now`: a case whose lease has run out is open again, or waits for an admin again.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> State {
        match self.state {
            State::Taken { until, .. } if until <= now => self.state.untaken(),
            _ => self.state.clone(),
        }
    }

    /// Until when it is to be decided if it is escalated at `now`: never later than before.
    #[must_use]
    pub fn due_when_escalated(&self, now: Timestamp) -> Timestamp {
        self.due_at.min(now.plus(DUE_ESCALATED))
    }
}

/// Makes the case the actor's for a while. Their own lease is renewed.
///
/// # Errors
/// It is another's, or it is escalated and the actor no admin, or it is decided.
pub fn take(case: &Case, actor: &Actor, now: Timestamp) -> Result<State, Conflict> {
    let by = actor.person().ok_or(Conflict::NoPerson)?;
    check_free(case, actor, now)?;
    Ok(State::Taken { by, until: now.plus(LEASE), escalated: case.state.is_escalated() })
}

/// Gives the case back. Admins may give back another's.
///
/// # Errors
/// As [`take`].
pub fn release(case: &Case, actor: &Actor, now: Timestamp) -> Result<State, Conflict> {
    check_held(case, actor, now)?;
    Ok(case.state.untaken())
}

/// Gives the case to `to` to decide; a lease of anybody else ends.
///
/// # Errors
/// As [`release`].
pub fn assign(case: &Case, actor: &Actor, to: PersonId, now: Timestamp) -> Result<State, Conflict> {
    check_held(case, actor, now)?;
    Ok(match case.state_at(now) {
        State::Taken { by, .. } if by != to => case.state.untaken(),
        other => other,
    })
}

/// Hands the case to the admins, with a note that says why.
///
/// # Errors
/// As [`take`]; an empty note.
pub fn escalate(case: &Case, actor: &Actor, note: &str, now: Timestamp) -> Result<State, Objection> {
    check_free(case, actor, now)?;
    if case.state.is_escalated() {
        return Err(Conflict::Escalated.into());
    }
    require(note, "say what an admin should look at")?;
    Ok(State::Escalated)
}

/// Gives the verdict. `seen` is how many of its events were looked at, where that is known: the verdict becomes the truth
/// of each of them.
///
/// # Errors
/// As [`take`]; more events than were seen; an empty note where the verdict needs one.
pub fn decide(
    case: &Case,
    actor: &Actor,
    verdict: Verdict,
    note: &str,
    seen: Option<i64>,
    now: Timestamp,
) -> Result<State, Objection> {
    check_free(case, actor, now)?;
    if seen.is_some_and(|seen| case.events > seen) {
        return Err(Conflict::Grown(case.id).into());
    }
    if verdict.needs_note() {
        require(note, "say what confirms the risk")?;
    }
    Ok(State::Decided { verdict, by: actor.label(), at: now })
}

/// Gives another verdict than the one there is.
///
/// # Errors
/// The case is not decided, or decided so already; an empty reason.
pub fn correct(case: &Case, actor: &Actor, verdict: Verdict, reason: &str, now: Timestamp) -> Result<State, Objection> {
    match case.state {
        State::Decided { verdict: given, .. } if given == verdict => return Err(Conflict::SameVerdict(given).into()),
        State::Decided { .. } => {}
        _ => return Err(Conflict::Undecided.into()),
    }
    require(reason, "say why the verdict changes")?;
    Ok(State::Decided { verdict, by: actor.label(), at: now })
}

/// Nobody else holds it, and the actor may decide it.
fn check_free(case: &Case, actor: &Actor, now: Timestamp) -> Result<(), Conflict> {
    match case.state_at(now) {
        State::Taken { by, until, .. } if Some(by) != actor.person() => Err(Conflict::Taken { by, until }),
        state if state.is_escalated() && !actor.may(Permission::DecideEscalated) => Err(Conflict::Escalated),
        State::Decided { verdict, by, at } => Err(Conflict::Decided { verdict, by, at }),
        _ => Ok(()),
    }
}

/// As [`check_free`], but whoever decides what is escalated may act on another's lease.
fn check_held(case: &Case, actor: &Actor, now: Timestamp) -> Result<(), Conflict> {
    match check_free(case, actor, now) {
        Err(Conflict::Taken { .. }) if actor.may(Permission::DecideEscalated) => Ok(()),
        other => other,
    }
}

fn require(note: &str, reason: &str) -> Result<(), FieldError> {
    if note.trim().is_empty() { Err(FieldError::new("note", reason)) } else { Ok(()) }
}

impl Rule {
    /// The group of a feature of [`crate::attendance::FEATURES`].
    #[must_use]
    pub fn of(feature: &str) -> Self {
        match feature {
            "gps_drift_meters" | "location_consistency_score" => Self::Location,
            "hour_of_day" | "day_of_week" | "is_weekend" | "is_holiday" => Self::Time,
            "face_recognition_confidence" | "biometric_mismatch_count_30d" => Self::Biometric,
            _ => Self::Behaviour,
        }
    }

    /// The group whose features, by their signed contributions, pushed a score up most.
    #[must_use]
    pub fn strongest<'a>(contributions: impl IntoIterator<Item = (&'a str, f64)>) -> Self {
        let mut sums = Self::ALL.map(|rule| (rule, 0.0));
        for (feature, contribution) in contributions {
            let rule = Self::of(feature);
            sums.iter_mut().filter(|(other, _)| *other == rule).for_each(|(_, sum)| *sum += contribution);
        }
        let first = (Self::Behaviour, f64::NEG_INFINITY);
        sums.into_iter().fold(first, |best, sum| if sum.1 > best.1 { sum } else { best }).0
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::actor::{Role, Who};
    use crate::case::{DUE, Origin};
    use crate::ids::{EmployeeId, PredictionId, SiteId, TenantId};
    use crate::time::{HOUR, SECOND};

    const NOW: Timestamp = Timestamp(100 * HOUR);

    fn person(id: i64, role: Role) -> Actor {
        let who = Who::Person { id: PersonId(id), name: format!("P{id}"), role };
        Actor { tenant: TenantId(1), who }
    }

    fn sami() -> Actor {
        person(1, Role::Supervisor)
    }

    fn admin() -> Actor {
        person(9, Role::Admin)
    }

    fn case(state: State) -> Case {
        Case {
            id: CaseId(1),
            tenant: TenantId(1),
            employee: EmployeeId(1),
            site: SiteId(1),
            origin: Origin::Threshold,
            share: 1.0,
            rule: Rule::Location,
            score: 0.9,
            prediction: PredictionId(Uuid::nil()),
            events: 1,
            opened_at: NOW,
            first_event_at: NOW,
            last_event_at: NOW.plus(HOUR),
            due_at: NOW.plus(DUE),
            state,
            assignee: None,
            revision: 1,
        }
    }

    fn taken(by: i64) -> State {
        State::Taken { by: PersonId(by), until: NOW.plus(60 * SECOND), escalated: false }
    }

    fn decided(verdict: Verdict) -> State {
        State::Decided { verdict, by: String::from("person:2 Rana"), at: Timestamp(0) }
    }

    #[test]
    fn a_case_is_taken_by_one_person_at_a_time_until_the_lease_runs_out() {
        let lease = Ok(State::Taken { by: PersonId(1), until: NOW.plus(LEASE), escalated: false });
        assert_eq!(take(&case(State::Open), &sami(), NOW), lease);
        assert_eq!(take(&case(taken(1)), &sami(), NOW), lease, "their own is renewed");
        let conflict = Conflict::Taken { by: PersonId(2), until: NOW.plus(60 * SECOND) };
        assert_eq!(take(&case(taken(2)), &sami(), NOW), Err(conflict));
        let later = NOW.plus(60 * SECOND);
        assert_eq!(case(taken(2)).state_at(later), State::Open);
        assert!(take(&case(taken(2)), &sami(), later).is_ok());
        assert_eq!(take(&case(State::Open), &Actor::operator(TenantId(1)), NOW), Err(Conflict::NoPerson));
    }

    #[test]
    fn an_escalated_case_is_the_admins() {
        let escalated = case(State::Escalated);
        assert_eq!(take(&escalated, &sami(), NOW), Err(Conflict::Escalated));
        assert_eq!(assign(&escalated, &sami(), PersonId(2), NOW), Err(Conflict::Escalated));
        assert!(take(&escalated, &admin(), NOW).is_ok());
        assert_eq!(assign(&escalated, &admin(), PersonId(2), NOW), Ok(State::Escalated));
        assert!(decide(&escalated, &admin(), Verdict::FalsePositive, "", None, NOW).is_ok());
        assert_eq!(escalate(&case(taken(1)), &sami(), "odd", NOW), Ok(State::Escalated));
        assert!(matches!(escalate(&case(taken(1)), &sami(), " ", NOW), Err(Objection::Invalid(_))));
    }

    #[test]
    fn an_escalated_case_that_an_admin_lets_go_of_waits_for_an_admin_again() {
        let held = case(take(&case(State::Escalated), &admin(), NOW).unwrap());
        assert_eq!(release(&held, &admin(), NOW), Ok(State::Escalated));
        assert_eq!(assign(&held, &admin(), PersonId(2), NOW), Ok(State::Escalated));
        assert!(matches!(take(&held, &sami(), NOW), Err(Conflict::Taken { .. })));
        assert_eq!(escalate(&held, &admin(), "odd", NOW), Err(Conflict::Escalated.into()));
        assert!(decide(&held, &admin(), Verdict::FalsePositive, "", None, NOW).is_ok());
        let later = NOW.plus(LEASE);
        assert_eq!(held.state_at(later), State::Escalated);
        assert_eq!(take(&held, &sami(), later), Err(Conflict::Escalated));
        let renewed = State::Taken { by: PersonId(9), until: later.plus(LEASE), escalated: true };
        assert_eq!(take(&held, &admin(), later), Ok(renewed));
    }

    #[test]
    fn a_verdict_is_about_the_events_that_were_seen() {
        let grown = Case { events: 3, ..case(taken(1)) };
        let decide = |seen| decide(&grown, &sami(), Verdict::ConfirmedRisk, "seen on camera", seen, NOW);
        assert_eq!(decide(Some(2)), Err(Conflict::Grown(CaseId(1)).into()));
        assert!(decide(Some(3)).is_ok() && decide(None).is_ok());
    }

    #[test]
    fn a_case_is_decided_once() {
        let verdict = Verdict::FalsePositive;
        let done = State::Decided { verdict, by: String::from("person:1 P1"), at: NOW };
        assert_eq!(decide(&case(State::Open), &sami(), verdict, "", None, NOW), Ok(done));
        assert!(matches!(decide(&case(taken(2)), &sami(), verdict, "", None, NOW), Err(Objection::Conflict(_))));
        let again = decide(&case(decided(verdict)), &sami(), verdict, "", None, NOW).unwrap_err();
        assert_eq!(again.to_string(), "decided as false positive by person:2 Rana at 1970-01-01T00:00:00Z");
        assert!(take(&case(decided(verdict)), &admin(), NOW).is_err());
    }

    #[test]
    fn a_confirmed_risk_needs_a_note() {
        let confirm = |note| decide(&case(State::Open), &sami(), Verdict::ConfirmedRisk, note, None, NOW);
        assert!(matches!(confirm("  "), Err(Objection::Invalid(error)) if error.field == "note"));
        assert!(confirm("seen on camera").is_ok());
    }

    #[test]
    fn a_verdict_is_corrected_to_another_with_a_reason() {
        let given = case(decided(Verdict::FalsePositive));
        let correct = |case: &Case, verdict, reason| correct(case, &sami(), verdict, reason, NOW);
        assert!(correct(&given, Verdict::ConfirmedRisk, "he admitted it").is_ok());
        assert!(matches!(correct(&given, Verdict::ConfirmedRisk, ""), Err(Objection::Invalid(_))));
        let same = Conflict::SameVerdict(Verdict::FalsePositive);
        assert_eq!(correct(&given, Verdict::FalsePositive, "x"), Err(same.into()));
        assert_eq!(correct(&case(State::Open), Verdict::FalsePositive, "x"), Err(Conflict::Undecided.into()));
    }

    #[test]
    fn a_case_is_released_by_its_holder_or_an_admin_and_assigned_away_from_nobody_else() {
        assert_eq!(release(&case(taken(1)), &sami(), NOW), Ok(State::Open));
        assert!(matches!(release(&case(taken(2)), &sami(), NOW), Err(Conflict::Taken { .. })));
        assert_eq!(release(&case(taken(2)), &admin(), NOW), Ok(State::Open));
        assert_eq!(assign(&case(taken(1)), &sami(), PersonId(3), NOW), Ok(State::Open));
        assert_eq!(assign(&case(taken(1)), &sami(), PersonId(1), NOW), Ok(taken(1)));
        assert!(assign(&case(taken(2)), &sami(), PersonId(1), NOW).is_err());
    }

    #[test]
    fn an_escalated_case_is_due_sooner() {
        let open = case(State::Open);
        assert_eq!(open.due_when_escalated(NOW), NOW.plus(8 * HOUR));
        assert_eq!(open.due_when_escalated(NOW.plus(20 * HOUR)), NOW.plus(DUE));
    }

    #[test]
    fn the_strongest_rule_is_that_of_a_group() {
        let strongest = Rule::strongest([("hour_of_day", 0.2), ("is_weekend", 0.2), ("gps_drift_meters", 0.3)]);
        assert_eq!(strongest, Rule::Time);
        assert_eq!(Rule::strongest([("gps_drift_meters", -1.0), ("late_arrival_rate", 0.1)]), Rule::Behaviour);
        let groups = crate::attendance::FEATURES.map(|feature| Rule::of(feature.name));
        let count = |rule| groups.iter().filter(|other| **other == rule).count();
        assert_eq!(Rule::ALL.map(count), [2, 4, 2, 4]);
    }
}
