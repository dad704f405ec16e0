//! What a client is told before it syncs.

use std::sync::Arc;

use domain::prediction::Prediction;
use domain::sync::{Advice, Entity, Features, PlannedKind, Sync, advise, features};
use domain::time::DAY;
use domain::{Actor, FieldError, Permission, SyncId, Timestamp};
use store::{NewPlannedSync, SyncHistories};

use super::Syncs;
use super::scoring::Scorer;
use crate::error::{Error, Result};
use crate::predictions::{Predicted, work_on};

/// Planned syncs of one request.
pub const MAX_PLANNED: usize = 1_000;
/// Those whose histories are in memory at once.
const TOGETHER: usize = 100;

/// A sync that a client is about to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanDraft {
    /// The device or app.
    pub client: String,
    /// Who edited.
    pub person: String,
    /// Which type of record.
    pub entity_type: String,
    /// Which one of them.
    pub entity: String,
    /// The fields that were edited.
    pub fields: Vec<String>,
    /// When the client last had the entity as all others had it.
    pub last_sync: Option<Timestamp>,
}

/// An answer that is durable.
#[derive(Clone, Debug)]
pub struct Planned {
    /// How likely a conflict is.
    pub predicted: Predicted,
    /// From which likelihood on one is expected.
    pub threshold: f64,
    /// What to do.
    pub advice: Advice,
    /// What the answer was computed from.
    pub features: Features,
}

impl Syncs<'_> {
    /// Says of each sync how likely it ends in a conflict if it is made now, and what to do. All are logged durably when
    /// this returns; none is, if any is wrong. What is known of the time after it is recorded as its outcome by
    /// [`Self::observe_due`].
    ///
    /// # Errors
    /// Needs the right to predict; names every wrong field as `syncs[3].person`; [`Error::Unavailable`] when the log is
    /// full.
    pub async fn plan(&self, actor: &Actor, drafts: &[PlanDraft]) -> Result<Vec<Planned>> {
        actor.check(Permission::Predict)?;
        if drafts.is_empty() {
            return Err(Error::field("syncs", "at least one is needed"));
        }
        if drafts.len() > MAX_PLANNED {
            return Err(Error::TooLarge(format!("at most {MAX_PLANNED} planned syncs fit into one request")));
        }
        let started = self.desk.now();
        let syncs = check(drafts, started)?;
        let scorer = Arc::new(self.scorer(actor).await?);
        let (mut answers, mut left) = (Vec::with_capacity(syncs.len()), syncs.into_iter());
        loop {
            let part: Vec<Sync> = left.by_ref().take(TOGETHER).collect();
            if part.is_empty() {
                break;
            }
            let histories = self.desk.store().sync_histories(actor.tenant, &part).await?;
            let scorer = Arc::clone(&scorer);
            answers.extend(work_on(part.len(), move || scorer.plan(part, &histories)).await?);
        }
        let (planned, logged): (Vec<Planned>, Vec<NewPlannedSync>) = answers.into_iter().unzip();
        self.desk.inner.writer.submit_planned(logged).await?;
        scorer.count(planned.len(), self.desk.now().since(started));
        Ok(planned)
    }
}

impl Scorer {
    /// What the model says of syncs if they are made now, when all that is recorded is known; and what is logged of each.
    fn plan(&self, syncs: Vec<Sync>, histories: &SyncHistories) -> Result<Vec<(Planned, NewPlannedSync)>> {
        let look = |sync| (sync, features(sync, SyncId(i64::MAX), histories.of(sync)));
        let seen: Vec<(&Sync, Features)> = syncs.iter().map(look).collect();
        let (predicted, predictions) = self.answer(&seen)?;
        let features: Vec<Features> = seen.into_iter().map(|(_, features)| features).collect();
        let threshold = self.threshold();
        let plan = |(((predicted, prediction), features), sync): (((Predicted, Prediction), Features), Sync)| {
            let advice = advise(predicted.answer.score, threshold, features.field_overlap());
            let logged = NewPlannedSync { prediction, kind: PlannedKind::Asked, sync, threshold, advice };
            (Planned { predicted, threshold, advice, features }, logged)
        };
        Ok(predicted.into_iter().zip(predictions).zip(features).zip(syncs).map(plan).collect())
    }
}

fn check(drafts: &[PlanDraft], now: Timestamp) -> Result<Vec<Sync>> {
    let (mut syncs, mut wrong) = (Vec::with_capacity(drafts.len()), Vec::new());
    for (place, draft) in drafts.iter().enumerate() {
        match draft.at(now).checked(now) {
            Ok(sync) => syncs.push(sync),
            Err(error) => wrong.push(FieldError::new(format!("syncs[{place}].{}", error.field), error.reason)),
        }
    }
    wrong.truncate(super::MOST_ERRORS);
    if wrong.is_empty() { Ok(syncs) } else { Err(Error::Invalid(wrong)) }
}

impl PlanDraft {
    fn at(&self, now: Timestamp) -> Sync {
        Sync {
            client: self.client.clone(),
            person: self.person.clone(),
            entity: Entity { entity_type: self.entity_type.clone(), entity: self.entity.clone() },
            fields: self.fields.clone(),
            // A client whose clock is ahead has just synced.
            last_sync: self.last_sync.map(|last| if last.since(now) < DAY { last.min(now) } else { last }),
            at: now,
        }
    }
}
