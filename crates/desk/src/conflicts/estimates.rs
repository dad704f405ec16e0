//! How good the predictions of conflicts are, and what warning of them has avoided.
//!
//! A sync that somebody was warned of may end otherwise because of the warning. How good the model is therefore shows in
//! the predictions that came with a sync as it was recorded: nobody could heed those. They also tell how often syncs with
//! such a score conflict when nobody is warned.

use ml::measure::wilson;
use store::{PlannedCount, SCORE_BINS};

use crate::figures::{Share, share};

/// The share of a standard normal distribution within so many deviations of its middle is 95 %.
const Z: f64 = 1.959_963_984_540_054;
/// How many observations a score is worth by itself where few others tell how often such syncs conflict.
const WORTH: f64 = 10.0;

/// What became of the predictions of a period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// All of them.
    pub predictions: i64,
    /// Those asked for before a sync.
    pub asked: i64,
    /// Those of which it was seen whether there was a conflict.
    pub observed: i64,
    /// Those that are too young for that.
    pub young: i64,
}

/// Predictions with scores of one bin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoreBin {
    /// The lowest possible score.
    pub from: f64,
    /// Up to which score.
    pub until: f64,
    /// Their mean score.
    pub predicted: f64,
    /// The share that conflicted.
    pub observed: Share,
}

/// Predictions by their decision and by what was seen, each at the threshold of its own time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Matrix {
    /// Over the threshold, and a conflict.
    pub hits: i64,
    /// Over the threshold, and none.
    pub false_alarms: i64,
    /// Under the threshold, but a conflict.
    pub missed: i64,
    /// Under the threshold, and none.
    pub passed: i64,
}

/// What became of syncs that somebody was warned of before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Avoided {
    /// Warnings of which it is known how they ended.
    pub warned: i64,
    /// Those that ended in a conflict all the same.
    pub conflicted: i64,
    /// How many conflicts among them would be expected had nobody been warned.
    pub expected: f64,
    /// Lower end of the 95 % interval of that.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Predictions that nobody could heed, from which that is told.
    pub compared: i64,
}

impl Matrix {
    /// Share of the conflicts that were predicted.
    #[must_use]
    pub fn recall(&self) -> Option<Share> {
        share(self.hits, self.hits + self.missed)
    }

    /// Share of the predicted conflicts that came.
    #[must_use]
    pub fn precision(&self) -> Option<Share> {
        share(self.hits, self.hits + self.false_alarms)
    }

    /// How many predictions it counts.
    #[must_use]
    pub fn n(&self) -> i64 {
        self.hits + self.false_alarms + self.missed + self.passed
    }

    pub(super) fn of(counts: &[PlannedCount]) -> Self {
        let mut matrix = Self::default();
        for count in counts.iter().filter(|count| !count.is_asked) {
            match (count.is_alarm, count.observed) {
                (true, Some(true)) => matrix.hits += count.predictions,
                (true, Some(false)) => matrix.false_alarms += count.predictions,
                (false, Some(true)) => matrix.missed += count.predictions,
                (false, Some(false)) => matrix.passed += count.predictions,
                (_, None) => {}
            }
        }
        matrix
    }
}

impl Coverage {
    pub(super) fn of(counts: &[PlannedCount]) -> Self {
        let sum =
            |fits: fn(&PlannedCount) -> bool| counts.iter().filter(|count| fits(count)).map(|c| c.predictions).sum();
        Self {
            predictions: sum(|_| true),
            asked: sum(|count| count.is_asked),
            observed: sum(|count| count.observed.is_some()),
            young: sum(|count| count.observed.is_none() && !count.is_settled),
        }
    }
}

/// What was seen of predictions with like scores.
#[derive(Clone, Copy, Debug, Default)]
struct Stratum {
    n: i64,
    conflicts: i64,
    scores: f64,
}

impl Stratum {
    fn add(&mut self, count: &PlannedCount) {
        let Some(observed) = count.observed else { return };
        self.n += count.predictions;
        self.conflicts += if observed { count.predictions } else { 0 };
        self.scores += count.scores;
    }
}

type Strata = [Stratum; SCORE_BINS];

fn strata(counts: &[PlannedCount], fits: fn(&PlannedCount) -> bool) -> Strata {
    let mut strata = Strata::default();
    for count in counts.iter().filter(|count| fits(count)) {
        if let Some(stratum) = strata.get_mut(count.bin) {
            stratum.add(count);
        }
    }
    strata
}

/// Nobody could heed what came with a sync that had happened.
fn unheard(count: &PlannedCount) -> bool {
    !count.is_asked
}

/// Somebody asked, and was told not to sync at once.
fn warned(count: &PlannedCount) -> bool {
    count.is_asked && count.is_alarm
}

/// Observed against predicted: of what nobody could heed, and of what somebody was warned of.
pub(super) fn calibration(counts: &[PlannedCount]) -> (Vec<ScoreBin>, Vec<ScoreBin>) {
    (bins(&strata(counts, unheard)), bins(&strata(counts, warned)))
}

fn bins(strata: &Strata) -> Vec<ScoreBin> {
    let width = 1.0 / SCORE_BINS as f64;
    let bin = |(i, stratum): (usize, &Stratum)| {
        let n = stratum.n as f64;
        let (low, high) = wilson(stratum.conflicts as f64, n);
        (stratum.n > 0).then(|| ScoreBin {
            from: i as f64 * width,
            until: (i + 1) as f64 * width,
            predicted: stratum.scores / n,
            observed: Share { value: stratum.conflicts as f64 / n, low, high, n: stratum.n },
        })
    };
    strata.iter().enumerate().filter_map(bin).collect()
}

/// How many conflicts warnings have avoided, if there were any; none before one has ended.
///
/// Nothing was drawn at random, so those that were warned are compared with those that were not by their score, bin by
/// bin (a prognostic score: Hansen, Biometrika 95, 2008). In a bin with m warned syncs of mean score s, and c conflicts
/// among n others, how often one of them would have conflicted is taken to follow Beta(c + 10 s, n − c + 10 (1 − s)): the
/// score says it where nothing else does, and soon gives way to what was seen. The number of conflicts among m is then
/// beta-binomial (Skellam, JRSS B 10, 1948); bins are added up, and their sum is taken for normal.
pub(super) fn avoided(counts: &[PlannedCount]) -> Option<Avoided> {
    let (warned, others) = (strata(counts, warned), strata(counts, unheard));
    let mut avoided = Avoided { warned: 0, conflicted: 0, expected: 0.0, low: 0.0, high: 0.0, compared: 0 };
    let mut variance = 0.0;
    for (warned, others) in warned.iter().zip(&others).filter(|(warned, _)| warned.n > 0) {
        let (m, n) = (warned.n as f64, others.n as f64);
        let rate = (others.conflicts as f64 + WORTH * warned.scores / m) / (n + WORTH);
        avoided.expected += m * rate;
        variance += m * rate * (1.0 - rate) * (n + WORTH + m) / (n + WORTH + 1.0);
        avoided.warned += warned.n;
        avoided.conflicted += warned.conflicts;
        avoided.compared += others.n;
    }
    let spread = Z * variance.sqrt();
    avoided.low = (avoided.expected - spread).max(0.0);
    avoided.high = (avoided.expected + spread).min(avoided.warned as f64);
    (avoided.warned > 0).then_some(avoided)
}

impl Avoided {
    /// Warned syncs that ended without a conflict.
    #[must_use]
    pub fn without(&self) -> i64 {
        self.warned - self.conflicted
    }

    /// Conflicts that warnings have avoided: those expected, less those that came. Fewer than none if more came.
    #[must_use]
    pub fn estimate(&self) -> f64 {
        self.expected - self.conflicted as f64
    }

    /// The 95 % interval of [`Avoided::estimate`].
    #[must_use]
    pub fn interval(&self) -> (f64, f64) {
        (self.low - self.conflicted as f64, self.high - self.conflicted as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Predictions of one bin, scored in its middle.
    fn count(bin: usize, is_asked: bool, observed: Option<bool>, predictions: i64) -> PlannedCount {
        let is_alarm = bin >= 5;
        let scores = predictions as f64 * (bin as f64 + 0.5) / 10.0;
        PlannedCount { bin, is_asked, is_alarm, observed, is_settled: true, predictions, scores }
    }

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 5e-5
    }

    /// 54 of 90 that nobody was warned of conflicted, and the score of 0.75 is worth ten more: 61.5 of 100. Of 20 that were
    /// warned 12.3 are expected to conflict, with the variance 20 · 0.615 · 0.385 · 120 / 101 = 5.62634; 3 did.
    #[test]
    fn what_was_avoided_is_what_was_expected_less_what_came() {
        let others =
            [count(7, false, Some(true), 54), count(7, false, Some(false), 36), count(2, false, Some(true), 9)];
        let warned = [count(7, true, Some(true), 3), count(7, true, Some(false), 17), count(7, true, None, 5)];
        let avoided = avoided(&[others.as_slice(), &warned].concat()).unwrap();
        assert_eq!((avoided.warned, avoided.conflicted, avoided.without(), avoided.compared), (20, 3, 17, 90));
        assert!(near(avoided.expected, 12.3) && near(avoided.estimate(), 9.3), "{avoided:?}");
        let (low, high) = avoided.interval();
        assert!(near(low, 4.65098) && near(high, 13.94902), "{low} {high}");
    }

    /// Where nothing else tells, the score does, and the interval is as wide as that deserves:
    /// 4 · 0.55 · 0.45 · 14 / 11 = 1.26, and 2.2 ± 2.20007 reaches below none.
    #[test]
    fn a_score_stands_in_for_what_nobody_has_seen() {
        let avoided = avoided(&[count(5, true, Some(false), 4)]).unwrap();
        assert!(near(avoided.expected, 2.2) && avoided.compared == 0);
        assert!(avoided.low == 0.0 && avoided.high == 4.0, "no more than were warned");
    }

    /// Bins are added up: 12.3 as above, and 2.2 of the four; variances 5.62634 and 1.26.
    #[test]
    fn bins_are_added_up() {
        let others = [count(7, false, Some(true), 54), count(7, false, Some(false), 36)];
        let warned = [count(7, true, Some(false), 20), count(5, true, Some(false), 4)];
        let avoided = avoided(&[others.as_slice(), &warned].concat()).unwrap();
        assert!(near(avoided.expected, 14.5), "{avoided:?}");
        assert!(near(avoided.low, 14.5 - Z * 6.886_336_6_f64.sqrt()), "{avoided:?}");
    }

    #[test]
    fn without_a_warning_that_ended_nothing_is_estimated() {
        let quiet = count(2, true, Some(false), 9);
        assert_eq!(avoided(&[quiet, count(7, true, None, 2), count(7, false, Some(true), 3)]), None);
    }

    #[test]
    fn the_matrix_counts_what_nobody_could_heed() {
        let counts = [
            count(8, false, Some(true), 6),
            count(8, false, Some(false), 2),
            count(1, false, Some(true), 3),
            count(1, false, Some(false), 40),
            count(8, false, None, 5),
            count(8, true, Some(false), 9),
        ];
        let matrix = Matrix::of(&counts);
        assert_eq!(matrix, Matrix { hits: 6, false_alarms: 2, missed: 3, passed: 40 });
        assert!(near(matrix.recall().unwrap().value, 6.0 / 9.0) && near(matrix.precision().unwrap().value, 0.75));
        let (seen, warned) = calibration(&counts);
        assert_eq!(seen.iter().map(|bin| bin.observed.n).collect::<Vec<_>>(), [43, 8]);
        assert!(near(seen[1].predicted, 0.85) && near(seen[1].observed.value, 0.75) && near(seen[1].from, 0.8));
        assert_eq!(warned.len(), 1);
    }

    #[test]
    fn coverage_tells_the_young_from_the_overdue() {
        let young = PlannedCount { is_settled: false, ..count(3, true, None, 4) };
        let counts = [young, count(3, false, None, 2), count(3, false, Some(false), 10)];
        assert_eq!(Coverage::of(&counts), Coverage { predictions: 16, asked: 4, observed: 10, young: 4 });
    }
}
