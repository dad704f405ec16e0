//! How good the alerts are, by what supervisors found.

mod estimates;

use domain::attendance::MODEL;
use domain::case::{AUDIT_SHARE, Origin, Verdict};
use domain::time::{start_of_day, today};
use domain::{Actor, Permission, SiteId, Timestamp};
use store::{AttendanceDay, Backlog, CaseCount, CaseGrouping};

pub use estimates::ThresholdRow;
use estimates::{Alerts, Drawn, recall, thresholds};

use super::Cases;
use crate::error::{Error, Result};
use crate::figures::{Share, check_days, share};

/// What the dashboard shows of a period.
#[derive(Clone, Debug)]
pub struct Dashboard {
    /// First moment of the period, by the organisation's clocks.
    pub from: Timestamp,
    /// First moment after it: when tomorrow begins.
    pub until: Timestamp,
    /// Its first day, in days since 1970-01-01.
    pub first_day: i64,
    /// Its days, today the last of them.
    pub days: i64,
    /// Events by day and site, each by the clocks of its site.
    pub volume: Vec<AttendanceDay>,
    /// What waits.
    pub backlog: Backlog,
    /// Decided cases over the threshold, by verdict in the order of [`Verdict::ALL`].
    pub verdicts: [i64; 3],
    /// Cases over the threshold that are not decided.
    pub undecided: i64,
    /// Share of the decided cases over the threshold that were fraud or worth the look.
    pub precision: Option<Share>,
    /// Estimated share of the fraud that is found.
    pub recall: Option<Share>,
    /// The present threshold first, then others; none while alerts wait and none is decided.
    pub thresholds: Vec<ThresholdRow>,
    /// Cases by score in percent.
    pub by_score: Vec<CaseCount>,
    /// Cases by site.
    pub by_site: Vec<(SiteId, CaseCount)>,
    /// Cases by week.
    pub by_week: Vec<CaseCount>,
    /// The version that serves; none is the heuristic.
    pub version: Option<i64>,
    /// Its threshold.
    pub threshold: Option<f64>,
    /// Share of the events under it that is drawn for audit now.
    pub audit_share: f64,
}

impl Cases<'_> {
    /// The figures of the last `days` days by the organisation's clocks, today included.
    ///
    /// # Errors
    /// Needs the right to see predictions; names a wrong number of days.
    pub async fn dashboard(&self, actor: &Actor, days: i64) -> Result<Dashboard> {
        actor.check(Permission::ReadPredictions)?;
        check_days(days)?;
        let (store, tenant, now) = (self.desk.store(), actor.tenant, self.desk.now());
        let zone = store.tenant(tenant).await?.ok_or_else(|| Error::internal("an actor without a tenant"))?.time_zone;
        let (first_day, today) = last_days(&zone, now, days);
        let (from, until) = (start_of_day(&zone, first_day), start_of_day(&zone, today + 1));
        let by_score = store.case_counts(tenant, CaseGrouping::Percent, from, until).await?;
        let audit: Vec<Drawn> = store.audit_counts(tenant, from, until).await?.into_iter().map(Drawn::of).collect();
        let (version, threshold, audit_share) = self.serving(actor).await?;
        let verdicts = Verdict::ALL.map(|verdict| count(&by_score, Some(verdict)));
        let (right, wrong) = (verdicts[0] + verdicts[1], verdicts[2]);
        let alerts = Alerts::of(&by_score);
        let present = threshold.map_or(50, |threshold| (threshold * 100.0) as i64);
        let by_site = store.case_counts(tenant, CaseGrouping::Site, from, until).await?;
        Ok(Dashboard {
            from,
            until,
            first_day,
            days,
            volume: store.attendance_days(tenant, first_day, today).await?,
            backlog: store.backlog(tenant, now).await?,
            verdicts,
            undecided: count(&by_score, None),
            precision: share(right, right + wrong),
            recall: recall(&alerts, &audit),
            thresholds: thresholds(present, &alerts, &by_score, &audit),
            by_site: by_site.into_iter().map(|count| (SiteId(count.key), count)).collect(),
            by_week: store.case_counts(tenant, CaseGrouping::Week, from, until).await?,
            by_score,
            version,
            threshold,
            audit_share,
        })
    }

    async fn serving(&self, actor: &Actor) -> Result<(Option<i64>, Option<f64>, f64)> {
        match self.desk.served(actor.tenant, MODEL).await {
            Ok(served) => {
                let (fitted, share) = (served.rows(), served.model.specification.audit_share());
                Ok((fitted.and(served.version), fitted.and_then(|fitted| fitted.threshold()), share))
            }
            // The model comes with the first event.
            Err(Error::NotFound(_)) => Ok((None, None, AUDIT_SHARE)),
            Err(error) => Err(error),
        }
    }
}

/// The first and the last of the `days` days until `now` by the clocks of a zone, in days since 1970-01-01.
fn last_days(zone: &str, now: Timestamp, days: i64) -> (i64, i64) {
    let today = today(zone, now);
    (today - days + 1, today)
}

fn count(cases: &[CaseCount], verdict: Option<Verdict>) -> i64 {
    let of = cases.iter().filter(|count| count.origin == Origin::Threshold && count.verdict == verdict);
    of.map(|count| count.cases).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In Auckland (UTC+13) it is Wednesday, 2026-01-07, while it is Tuesday in Greenwich.
    #[test]
    fn the_period_is_whole_days_by_the_organisations_clocks() {
        let now = Timestamp::parse_rfc3339("2026-01-06T20:00:00Z").unwrap();
        let (first, today) = last_days("Pacific/Auckland", now, 7);
        assert_eq!(today - first + 1, 7);
        let edges = [first, today + 1].map(|day| start_of_day("Pacific/Auckland", day).rfc3339());
        assert_eq!(edges, ["2025-12-31T11:00:00Z", "2026-01-07T11:00:00Z"]);
    }
}
