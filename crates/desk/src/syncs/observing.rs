//! Outcomes by observation: what happened to an entity in the day after a sync of it was planned or made.

use domain::audit::Event;
use domain::prediction::OutcomeSource;
use domain::sync::{self, MODEL};
use domain::{Actor, OutcomeId, TenantId, Timestamp};
use store::{DueSync, NewOutcome, Observations, ObservedTruth};

use super::Syncs;
use crate::error::{Error, Result};
use crate::predictions::random;

/// Planned syncs settled in one transaction. Nothing else is recorded of the tenant's syncs for so long.
const TOGETHER: i64 = 500;

impl Syncs<'_> {
    /// Records the outcome of every planned sync whose day is over: whether its entity had a conflict. What was said later
    /// corrects an outcome by a new record that names the event; what anybody else has recorded stays. May run in several
    /// processes at once, and again at any time. Spans tenants.
    ///
    /// # Errors
    /// When the database fails; what is not done stays due.
    pub async fn observe_due(&self) -> Result<Observations> {
        let mut all = Observations::default();
        for tenant in self.desk.store().tenants_with_due_syncs(self.desk.now()).await? {
            all += self.observe(tenant).await?;
        }
        Ok(all)
    }

    /// The same for one tenant.
    pub(crate) async fn observe(&self, tenant: TenantId) -> Result<Observations> {
        let mut all = Observations::default();
        loop {
            let one = self.observe_some(tenant).await?;
            all += one;
            if (one.looked_at as i64) < TOGETHER {
                return Ok(all);
            }
        }
    }

    /// The same for as many of them as one transaction settles.
    pub(super) async fn observe_some(&self, tenant: TenantId) -> Result<Observations> {
        let (now, classes) = (self.desk.now(), self.classes(tenant).await?);
        let truth = |due: &DueSync| truth(tenant, now, &classes, due);
        Ok(self.desk.store().observe_syncs(tenant, now, TOGETHER, truth).await?)
    }

    /// What the model calls the absence and the presence of a conflict.
    async fn classes(&self, tenant: TenantId) -> Result<[String; 2]> {
        match self.desk.model(tenant, MODEL).await {
            Ok(model) if model.specification.classes.len() == 2 => {
                let classes = model.specification.classes;
                Ok([classes[0].clone(), classes[1].clone()])
            }
            Ok(_) | Err(Error::NotFound(_)) => Ok([false, true].map(|conflict| sync::class(conflict).to_owned())),
            Err(error) => Err(error),
        }
    }
}

fn truth(tenant: TenantId, now: Timestamp, classes: &[String; 2], due: &DueSync) -> ObservedTruth {
    let worker = Actor::worker(tenant);
    let truth = classes[usize::from(due.seen)].clone();
    let reason = match &due.late {
        Some(event) => format!("what was said later of sync event {event}"),
        None => String::from("what is known now"),
    };
    let event = Event::new(&worker, now, "outcome.corrected", format!("prediction:{}", due.prediction))
        .with(serde_json::json!({ "truth": truth, "reason": reason }));
    let id = OutcomeId::new(now, random());
    let (prediction, actor, source) = (due.prediction, worker.label(), OutcomeSource::Observation);
    let outcome = NewOutcome { id, prediction, truth, at: now, actor, source };
    ObservedTruth { outcome, reason, event }
}
