//! What becomes of a version when it has been trained.

use super::{ROUNDING, Rules, Standing, count, figure, percent};

/// How a version did beside the champion, on rows that neither of them learnt from.
#[derive(Clone, Debug, PartialEq)]
pub struct Gain {
    /// The version that serves.
    pub champion: i64,
    /// Key of the metric.
    pub metric: String,
    /// Whether more is better.
    pub higher_is_better: bool,
    /// What the champion reached.
    pub before: f64,
    /// What the version reached.
    pub after: f64,
    /// Ends of the 95 % interval of `after − before`, by paired resampling.
    pub interval: (f64, f64),
    /// Rows.
    pub n: u64,
}

/// What is known of a version beside the champion.
#[derive(Clone, Debug, PartialEq)]
pub enum Compared {
    /// No version has served yet.
    WithNobody,
    /// Somebody took the last champion out of service.
    TakenOut,
    /// Both were measured.
    With(Gain),
    /// They could not be measured on the same rows; the words say why.
    Not(String),
}

/// What becomes of a version, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fate {
    /// How far it comes.
    pub standing: Standing,
    /// A sentence without its full stop.
    pub reason: String,
}

/// Decides on a version by the rules of its model: it serves only if every gate lets it pass and it is better than the
/// champion by enough and surely so; a first version is decided on by the gates alone, and what was taken out of service
/// comes back by nobody but a person. `closed` are the sentences of the gates that do not let it pass.
#[must_use]
pub fn settle(rules: &Rules, closed: &[String], compared: &Compared) -> Fate {
    match rules.policy {
        Standing::Candidate => {
            let reason = String::from("the model's rules keep versions as candidates");
            Fate { standing: Standing::Candidate, reason }
        }
        Standing::Challenger => Fate { standing: Standing::Challenger, reason: told(closed, compared) },
        Standing::Champion => match against(rules, closed, compared) {
            Ok(reason) => Fate { standing: Standing::Champion, reason },
            Err(reason) => Fate { standing: Standing::Challenger, reason: format!("kept as challenger: {reason}") },
        },
    }
}

/// Why it serves, or why not.
fn against(rules: &Rules, closed: &[String], compared: &Compared) -> Result<String, String> {
    if !closed.is_empty() {
        return Err(told(closed, compared));
    }
    let gain = match compared {
        Compared::WithNobody => return Ok(told(closed, compared)),
        // Whoever took it out saw something that no figure shows.
        Compared::TakenOut | Compared::Not(_) => return Err(told(closed, compared)),
        Compared::With(gain) => gain,
    };
    let asked = percent(rules.better_by);
    if gain.share() <= rules.better_by + ROUNDING {
        return Err(format!("{gain}; more than {asked} is asked for"));
    }
    if !gain.is_sure() {
        return Err(format!("{gain}, which may be chance: {}", gain.range()));
    }
    Ok(format!("{gain} ({}), and every gate passes", gain.range()))
}

fn told(closed: &[String], compared: &Compared) -> String {
    let beside = match compared {
        Compared::WithNobody => String::from("no version served"),
        Compared::TakenOut => {
            String::from("somebody took the model out of service, and only a person puts a version back")
        }
        Compared::Not(reason) => format!("it could not be compared with the champion: {reason}"),
        Compared::With(gain) => gain.to_string(),
    };
    if closed.is_empty() { format!("every gate passes; {beside}") } else { format!("{}; {beside}", closed.join("; ")) }
}

impl Gain {
    /// By what share of the champion's figure the version is better; negative where it is worse.
    fn share(&self) -> f64 {
        let gained = if self.higher_is_better { self.after - self.before } else { self.before - self.after };
        match (gained, self.before) {
            (gained, 0.0) if gained > 0.0 => f64::INFINITY,
            (_, 0.0) => 0.0,
            (gained, before) => gained / before.abs(),
        }
    }

    /// Whether the whole interval lies on the better side.
    fn is_sure(&self) -> bool {
        if self.higher_is_better { self.interval.0 > 0.0 } else { self.interval.1 < 0.0 }
    }

    fn range(&self) -> String {
        format!("the interval of the difference is {} to {}", figure(self.interval.0), figure(self.interval.1))
    }
}

impl std::fmt::Display for Gain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (metric, n, champion) = (&self.metric, count(self.n), self.champion);
        let (after, before) = (figure(self.after), figure(self.before));
        write!(f, "{metric} {after} against {before} of version {champion} on the same {n} held-back rows is ")?;
        match self.share() {
            share if share.is_infinite() => f.write_str("better than nothing"),
            share => write!(f, "{} {}", percent(share.abs()), if share < 0.0 { "worse" } else { "better" }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gain(before: f64, after: f64, interval: (f64, f64)) -> Gain {
        let (metric, higher_is_better) = (String::from("f1"), true);
        Gain { champion: 3, metric, higher_is_better, before, after, interval, n: 1_412 }
    }

    fn champion() -> Rules {
        Rules { policy: Standing::Champion, ..Rules::default() }
    }

    fn fate(rules: &Rules, gain: Gain) -> (Standing, String) {
        let Fate { standing, reason } = settle(rules, &[], &Compared::With(gain));
        (standing, reason)
    }

    #[test]
    fn better_by_more_than_asked_and_surely_so_serves() {
        let (standing, reason) = fate(&champion(), gain(0.6, 0.66, (0.02, 0.1)));
        assert_eq!(standing, Standing::Champion);
        assert_eq!(
            reason,
            "f1 0.66 against 0.6 of version 3 on the same 1,412 held-back rows is 10.0 % better \
             (the interval of the difference is 0.02 to 0.1), and every gate passes"
        );
    }

    #[test]
    fn what_is_too_little_or_may_be_chance_stays_challenger_with_the_reason() {
        let (standing, reason) = fate(&champion(), gain(0.5, 0.52, (0.01, 0.03)));
        assert_eq!(standing, Standing::Challenger);
        assert!(reason.starts_with("kept as challenger: ") && reason.ends_with("more than 5.0 % is asked for"));
        let (standing, reason) = fate(&champion(), gain(0.5, 0.6, (-0.01, 0.2)));
        assert_eq!(standing, Standing::Challenger);
        assert!(reason.contains("may be chance: the interval of the difference is -0.01 to 0.2"), "{reason}");
        let (standing, reason) = fate(&champion(), gain(0.5, 0.4, (-0.2, -0.1)));
        assert_eq!(standing, Standing::Challenger);
        assert!(reason.contains("20.0 % worse"), "{reason}");
    }

    #[test]
    fn less_is_better_where_it_is() {
        let loss = |before, after, interval| Gain { higher_is_better: false, ..gain(before, after, interval) };
        assert_eq!(fate(&champion(), loss(0.5, 0.4, (-0.15, -0.05))).0, Standing::Champion);
        assert_eq!(fate(&champion(), loss(0.4, 0.5, (0.05, 0.15))).0, Standing::Challenger);
    }

    #[test]
    fn a_closed_gate_or_a_missing_comparison_keeps_it_a_challenger() {
        let closed = [String::from("pr_auc 0.2 is under 0.3")];
        let fate = settle(&champion(), &closed, &Compared::With(gain(0.5, 0.9, (0.3, 0.5))));
        assert_eq!(fate.standing, Standing::Challenger);
        assert!(fate.reason.starts_with("kept as challenger: pr_auc 0.2 is under 0.3; "), "{}", fate.reason);
        let fate = settle(&champion(), &[], &Compared::Not(String::from("no common rows")));
        assert_eq!(fate.standing, Standing::Challenger);
        assert!(fate.reason.contains("could not be compared with the champion: no common rows"));
    }

    #[test]
    fn a_first_version_is_decided_on_by_the_gates() {
        assert_eq!(settle(&champion(), &[], &Compared::WithNobody).standing, Standing::Champion);
        let closed = [String::from("no")];
        assert_eq!(settle(&champion(), &closed, &Compared::WithNobody).standing, Standing::Challenger);
    }

    #[test]
    fn what_was_taken_out_of_service_does_not_put_itself_back() {
        let fate = settle(&champion(), &[], &Compared::TakenOut);
        assert_eq!(fate.standing, Standing::Challenger);
        assert!(fate.reason.starts_with("kept as challenger: ") && fate.reason.contains("only a person"));
    }

    #[test]
    fn nothing_comes_further_than_its_rules_allow() {
        for policy in [Standing::Candidate, Standing::Challenger] {
            let rules = Rules { policy, ..Rules::default() };
            assert_eq!(fate(&rules, gain(0.5, 0.9, (0.3, 0.5))).0, policy);
        }
    }
}
