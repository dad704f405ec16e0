//! What the actor has done in a queue today.

use domain::labeling::Annotation;
use domain::time::{DAY, SECOND, offset_seconds};
use domain::{Actor, Permission, TaskId};

use super::Labeling;
use crate::error::{Error, Result};

/// Lines of the history that are shown.
const RECENT: u32 = 6;

/// One labeler's day.
#[derive(Clone, Debug, PartialEq)]
pub struct Mine {
    /// Images read today, by the tenant's clocks.
    pub read_today: i64,
    /// What half of them took no longer than; none before the first.
    pub median_seconds: Option<f64>,
    /// The newest answers with their tasks, the last one first.
    pub recent: Vec<(TaskId, Annotation)>,
}

impl Labeling<'_> {
    /// What the actor has done in a queue today.
    ///
    /// # Errors
    /// Needs the right to label, as a person; [`Error::NotFound`] for an unknown queue.
    pub async fn mine(&self, actor: &Actor, queue: &str) -> Result<Mine> {
        actor.check(Permission::Label)?;
        let model = self.queue(actor, queue).await?;
        let person = self.claimant(actor, &model)?.person;
        let (store, tenant, now) = (self.desk.store(), actor.tenant, self.desk.now());
        let zone = store.tenant(tenant).await?.ok_or_else(|| Error::internal("an actor without a tenant"))?.time_zone;
        let ahead = offset_seconds(&zone, now) * SECOND;
        let midnight = now.plus(-(now.0 + ahead).rem_euclid(DAY));
        let paces = store.labeling_paces(tenant, Some(model.id), midnight, now.plus(1)).await?;
        let own = paces.into_iter().find(|pace| pace.person == person);
        Ok(Mine {
            read_today: own.as_ref().map_or(0, |pace| pace.read),
            median_seconds: own.map(|pace| pace.median_seconds),
            recent: store.said_by(tenant, model.id, person, midnight, RECENT).await?,
        })
    }
}
