//! From encoded features to the columns of a design matrix, fitted once on the training rows.

use serde::{Deserialize, Serialize};

use crate::features::{FeatureKind, Features};

/// Deviations from the mean beyond which a number is no farther off: sums of shares stay finite.
const FARTHEST: f32 = 1e6;
/// Above this absolute skewness a numeric feature is tried on a signed logarithmic scale as well.
const HEAVY_TAIL: f64 = 2.0;

/// How one feature becomes columns. Positions are counted from the feature's first column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Encoding {
    /// Tells nothing (constant, or missing throughout): no column.
    Dropped,
    /// The standardised number; for heavy tails the number on a signed logarithmic scale, standardised; and, if missing
    /// values were seen, 1 when missing.
    Numeric {
        /// Taken for a missing value.
        median: f32,
        /// The number as it is.
        natural: Standard,
        /// Unit u of the scale `sign(x) · ln(1 + |x| / u)`, and its standardisation.
        logarithmic: Option<(f32, Standard)>,
        /// Whether there is a column for missing.
        missing: bool,
    },
    /// One column a kept category, then one for all others, then one for missing, as far as training rows had them.
    Categorical {
        /// Column of each code; `None` = rare or never seen.
        codes: Vec<Option<u32>>,
        /// Column of rare and unknown codes.
        other: Option<u32>,
        /// Column of missing values.
        missing: Option<u32>,
    },
}

/// Centre and standard deviation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Standard {
    centre: f32,
    deviation: f32,
}

/// Position and value of the columns that are not zero for one value; places left over hold a zero for column 0.
pub(crate) type Active = [(usize, f32); 3];

impl Encoding {
    /// Learns how to encode a column of `values`.
    pub(crate) fn fit(kind: FeatureKind, values: &[f32], signed_log: bool, min_category_rows: u32) -> Self {
        match kind {
            FeatureKind::Numeric => fit_numeric(values, signed_log),
            FeatureKind::Categorical { categories } => fit_categorical(values, categories, min_category_rows),
        }
    }

    /// Number of design columns.
    pub(crate) fn width(&self) -> usize {
        match self {
            Self::Dropped => 0,
            Self::Numeric { logarithmic, missing, .. } => 1 + logarithmic.iter().count() + usize::from(*missing),
            Self::Categorical { codes, other, missing } => {
                codes.iter().flatten().count() + other.iter().count() + missing.iter().count()
            }
        }
    }

    /// What `value` switches on; `None` stands for the average row (nothing is known that training had a column for).
    pub(crate) fn active(&self, value: f32) -> Option<Active> {
        match self {
            Self::Dropped => None,
            Self::Numeric { median, natural, logarithmic, missing } => {
                let known = value.is_finite();
                let value = if known { value } else { *median };
                let mut active = [(0, natural.of(value)), (0, 0.0), (0, 0.0)];
                if let Some((unit, scale)) = logarithmic {
                    active[1] = (1, scale.of(signed_log(value, *unit)));
                }
                if !known && *missing {
                    active[2] = (self.width() - 1, 1.0);
                }
                Some(active)
            }
            Self::Categorical { codes, other, missing } => {
                let column = match code(value, codes.len()) {
                    Some(code) => codes[code].or(*other),
                    None => missing.or(*other),
                };
                column.map(|column| [(column as usize, 1.0), (0, 0.0), (0, 0.0)])
            }
        }
    }

    /// Whether stored numbers can be computed with.
    pub(crate) fn is_sound(&self) -> bool {
        match self {
            Self::Dropped => true,
            Self::Numeric { median, natural, logarithmic, .. } => {
                let tamed = logarithmic.is_none_or(|(unit, scale)| unit.is_finite() && unit > 0.0 && scale.is_sound());
                median.is_finite() && natural.is_sound() && tamed
            }
            Self::Categorical { codes, other, missing } => {
                let mut columns: Vec<u32> = codes.iter().chain([other, missing]).flatten().copied().collect();
                columns.sort_unstable();
                columns.iter().zip(0..).all(|(&column, place)| column == place)
            }
        }
    }
}

impl Standard {
    fn fit(values: &[f64]) -> Self {
        let (centre, deviation, _) = moments(values);
        // A deviation that rounds to nothing, or overflows, would make every value infinite or none.
        let usable = deviation.is_finite() && deviation as f32 > 0.0 && (deviation as f32).is_finite();
        Self { centre: centre as f32, deviation: if usable { deviation as f32 } else { 1.0 } }
    }

    fn of(self, value: f32) -> f32 {
        ((value - self.centre) / self.deviation).clamp(-FARTHEST, FARTHEST)
    }

    fn is_sound(self) -> bool {
        self.centre.is_finite() && self.deviation.is_finite() && self.deviation > 0.0
    }
}

/// The category that `value` names, if it is one of `categories`.
pub(crate) fn code(value: f32, categories: usize) -> Option<usize> {
    let valid = value >= 0.0 && value.fract() == 0.0 && value < categories as f32;
    valid.then_some(value as usize)
}

/// Encodings of all features, in their order.
pub(crate) fn fit(x: &Features, signed_log: bool, min_category_rows: u32) -> Vec<Encoding> {
    x.columns.iter().map(|c| Encoding::fit(c.kind, &c.values, signed_log, min_category_rows)).collect()
}

fn fit_numeric(values: &[f32], allow_log: bool) -> Encoding {
    let mut known: Vec<f32> = values.iter().copied().filter(|v| v.is_finite()).collect();
    known.sort_unstable_by(f32::total_cmp);
    let missing = known.len() < values.len();
    let (Some(&lowest), Some(&highest)) = (known.first(), known.last()) else {
        return Encoding::Dropped;
    };
    if lowest == highest && !missing {
        return Encoding::Dropped;
    }
    let median = known[known.len() / 2];
    let log_unit = if allow_log { useful_log_unit(&known) } else { None };
    // A missing value takes the median, so the centre is taken after that: the column's mean is then zero.
    let filled: Vec<f32> = values.iter().map(|&v| if v.is_finite() { v } else { median }).collect();
    let scale = |of: &dyn Fn(f32) -> f32| Standard::fit(&filled.iter().map(|&v| f64::from(of(v))).collect::<Vec<_>>());
    let logarithmic = log_unit.map(|unit| (unit, scale(&|v| signed_log(v, unit))));
    Encoding::Numeric { median, natural: scale(&|v| v), logarithmic, missing }
}

fn fit_categorical(values: &[f32], categories: u32, min_rows: u32) -> Encoding {
    let mut counts = vec![0_u32; categories as usize];
    let mut missing_rows = 0_u32;
    for &value in values {
        match code(value, counts.len()) {
            Some(code) => counts[code] += 1,
            None => missing_rows += 1,
        }
    }
    let mut next = 0..;
    let codes: Vec<_> = counts.iter().map(|&n| if n >= min_rows.max(1) { next.next() } else { None }).collect();
    let rare = counts.iter().any(|&n| n > 0 && n < min_rows);
    let other = if rare { next.next() } else { None };
    let missing = if missing_rows > 0 { next.next() } else { None };
    let encoding = Encoding::Categorical { codes, other, missing };
    if encoding.width() < 2 { Encoding::Dropped } else { encoding }
}

/// `sign(x) · ln(1 + |x| / unit)`: linear near zero, logarithmic in the tails, defined for both signs.
fn signed_log(value: f32, unit: f32) -> f32 {
    (value.abs() / unit).ln_1p().copysign(value)
}

/// The unit of a logarithmic scale (median absolute value of the non-zero numbers) if the tails are heavy and the scale
/// tames them. Multiplicative effects are linear on that scale; thresholds far out in the tail are nearer to linear on
/// the natural one, so the model gets both.
fn useful_log_unit(known: &[f32]) -> Option<f32> {
    let natural: Vec<f64> = known.iter().map(|&v| f64::from(v)).collect();
    let skewness = moments(&natural).2.abs();
    if skewness <= HEAVY_TAIL {
        return None;
    }
    let mut sizes: Vec<f32> = known.iter().map(|v| v.abs()).filter(|v| *v > 0.0).collect();
    sizes.sort_unstable_by(f32::total_cmp);
    let unit = *sizes.get(sizes.len() / 2)?;
    let logarithmic: Vec<f64> = known.iter().map(|&v| f64::from(signed_log(v, unit))).collect();
    (moments(&logarithmic).2.abs() < skewness).then_some(unit)
}

/// Mean, standard deviation (divisor n) and skewness; skewness 0 for a constant.
fn moments(values: &[f64]) -> (f64, f64, f64) {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    let second = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
    let third = values.iter().map(|v| (v - mean).powi(3)).sum::<f64>() / n;
    let deviation = second.sqrt();
    let skewness = if deviation > 0.0 { third / deviation.powi(3) } else { 0.0 };
    (mean, deviation, skewness)
}
