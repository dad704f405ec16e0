//! The best split of a node by one feature, by the fall of impurity.

use crate::trees::bins::{Binned, Cuts};
use crate::trees::grown::{BinSet, MISSING, Split};

/// What is summed over rows: the weight of each class, or weight and weighted value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Statistic<'a> {
    Classes { labels: &'a [u32], classes: usize },
    Values(&'a [f32]),
}

impl Statistic<'_> {
    /// Numbers a sum consists of.
    pub(super) fn channels(&self) -> usize {
        match self {
            Self::Classes { classes, .. } => *classes,
            Self::Values(_) => 2,
        }
    }

    #[inline]
    pub(super) fn add(&self, row: usize, weight: f64, sums: &mut [f64]) {
        match self {
            Self::Classes { labels, .. } => sums[labels[row] as usize] += weight,
            Self::Values(values) => {
                sums[0] += weight;
                sums[1] += weight * f64::from(values[row]);
            }
        }
    }

    pub(super) fn weight(&self, sums: &[f64]) -> f64 {
        match self {
            Self::Classes { .. } => sums.iter().sum(),
            Self::Values(_) => sums[0],
        }
    }

    /// What a split is to raise: the weight less the Gini impurity (classes), or the squares explained by the mean.
    fn purity(&self, sums: &[f64]) -> f64 {
        let weight = self.weight(sums);
        let squares = match self {
            Self::Classes { .. } => sums.iter().map(|sum| sum * sum).sum::<f64>(),
            Self::Values(_) => sums[1] * sums[1],
        };
        if weight > 0.0 { squares / weight } else { 0.0 }
    }

    /// Place of a category in the order that is scanned: its mean value, or its share of `class`.
    fn rank(&self, sums: &[f64], class: usize) -> f64 {
        let of = match self {
            Self::Classes { .. } => sums[class],
            Self::Values(_) => sums[1],
        };
        of / self.weight(sums).max(f64::MIN_POSITIVE)
    }

    /// The class by whose share categories are ordered: class 1 of two, else the heaviest.
    fn ordering_class(&self, total: &[f64]) -> usize {
        let heaviest = |best: usize, class: usize| if total[class] > total[best] { class } else { best };
        if total.len() == 2 { 1 } else { (1..total.len()).fold(0, heaviest) }
    }
}

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
}

/// Sums and number of rows on the left while bins move over one by one.
#[derive(Clone)]
struct Side {
    sums: Vec<f64>,
    count: usize,
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
        Self { sums: vec![0.0; 256 * channels], counts: [0; 256], order: Vec::with_capacity(256) }
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
        &self,
        sample: &Sample<'_>,
        feature: usize,
        rows: usize,
        total: &[f64],
        categorical: bool,
    ) -> Option<Split> {
        let apart = !categorical && self.counts[usize::from(MISSING)] > 0;
        let mut left = Side { sums: vec![0.0; total.len()], count: 0 };
        let mut best: Option<Best> = None;
        for (moved, &bin) in self.order.iter().enumerate() {
            left.add(self.of(bin, total.len()), self.counts[usize::from(bin)]);
            for with_missing in [false, true].into_iter().take(1 + usize::from(apart)) {
                let mut side = left.clone();
                if with_missing {
                    side.add(self.of(MISSING, total.len()), self.counts[usize::from(MISSING)]);
                }
                if side.count < sample.min_leaf || rows - side.count < sample.min_leaf {
                    continue;
                }
                let (purity, heavier) = side.weigh(sample, total);
                if best.as_ref().is_none_or(|best| purity > best.purity) {
                    best = Some(Best { purity, moved: moved + 1, with_missing, heavier });
                }
            }
        }
        let best = best?;
        let gain = best.purity - sample.statistic.purity(total);
        // below this share of the purity a gain is rounding noise
        (gain > 1e-10 * best.purity).then(|| self.split(sample, feature, &best, gain, categorical))
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

impl Side {
    fn add(&mut self, sums: &[f64], count: usize) {
        self.sums.iter_mut().zip(sums).for_each(|(sum, more)| *sum += more);
        self.count += count;
    }

    /// Purity of this side and the other together, and whether this one is the heavier.
    fn weigh(&self, sample: &Sample<'_>, total: &[f64]) -> (f64, bool) {
        let other: Vec<f64> = total.iter().zip(&self.sums).map(|(total, sum)| total - sum).collect();
        let statistic = &sample.statistic;
        let heavier = statistic.weight(&self.sums) >= statistic.weight(&other);
        (statistic.purity(&self.sums) + statistic.purity(&other), heavier)
    }
}
