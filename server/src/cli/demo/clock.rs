//! A clock that can be set forward, so that half a year is made in seconds.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use desk::SystemClock;
use domain::time::DAY;
use domain::{Clock, Timestamp};

/// Runs at the machine's pace, some time behind it.
pub(super) struct ReplayClock {
    behind: AtomicI64,
}

impl ReplayClock {
    /// A little more than the six months that the demo lives through.
    pub(super) fn starting_half_a_year_ago() -> Arc<Self> {
        Arc::new(Self { behind: AtomicI64::new(183 * DAY) })
    }

    /// Sets the clock to `moment`. It never goes back, and never beyond the present.
    pub(super) fn forward_to(&self, moment: Timestamp) {
        let behind = SystemClock.now().since(moment).max(0);
        self.behind.fetch_min(behind, Ordering::Relaxed);
    }
}

impl Clock for ReplayClock {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus(-self.behind.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_forward_only_and_not_beyond_the_present() {
        let clock = ReplayClock::starting_half_a_year_ago();
        let start = clock.now();
        clock.forward_to(start.plus(-DAY));
        assert!(clock.now() >= start);
        clock.forward_to(start.plus(2 * DAY));
        assert!(clock.now().since(start) >= 2 * DAY);
        clock.forward_to(start.plus(900 * DAY));
        assert!(clock.now() <= SystemClock.now());
    }
}
