//! What people do to cases: each move names the revision it was made for, and a verdict becomes the outcome of every
//! prediction behind the case.

use domain::audit::Event;
use domain::case::{Case, State, StepKind, Verdict};
use domain::prediction::OutcomeSource;
use domain::{CaseId, OutcomeId, PersonId, PredictionId, TenantId, Timestamp};
use uuid::Uuid;

use super::{COLUMNS, case, read};
use crate::sql::{Tx, args};
use crate::{Error, NewOutcome, Store, attendance, outcomes};

/// A change of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseMove {
    /// Which.
    pub case: CaseId,
    /// The revision it was decided on. If the case has another by now, nothing is changed.
    pub revision: i64,
    /// How far it has come then.
    pub state: State,
    /// Who is to decide it then.
    pub assignee: Option<PersonId>,
    /// Until when it is to be decided then.
    pub due_at: Timestamp,
    /// What its history says of it.
    pub step: NewStep,
}

/// A line of a case's history to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewStep {
    /// When.
    pub at: Timestamp,
    /// Who: [`domain::Actor::label`].
    pub actor: String,
    /// What.
    pub kind: StepKind,
    /// What they wrote.
    pub note: String,
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq)]
pub enum Moved {
    /// It is made; this is the case now.
    Done(Case),
    /// Somebody or an event changed the case before; this is the case now.
    Conflict(Case),
    /// The tenant has no such case.
    NoCase,
}

impl CaseMove {
    /// A change of `case` that leaves assignee and due time as they are.
    #[must_use]
    pub fn of(case: &Case, state: State, step: NewStep) -> Self {
        Self { case: case.id, revision: case.revision, state, assignee: case.assignee, due_at: case.due_at, step }
    }

    fn verdict(&self) -> Option<Verdict> {
        match self.state {
            State::Decided { verdict, .. } => Some(verdict),
            _ => None,
        }
    }
}

impl Store {
    /// Changes a case; one that has changed meanwhile stays as it is. `event` is asked for the audit entry of the case as
    /// it is then.
    ///
    /// A verdict becomes the outcome of the predictions of all events of its case, under ids that `outcome_id` gives;
    /// where another outcome is recorded, it becomes its correction.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the change names no person of the tenant.
    pub async fn move_case(
        &self,
        tenant: TenantId,
        change: &CaseMove,
        outcome_id: impl FnMut() -> OutcomeId + Send,
        event: impl FnOnce(&Case) -> Event + Send,
    ) -> Result<Moved, Error> {
        let mut tx = self.begin().await?;
        tx.lock_log(tenant).await?;
        attendance::lock(&mut tx, tenant, 0).await?;
        let moved = apply(&mut tx, tenant, change).await?;
        if let Moved::Done(case) = &moved {
            insert_step(&mut tx, tenant, change, case.revision).await?;
            tx.append(tenant, &event(case)).await?;
            settle(&mut tx, tenant, change, outcome_id).await?;
        }
        tx.commit().await?;
        Ok(moved)
    }
}

async fn apply(tx: &mut Tx, tenant: TenantId, change: &CaseMove) -> Result<Moved, Error> {
    let (taken_by, taken_until) = match change.state {
        State::Taken { by, until, .. } => (Some(by), Some(until)),
        _ => (None, None),
    };
    let (verdict, decided_by, decided_at) = match &change.state {
        State::Decided { verdict, by, at } => (Some(verdict.as_str()), Some(by.as_str()), Some(*at)),
        _ => (None, None, None),
    };
    let update = format!(
        "UPDATE cases SET state = $4, taken_by = $5, taken_until = $6, verdict = $7, decided_by = $8, decided_at = $9,
            assignee_id = $10, due_at = $11, escalated = $12, revision = revision + 1
         WHERE tenant_id = $1 AND id = $2 AND revision = $3 RETURNING {COLUMNS}"
    );
    let (id, state) = (change.case, change.state.as_str());
    let values = args![
        tenant,
        id,
        change.revision,
        state,
        taken_by,
        taken_until,
        verdict,
        decided_by,
        decided_at,
        change.assignee,
        change.due_at,
        i64::from(change.state.is_escalated())
    ];
    if let Some(row) = tx.row(update, values).await.map_err(Error::or_not_found)? {
        return Ok(Moved::Done(read(&row)?));
    }
    Ok(case(tx, tenant, id).await?.map_or(Moved::NoCase, Moved::Conflict))
}

async fn insert_step(tx: &mut Tx, tenant: TenantId, change: &CaseMove, sequence: i64) -> Result<(), Error> {
    let insert = "INSERT INTO case_steps (tenant_id, case_id, sequence, at, actor, kind, verdict, note)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let NewStep { at, actor, kind, note } = &change.step;
    let verdict = change.verdict().map(Verdict::as_str);
    let values = args![tenant, change.case, sequence, *at, actor, kind.as_str(), verdict, note];
    tx.execute(insert, values).await.map(drop)
}

/// Records a verdict as the outcome of the predictions of all events of its case.
async fn settle(
    tx: &mut Tx,
    tenant: TenantId,
    change: &CaseMove,
    mut outcome_id: impl FnMut() -> OutcomeId + Send,
) -> Result<(), Error> {
    let Some(verdict) = change.verdict() else { return Ok(()) };
    let sql = "SELECT prediction_id FROM case_events WHERE tenant_id = $1 AND case_id = $2 ORDER BY event_id";
    let mut truths = Vec::new();
    for row in tx.rows(sql, args![tenant, change.case]).await? {
        truths.push(NewOutcome {
            id: outcome_id(),
            prediction: PredictionId(row.get::<Uuid>("prediction_id")?),
            truth: verdict.truth().to_owned(),
            at: change.step.at,
            actor: change.step.actor.clone(),
            source: OutcomeSource::Verdict,
        });
    }
    let reason = format!("case {}: {} {}", change.case, verdict, change.step.note);
    outcomes::settle(tx, tenant, &truths, reason.trim_end()).await
}
