//! Cases: what supervisors decide. A case is taken for a while, decided once, corrected by a new record; every verdict is
//! also what the model learns from.

mod evidence;
mod export;
mod figures;
mod queue;
mod snoozes;

use domain::audit::Event;
use domain::case::{self, Case, Conflict, Objection, State, Step, StepKind, Verdict};
use domain::{Actor, CaseId, OutcomeId, Permission, PersonId, Timestamp};
use store::{CaseMove, Moved, NewStep, Page};

pub use crate::figures::Share;
pub use evidence::{Evidence, Usual};
pub use figures::{Dashboard, ThresholdRow};
pub use queue::Queued;
pub use store::{AttendanceDay, Backlog, CaseCount, CaseFilter, CaseOrder, CaseState, Cursor};

use crate::error::{Error, Result};
use crate::predictions::random;
use crate::{room, text};

room! {
    /// Verbs on cases.
    Cases
}

/// Cases decided in one go.
const MOST_AT_ONCE: usize = 200;
/// How often a change is tried that an event or somebody else came before.
const TRIES: usize = 5;

/// What is to become of a case: decided by `domain` on the case as it is.
struct Change {
    state: State,
    assignee: Option<PersonId>,
    due_at: Timestamp,
    kind: StepKind,
    note: String,
}

impl Change {
    fn of(case: &Case, state: State, kind: StepKind, note: &str) -> Self {
        Self { state, assignee: case.assignee, due_at: case.due_at, kind, note: note.to_owned() }
    }
}

impl Cases<'_> {
    /// Cases by when they are due.
    ///
    /// # Errors
    /// Needs the right to see predictions.
    pub async fn list(
        &self,
        actor: &Actor,
        filter: &CaseFilter,
        order: CaseOrder,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page<Case>> {
        actor.check(Permission::ReadPredictions)?;
        let now = self.desk.now();
        Ok(self.desk.store().cases(actor.tenant, filter, order, now, after, limit.clamp(1, 200)).await?)
    }

    /// One case.
    ///
    /// # Errors
    /// Needs the right to see predictions; [`Error::NotFound`] for another tenant's.
    pub async fn get(&self, actor: &Actor, id: CaseId) -> Result<Case> {
        actor.check(Permission::ReadPredictions)?;
        self.case(actor, id).await
    }

    /// What happened to a case, newest first.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn steps(&self, actor: &Actor, id: CaseId) -> Result<Vec<Step>> {
        self.get(actor, id).await?;
        Ok(self.desk.store().case_steps(actor.tenant, id, None, 200).await?.items)
    }

    /// Makes a case the actor's for a quarter of an hour; their own time begins anew.
    ///
    /// # Errors
    /// Needs the right to decide cases, as a person; [`Error::Conflict`] says who holds or decided it.
    pub async fn take(&self, actor: &Actor, id: CaseId) -> Result<Case> {
        self.change(actor, id, |case, now| Ok(Change::of(case, case::take(case, actor, now)?, StepKind::Taken, "")))
            .await
    }

    /// Gives a case back.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub async fn release(&self, actor: &Actor, id: CaseId) -> Result<Case> {
        self.change(actor, id, |case, now| {
            Ok(Change::of(case, case::release(case, actor, now)?, StepKind::Released, ""))
        })
        .await
    }

    /// Gives a case to a person to decide.
    ///
    /// # Errors
    /// As [`Self::take`]; names the field of a person who cannot decide cases.
    pub async fn assign(&self, actor: &Actor, id: CaseId, to: PersonId) -> Result<Case> {
        let deciders = self.deciders(actor).await?;
        self.case(actor, id).await?;
        let Some((_, name)) = deciders.into_iter().find(|(person, _)| *person == to) else {
            return Err(Error::field("person", "there is no such person who may decide cases"));
        };
        let note = format!("to {name}");
        self.change(actor, id, |case, now| {
            let state = case::assign(case, actor, to, now)?;
            Ok(Change { assignee: Some(to), ..Change::of(case, state, StepKind::Assigned, &note) })
        })
        .await
    }

    /// Hands a case to the admins.
    ///
    /// # Errors
    /// As [`Self::take`]; names a missing note.
    pub async fn escalate(&self, actor: &Actor, id: CaseId, note: &str) -> Result<Case> {
        let note = note_of(note)?;
        self.change(actor, id, |case, now| {
            let state = case::escalate(case, actor, note, now)?;
            let due_at = case.due_when_escalated(now);
            Ok(Change { due_at, ..Change::of(case, state, StepKind::Escalated, note) })
        })
        .await
    }

    /// Gives the verdict. It becomes the outcome of the prediction of each of the case's events. `seen` is how many of
    /// them were looked at, where that is known.
    ///
    /// # Errors
    /// As [`Self::take`]; names a missing note; [`Error::Conflict`] says who decided it before, or that it has more
    /// events than were seen, and then nothing changes.
    pub async fn decide(
        &self,
        actor: &Actor,
        id: CaseId,
        verdict: Verdict,
        note: &str,
        seen: Option<i64>,
    ) -> Result<Case> {
        let note = note_of(note)?;
        self.change(actor, id, |case, now| {
            let state = case::decide(case, actor, verdict, note, seen, now)?;
            Ok(Change::of(case, state, StepKind::Decided, note))
        })
        .await
    }

    /// Puts another verdict in the place of the one there is, which stays in the history.
    ///
    /// # Errors
    /// As [`Self::take`]; names a missing reason; [`Error::Conflict`] when there is no verdict, or the same.
    pub async fn correct(&self, actor: &Actor, id: CaseId, verdict: Verdict, reason: &str) -> Result<Case> {
        let reason = note_of(reason)?;
        self.change(actor, id, |case, now| {
            let state = case::correct(case, actor, verdict, reason, now)?;
            Ok(Change::of(case, state, StepKind::Corrected, reason))
        })
        .await
    }

    /// Gives one verdict on many cases, for one reason, each for itself; gives what became of each, in their order.
    /// Beside each case is how many of its events were looked at, as in [`Self::decide`].
    ///
    /// # Errors
    /// Needs the right to decide cases; names a missing reason; [`Error::TooLarge`].
    pub async fn decide_many(
        &self,
        actor: &Actor,
        cases: &[(CaseId, Option<i64>)],
        verdict: Verdict,
        reason: &str,
    ) -> Result<Vec<Result<Case>>> {
        actor.check(Permission::DecideCases)?;
        let reason = text::reason(reason)?;
        if cases.is_empty() {
            return Err(Error::field("cases", "at least one is needed"));
        }
        if cases.len() > MOST_AT_ONCE {
            return Err(Error::TooLarge(format!("at most {MOST_AT_ONCE} cases can be decided at once")));
        }
        let mut decided = Vec::with_capacity(cases.len());
        for (id, seen) in cases {
            match self.decide(actor, *id, verdict, reason, *seen).await {
                Err(error @ (Error::Unavailable { .. } | Error::Internal(_))) => return Err(error),
                answer => decided.push(answer),
            }
        }
        Ok(decided)
    }

    pub(super) async fn case(&self, actor: &Actor, id: CaseId) -> Result<Case> {
        let found = self.desk.store().case(actor.tenant, id).await?;
        found.ok_or_else(|| Error::not_found(format!("case {id}")))
    }

    /// Changes a case as `decide` says of the case as it is now; again if it changed meanwhile.
    async fn change(
        &self,
        actor: &Actor,
        id: CaseId,
        decide: impl Fn(&Case, Timestamp) -> Result<Change, Objection>,
    ) -> Result<Case> {
        actor.check(Permission::DecideCases)?;
        let mut case = self.case(actor, id).await?;
        for _ in 0..TRIES {
            let now = self.desk.now();
            let change = match decide(&case, now) {
                Ok(change) => change,
                Err(objection) => return Err(self.explain(actor, objection).await?),
            };
            let Change { state, assignee, due_at, kind, note } = change;
            let step = NewStep { at: now, actor: actor.label(), kind, note };
            let wanted = CaseMove { case: id, revision: case.revision, state, assignee, due_at, step };
            let event = |case: &Case| {
                Event::new(actor, now, action(kind), format!("case:{id}"))
                    .with(serde_json::json!({ "state": case.state.as_str(), "verdict": verdict_of(case) }))
            };
            let outcome = || OutcomeId::new(now, random());
            match self.desk.store().move_case(actor.tenant, &wanted, outcome, event).await? {
                Moved::Done(case) => return Ok(case),
                Moved::Conflict(changed) => case = changed,
                Moved::NoCase => return Err(Error::not_found(format!("case {id}"))),
            }
        }
        Err(Error::Unavailable { reason: String::from("the case keeps changing just now"), retry_after: 1 })
    }

    /// Who holds a case is known by number; people want a name.
    async fn explain(&self, actor: &Actor, objection: Objection) -> Result<Error> {
        Ok(match objection {
            Objection::Invalid(field) => field.into(),
            Objection::Conflict(Conflict::Taken { by, until }) => {
                let people = self.desk.store().people(actor.tenant).await?;
                let name = people.into_iter().find(|person| person.id == by).map(|person| person.name);
                let minutes = until.since(self.desk.now()) / (60 * domain::time::SECOND) + 1;
                let name = name.unwrap_or_else(|| String::from("somebody"));
                Error::Conflict(format!("{name} has taken this case, for {minutes} more min at most"))
            }
            Objection::Conflict(conflict) => Error::Conflict(conflict.to_string()),
        })
    }
}

fn action(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Opened => "case.opened",
        StepKind::Joined => "case.joined",
        StepKind::Taken => "case.taken",
        StepKind::Released => "case.released",
        StepKind::Assigned => "case.assigned",
        StepKind::Escalated => "case.escalated",
        StepKind::Decided => "case.decided",
        StepKind::Corrected => "case.corrected",
    }
}

fn verdict_of(case: &Case) -> Option<&'static str> {
    match case.state {
        State::Decided { verdict, .. } => Some(verdict.as_str()),
        _ => None,
    }
}

/// A note may be empty; whether it may stay so, the decision says.
fn note_of(note: &str) -> Result<&str> {
    if note.trim().is_empty() { Ok("") } else { Ok(text::required("note", note, 2_000)?) }
}
