//! The figures as they are answered.

use desk::cases::{AttendanceDay, CaseCount, Dashboard, Share, ThresholdRow};
use domain::Timestamp;
use domain::case::Verdict;
use domain::time::{DAY, local_date};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::moment;

/// The figures of a period.
#[derive(Serialize, ToSchema)]
pub(super) struct FraudAnswer {
    /// First moment of the period, by the organisation's clocks.
    from: String,
    /// First moment after it: when tomorrow begins.
    until: String,
    /// The version that serves; none is the heuristic.
    version: Option<i64>,
    /// Its threshold.
    threshold: Option<f64>,
    /// Share of the events under it that is drawn for audit now.
    audit_share: f64,
    /// What waits now.
    backlog: BacklogAnswer,
    /// Decided cases over the threshold, by verdict.
    verdicts: VerdictCounts,
    /// Cases over the threshold that are not decided.
    undecided: i64,
    /// Share of the decided cases over the threshold that were fraud or worth the look.
    precision: Option<ShareAnswer>,
    /// Share of the fraud that is found, estimated from the cases drawn for audit. What waits is taken to be right as
    /// often as what is decided.
    recall: Option<ShareAnswer>,
    /// The present threshold first, then higher ones; none while alerts wait and none is decided.
    thresholds: Vec<ThresholdAnswer>,
    /// Events by day and site.
    volume: Vec<VolumeAnswer>,
    /// Cases by score: `key` is whole percent.
    by_score: Vec<CountAnswer>,
    /// Cases by site: `key` is its identity.
    by_site: Vec<CountAnswer>,
    /// Cases by week of their opening: `key` is its Monday.
    by_week: Vec<CountAnswer>,
}

/// What waits for a verdict.
#[derive(Serialize, ToSchema)]
struct BacklogAnswer {
    /// Cases that wait for anybody.
    open: i64,
    /// Cases that somebody looks at.
    taken: i64,
    /// Cases that wait for an admin.
    escalated: i64,
    /// Those of them that should have been decided by now.
    overdue: i64,
    /// When the first of them is or was due.
    first_due_at: Option<String>,
}

/// Cases by verdict.
#[derive(Serialize, ToSchema)]
struct VerdictCounts {
    /// Fraud.
    confirmed_risk: i64,
    /// Worth the look.
    valuable_alert: i64,
    /// Nothing.
    false_positive: i64,
}

/// A share with its 95 % interval.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct ShareAnswer {
    /// The share.
    value: f64,
    /// Lower end.
    low: f64,
    /// Upper end.
    high: f64,
    /// Cases it is taken from.
    n: i64,
}

/// What a threshold would find, in events; what waits or lies under the present one is estimated.
#[derive(Serialize, ToSchema)]
struct ThresholdAnswer {
    /// The threshold in whole percent.
    percent: i64,
    /// Fraud found, or worth the look.
    right: f64,
    /// False alarms.
    false_alarms: f64,
    /// Fraud missed.
    missed: f64,
    /// Rightly passed over.
    passed: f64,
    /// Share of the alarms that are right.
    precision: Option<f64>,
    /// Share of the fraud that is found.
    recall: Option<f64>,
}

/// Events of one site on one day.
#[derive(Serialize, ToSchema)]
struct VolumeAnswer {
    /// The day by the site's clocks.
    date: String,
    /// Identity of the site.
    site: i64,
    /// How many.
    events: i64,
}

/// Cases of one kind.
#[derive(Serialize, ToSchema)]
struct CountAnswer {
    /// What they are counted by.
    key: String,
    /// `threshold` or `audit`.
    origin: &'static str,
    /// What was found; none is not decided.
    verdict: Option<&'static str>,
    /// How many.
    cases: i64,
    /// Events in them.
    events: i64,
}

impl FraudAnswer {
    pub(super) fn of(figures: &Dashboard) -> Self {
        let [confirmed_risk, valuable_alert, false_positive] = figures.verdicts;
        let backlog = &figures.backlog;
        let by_site = figures.by_site.iter().map(|(_, count)| count);
        Self {
            from: moment(figures.from),
            until: moment(figures.until),
            version: figures.version,
            threshold: figures.threshold,
            audit_share: figures.audit_share,
            backlog: BacklogAnswer {
                open: backlog.open,
                taken: backlog.taken,
                escalated: backlog.escalated,
                overdue: backlog.overdue,
                first_due_at: backlog.first_due_at.map(moment),
            },
            verdicts: VerdictCounts { confirmed_risk, valuable_alert, false_positive },
            undecided: figures.undecided,
            precision: figures.precision.map(ShareAnswer::of),
            recall: figures.recall.map(ShareAnswer::of),
            thresholds: figures.thresholds.iter().map(ThresholdAnswer::of).collect(),
            volume: figures.volume.iter().map(VolumeAnswer::of).collect(),
            by_score: figures.by_score.iter().map(|count| CountAnswer::of(count, count.key.to_string())).collect(),
            by_site: by_site.map(|count| CountAnswer::of(count, count.key.to_string())).collect(),
            by_week: figures.by_week.iter().map(|count| CountAnswer::of(count, monday(count.key))).collect(),
        }
    }
}

/// The first day of a week that is counted since Monday, 1969-12-29.
pub(in crate::api) fn monday(week: i64) -> String {
    date(week * 7 - 3)
}

/// A day that is counted since 1970-01-01.
pub(in crate::api) fn date(day: i64) -> String {
    local_date(Timestamp(day.saturating_mul(DAY)), 0).to_string()
}

impl ShareAnswer {
    pub(in crate::api) fn of(share: Share) -> Self {
        Self { value: share.value, low: share.low, high: share.high, n: share.n }
    }
}

impl ThresholdAnswer {
    fn of(row: &ThresholdRow) -> Self {
        Self {
            percent: row.percent,
            right: row.right,
            false_alarms: row.false_alarms,
            missed: row.missed,
            passed: row.passed,
            precision: row.precision(),
            recall: row.recall(),
        }
    }
}

impl VolumeAnswer {
    fn of(day: &AttendanceDay) -> Self {
        Self { date: date(day.day), site: day.site.0, events: day.events }
    }
}

impl CountAnswer {
    fn of(count: &CaseCount, key: String) -> Self {
        Self {
            key,
            origin: count.origin.as_str(),
            verdict: count.verdict.map(Verdict::as_str),
            cases: count.cases,
            events: count.events,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_weeks_have_dates() {
        assert_eq!((date(0), monday(0)), (String::from("1970-01-01"), String::from("1969-12-29")));
        assert_eq!(monday(2_931), "2026-03-02");
    }
}
