//! How long truths take to come, so that a period whose truths are still on their way is not taken for a bad one.

use domain::delay;

/// First truths about predictions that were made together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrivals {
    /// How long ago, in microseconds, the youngest of the predictions was made.
    pub age: i64,
    /// How long the truths took: see [`delay::step`].
    pub step: i64,
    /// How many.
    pub outcomes: u64,
}

/// What share of the truths has come by what age, of those that come at all.
#[derive(Clone, Debug, PartialEq)]
pub struct Delays {
    /// Share at the end of each step.
    shares: Vec<f64>,
    /// Truths it is known from.
    pub n: u64,
}

/// Fewer truths do not say how long they take.
const FEWEST: u64 = 20;

impl Delays {
    /// Learns from what came; `None` from fewer than 20 truths.
    ///
    /// Of young predictions only the quick truths are known, so their delays look shorter than they are. Each step is
    /// therefore judged by those alone that are old enough to have reached its end, from the longest step downwards: the
    /// share that came before it is one less the share that came in it (the estimate of reporting delays of Kalbfleisch
    /// and Lawless, Journal of the American Statistical Association 84, 1989). Delays longer than every age are unknown.
    #[must_use]
    pub fn learn(arrivals: &[Arrivals]) -> Option<Self> {
        let mut shares = vec![1.0; delay::LAST_STEP as usize + 1];
        for step in (1..=delay::LAST_STEP).rev() {
            let old_enough = || arrivals.iter().filter(|arrival| arrival.age >= delay::end(step));
            let count = |wanted: &dyn Fn(i64) -> bool| -> u64 {
                old_enough().filter(|arrival| wanted(arrival.step)).map(|arrival| arrival.outcomes).sum()
            };
            let (within, so_far) = (count(&|other| other == step), count(&|other| other <= step));
            let came = if so_far > 0 { within as f64 / so_far as f64 } else { 0.0 };
            shares[step as usize - 1] = shares[step as usize] * (1.0 - came);
        }
        let n = arrivals.iter().map(|arrival| arrival.outcomes).sum();
        (n >= FEWEST).then_some(Self { shares, n })
    }

    /// Share (0 to 1) of the truths that has come at an age in microseconds, as if they came evenly within a step.
    #[must_use]
    pub fn share_by(&self, age: i64) -> f64 {
        let Some(step) = (0..=delay::LAST_STEP).find(|step| delay::end(*step) > age) else { return 1.0 };
        let (from, before) = match step {
            0 => (0, 0.0),
            _ => (delay::end(step - 1), self.shares[step as usize - 1]),
        };
        let part = (age - from).max(0) as f64 / (delay::end(step) - from) as f64;
        before + (self.shares[step as usize] - before) * part
    }

    /// The age, in microseconds, by which this share has come: the end of the step.
    #[must_use]
    pub fn age_of(&self, share: f64) -> i64 {
        let step = self.shares.iter().position(|reached| *reached >= share).unwrap_or(self.shares.len() - 1);
        delay::end(step as i64)
    }
}

#[cfg(test)]
mod tests {
    use domain::time::HOUR;

    use super::*;

    fn arrivals(age: i64, step: i64, outcomes: u64) -> Arrivals {
        Arrivals { age, step, outcomes }
    }

    /// Of 100 truths 60 come within the hour and 40 in the second step (2 to 2.8 hours). The young ones know 60 of
    /// theirs only; taken plainly, 120 of 160 would seem to come at once.
    #[test]
    fn young_predictions_do_not_make_truths_look_quicker() {
        let old = [arrivals(100 * HOUR, 0, 60), arrivals(100 * HOUR, 3, 40)];
        let young = arrivals(HOUR, 0, 60);
        let delays = Delays::learn(&[old[0], old[1], young]).unwrap();
        assert!((delays.share_by(HOUR) - 0.6).abs() < 1e-12);
        assert!((delays.share_by(2 * HOUR) - 0.6).abs() < 1e-12 && delays.share_by(3 * HOUR) == 1.0);
        assert!((delays.share_by(HOUR / 2) - 0.3).abs() < 1e-12 && delays.share_by(-HOUR) == 0.0);
        assert_eq!((delays.age_of(0.5), delays.age_of(0.9), delays.n), (HOUR, delay::end(3), 160));
    }

    #[test]
    fn few_truths_say_nothing_about_delays() {
        assert_eq!(Delays::learn(&[arrivals(100 * HOUR, 0, 19)]), None);
        assert_eq!(Delays::learn(&[]), None);
    }
}
