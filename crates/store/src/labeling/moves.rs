//! What people do to tasks: each move names the revision it was made for, and an answer becomes the outcome of the
//! reading.

use domain::audit::Event;
use domain::labeling::{Act, Annotation, Change, LabelingTask, Lease, State, Transcript};
use domain::prediction::OutcomeSource;
use domain::{OutcomeId, TaskId, TenantId, Timestamp};

use super::{COLUMNS, read, task};
use crate::sql::{Tx, args};
use crate::{Error, NewOutcome, Store, outcomes};

/// A change of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskMove {
    /// Which.
    pub task: TaskId,
    /// The revision it was decided on. If the task has another by now, nothing is changed.
    pub revision: i64,
    /// How far it has come then.
    pub state: State,
    /// Who has it then.
    pub lease: Option<Lease>,
    /// See [`LabelingTask::priority`].
    pub priority: i64,
    /// See [`LabelingTask::queued_at`].
    pub queued_at: Timestamp,
    /// What its history says of it; a lease says nothing.
    pub annotation: Option<Annotation>,
    /// Whether the outcome that it gave is taken back.
    pub retracts: bool,
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq)]
pub enum TaskMoved {
    /// It is made; this is the task now.
    Done(LabelingTask),
    /// Somebody changed the task before; this is the task now.
    Conflict(LabelingTask),
    /// The tenant has no such task.
    NoTask,
}

impl TaskMove {
    /// That somebody has `task` from now on, or nobody has.
    #[must_use]
    pub fn lease(task: &LabelingTask, lease: Option<Lease>) -> Self {
        Self {
            task: task.id,
            revision: task.revision,
            state: task.state.clone(),
            lease,
            priority: task.priority,
            queued_at: task.queued_at,
            annotation: None,
            retracts: false,
        }
    }

    /// What `change` makes of `task`. Whoever had it does not have it any more.
    #[must_use]
    pub fn of(task: &LabelingTask, change: Change) -> Self {
        let retracts = matches!(task.state, State::Settled { .. }) && !matches!(change.state, State::Settled { .. });
        Self { state: change.state, annotation: Some(change.annotation), retracts, ..Self::lease(task, None) }
    }
}

impl Store {
    /// Changes a task, and in the same transaction writes its history and the truth that follows from it: a text becomes
    /// the outcome of the reading, or the correction of one that is recorded; what is answered no more is taken back.
    ///
    /// # Errors
    /// [`Error::NotFound`] when a lease names no person of the tenant.
    pub async fn move_task(
        &self,
        tenant: TenantId,
        change: &TaskMove,
        outcome: OutcomeId,
        event: Option<&Event>,
    ) -> Result<TaskMoved, Error> {
        let mut tx = self.begin().await?;
        if change.annotation.is_some() {
            // before any other row: an outcome may have to be replaced
            tx.lock_log(tenant).await?;
        }
        let Some(moved) = apply(&mut tx, tenant, change).await? else {
            return Ok(task(&mut tx, tenant, change.task).await?.map_or(TaskMoved::NoTask, TaskMoved::Conflict));
        };
        if let Some(annotation) = &change.annotation {
            insert(&mut tx, &moved, annotation).await?;
            settle(&mut tx, &moved, annotation, change.retracts, outcome).await?;
        }
        if let Some(event) = event {
            tx.append(tenant, event).await?;
        }
        tx.commit().await?;
        Ok(TaskMoved::Done(moved))
    }
}

async fn apply(tx: &mut Tx, tenant: TenantId, change: &TaskMove) -> Result<Option<LabelingTask>, Error> {
    let update = format!(
        "UPDATE labeling_tasks SET state = $4, leased_by = $5, leased_until = $6, settled_text = $7, settled_at = $8,
            priority = $9, queued_at = $10, revision = revision + 1
         WHERE tenant_id = $1 AND id = $2 AND revision = $3 RETURNING {COLUMNS}"
    );
    let answer = change.state.answer();
    let text = answer.as_ref().and_then(Transcript::text);
    let (by, until) = (change.lease.map(|lease| lease.by), change.lease.map(|lease| lease.until));
    let (state, at, priority) = (change.state.as_str(), change.state.settled_at(), change.priority);
    let values = args![tenant, change.task, change.revision, state, by, until, text, at, priority, change.queued_at];
    tx.row(update, values).await.map_err(Error::or_not_found)?.as_ref().map(read).transpose()
}

async fn insert(tx: &mut Tx, task: &LabelingTask, annotation: &Annotation) -> Result<(), Error> {
    let insert = "INSERT INTO annotations
        (tenant_id, task_id, sequence, model_id, at, person_id, act, seen, seconds, before_text, note)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let Annotation { sequence, at, person, act, seconds, before, note } = annotation;
    let seen = act.transcript().and_then(Transcript::text);
    let (act, before) = (act.as_str(), before.as_deref());
    let values = args![task.tenant, task.id, *sequence, task.model, *at, *person, act, seen, *seconds, before, note];
    tx.execute(insert, values).await.map_err(Error::or_not_found).map(drop)
}

/// Records what holds now as the truth about the reading. A known answer is no truth that anybody found.
async fn settle(
    tx: &mut Tx,
    task: &LabelingTask,
    annotation: &Annotation,
    retracts: bool,
    outcome: OutcomeId,
) -> Result<(), Error> {
    let answer = task.state.answer();
    let text = answer.as_ref().and_then(Transcript::text);
    let truth = NewOutcome {
        id: outcome,
        prediction: task.prediction,
        truth: text.unwrap_or_default().to_owned(),
        at: annotation.at,
        actor: format!("person:{}", annotation.person),
        source: OutcomeSource::Correction,
    };
    let reason = format!("labeling task {}: {} {}", task.id, verb(&annotation.act), annotation.note);
    match text {
        _ if task.gold.is_some() => Ok(()),
        Some(_) => outcomes::settle(tx, task.tenant, &[truth], reason.trim_end()).await,
        None if retracts => outcomes::retract(tx, task.tenant, &truth, reason.trim_end()).await,
        None => Ok(()),
    }
}

fn verb(act: &Act) -> &'static str {
    match act {
        Act::Corrected(Transcript::Unreadable) => "unreadable",
        act => act.as_str(),
    }
}
