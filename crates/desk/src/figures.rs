//! What the dashboards of cases and of labeling share.

use ml::measure::wilson;

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
    /// Of how many it is taken.
    pub n: i64,
}

/// The share of `part` among `n`; none of nothing.
pub(crate) fn share(part: i64, n: i64) -> Option<Share> {
    let (part, trials) = (part as f64, n as f64);
    let (low, high) = wilson(part, trials);
    (n > 0).then(|| Share { value: part / trials, low, high, n })
}

/// Whether figures can be asked for so many days.
///
/// # Errors
/// Names a wrong number of days.
pub(crate) fn check_days(days: i64) -> Result<()> {
    if (1..=366).contains(&days) { Ok(()) } else { Err(Error::field("days", "1 to 366 days are possible")) }
}
