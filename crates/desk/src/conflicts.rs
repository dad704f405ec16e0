//! How often syncs conflict, how well that is predicted, and what warnings have avoided.

mod estimates;
mod period;

use domain::sync::{MODEL, OBSERVED};
use domain::time::offsets;
use domain::{Actor, Permission, Timestamp};
pub use store::{Cursor, EntityTally, Page, PlannedFilter, PlannedSync, SyncGroup, SyncTally};
use store::{SyncDay, SyncGrouping, SyncSpan};

pub use estimates::{Avoided, Coverage, Matrix, ScoreBin};
pub use period::{Period, Span};

use crate::error::{Error, Result};
use crate::figures::{Share, share};
use crate::room;

/// Entity types and clients that are listed.
pub const MOST_GROUPS: usize = 12;
/// Entities that are listed.
pub const MOST_ENTITIES: usize = 10;

room! {
    /// Figures of syncs and of their conflicts.
    Conflicts
}

/// What the dashboard shows of a period.
#[derive(Clone, Debug)]
pub struct ConflictFigures {
    /// The days, by the organisation's clocks.
    pub period: Period,
    /// Shares are of what happened before this moment: of later syncs nobody knows yet whether they conflict.
    pub settled: Timestamp,
    /// The only entity type that is counted, if one was asked for.
    pub entity_type: Option<String>,
    /// All syncs.
    pub all: SyncTally,
    /// Share of the syncs that conflicted.
    pub rate: Option<Share>,
    /// The same of as many days before.
    pub before: Option<Share>,
    /// Syncs of each day of the period.
    pub by_day: Vec<SyncTally>,
    /// Syncs by entity type, whichever was asked for; those with the most conflicts first.
    pub by_type: Vec<SyncGroup>,
    /// Syncs by client, those with the most conflicts first.
    pub by_client: Vec<SyncGroup>,
    /// The entities with the most conflicts.
    pub worst: Vec<EntityTally>,
    /// Of how many predictions it is known what came.
    pub coverage: Coverage,
    /// Predictions that nobody could heed, against what was seen.
    pub matrix: Matrix,
    /// The same by score.
    pub calibration: Vec<ScoreBin>,
    /// Predictions that somebody was warned by, by score.
    pub warned: Vec<ScoreBin>,
    /// What warnings have avoided.
    pub avoided: Option<Avoided>,
    /// The version that serves; none is the heuristic.
    pub version: Option<i64>,
    /// Its threshold.
    pub threshold: Option<f64>,
}

/// The share of the settled syncs that conflicted.
#[must_use]
pub fn conflict_rate(tally: SyncTally) -> Option<Share> {
    share(tally.conflicts, tally.settled)
}

impl Conflicts<'_> {
    /// The figures of a period, of one entity type if it is named.
    ///
    /// # Errors
    /// Needs the right to see predictions; names a wrong span.
    pub async fn figures(&self, actor: &Actor, asked: Span, entity_type: Option<&str>) -> Result<ConflictFigures> {
        actor.check(Permission::ReadPredictions)?;
        let (store, tenant, now) = (self.desk.store(), actor.tenant, self.desk.now());
        let zone = store.tenant(tenant).await?.ok_or_else(|| Error::internal("an actor without a tenant"))?.time_zone;
        let period = asked.period(&zone, now)?;
        let settled = now.plus(-OBSERVED);
        let span = SyncSpan { from: period.from, until: period.until, settled, entity_type };
        let before = SyncSpan { from: period.start_before(&zone), until: period.from, ..span };
        let offsets = offsets(&zone, period.from, period.until);
        let (days, by_type, by_client, worst, before, counts) = tokio::try_join!(
            store.sync_days(tenant, span, &offsets),
            store.sync_groups(tenant, SyncSpan { entity_type: None, ..span }, SyncGrouping::EntityType, MOST_GROUPS),
            store.sync_groups(tenant, span, SyncGrouping::Client, MOST_GROUPS),
            store.worst_entities(tenant, span, MOST_ENTITIES),
            store.sync_tally(tenant, before),
            store.planned_counts(tenant, span),
        )?;
        let (version, threshold) = self.serving(actor).await?;
        let (calibration, warned) = estimates::calibration(&counts);
        let all = sum(&days);
        Ok(ConflictFigures {
            settled,
            entity_type: entity_type.map(str::to_owned),
            all,
            rate: conflict_rate(all),
            before: conflict_rate(before),
            by_day: each_day(&period, &days),
            by_type,
            by_client,
            worst,
            coverage: Coverage::of(&counts),
            matrix: Matrix::of(&counts),
            calibration,
            warned,
            avoided: estimates::avoided(&counts),
            version,
            threshold,
            period,
        })
    }

    /// Whether any sync was ever recorded.
    ///
    /// # Errors
    /// Needs the right to see predictions.
    pub async fn any(&self, actor: &Actor) -> Result<bool> {
        actor.check(Permission::ReadPredictions)?;
        Ok(self.desk.store().has_syncs(actor.tenant).await?)
    }

    /// Predictions of conflicts with the syncs that they are about, the last ones first.
    ///
    /// # Errors
    /// Needs the right to see predictions.
    pub async fn predictions(
        &self,
        actor: &Actor,
        filter: &PlannedFilter,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page<PlannedSync>> {
        actor.check(Permission::ReadPredictions)?;
        Ok(self.desk.store().planned_syncs(actor.tenant, filter, after, limit).await?)
    }

    async fn serving(&self, actor: &Actor) -> Result<(Option<i64>, Option<f64>)> {
        match self.desk.served(actor.tenant, MODEL).await {
            Ok(served) => {
                let fitted = served.rows();
                Ok((fitted.and(served.version), fitted.and_then(|fitted| fitted.threshold())))
            }
            // The model comes with the first sync.
            Err(Error::NotFound(_)) => Ok((None, None)),
            Err(error) => Err(error),
        }
    }
}

fn sum(days: &[SyncDay]) -> SyncTally {
    days.iter().fold(SyncTally::default(), |sum, SyncDay { tally, .. }| SyncTally {
        syncs: sum.syncs + tally.syncs,
        settled: sum.settled + tally.settled,
        conflicts: sum.conflicts + tally.conflicts,
    })
}

/// A tally for each day of the period.
fn each_day(period: &Period, days: &[SyncDay]) -> Vec<SyncTally> {
    let of = |day: i64| days.iter().find(|counted| counted.day == day).map_or_else(SyncTally::default, |day| day.tally);
    (period.first_day..period.first_day + period.days).map(of).collect()
}
