//! How the loop runs: what comes in, what waits, what people do, and how often the model is right.

use std::collections::BTreeMap;

use domain::labeling::Origin;
use domain::time::{DAY, HOUR, SECOND, offset_seconds};
use domain::{Actor, ModelId, Permission, TenantId, Timestamp};
use store::{AnnotatedDay, AuditedWeek, BacklogCount, Pace, TaskDay};

use super::Labeling;
use crate::error::{Error, Result};
use crate::figures::{Share, check_days, share};

/// What the dashboard of a queue shows. Days are those of the tenant's clocks, in days since 1970-01-01; weeks (UTC)
/// count from Monday, 1969-12-29.
#[derive(Clone, Debug)]
pub struct LabelingFigures {
    /// The first moment counted.
    pub from: Timestamp,
    /// Up to when.
    pub until: Timestamp,
    /// Seconds that the tenant's clocks are ahead of UTC.
    pub offset_seconds: i64,
    /// Readings by day.
    pub captured: BTreeMap<i64, i64>,
    /// Tasks that came to be, by day and reason. Those of [`Origin::Limit`] are the readings under the limit.
    pub made: Vec<TaskDay>,
    /// Share of the readings that were under the limit.
    pub under_limit: Option<Share>,
    /// What waits now, by reason and state.
    pub backlog: Vec<BacklogCount>,
    /// What people read, by day and person.
    pub annotated: Vec<AnnotatedDay>,
    /// How fast people read.
    pub paces: Vec<Pace>,
    /// What became of the accepted readings that were drawn at random, by version and week.
    pub audited: Vec<AuditedWeek>,
    /// Share of the accepted readings that are right, as far as the drawn ones that people could read tell.
    pub accepted_right: Option<Share>,
    /// What turned out to be true of all readings that somebody looked at, by version and week.
    pub corrected: Vec<AuditedWeek>,
    /// Hours of work until nothing waits, if all who read in this span are at it; none if nobody was.
    pub hours_to_clear: Option<f64>,
}

impl Labeling<'_> {
    /// The figures of a queue over the last `days`.
    ///
    /// # Errors
    /// Needs the right to manage labeling; names a wrong number of days; [`Error::NotFound`] for an unknown queue.
    pub async fn figures(&self, actor: &Actor, queue: &str, days: i64) -> Result<LabelingFigures> {
        actor.check(Permission::ManageLabeling)?;
        check_days(days)?;
        let model = self.queue(actor, queue).await?.id;
        let (store, tenant, until) = (self.desk.store(), actor.tenant, self.desk.now().plus(1));
        let zone = store.tenant(tenant).await?.ok_or_else(|| Error::internal("an actor without a tenant"))?.time_zone;
        let offset_seconds = offset_seconds(&zone, until);
        let from = until.plus(-days * DAY);
        let captured = self.captured(tenant, model, from, until, offset_seconds).await?;
        let made = store.labeling_task_days(tenant, model, from, until, offset_seconds).await?;
        let audited = store.audited_weeks(tenant, model, from, until).await?;
        let backlog = store.labeling_backlog(tenant, Some(model)).await?;
        let paces = store.labeling_paces(tenant, Some(model), from, until).await?;
        let annotated = store.annotated_days(tenant, model, from, until, offset_seconds).await?;
        Ok(LabelingFigures {
            under_limit: under_limit(&made, captured.values().sum()),
            accepted_right: accepted_right(&audited),
            hours_to_clear: hours_to_clear(&backlog, &paces),
            corrected: store.corrected_weeks(tenant, model, from, until).await?,
            from,
            until,
            offset_seconds,
            captured,
            made,
            backlog,
            annotated,
            paces,
            audited,
        })
    }

    async fn captured(
        &self,
        tenant: TenantId,
        model: ModelId,
        from: Timestamp,
        until: Timestamp,
        offset_seconds: i64,
    ) -> Result<BTreeMap<i64, i64>> {
        let mut days = BTreeMap::new();
        for hour in self.desk.store().hourly_volume(tenant, model, from, until).await? {
            let local = (hour.hour * HOUR).saturating_add(offset_seconds * SECOND);
            *days.entry(local.div_euclid(DAY)).or_default() += hour.predictions;
        }
        Ok(days)
    }
}

fn under_limit(made: &[TaskDay], captured: i64) -> Option<Share> {
    let under: i64 = made.iter().filter(|day| day.origin == Origin::Limit).map(|day| day.tasks).sum();
    share(under.min(captured), captured)
}

fn accepted_right(audited: &[AuditedWeek]) -> Option<Share> {
    let right: i64 = audited.iter().map(|week| week.right).sum();
    share(right, right + audited.iter().map(|week| week.wrong).sum::<i64>())
}

/// By the median time that each of them takes, as if they were all at it.
fn hours_to_clear(backlog: &[BacklogCount], paces: &[Pace]) -> Option<f64> {
    let waiting: i64 = backlog.iter().map(|count| count.tasks).sum();
    let per_second: f64 =
        paces.iter().filter(|pace| pace.median_seconds > 0.0).map(|pace| 1.0 / pace.median_seconds).sum();
    (per_second > 0.0).then(|| waiting as f64 / per_second / 3_600.0)
}
