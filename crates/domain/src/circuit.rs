//! Circuit breaker: whether something that has failed lately is asked again (Nygard, "Release It!", 2007).

use crate::time::{SECOND, Timestamp};

/// Failures in a row after which nothing is asked for a while.
pub const FAILURES: u32 = 5;

/// How long nothing is asked, in microseconds; also how long a trial may stay without result.
pub const PAUSE: i64 = 10 * SECOND;

/// What a circuit lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Everything.
    Closed,
    /// Nothing.
    Open,
    /// One trial, to see whether it works again.
    HalfOpen,
}

/// The circuit in front of one thing that may fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Circuit {
    /// In a row.
    failures: u32,
    /// When the last failure opened it, or the last trial began.
    waiting_since: Option<Timestamp>,
    /// Whether a trial is under way.
    trying: bool,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Closed, Self::Open, Self::HalfOpen];

    /// The word used on pages and in metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

impl Circuit {
    /// Whether it may be asked now. Once the pause is over a single caller hears yes; the others wait for what it learns.
    /// A caller that never says how it went is given up after another pause.
    pub fn lets_through(&mut self, now: Timestamp) -> bool {
        let Some(since) = self.waiting_since else { return true };
        if now.since(since) < PAUSE {
            return false;
        }
        (self.waiting_since, self.trying) = (Some(now), true);
        true
    }

    /// It worked.
    pub fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// It did not. Callers that were let through before the circuit opened do not lengthen the pause.
    pub fn failed(&mut self, now: Timestamp) {
        self.failures = self.failures.saturating_add(1);
        if self.trying || (self.failures >= FAILURES && self.waiting_since.is_none()) {
            (self.waiting_since, self.trying) = (Some(now), false);
        }
    }

    /// What it lets through now.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> State {
        match self.waiting_since {
            None => State::Closed,
            Some(since) if self.trying || now.since(since) >= PAUSE => State::HalfOpen,
            Some(_) => State::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: Timestamp = Timestamp(1_000 * SECOND);

    fn open() -> Circuit {
        let mut circuit = Circuit::default();
        (0..FAILURES).for_each(|_| circuit.failed(T));
        circuit
    }

    #[test]
    fn it_opens_after_failures_in_a_row_only() {
        let mut circuit = Circuit::default();
        for _ in 0..3 {
            (1..FAILURES).for_each(|_| circuit.failed(T));
            assert!(circuit.lets_through(T));
            circuit.succeeded();
        }
        (0..FAILURES).for_each(|_| circuit.failed(T));
        assert_eq!((circuit.state(T), circuit.lets_through(T)), (State::Open, false));
    }

    #[test]
    fn after_the_pause_one_caller_tries() {
        let mut circuit = open();
        assert!(!circuit.lets_through(T.plus(PAUSE - 1)));
        let later = T.plus(PAUSE);
        assert_eq!(circuit.state(later), State::HalfOpen);
        assert!(circuit.lets_through(later) && !circuit.lets_through(later));
        circuit.succeeded();
        assert_eq!((circuit.state(later), circuit.lets_through(later)), (State::Closed, true));
    }

    #[test]
    fn a_trial_that_fails_opens_it_again() {
        let mut circuit = open();
        let later = T.plus(PAUSE);
        assert!(circuit.lets_through(later));
        circuit.failed(later.plus(5));
        assert_eq!(circuit.state(later.plus(5)), State::Open);
        assert!(!circuit.lets_through(later.plus(PAUSE)), "the pause counts from the failure");
        assert!(circuit.lets_through(later.plus(PAUSE + 5)));
    }

    #[test]
    fn a_trial_that_is_never_heard_of_is_given_up() {
        let mut circuit = open();
        assert!(circuit.lets_through(T.plus(PAUSE)));
        assert!(circuit.lets_through(T.plus(2 * PAUSE)));
    }

    #[test]
    fn latecomers_do_not_lengthen_the_pause() {
        let mut circuit = open();
        circuit.failed(T.plus(PAUSE / 2));
        assert!(circuit.lets_through(T.plus(PAUSE)));
    }
}
