//! A figure with its interval.

use super::reliability::wilson;

/// A figure with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The 97.5th percentile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

impl Estimate {
    /// A share of `n` rows, which need not be whole, with the interval of Wilson; `None` of nothing.
    #[must_use]
    pub fn share(value: f64, n: f64) -> Option<Self> {
        let (low, high) = wilson(value * n, n);
        (n > 0.0).then_some(Self { value, low: low.min(value), high: high.max(value) })
    }

    /// A figure that is nearly normal with this variance, between `least` and `most`.
    #[must_use]
    pub fn normal(value: f64, variance: f64, (least, most): (f64, f64)) -> Self {
        let reach = Z * variance.max(0.0).sqrt();
        Self { value, low: (value - reach).max(least), high: (value + reach).min(most) }
    }

    /// A figure of two independent ones, rising with the first and falling with the second: at either end the distances
    /// that each of them alone makes are squared and added (Newcombe, Statistics in Medicine 17, 1998; Zou and Donner,
    /// Statistics in Medicine 27, 2008). Where one of the two is a share of 0 its interval still reaches above, as
    /// that of a normal approximation would not.
    pub(super) fn of_two(first: &Self, second: &Self, figure: impl Fn(f64, f64) -> Option<f64>) -> Option<Self> {
        let value = figure(first.value, second.value)?;
        let distance = |a: f64, b: f64| figure(a, b).map_or(0.0, |other| other - value);
        let low = distance(first.low, second.value).hypot(distance(first.value, second.high));
        let high = distance(first.high, second.value).hypot(distance(first.value, second.low));
        Some(Self { value, low: (value - low).max(0.0), high: (value + high).min(1.0) })
    }
}
