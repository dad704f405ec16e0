//! What is missed, and what other thresholds would give.
//!
//! What was under the threshold is known only from the share drawn for audit: each drawn case stands for one divided by
//! that share. So what is missed is an estimate, and its interval is wide until many were drawn. What is not decided yet
//! is taken to be right as often as what is, among alerts and among draws: else the fraud that is missed would be
//! underestimated as long as draws wait.

use domain::case::{Origin, Verdict};
use ml::measure::wilson;
use store::CaseCount;

use crate::figures::Share;

/// Events by what their cases turned out to be, at one threshold; what waits or lay under the present one is estimated.
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

/// Other thresholds than the present one are shown in steps of this many percent.
const STEP: usize = 10;

/// Cases drawn for audit with one share and one verdict.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drawn {
    share: f64,
    right: Option<bool>,
    cases: i64,
}

impl Drawn {
    pub(super) fn of(counted: store::AuditCount) -> Self {
        let right = counted.verdict.map(Verdict::is_right);
        Self { share: counted.share, right, cases: counted.cases }
    }

    /// Events among which they were drawn.
    fn stands_for(&self) -> f64 {
        self.cases as f64 / self.share
    }
}

/// Events in cases over the threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Alerts {
    all: i64,
    decided: i64,
    right: i64,
    /// Cases with a verdict.
    verdicts: i64,
}

impl Alerts {
    pub(super) fn of(by_score: &[CaseCount]) -> Self {
        let mut alerts = Self::default();
        for count in by_score.iter().filter(|count| count.origin == Origin::Threshold) {
            alerts.all += count.events;
            let Some(verdict) = count.verdict else { continue };
            alerts.decided += count.events;
            alerts.verdicts += count.cases;
            alerts.right += if verdict.is_right() { count.events } else { 0 };
        }
        alerts
    }

    /// Events for which each decided one stands: those that wait are taken to be right as often.
    fn scale(&self) -> Option<f64> {
        match (self.all, self.decided) {
            (0, _) => Some(1.0),
            (_, 0) => None,
            (all, decided) => Some(all as f64 / decided as f64),
        }
    }

    /// Events that are right: at least, estimated, and at most. What is decided is known.
    fn right(&self) -> Option<[f64; 3]> {
        let (right, verdicts) = (self.right as f64, self.verdicts as f64);
        let estimated = right * self.scale()?;
        if self.all == self.decided {
            return Some([estimated; 3]);
        }
        let (low, high) = wilson(right / self.decided as f64 * verdicts, verdicts);
        let with = |rate: f64| right + rate * (self.all - self.decided) as f64;
        Some([with(low), estimated, with(high)])
    }
}

/// The events that were found, against what is estimated to be missed. A draw stands for the events among which it was
/// drawn (Horvitz and Thompson, JASA 47, 1952), and the decided draws for all. The interval is that of as many draws as
/// would say the same if all stood for equally many events (Kish, Survey Sampling, 1965); draws that wait make it no
/// narrower, and alerts that wait make it wider.
pub(super) fn recall(alerts: &Alerts, audit: &[Drawn]) -> Option<Share> {
    let decided = || audit.iter().filter(|drawn| drawn.right.is_some());
    let n: i64 = decided().map(|drawn| drawn.cases).sum();
    let events: f64 = decided().map(Drawn::stands_for).sum();
    let right: f64 = decided().filter(|drawn| drawn.right == Some(true)).map(Drawn::stands_for).sum();
    let squares: f64 = decided().map(|drawn| drawn.stands_for() / drawn.share).sum();
    if n == 0 {
        return None;
    }
    let (rate, draws) = (right / events, events * events / squares);
    let (low, high) = wilson(rate * draws, draws);
    let [least, found, most] = alerts.right()?;
    let all: f64 = audit.iter().map(Drawn::stands_for).sum();
    let of = |found: f64, rate: f64| ratio(found, rate * all);
    Some(Share { value: of(found, rate)?, low: of(least, high)?, high: of(most, low)?, n })
}

fn ratio(part: f64, rest: f64) -> Option<f64> {
    (part + rest > 0.0).then(|| part / (part + rest))
}

/// What is decided stands for all, of the alerts and of the draws.
pub(super) fn thresholds(present: i64, alerts: &Alerts, by_score: &[CaseCount], audit: &[Drawn]) -> Vec<ThresholdRow> {
    let Some(scale) = alerts.scale() else { return Vec::new() };
    let higher = (0..100).step_by(STEP).map(|percent| percent as i64).filter(|percent| *percent > present);
    let drawn =
        |right: bool| -> f64 { audit.iter().filter(|drawn| drawn.right == Some(right)).map(Drawn::stands_for).sum() };
    let (right, wrong) = (drawn(true), drawn(false));
    let all: f64 = audit.iter().map(Drawn::stands_for).sum();
    let of_all = |part: f64| if part > 0.0 { part / (right + wrong) * all } else { 0.0 };
    let (missed, passed) = (of_all(right), of_all(wrong));
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
            *cell += count.events as f64 * scale;
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

    /// 40 events found in as many cases, none waits.
    const FOUND: Alerts = Alerts { all: 40, decided: 40, right: 40, verdicts: 40 };

    /// 40 found; 1 of 100 draws was fraud, and they stand for 10,000 events: 100 missed.
    #[test]
    fn recall_counts_what_the_draws_stand_for() {
        let recall = recall(&FOUND, &[drawn(Some(true), 1), drawn(Some(false), 99)]).unwrap();
        assert!((recall.value - 40.0 / 140.0).abs() < 1e-12);
        assert!(recall.low < recall.value && recall.value < recall.high && recall.n == 100);
        assert_eq!(self::recall(&FOUND, &[drawn(None, 7)]), None);
    }

    /// 300 draws wait beside 100 decided ones: together they stand for 40,000 events, of which 400 are missed.
    #[test]
    fn draws_that_wait_are_as_right_as_the_decided_ones() {
        let decided = [drawn(Some(true), 1), drawn(Some(false), 99)];
        let recall = |audit: &[Drawn]| self::recall(&FOUND, audit).unwrap();
        let (alone, waiting) = (recall(&decided), recall(&[decided[0], decided[1], drawn(None, 300)]));
        assert!((waiting.value - 40.0 / 440.0).abs() < 1e-12 && waiting.n == 100);
        assert!(waiting.low < alone.low && waiting.low < waiting.value && waiting.value < waiting.high);
        let rows = thresholds(90, &FOUND, &[], &[decided[0], decided[1], drawn(None, 300)]);
        assert!((rows[0].missed - 400.0).abs() < 1e-9 && (rows[0].passed - 39_600.0).abs() < 1e-9);
    }

    /// Half of 20 decided events were right, and 60 wait: 40 are taken to be found, and how many is not known exactly.
    #[test]
    fn alerts_that_wait_are_as_right_as_the_decided_ones() {
        let by_score = [
            cases(95, Some(Verdict::ConfirmedRisk), 5),
            cases(95, Some(Verdict::FalsePositive), 5),
            cases(95, None, 30),
        ];
        let (alerts, audit) = (Alerts::of(&by_score), [drawn(Some(true), 1), drawn(Some(false), 99)]);
        assert_eq!(alerts, Alerts { all: 80, decided: 20, right: 10, verdicts: 10 });
        let (waiting, known) = (recall(&alerts, &audit).unwrap(), recall(&FOUND, &audit).unwrap());
        assert!((waiting.value - known.value).abs() < 1e-12);
        assert!(waiting.low < known.low && waiting.high > known.high, "{waiting:?} {known:?}");
        let row = thresholds(90, &alerts, &by_score, &audit)[0];
        assert_eq!((row.right, row.false_alarms, row.recall()), (40.0, 40.0, Some(40.0 / 140.0)));
        let undecided = Alerts::of(&by_score[2..]);
        assert_eq!(recall(&undecided, &audit), None);
        assert!(thresholds(90, &undecided, &by_score[2..], &audit).is_empty());
    }

    /// Drawn at a hundredth: 1 of 10, which stand for 1,000 events. Drawn wholly: none of 1,000.
    #[test]
    fn draws_of_different_shares_stand_for_their_own_events() {
        let wholly = Drawn { share: 1.0, right: Some(false), cases: 1_000 };
        let few = [drawn(Some(true), 1), drawn(Some(false), 9)];
        let recall = |audit: &[Drawn]| self::recall(&FOUND, audit).unwrap();
        let (mixed, alone) = (recall(&[few[0], few[1], wholly]), recall(&few));
        assert!((mixed.value - 40.0 / 140.0).abs() < 1e-12 && mixed.n == 1_010);
        assert!(mixed.low < mixed.value && mixed.value < mixed.high);
        assert!((alone.value - mixed.value).abs() < 1e-12 && alone.n == 10);
    }

    #[test]
    fn without_fraud_among_the_draws_recall_has_a_lower_end_all_the_same() {
        let recall = recall(&FOUND, &[drawn(Some(false), 100)]).unwrap();
        assert!(recall.value == 1.0 && recall.high > 0.999 && recall.low < 0.2, "{recall:?}");
    }

    #[test]
    fn a_higher_threshold_gives_up_what_lies_under_it() {
        let by_score = [
            cases(55, Some(Verdict::FalsePositive), 6),
            cases(65, Some(Verdict::ValuableAlert), 2),
            cases(95, Some(Verdict::ConfirmedRisk), 4),
        ];
        let rows = thresholds(52, &Alerts::of(&by_score), &by_score, &[drawn(Some(true), 1), drawn(Some(false), 9)]);
        assert_eq!(rows.iter().map(|row| row.percent).collect::<Vec<_>>(), [52, 60, 70, 80, 90]);
        let (now, at_70) = (rows[0], rows[2]);
        assert_eq!((now.right, now.false_alarms, now.missed, now.passed), (12.0, 12.0, 100.0, 900.0));
        assert_eq!((at_70.right, at_70.false_alarms, at_70.missed, at_70.passed), (8.0, 0.0, 104.0, 912.0));
        assert_eq!((now.precision(), at_70.precision()), (Some(0.5), Some(1.0)));
    }
}
