//! What a labeler does with a task.

use domain::audit::Event;
use domain::labeling::{self, Act, Change, LAST, Lease, Objection, State};
use domain::{Actor, OutcomeId, TaskId, Timestamp};
use store::TaskMove;

use super::{Labeling, Said};
use crate::error::Result;
use crate::predictions::random;
use crate::text;

/// Nobody looks at one image longer; who does has gone away.
const LONGEST: f64 = 3_600.0;

impl Labeling<'_> {
    /// Says what stands in the image. What settles the task becomes the outcome of the reading in the same transaction.
    /// The same answer sent again is accepted again.
    ///
    /// # Errors
    /// Needs the right to label, as a person; names a text that breaks a rule, unless they are sure of it;
    /// [`Error::Conflict`](crate::Error::Conflict) says why it is not theirs to answer, and then nothing changes.
    pub async fn annotate(&self, actor: &Actor, id: TaskId, said: &Said) -> Result<()> {
        let task = self.find_unknown(actor, id).await?;
        let seen = self.check_text(actor, &task, said).await?;
        let change = self.change(actor, id, |task, history, now| {
            let change = labeling::annotate(task, history, actor, seen.clone(), now)?;
            Ok(change.map(|change| TaskMove::of(task, timed(change, said.seconds))))
        });
        change.await.map(drop)
    }

    /// Puts another answer in the place of the settled one, which stays in the history.
    ///
    /// # Errors
    /// As [`Self::annotate`]; names a missing reason.
    pub async fn correct(&self, actor: &Actor, id: TaskId, said: &Said, reason: &str) -> Result<()> {
        actor.check(domain::Permission::Label)?;
        let reason = text::reason(reason)?;
        let task = self.find(actor, id).await?;
        let seen = self.check_text(actor, &task, said).await?;
        let change = self.change(actor, id, |task, history, now| {
            let change = labeling::correct(task, history, actor, seen.clone(), reason, now)?;
            // It takes the task from nobody: only one that measures still goes from hand to hand.
            Ok(Some(TaskMove { lease: task.lease, ..TaskMove::of(task, timed(change, said.seconds)) }))
        });
        change.await.map(drop)
    }

    /// Takes back the last thing the actor said of a task, which is theirs again for two minutes.
    ///
    /// # Errors
    /// Needs the right to label, as a person; [`Error::Conflict`](crate::Error::Conflict) if somebody has gone on since or
    /// looks at it now, or an answer is more than an hour old.
    pub async fn undo(&self, actor: &Actor, id: TaskId) -> Result<()> {
        let change = self.change(actor, id, |task, history, now| {
            let change = labeling::withdraw(task, history, actor, now)?;
            let lease =
                actor.person().filter(|_| waits(&change)).map(|by| Lease { by, until: now.plus(labeling::LEASE) });
            Ok(Some(TaskMove { lease, ..TaskMove::of(task, change) }))
        });
        change.await.map(drop)
    }

    /// Gives a task back, so that somebody else is given it at once. An admin may end anybody's turn.
    ///
    /// # Errors
    /// Needs the right to label; [`Error::Conflict`](crate::Error::Conflict) if it is another's.
    pub async fn give_back(&self, actor: &Actor, id: TaskId) -> Result<()> {
        let change = self.change(actor, id, |task, _, now| {
            labeling::give_back(task, actor, now)?;
            Ok(task.lease.map(|_| TaskMove::lease(task, None)))
        });
        change.await.map(drop)
    }

    /// Gives a task back to the end of its queue.
    ///
    /// # Errors
    /// As [`Self::give_back`].
    pub async fn skip(&self, actor: &Actor, id: TaskId) -> Result<()> {
        let change = self.change(actor, id, |task, _, now| {
            labeling::give_back(task, actor, now)?;
            Ok(Some(TaskMove { priority: LAST, queued_at: now, ..TaskMove::lease(task, None) }))
        });
        change.await.map(drop)
    }

    /// Asks an admin to look at a task.
    ///
    /// # Errors
    /// As [`Self::annotate`]; names a missing note.
    pub async fn flag(&self, actor: &Actor, id: TaskId, note: &str) -> Result<()> {
        let note = text::required("note", note, 1_000)?;
        self.find_unknown(actor, id).await?;
        let change = self.change(actor, id, |task, history, now| {
            Ok::<_, Objection>(Some(TaskMove::of(task, labeling::flag(task, history, actor, note, now)?)))
        });
        change.await.map(drop)
    }
}

fn timed(mut change: Change, seconds: f64) -> Change {
    change.annotation.seconds = if seconds.is_finite() { seconds.clamp(0.0, LONGEST) } else { 0.0 };
    change
}

fn waits(change: &Change) -> bool {
    matches!(change.state, State::Open | State::Disputed)
}

/// The id of the outcome that a change may make, and its audit entry: what changes an answer that models may have learnt
/// from has one. Every other line is its own record, which nobody can change.
pub(super) fn records(actor: &Actor, change: &TaskMove, now: Timestamp) -> (OutcomeId, Option<Event>) {
    let action = change.annotation.as_ref().and_then(|line| match line.act {
        Act::Corrected(_) => Some("labeling.corrected"),
        _ if change.retracts => Some("labeling.reopened"),
        _ => None,
    });
    let event = action.map(|action| {
        let line = change.annotation.as_ref();
        let detail = serde_json::json!({
            "before": line.and_then(|line| line.before.as_deref()),
            "text": change.state.answer().and_then(|answer| answer.text().map(str::to_owned)),
            "reason": line.map(|line| line.note.as_str()),
        });
        Event::new(actor, now, action, format!("labeling-task:{}", change.task)).with(detail)
    });
    (OutcomeId::new(now, random()), event)
}
