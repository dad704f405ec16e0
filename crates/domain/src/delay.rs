//! How much later truths come, in steps of a root of two: what their delays are counted in.

use crate::time::HOUR;

/// The last step, which everything beyond 2^14 hours (nearly two years) shares.
pub const LAST_STEP: i64 = 28;

/// The step of a delay in microseconds: 0 is up to an hour, each next one reaches a root of two farther.
#[must_use]
pub fn step(micros: i64) -> i64 {
    if micros <= HOUR {
        return 0;
    }
    let hours = micros as f64 / HOUR as f64;
    ((2.0 * hours.log2()).ceil() as i64).min(LAST_STEP)
}

/// The longest delay of a step, in microseconds.
#[must_use]
pub fn end(step: i64) -> i64 {
    (HOUR as f64 * (step as f64 / 2.0).exp2()) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_no_longer_than_its_step() {
        assert_eq!([0, HOUR, HOUR + 1, 2 * HOUR, 2 * HOUR + 1, 24 * HOUR].map(step), [0, 0, 1, 2, 3, 10]);
        assert_eq!((end(0), end(2), end(10)), (HOUR, 2 * HOUR, 32 * HOUR));
        assert_eq!(step(i64::MAX), LAST_STEP);
    }
}
