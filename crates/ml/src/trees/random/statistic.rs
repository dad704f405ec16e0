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

    /// What a split is to raise, and the weight: the weight less the Gini impurity (classes), or the squares explained by the
    /// mean (values).
    #[inline]
    pub(super) fn purity(&self, mut sums: impl Iterator<Item = f64>) -> (f64, f64) {
        let (weight, squares) = match self {
            Self::Classes { .. } => sums.fold((0.0, 0.0), |(weight, squares), sum| (weight + sum, squares + sum * sum)),
            Self::Values(_) => {
                let weight = sums.next().unwrap_or_default();
                (weight, sums.next().map_or(0.0, |sum| sum * sum))
            }
        };
        (if weight > 0.0 { squares / weight } else { 0.0 }, weight)
    }

    /// Place of a category in the order that is scanned: its mean value, or its share of `class`.
    pub(super) fn rank(&self, sums: &[f64], class: usize) -> f64 {
        let of = match self {
            Self::Classes { .. } => sums[class],
            Self::Values(_) => sums[1],
        };
        of / self.weight(sums).max(f64::MIN_POSITIVE)
    }

    /// The class by whose share categories are ordered: class 1 of two, else the heaviest.
    pub(super) fn ordering_class(&self, total: &[f64]) -> usize {
        let heaviest = |best: usize, class: usize| if total[class] > total[best] { class } else { best };
        if total.len() == 2 { 1 } else { (1..total.len()).fold(0, heaviest) }
    }
}
