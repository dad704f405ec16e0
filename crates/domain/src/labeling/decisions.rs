//! What may be done to a labeling task, by whom, and in what state it is then.

use super::settling::standing;
use super::{Act, Annotation, LEASE, LabelingTask, Lease, State, Transcript, UNDO, settle};
use crate::actor::{Actor, Permission};
use crate::error::FieldError;
use crate::ids::PersonId;
use crate::time::Timestamp;

/// Why a task stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// Somebody else looks at it.
    #[error("person {by} has this task until {}", until.rfc3339())]
    Leased {
        /// Who.
        by: PersonId,
        /// How long it is theirs.
        until: Timestamp,
    },
    /// There is an answer.
    #[error("settled at {}; it can only be corrected", at.rfc3339())]
    Settled {
        /// When.
        at: Timestamp,
    },
    /// The same person has read it.
    #[error("you have read this one already")]
    AlreadyRead,
    /// Somebody asked for an admin.
    #[error("flagged: an admin decides it")]
    Flagged,
    /// There is no answer to correct.
    #[error("there is no answer yet to correct")]
    Unsettled,
    /// The answer given is the one there is.
    #[error("this is the answer already")]
    Same,
    /// There is nothing of this person to take back, or somebody did something after it.
    #[error("there is nothing of yours to take back, or somebody has gone on since")]
    NothingToWithdraw,
    /// The answer is older than [`UNDO`].
    #[error("that was more than an hour ago; correct it with a reason instead")]
    TooLate,
    /// Somebody else looks at what would change under their eyes.
    #[error("a colleague is reading it now; what you said stands")]
    BeingRead,
    /// Nobody is measured by it any more.
    #[error("this task is closed; nothing of it changes any more")]
    Closed,
    /// A program cannot see an image.
    #[error("only a person can label")]
    NoPerson,
}

/// Why something that needs a reason was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Objection {
    /// The task is not in a state for it.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// What was said is not enough.
    #[error(transparent)]
    Invalid(#[from] FieldError),
}

/// What becomes of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The next line of its history. How long it took is for the caller to fill in.
    pub annotation: Annotation,
    /// How far the task has come then.
    pub state: State,
}

impl Change {
    fn next(task: &LabelingTask, history: &[Annotation], person: PersonId, act: Act, now: Timestamp) -> Self {
        let annotation = Annotation {
            sequence: history.len() as i64 + 1,
            at: now,
            person,
            act,
            seconds: 0.0,
            before: task.before(),
            note: String::new(),
        };
        let mut all = history.to_vec();
        all.push(annotation.clone());
        let state = match settle(&all, task.needed) {
            // Its answer is known; everybody may be measured by it.
            State::Settled { .. } | State::Unreadable { .. } | State::Disputed if task.gold.is_some() => State::Open,
            state => state,
        };
        Self { annotation, state }
    }

    fn because(mut self, note: &str) -> Self {
        self.annotation.note = note.trim().to_owned();
        self
    }
}

/// Makes the task the actor's for a while. Their own lease is renewed.
///
/// # Errors
/// It is another's, it is answered, the actor has read it, or it waits for an admin.
pub fn lease(task: &LabelingTask, history: &[Annotation], actor: &Actor, now: Timestamp) -> Result<Lease, Conflict> {
    let by = check_free(task, history, actor, now)?;
    Ok(Lease { by, until: now.plus(LEASE) })
}

/// Whether the actor may end the lease: their own, or as an admin anybody's. A lease that has run out is nobody's.
///
/// # Errors
/// It is another's.
pub fn give_back(task: &LabelingTask, actor: &Actor, now: Timestamp) -> Result<(), Conflict> {
    match task.lease_at(now) {
        Some(Lease { by, until }) if Some(by) != actor.person() && !is_admin(actor) => {
            Err(Conflict::Leased { by, until })
        }
        _ => Ok(()),
    }
}

/// Says what stands in the image. None if the actor has just said the same: a save whose answer was lost is sent again.
///
/// # Errors
/// As [`lease`]; a lease that ran out is no hindrance as long as nobody else has one.
pub fn annotate(
    task: &LabelingTask,
    history: &[Annotation],
    actor: &Actor,
    seen: Transcript,
    now: Timestamp,
) -> Result<Option<Change>, Conflict> {
    let own = standing(history).into_iter().rfind(|line| Some(line.person) == actor.person());
    if own.is_some_and(|line| line.act.transcript() == Some(&seen)) {
        return Ok(None);
    }
    let person = check_free(task, history, actor, now)?;
    let act = if task.state == State::Open { Act::Read(seen) } else { Act::Decided(seen) };
    Ok(Some(Change::next(task, history, person, act, now)))
}

/// Puts another answer in the place of the one there is.
///
/// # Errors
/// There is none, it is the same, or the task is closed; an empty reason.
pub fn correct(
    task: &LabelingTask,
    history: &[Annotation],
    actor: &Actor,
    seen: Transcript,
    reason: &str,
    now: Timestamp,
) -> Result<Change, Objection> {
    let person = actor.person().ok_or(Conflict::NoPerson)?;
    check_not_closed(task)?;
    match answer_for(task, history, person) {
        None => return Err(Conflict::Unsettled.into()),
        Some(answer) if answer == seen => return Err(Conflict::Same.into()),
        Some(_) => {}
    }
    require("reason", reason, "say why the answer changes")?;
    Ok(Change::next(task, history, person, Act::Corrected(seen), now).because(reason))
}

/// Takes back the last thing that was said of the task, which must be the actor's own; where the answer is known, people
/// read it apart from each other, and it is the last thing that the actor said.
///
/// # Errors
/// It is somebody else's, or there is none; it is an answer older than [`UNDO`]; somebody else looks at the task, or it is
/// closed.
pub fn withdraw(
    task: &LabelingTask,
    history: &[Annotation],
    actor: &Actor,
    now: Timestamp,
) -> Result<Change, Conflict> {
    let person = actor.person().ok_or(Conflict::NoPerson)?;
    check_not_closed(task)?;
    let last = standing(history).into_iter().rfind(|line| task.gold.is_none() || line.person == person);
    let last = last.filter(|line| line.person == person).ok_or(Conflict::NothingToWithdraw)?;
    if last.at.plus(UNDO) < now && answer_for(task, history, person).is_some() {
        return Err(Conflict::TooLate);
    }
    if task.lease_at(now).is_some_and(|lease| lease.by != person) {
        return Err(Conflict::BeingRead);
    }
    Ok(Change::next(task, history, person, Act::Withdrawn, now))
}

/// Asks an admin to look at it, with a note that says why.
///
/// # Errors
/// As [`lease`]; an empty note.
pub fn flag(
    task: &LabelingTask,
    history: &[Annotation],
    actor: &Actor,
    note: &str,
    now: Timestamp,
) -> Result<Change, Objection> {
    let person = check_free(task, history, actor, now)?;
    if task.state == State::Flagged {
        return Err(Conflict::Flagged.into());
    }
    require("note", note, "say what an admin should look at")?;
    Ok(Change::next(task, history, person, Act::Flagged, now).because(note))
}

/// The person, if the task waits for them and nobody else has it.
fn check_free(
    task: &LabelingTask,
    history: &[Annotation],
    actor: &Actor,
    now: Timestamp,
) -> Result<PersonId, Conflict> {
    let person = actor.person().ok_or(Conflict::NoPerson)?;
    let decides = decides(task, actor);
    // Before all else: what has become of a task since they read it would tell whether its answer is known.
    if !decides && standing(history).iter().any(|line| line.person == person) {
        return Err(Conflict::AlreadyRead);
    }
    if let Some(at) = task.state.settled_at() {
        return Err(Conflict::Settled { at });
    }
    if let Some(Lease { by, until }) = task.lease_at(now).filter(|lease| lease.by != person) {
        return Err(Conflict::Leased { by, until });
    }
    if !decides && task.state == State::Flagged {
        return Err(Conflict::Flagged);
    }
    Ok(person)
}

/// Whether the actor may answer although they have read it: an admin, where people could not settle it by reading.
#[must_use]
pub fn decides(task: &LabelingTask, actor: &Actor) -> bool {
    is_admin(actor) && task.state != State::Open
}

/// The answer as the person takes it to be. Where it is known, nothing settles the task; to whoever has read it, it is
/// as settled as any other.
fn answer_for(task: &LabelingTask, history: &[Annotation], person: PersonId) -> Option<Transcript> {
    if task.gold.is_none() || task.state != State::Open {
        return task.state.answer();
    }
    let own = standing(history).into_iter().rfind(|line| line.person == person)?;
    own.act.transcript().cloned()
}

/// A task with a known answer is settled only by whoever ends the measuring.
fn check_not_closed(task: &LabelingTask) -> Result<(), Conflict> {
    match task.state.settled_at() {
        Some(_) if task.gold.is_some() => Err(Conflict::Closed),
        _ => Ok(()),
    }
}

fn is_admin(actor: &Actor) -> bool {
    actor.may(Permission::ManageLabeling)
}

fn require(field: &str, text: &str, reason: &str) -> Result<(), FieldError> {
    if text.trim().is_empty() { Err(FieldError::new(field, reason)) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
