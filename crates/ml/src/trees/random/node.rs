//! The best split of a node by one feature, by the fall of impurity.

use super::statistic::Statistic;
use crate::trees::bins::{Binned, Cuts};
use crate::trees::grown::{BinSet, MISSING, Split};

/// Rows of a tree's sample and what they weigh in it.
pub(super) struct Sample<'a> {
    pub(super) binned: &'a Binned,
    pub(super) cuts: &'a [Cuts],
    pub(super) statistic: Statistic<'a>,
    /// Weight times number of draws, by row.
    pub(super) weights: &'a [f64],
    pub(super) min_leaf: usize,
}

/// Sums by bin of one feature, cleared after use.
pub(super) struct BinSums {
    sums: Vec<f64>,
    counts: [usize; 256],
    order: Vec<u8>,
    /// Sums on the left while bins move over one by one.
    left: Vec<f64>,
}

/// The best place found so far.
struct Best {
    purity: f64,
    /// Bins of the order that go left.
    moved: usize,
    with_missing: bool,
    heavier: bool,
}

impl BinSums {
    pub(super) fn new(channels: usize) -> Self {
        Self {
            sums: vec![0.0; 256 * channels],
            counts: [0; 256],
            order: Vec::with_capacity(256),
            left: vec![0.0; channels],
        }
    }

    /// The split of `rows` by `feature` that leaves most purity, if there is one; `total` sums all rows.
    pub(super) fn best(&mut self, sample: &Sample<'_>, feature: usize, rows: &[u32], total: &[f64]) -> Option<Split> {
        self.fill(sample, feature, rows);
        let categorical = matches!(sample.cuts[feature], Cuts::Categorical { .. });
        if categorical {
            self.sort(sample, total);
        } else if self.counts[usize::from(MISSING)] > 0 {
            // the missing go left or right as a whole, apart from the order
            self.order.pop();
        }
        let split = self.scan(sample, feature, rows.len(), total, categorical);
        self.clear(total.len());
        split
    }

    fn fill(&mut self, sample: &Sample<'_>, feature: usize, rows: &[u32]) {
        let column = &sample.binned.columns[feature];
        let channels = sample.statistic.channels();
        for &row in rows {
            let row = row as usize;
            let bin = usize::from(column[row]);
            self.counts[bin] += 1;
            sample.statistic.add(row, sample.weights[row], &mut self.sums[bin * channels..(bin + 1) * channels]);
        }
        self.order.extend((0..=MISSING).filter(|&bin| self.counts[usize::from(bin)] > 0));
    }

    fn clear(&mut self, channels: usize) {
        self.order.push(MISSING);
        for bin in self.order.drain(..).map(usize::from) {
            self.counts[bin] = 0;
            self.sums[bin * channels..(bin + 1) * channels].fill(0.0);
        }
    }

    fn of(&self, bin: u8, channels: usize) -> &[f64] {
        &self.sums[usize::from(bin) * channels..(usize::from(bin) + 1) * channels]
    }

    fn sort(&mut self, sample: &Sample<'_>, total: &[f64]) {
        let class = sample.statistic.ordering_class(total);
        let mut order = std::mem::take(&mut self.order);
        let rank = |bin: u8| sample.statistic.rank(self.of(bin, total.len()), class);
        order.sort_by(|&a, &b| rank(a).total_cmp(&rank(b)));
        self.order = order;
    }

    fn scan(
        &mut self,
        sample: &Sample<'_>,
        feature: usize,
        rows: usize,
        total: &[f64],
        categorical: bool,
    ) -> Option<Split> {
        let apart = !categorical && self.counts[usize::from(MISSING)] > 0;
        let mut best: Option<Best> = None;
        let mut left_rows = 0;
        self.left.fill(0.0);
        for (at, &bin) in self.order.iter().enumerate() {
            left_rows += self.counts[usize::from(bin)];
            let start = usize::from(bin) * total.len();
            self.left.iter_mut().zip(&self.sums[start..]).for_each(|(sum, more)| *sum += more);
            for with_missing in [false, true].into_iter().take(1 + usize::from(apart)) {
                let rows_here = left_rows + if with_missing { self.counts[usize::from(MISSING)] } else { 0 };
                if rows_here < sample.min_leaf || rows - rows_here < sample.min_leaf {
                    continue;
                }
                let (purity, heavier) = self.weigh(sample, total, with_missing);
                if best.as_ref().is_none_or(|best| purity > best.purity) {
                    best = Some(Best { purity, moved: at + 1, with_missing, heavier });
                }
            }
        }
        let best = best?;
        let gain = best.purity - sample.statistic.purity(total.iter().copied()).0;
        // below this share of the purity a gain is rounding noise
        (gain > 1e-10 * best.purity).then(|| self.split(sample, feature, &best, gain, categorical))
    }

    /// Purity of both sides together, and whether the left one is the heavier.
    #[inline]
    fn weigh(&self, sample: &Sample<'_>, total: &[f64], with_missing: bool) -> (f64, bool) {
        let missing = if with_missing { self.of(MISSING, total.len()) } else { &[] };
        let missing = missing.iter().copied().chain(std::iter::repeat(0.0));
        let left = self.left.iter().zip(missing).map(|(sum, missing)| sum + missing);
        let right = total.iter().zip(left.clone()).map(|(total, left)| total - left);
        let (left_purity, left_weight) = sample.statistic.purity(left);
        let (right_purity, right_weight) = sample.statistic.purity(right);
        (left_purity + right_purity, left_weight >= right_weight)
    }

    fn split(&self, sample: &Sample<'_>, feature: usize, best: &Best, gain: f64, categorical: bool) -> Split {
        let moved = &self.order[..best.moved];
        let mut left = BinSet::default();
        if categorical {
            moved.iter().for_each(|&bin| left.insert(bin));
            let bins = sample.cuts[feature].bins() as u8;
            // categories without rows go with the heavier side
            let idle = (0..bins).chain([MISSING]).filter(|&bin| best.heavier && self.counts[usize::from(bin)] == 0);
            idle.for_each(|bin| left.insert(bin));
        } else {
            left = moved.last().map_or(left, |&last| BinSet::up_to(last));
            let unseen = self.counts[usize::from(MISSING)] == 0;
            if best.with_missing || unseen && best.heavier {
                left.insert(MISSING);
            }
        }
        Split { feature: feature as u32, left, gain }
    }
}
