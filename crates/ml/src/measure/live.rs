//! How good a model is in service, from the truths that are known by now.

use super::confusion::ConfusionMatrix;
use super::estimate::Estimate;
use super::reliability::{CALIBRATION_BINS, ReliabilityBin, wilson};
use super::strata::{Decided, Stratum, decided};

/// Figures about all predictions, estimated from those whose truth is known. Precision, recall and F1 are those of class
/// 1 where there are two classes, else means over the classes.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    /// Predictions.
    pub predictions: u64,
    /// Those whose truth is known.
    pub known: u64,
    /// The known ones as they are, without any weight.
    pub confusion: ConfusionMatrix,
    /// Share that was decided rightly.
    pub accuracy: Option<Estimate>,
    /// Share of what was called positive that is.
    pub precision: Option<Estimate>,
    /// Share of the positive that was found.
    pub recall: Option<Estimate>,
    /// Harmonic mean of the two.
    pub f1: Option<Estimate>,
}

/// Decisions of which nothing is known may make up so much of the predictions; more, and figures about all are left out.
const UNKNOWN: f64 = 0.05;

impl Live {
    /// Measures predictions of `classes` classes, two at least. A figure that the known truths cannot tell is `None`:
    /// recall, as long as nothing is known of what was called negative.
    ///
    /// Intervals: Wilson's for shares, of as many known truths as would say the same if all weighed alike; recall and F1
    /// of two classes from the intervals of the shares of positives on either side of the threshold; means over more
    /// classes by the delta method, the truths of each decision being multinomial.
    #[must_use]
    pub fn measure(strata: &[Stratum], classes: usize) -> Self {
        let sides = decided(strata, classes);
        let mut confusion = ConfusionMatrix::new(classes);
        for stratum in strata {
            let truths = stratum.truths.iter().enumerate();
            truths.for_each(|(truth, count)| confusion.add(truth, stratum.decision, *count));
        }
        let mut live = Self {
            predictions: strata.iter().map(|stratum| stratum.predictions).sum(),
            known: confusion.total(),
            confusion,
            accuracy: accuracy(&sides),
            precision: None,
            recall: None,
            f1: None,
        };
        match sides.as_slice() {
            [negative, positive] => live.judge_two(negative, positive),
            _ => live.judge_many(&sides),
        }
        live
    }

    /// Share (0 to 1) of the predictions whose truth is known; `None` without predictions.
    #[must_use]
    pub fn coverage(&self) -> Option<f64> {
        (self.predictions > 0).then(|| self.known as f64 / self.predictions as f64)
    }

    fn judge_two(&mut self, negative: &Decided, positive: &Decided) {
        let share = |side: &Decided| Estimate::share(side.share(1), side.effective());
        // Nothing decided so is nothing of either class.
        let or_none = |side: &Decided| match side.predictions {
            0.0 => Some(Estimate { value: 0.0, low: 0.0, high: 0.0 }),
            _ => share(side),
        };
        self.precision = share(positive);
        let (Some(right), Some(missed)) = (or_none(positive), or_none(negative)) else { return };
        let (called, passed) = (positive.predictions, negative.predictions);
        let part = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
        let recall = |right: f64, missed: f64| part(right * called, right * called + missed * passed);
        let f1 = |right: f64, missed: f64| part(2.0 * right * called, called + right * called + missed * passed);
        self.recall = Estimate::of_two(&right, &missed, recall);
        self.f1 = Estimate::of_two(&right, &missed, f1);
    }

    fn judge_many(&mut self, sides: &[Decided]) {
        if unknown(sides) > UNKNOWN {
            return;
        }
        let (called, actual) = totals(sides);
        let seen: Vec<usize> = (0..sides.len()).filter(|&class| called[class] + actual[class] > 0.0).collect();
        let right = |class: usize| sides[class].truths[class];
        let part = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        // The derivative of each figure of a class by the number of rows decided `d` that are `t`.
        self.precision = mean(
            sides,
            &seen,
            |c| part(right(c), called[c]),
            |c, d, t| {
                if d == c && called[c] > 0.0 {
                    (f64::from(u8::from(d == t)) - part(right(c), called[c])) / called[c]
                } else {
                    0.0
                }
            },
        );
        self.recall = mean(
            sides,
            &seen,
            |c| part(right(c), actual[c]),
            |c, d, t| {
                if t == c && actual[c] > 0.0 {
                    (f64::from(u8::from(d == t)) - part(right(c), actual[c])) / actual[c]
                } else {
                    0.0
                }
            },
        );
        let f1 = |c: usize| part(2.0 * right(c), called[c] + actual[c]);
        self.f1 = mean(sides, &seen, f1, |c, d, t| {
            let (rises, both) = (f64::from(u8::from(d == c && t == c)), called[c] + actual[c]);
            let grows = f64::from(u8::from(d == c)) + f64::from(u8::from(t == c));
            if both > 0.0 { (2.0 * rises - f1(c) * grows) / both } else { 0.0 }
        });
    }
}

/// Rows called and estimated to be of each class.
fn totals(sides: &[Decided]) -> (Vec<f64>, Vec<f64>) {
    let known = |side: &Decided| side.truths.iter().sum::<f64>();
    let actual = |class: usize| sides.iter().map(|side| side.truths[class]).sum();
    (sides.iter().map(known).collect(), (0..sides.len()).map(actual).collect())
}

/// Share of the predictions that were decided in a way of which no truth is known.
fn unknown(sides: &[Decided]) -> f64 {
    let all: f64 = sides.iter().map(|side| side.predictions).sum();
    let unknown: f64 = sides.iter().filter(|side| side.squares == 0.0).map(|side| side.predictions).sum();
    if all > 0.0 { unknown / all } else { 1.0 }
}

fn accuracy(sides: &[Decided]) -> Option<Estimate> {
    if unknown(sides) > UNKNOWN {
        return None;
    }
    let known = || sides.iter().enumerate().filter(|(_, side)| side.squares > 0.0);
    let rows: f64 = known().map(|(_, side)| side.predictions).sum();
    let right: f64 = known().map(|(class, side)| side.truths[class]).sum();
    let squares: f64 = known().map(|(_, side)| side.squares).sum();
    Estimate::share(right / rows, rows * rows / squares)
}

/// The mean of a figure over the classes that were seen, with the variance by the delta method.
fn mean(
    sides: &[Decided],
    seen: &[usize],
    figure: impl Fn(usize) -> f64,
    derivative: impl Fn(usize, usize, usize) -> f64,
) -> Option<Estimate> {
    if seen.is_empty() {
        return None;
    }
    let classes = seen.len() as f64;
    let mut variance = 0.0;
    for (d, side) in sides.iter().enumerate().filter(|(_, side)| side.squares > 0.0) {
        let slope = |t: usize| {
            let own: f64 = seen.iter().filter(|&&c| c == d || c == t).map(|&c| derivative(c, d, t)).sum();
            own / classes * side.predictions
        };
        let slopes: Vec<(f64, f64)> = (0..sides.len()).map(|t| (side.share(t), slope(t))).collect();
        let middle: f64 = slopes.iter().map(|(share, slope)| share * slope).sum();
        let spread: f64 = slopes.iter().map(|(share, slope)| share * (slope - middle).powi(2)).sum();
        variance += spread / side.effective();
    }
    let value = seen.iter().map(|&class| figure(class)).sum::<f64>() / classes;
    Some(Estimate::normal(value, variance, (0.0, 1.0)))
}

/// Whether the scores mean what they say.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// Mean distance of score and observed share. Its interval is that of a sum of independent distances (delta
    /// method), too wide where they are near 0.
    pub error: Estimate,
    /// The distance that chance alone would make if every score meant what it says.
    pub by_chance: f64,
    /// Scores against observed shares, from low to high, in bins of nearly as many known truths.
    pub bins: Vec<ReliabilityBin>,
}

impl Calibration {
    /// Compares scores with what happened: class 1 where there are two classes, else that the decision was right. `None`
    /// when no truth is known. Rows weigh as many predictions as they stand for; see [`Live`].
    #[must_use]
    pub fn measure(strata: &[Stratum], classes: usize) -> Option<Self> {
        let total: u64 = strata.iter().map(Stratum::known).sum();
        let mut sorted: Vec<&Stratum> = strata.iter().filter(|stratum| stratum.known() > 0).collect();
        sorted.sort_unstable_by_key(|stratum| stratum.bin);
        let (mut sums, mut below) = (vec![Sum::default(); CALIBRATION_BINS], 0);
        for stratum in sorted {
            let known = stratum.known();
            // The middle of the stratum, doubled to stay in whole numbers.
            let bin = (2 * below + known) * CALIBRATION_BINS as u64 / (2 * total);
            let happened = if classes == 2 { 1 } else { stratum.decision };
            sums[bin as usize].add(stratum, happened);
            below += known;
        }
        sums.retain(|sum| sum.known > 0);
        (total > 0).then(|| Self::of(&sums))
    }

    fn of(sums: &[Sum]) -> Self {
        let rows: f64 = sums.iter().map(|sum| sum.rows).sum();
        let (mut value, mut variance, mut by_chance) = (0.0, 0.0, 0.0);
        for sum in sums {
            let (predicted, observed, share) = (sum.scores / sum.rows, sum.happened / sum.rows, sum.rows / rows);
            let spread = |p: f64| (p * (1.0 - p)).max(0.0) / sum.effective();
            value += share * (predicted - observed).abs();
            variance += share * share * spread(predicted).max(spread(observed));
            // the mean distance of a normal variable from its mean
            by_chance += share * (spread(predicted) * std::f64::consts::FRAC_2_PI).sqrt();
        }
        let bins = sums.iter().map(Sum::bin).collect();
        Self { error: Estimate::normal(value, variance, (0.0, 1.0)), by_chance, bins }
    }
}

#[derive(Clone, Copy, Default)]
struct Sum {
    known: u64,
    /// Predictions that the known ones stand for.
    rows: f64,
    scores: f64,
    happened: f64,
    squares: f64,
}

impl Sum {
    fn add(&mut self, stratum: &Stratum, happened: usize) {
        let known = stratum.known();
        let weight = stratum.predictions as f64 / known as f64;
        self.known += known;
        self.rows += weight * known as f64;
        self.scores += weight * stratum.known_scores;
        self.happened += weight * stratum.truths[happened] as f64;
        self.squares += weight * weight * known as f64;
    }

    fn effective(&self) -> f64 {
        self.rows * self.rows / self.squares
    }

    fn bin(&self) -> ReliabilityBin {
        let (predicted, observed, n) = (self.scores / self.rows, self.happened / self.rows, self.effective());
        let (low, high) = wilson(observed * n, n);
        ReliabilityBin { predicted, observed, count: self.known, low, high }
    }
}
