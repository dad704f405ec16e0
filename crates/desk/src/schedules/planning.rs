//! The clock: which times are declared, and which have come.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::model::Model;
use domain::person::Tenant;
use domain::schedule::{Planned, Schedule, Wrong, of_model, of_tenant};
use domain::time::MINUTE;
use domain::{ModelId, TenantId, Timestamp};
use futures::FutureExt;
use store::{DueSchedule, Leadership, Planning};

use super::Schedules;
use crate::error::{Error, Result};
use crate::panics::caught;

/// How long what was seen of a tenant's declarations is believed when nothing seems to have changed: another process may
/// have gone by an older specification meanwhile.
const BELIEVED: i64 = MINUTE;

/// The numbers of a tenant's specifications, by model.
type Numbers = Vec<(ModelId, i64)>;

/// What each tenant's schedules were made from, and when.
#[derive(Default)]
pub(crate) struct Settled(Mutex<HashMap<TenantId, (Numbers, Timestamp)>>);

impl Settled {
    /// It holds plain numbers, which a panic leaves good to read.
    fn lock(&self) -> MutexGuard<'_, HashMap<TenantId, (Numbers, Timestamp)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Schedules<'_> {
    /// Looks at the clock, if no other process does: what is due is from now on waiting to be done, and due next at its
    /// next time. However many times were missed, what is overdue is done once. Gives how many were due. `process` names
    /// this process and no other. Spans tenants.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tick(&self, process: &str) -> Result<usize> {
        caught(self.look(process).boxed()).await
    }

    async fn look(&self, process: &str) -> Result<usize> {
        let (store, now) = (self.desk.store(), self.desk.now());
        let Some(leadership) = store.lead(process, now).await? else { return Ok(0) };
        self.settle_changed(now).await?;
        store.give_up_jobs(now).await?;
        let mut begun = 0;
        for due in store.all_due_schedules(now).await? {
            match self.begin(leadership, &due, now).await {
                Ok(is_begun) => begun += usize::from(is_begun),
                // One that cannot be understood must not hold up the rest.
                Err(Error::Internal(error)) => tracing::error!(schedule = %due.id, %error, "a time is not known"),
                Err(error) => return Err(error),
            }
        }
        Ok(begun)
    }

    /// Lets another process look at the clock at once, as when this one ends in good order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn stop_ticking(&self, process: &str) -> Result<()> {
        Ok(self.desk.store().stop_leading(process).await?)
    }

    async fn begin(&self, leadership: Leadership, due: &DueSchedule, now: Timestamp) -> Result<bool> {
        let next_at = next(&due.expression, &due.time_zone, now).map_err(Error::internal)?;
        Ok(self.desk.store().begin_due_run(leadership, due, next_at, now).await?.is_some())
    }

    /// Brings the schedules of those tenants up to date whose specifications have changed.
    async fn settle_changed(&self, now: Timestamp) -> Result<()> {
        let mut numbers: HashMap<TenantId, Numbers> = HashMap::new();
        for (tenant, model, number) in self.desk.store().all_specification_numbers().await? {
            numbers.entry(tenant).or_default().push((model, number));
        }
        for tenant in self.desk.store().all_tenants().await? {
            let mut seen = numbers.remove(&tenant.id).unwrap_or_default();
            seen.sort_unstable();
            let known = self.desk.inner.settled.lock().get(&tenant.id).cloned();
            if known.is_none_or(|(then, at)| then != seen || now.since(at) >= BELIEVED) {
                match self.settle(tenant.id).await {
                    Ok(_) => {}
                    Err(error @ Error::Unavailable { .. }) => return Err(error),
                    // What is wrong with one organisation must not stop the clock of all others.
                    Err(error) => {
                        let cause =
                            std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
                        tracing::warn!(tenant = %tenant.id, %cause, "its schedules stay as they are");
                    }
                }
                self.desk.inner.settled.lock().insert(tenant.id, (seen, now));
            }
        }
        Ok(())
    }

    /// Brings a tenant's schedules up to date with what is declared now; gives the names of its models.
    pub(super) async fn settle(&self, tenant: TenantId) -> Result<HashMap<ModelId, String>> {
        let store = self.desk.store();
        let tenant = store.tenant(tenant).await?.ok_or_else(|| Error::not_found("such tenant"))?;
        let models = store.models(tenant.id).await?;
        let declared = declared(&tenant, &models);
        let as_planned = |job: domain::schedule::ScheduledJob| {
            let planned = Planned { job: job.job, expression: job.expression, time_zone: job.time_zone };
            (job.model, planned)
        };
        let known: HashSet<_> = store.schedules(tenant.id).await?.into_iter().map(as_planned).collect();
        if declared.len() != known.len() || !declared.iter().all(|one| known.contains(one)) {
            let now = self.desk.now();
            let mut all = Vec::with_capacity(declared.len());
            for (model, planned) in declared {
                match next(&planned.expression, &planned.time_zone, now) {
                    Ok(next_at) => all.push(Planning { model, planned, next_at }),
                    // Its time zone was known where it was declared.
                    Err(error) => {
                        let job = planned.job.as_str();
                        tracing::warn!(tenant = %tenant.id, job, %error, "a schedule is not understood here");
                    }
                }
            }
            store.declare_schedules(tenant.id, &all).await?;
        }
        Ok(models.into_iter().map(|model| (model.id, model.name)).collect())
    }
}

fn declared(tenant: &Tenant, models: &[Model]) -> Vec<(Option<ModelId>, Planned)> {
    let own = of_tenant(&tenant.time_zone).into_iter().map(|planned| (None, planned));
    let of_models = models.iter().flat_map(|model| {
        of_model(&model.specification, &tenant.time_zone).into_iter().map(|planned| (Some(model.id), planned))
    });
    own.chain(of_models).collect()
}

/// The first time after `now`; at the end of the calendar none, which never comes.
pub(super) fn next(expression: &str, time_zone: &str, now: Timestamp) -> Result<Timestamp, Wrong> {
    let schedule = Schedule::new(expression, time_zone)?;
    Ok(schedule.next_after(now).unwrap_or(Timestamp(i64::MAX)))
}
