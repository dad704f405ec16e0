//! How good the alerts are, by what supervisors found.
//!
//! What was under the threshold is known only from the share drawn for audit: each drawn case stands for one divided by
//! that share. So what is missed is an estimate, and its interval is wide until many were drawn.

use domain::attendance::MODEL;
use domain::case::{AUDIT_SHARE, Origin, Verdict};
use domain::time::DAY;
use domain::{Actor, Permission, SiteId, Timestamp};
use ml::measure::wilson;
use store::{AttendanceDay, Backlog, CaseCount, CaseGrouping};

use super::Cases;
use crate::error::{Error, Result};

/// A share with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// The share itself.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Cases it is taken from.
    pub n: i64,
}

/// Events by what their cases turned out to be, at one threshold; what lay under the present threshold is estimated.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ThresholdRow {
    /// The threshold, in whole percent.
    pub percent: i64,
    /// Fraud found, or worth the look.
    pub right: f64,
    /// False alarms.
    pub false_alarms: f64,
    /// Fraud missed.
    pub missed: f64,
    /// Rightly passed over.
    pub passed: f64,
}

impl ThresholdRow {
    /// Share of the alarms that are right.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        ratio(self.right, self.false_alarms)
    }

    /// Share of the fraud that is found.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        ratio(self.right, self.missed)
    }
}

/// What the dashboard shows of a period.
#[derive(Clone, Debug)]
pub struct Dashboard {
    /// First moment of the period.
    pub from: Timestamp,
    /// First moment after it.
    pub until: Timestamp,
    /// Events by day and site.
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
    /// The present threshold first, then others.
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

/// # Errors
/// Names a wrong number of days.
pub(crate) fn check_days(days: i64) -> Result<()> {
    if (1..=366).contains(&days) { Ok(()) } else { Err(Error::field("days", "1 to 366 days are possible")) }
}

/// Other thresholds than the present one are shown in steps of this many percent.
const STEP: usize = 10;

impl Cases<'_> {
    /// The figures of the `days` days until now.
    ///
    /// # Errors
    /// Needs the right to see predictions; names a wrong number of days.
    pub async fn dashboard(&self, actor: &Actor, days: i64) -> Result<Dashboard> {
        actor.check(Permission::ReadPredictions)?;
        check_days(days)?;
        let (store, tenant, now) = (self.desk.store(), actor.tenant, self.desk.now());
        let (from, until) = (now.plus(-days * DAY), now.plus(1));
        let by_score = store.case_counts(tenant, CaseGrouping::Percent, from, until).await?;
        let audit: Vec<Drawn> = store.audit_counts(tenant, from, until).await?.into_iter().map(Drawn::of).collect();
        let (version, threshold, audit_share) = self.serving(actor).await?;
        let verdicts = Verdict::ALL.map(|verdict| count(&by_score, Some(verdict)));
        let (right, wrong) = (verdicts[0] + verdicts[1], verdicts[2]);
        let present = threshold.map_or(50, |threshold| (threshold * 100.0) as i64);
        let by_site = store.case_counts(tenant, CaseGrouping::Site, from, until).await?;
        Ok(Dashboard {
            from,
            until,
            volume: store.attendance_days(tenant, from.0.div_euclid(DAY), until.0.div_euclid(DAY)).await?,
            backlog: store.backlog(tenant, now).await?,
            verdicts,
            undecided: count(&by_score, None),
            precision: share(right, right + wrong),
            recall: recall(right_events(&by_score), &audit),
            thresholds: thresholds(present, &by_score, &audit),
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

/// Cases drawn for audit with one share and one verdict.
#[derive(Clone, Copy, Debug)]
struct Drawn {
    share: f64,
    right: Option<bool>,
    cases: i64,
}

impl Drawn {
    fn of(counted: store::AuditCount) -> Self {
        let right = counted.verdict.map(Verdict::is_right);
        Self { share: counted.share, right, cases: counted.cases }
    }
}

fn count(cases: &[CaseCount], verdict: Option<Verdict>) -> i64 {
    let of = cases.iter().filter(|count| count.origin == Origin::Threshold && count.verdict == verdict);
    of.map(|count| count.cases).sum()
}

fn right_events(cases: &[CaseCount]) -> i64 {
    let is_right =
        |count: &&CaseCount| count.origin == Origin::Threshold && count.verdict.is_some_and(Verdict::is_right);
    cases.iter().filter(is_right).map(|count| count.events).sum()
}

pub(crate) fn share(part: i64, n: i64) -> Option<Share> {
    let (part, trials) = (part as f64, n as f64);
    let (low, high) = wilson(part, trials);
    (n > 0).then(|| Share { value: part / trials, low, high, n })
}

/// The events that were found, against what is estimated to be missed. A decided draw stands for the events among which it
/// was drawn (Horvitz and Thompson, JASA 47, 1952); the interval is that of as many draws as would say the same if all
/// stood for equally many events (Kish, Survey Sampling, 1965).
fn recall(found: i64, audit: &[Drawn]) -> Option<Share> {
    let decided = || audit.iter().filter(|drawn| drawn.right.is_some());
    let stands_for = |drawn: &Drawn| drawn.cases as f64 / drawn.share;
    let n: i64 = decided().map(|drawn| drawn.cases).sum();
    let events: f64 = decided().map(stands_for).sum();
    let missed: f64 = decided().filter(|drawn| drawn.right == Some(true)).map(stands_for).sum();
    let squares: f64 = decided().map(|drawn| stands_for(drawn) / drawn.share).sum();
    if n == 0 {
        return None;
    }
    let (rate, draws) = (missed / events, events * events / squares);
    let (low, high) = wilson(rate * draws, draws);
    let of = |rate: f64| ratio(found as f64, rate * events);
    Some(Share { value: of(rate)?, low: of(high)?, high: of(low)?, n })
}

fn ratio(part: f64, rest: f64) -> Option<f64> {
    (part + rest > 0.0).then(|| part / (part + rest))
}

fn thresholds(present: i64, by_score: &[CaseCount], audit: &[Drawn]) -> Vec<ThresholdRow> {
    let higher = (0..100).step_by(STEP).map(|percent| percent as i64).filter(|percent| *percent > present);
    let (mut missed, mut passed) = (0.0, 0.0);
    for drawn in audit {
        match drawn.right {
            Some(true) => missed += drawn.cases as f64 / drawn.share,
            Some(false) => passed += drawn.cases as f64 / drawn.share,
            None => {}
        }
    }
    let row = |percent: i64| {
        let mut row = ThresholdRow { percent, missed, passed, ..ThresholdRow::default() };
        for count in by_score.iter().filter(|count| count.origin == Origin::Threshold) {
            let Some(verdict) = count.verdict else { continue };
            let (alarm, right) = (count.key >= percent || percent == present, verdict.is_right());
            let cell = match (alarm, right) {
                (true, true) => &mut row.right,
                (true, false) => &mut row.false_alarms,
                (false, true) => &mut row.missed,
                (false, false) => &mut row.passed,
            };
            *cell += count.events as f64;
        }
        row
    };
    std::iter::once(present).chain(higher).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cases of two events each.
    fn cases(key: i64, verdict: Option<Verdict>, cases: i64) -> CaseCount {
        CaseCount { key, origin: Origin::Threshold, verdict, cases, events: 2 * cases }
    }

    fn drawn(right: Option<bool>, cases: i64) -> Drawn {
        Drawn { share: 0.01, right, cases }
    }

    /// 40 found; 1 of 100 draws was fraud, and they stand for 10,000 events: 100 missed.
    #[test]
    fn recall_counts_what_the_draws_stand_for() {
        let recall = recall(40, &[drawn(Some(true), 1), drawn(Some(false), 99), drawn(None, 7)]).unwrap();
        assert!((recall.value - 40.0 / 140.0).abs() < 1e-12);
        assert!(recall.low < recall.value && recall.value < recall.high && recall.n == 100);
        assert_eq!(self::recall(40, &[drawn(None, 7)]), None);
    }

    /// Drawn at a hundredth: 1 of 10, which stand for 1,000 events. Drawn wholly: none of 1,000.
    #[test]
    fn draws_of_different_shares_stand_for_their_own_events() {
        let wholly = Drawn { share: 1.0, right: Some(false), cases: 1_000 };
        let few = [drawn(Some(true), 1), drawn(Some(false), 9)];
        let recall = |audit: &[Drawn]| self::recall(40, audit).unwrap();
        let (mixed, alone) = (recall(&[few[0], few[1], wholly]), recall(&few));
        assert!((mixed.value - 40.0 / 140.0).abs() < 1e-12 && mixed.n == 1_010);
        assert!(mixed.low < mixed.value && mixed.value < mixed.high);
        assert!((alone.value - mixed.value).abs() < 1e-12 && alone.n == 10);
    }

    #[test]
    fn without_fraud_among_the_draws_recall_has_a_lower_end_all_the_same() {
        let recall = recall(40, &[drawn(Some(false), 100)]).unwrap();
        assert!(recall.value == 1.0 && recall.high > 0.999 && recall.low < 0.2, "{recall:?}");
    }

    #[test]
    fn a_higher_threshold_gives_up_what_lies_under_it() {
        let by_score = [
            cases(55, Some(Verdict::FalsePositive), 6),
            cases(65, Some(Verdict::ValuableAlert), 2),
            cases(95, Some(Verdict::ConfirmedRisk), 4),
            cases(95, None, 9),
        ];
        let rows = thresholds(52, &by_score, &[drawn(Some(true), 1), drawn(Some(false), 9)]);
        assert_eq!(rows.iter().map(|row| row.percent).collect::<Vec<_>>(), [52, 60, 70, 80, 90]);
        let (now, at_70) = (rows[0], rows[2]);
        assert_eq!((now.right, now.false_alarms, now.missed, now.passed), (12.0, 12.0, 100.0, 900.0));
        assert_eq!((at_70.right, at_70.false_alarms, at_70.missed, at_70.passed), (8.0, 0.0, 104.0, 912.0));
        assert_eq!((now.precision(), at_70.precision()), (Some(0.5), Some(1.0)));
        assert_eq!(right_events(&by_score), 12);
    }
}
