//! What sets a training off.

use serde::{Deserialize, Serialize};

use super::{ROUNDING, Rules, Trigger, count, figure, percent};
use crate::time::{DAY, HOUR, Timestamp};

/// A live metric counts from so many outcomes on.
pub const FEWEST_OUTCOMES: u64 = 100;

/// A live metric of the version that serves.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    /// Its key: `f1`.
    pub metric: String,
    /// Whether more is better.
    pub higher_is_better: bool,
    /// On the newest outcomes.
    pub value: f64,
    /// Ends of its 95 % interval.
    pub interval: (f64, f64),
    /// Outcomes it was measured on.
    pub n: u64,
    /// What the version reached on its own held-back rows.
    pub reference: f64,
    /// Ends of the 95 % interval of that.
    pub reference_interval: (f64, f64),
}

/// How the scores of late compare with those that the version gave to its held-back rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoreDrift {
    /// The Kolmogorov–Smirnov distance.
    pub distance: f64,
    /// The p value of the two-sample test.
    pub p: f64,
    /// Scores of late.
    pub n: u64,
    /// Scores of the reference.
    pub reference_n: u64,
}

/// What is known of a model when it is checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// The live metric of the version that serves, or why there is none; none if none serves.
    pub live: Option<Result<Live, String>>,
    /// Its scores against their reference, or why they are not compared; none if none serves.
    pub drift: Option<Result<ScoreDrift, String>>,
    /// When the newest version was made.
    pub learnt_at: Option<Timestamp>,
    /// Labels that came in since the newest version's data set was made.
    pub new_labels: u64,
    /// Whether a run of the model waits or works.
    pub is_learning: bool,
    /// When the newest run was asked for that no hand asked for.
    pub last_triggered_at: Option<Timestamp>,
    /// Whether that run learnt from everything there is.
    pub nothing_new: bool,
}

/// What one trigger saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which.
    pub trigger: Trigger,
    /// Whether it is reason enough for a training.
    pub fires: bool,
    /// A sentence: `f1 0.61 on 1,204 outcomes is 8.3 % under its reference 0.665`.
    pub saw: String,
}

/// What a check of a model found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What each watched trigger saw, the most pressing first.
    pub findings: Vec<Finding>,
    /// Why no training begins although a trigger fires.
    pub held_back: Option<String>,
}

impl Check {
    /// What a training is to begin for.
    #[must_use]
    pub fn fired(&self) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.fires && self.held_back.is_none())
    }
}

/// What each watched trigger makes of what was seen.
#[must_use]
pub fn check(rules: &Rules, seen: &Seen, now: Timestamp) -> Check {
    let watched = Trigger::WATCHING.into_iter().filter(|trigger| rules.triggers.contains(trigger));
    let finding = |trigger| {
        let (fires, saw) = match trigger {
            Trigger::Metric => metric(rules, seen),
            Trigger::Drift => drift(rules, seen),
            Trigger::Labels => labels(rules, seen),
            _ => age(rules, seen, now),
        };
        Finding { trigger, fires, saw }
    };
    let findings: Vec<Finding> = watched.map(finding).collect();
    let fires = findings.iter().any(|finding| finding.fires);
    Check { held_back: fires.then(|| held_back(rules, seen, now)).flatten(), findings }
}

fn held_back(rules: &Rules, seen: &Seen, now: Timestamp) -> Option<String> {
    if seen.is_learning {
        return Some(String::from("a run of this model waits or works already"));
    }
    let last = seen.last_triggered_at?;
    if now.since(last) < i64::from(rules.cool_down_hours) * HOUR {
        let hours = rules.cool_down_hours;
        return Some(format!("it was asked to learn at {}, less than {hours} hours ago", last.rfc3339()));
    }
    seen.nothing_new.then(|| String::from("nothing has come in since it last learnt"))
}

/// Chance makes both figures wander, so the interval of their difference must lie on the wrong side of 0.
fn metric(rules: &Rules, seen: &Seen) -> (bool, String) {
    let live = match &seen.live {
        Some(Ok(live)) => live,
        Some(Err(reason)) => return (false, reason.clone()),
        None => return (false, nobody_serves()),
    };
    let (metric, n) = (&live.metric, count(live.n));
    if live.n < FEWEST_OUTCOMES {
        return (false, format!("{metric} counts from {FEWEST_OUTCOMES} outcomes on; there are {n}"));
    }
    let lost = live.lost();
    let share = if live.reference == 0.0 { 0.0 } else { lost / live.reference.abs() };
    let (fell, surely) = (share > rules.metric_drop + ROUNDING, lost > live.by_chance());
    let chance = if fell && !surely { "; that may be chance" } else { "" };
    let word = if live.value < live.reference { "under" } else { "over" };
    let (value, reference, apart) = (figure(live.value), figure(live.reference), percent(share.abs()));
    (fell && surely, format!("{metric} {value} on {n} outcomes is {apart} {word} its reference {reference}{chance}"))
}

impl Live {
    /// How much worse than the reference; negative where it is better.
    fn lost(&self) -> f64 {
        if self.higher_is_better { self.reference - self.value } else { self.value - self.reference }
    }

    /// How far the two may lie apart by chance: the arms of their 95 % intervals that face each other, added as squares
    /// (MOVER; Zou and Donner, Statistics in Medicine 27, 2008).
    fn by_chance(&self) -> f64 {
        let (now, then) = if self.higher_is_better {
            (self.interval.1 - self.value, self.reference - self.reference_interval.0)
        } else {
            (self.value - self.interval.0, self.reference_interval.1 - self.reference)
        };
        now.hypot(then)
    }
}

fn drift(rules: &Rules, seen: &Seen) -> (bool, String) {
    let drift = match &seen.drift {
        Some(Ok(drift)) => drift,
        Some(Err(reason)) => return (false, reason.clone()),
        None => return (false, nobody_serves()),
    };
    let fires = rules.drift.is_past(drift.p, drift.distance);
    let p = if drift.p < 0.0001 { String::from("p < 0.0001") } else { format!("p {}", figure(drift.p)) };
    let (n, of, distance) = (count(drift.n), count(drift.reference_n), figure(drift.distance));
    (
        fires,
        format!(
            "the scores of {n} predictions lie {distance} from those of {of} held-back rows (Kolmogorov–Smirnov, {p})"
        ),
    )
}

fn labels(rules: &Rules, seen: &Seen) -> (bool, String) {
    let came = format!("{} labels came in since its data set", count(seen.new_labels));
    match rules.new_labels {
        None => (false, format!("{came}; no number of them is asked for")),
        Some(enough) => (seen.new_labels >= u64::from(enough), format!("{came}; {} are enough", count(enough.into()))),
    }
}

fn age(rules: &Rules, seen: &Seen, now: Timestamp) -> (bool, String) {
    let Some(learnt_at) = seen.learnt_at else { return (false, String::from("it has no version yet")) };
    let (age, most) = (now.since(learnt_at), i64::from(rules.max_age_days));
    (age > most * DAY, format!("its newest version is {:.1} days old; {most} are allowed", age as f64 / DAY as f64))
}

fn nobody_serves() -> String {
    String::from("no version serves")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000_000);

    fn live() -> Live {
        Live {
            metric: String::from("f1"),
            higher_is_better: true,
            value: 0.61,
            interval: (0.58, 0.64),
            n: 1_204,
            reference: 0.665,
            reference_interval: (0.625, 0.705),
        }
    }

    fn seen(live: Live) -> Seen {
        Seen { live: Some(Ok(live)), learnt_at: Some(NOW.plus(-DAY)), ..Seen::default() }
    }

    #[test]
    fn a_metric_that_surely_fell_fires_and_says_by_how_much() {
        let check = check(&Rules::default(), &seen(live()), NOW);
        let fired = check.fired().unwrap();
        assert_eq!(fired.trigger, Trigger::Metric);
        // (0.665 − 0.61) / 0.665 = 0.0827
        assert_eq!(fired.saw, "f1 0.61 on 1,204 outcomes is 8.3 % under its reference 0.665");
    }

    #[test]
    fn few_outcomes_small_drops_and_chance_do_not_fire() {
        let found = |live: Live| check(&Rules::default(), &seen(live), NOW).findings.remove(0);
        assert!(!found(Live { n: 99, ..live() }).fires);
        assert!(!found(Live { value: 0.64, interval: (0.63, 0.65), ..live() }).fires);
        // The arms are 0.03 and 0.04, so chance reaches 0.05; 0.055 were lost.
        assert!(found(live()).fires);
        let unsure = found(Live { reference_interval: (0.615, 0.7), ..live() });
        assert!(!unsure.fires && unsure.saw.ends_with("its reference 0.665; that may be chance"), "{}", unsure.saw);
        // 4 % were surely lost, and more than 5 % are asked for
        let little = Live { value: 0.48, interval: (0.475, 0.485), reference: 0.5, ..live() };
        assert!(!found(Live { reference_interval: (0.49, 0.51), ..little }).fires);
        let loss = Live { higher_is_better: false, value: 0.75, interval: (0.7, 0.8), ..live() };
        assert!(found(loss.clone()).fires);
        assert!(!found(Live { value: 0.6, interval: (0.55, 0.65), ..loss }).fires);
    }

    #[test]
    fn scores_must_differ_surely_and_by_enough() {
        let fires = |distance, p| {
            let drift = ScoreDrift { distance, p, n: 500, reference_n: 800 };
            let seen = Seen { drift: Some(Ok(drift)), ..Seen::default() };
            check(&Rules::default(), &seen, NOW).fired().map(|finding| finding.trigger)
        };
        assert_eq!(fires(0.1, 0.009), Some(Trigger::Drift));
        assert_eq!((fires(0.099, 0.001), fires(0.2, 0.01)), (None, None));
    }

    #[test]
    fn age_and_labels_count_from_the_newest_version() {
        let rules = Rules { new_labels: Some(500), ..Rules::default() };
        let at = |days: i64, new_labels| {
            let seen = Seen { learnt_at: Some(NOW.plus(-days * DAY)), new_labels, ..Seen::default() };
            check(&rules, &seen, NOW).fired().map(|finding| finding.trigger)
        };
        assert_eq!((at(30, 499), at(31, 499), at(31, 500)), (None, Some(Trigger::Age), Some(Trigger::Labels)));
    }

    #[test]
    fn a_trigger_that_fires_waits_for_runs_the_cool_down_and_something_new() {
        let why = |seen: Seen| check(&Rules::default(), &seen, NOW).held_back;
        assert!(why(Seen { is_learning: true, ..seen(live()) }).unwrap().contains("waits or works"));
        let triggered = |hours: i64| Seen { last_triggered_at: Some(NOW.plus(-hours * HOUR)), ..seen(live()) };
        assert!(why(triggered(5)).unwrap().contains("less than 6 hours"));
        assert_eq!(why(triggered(6)), None);
        assert!(why(Seen { nothing_new: true, ..triggered(7) }).unwrap().contains("nothing has come in"));
        let calm = Seen { is_learning: true, ..seen(Live { value: 0.7, ..live() }) };
        assert_eq!(why(calm), None, "nothing fires, so nothing is held back");
    }

    #[test]
    fn what_is_not_watched_is_not_looked_at() {
        let rules = Rules { triggers: vec![Trigger::Age], ..Rules::default() };
        let check = check(&rules, &seen(live()), NOW);
        assert_eq!(check.findings.iter().map(|finding| finding.trigger).collect::<Vec<_>>(), [Trigger::Age]);
        assert_eq!(check.fired(), None);
    }
}
