//! Rules that a version must pass to move on.

use serde::{Deserialize, Serialize};

use crate::error::FieldError;

/// One rule on one metric. Whether more is better is the metric's own affair and comes in with its value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// Key of the metric: `pr_auc`.
    pub metric: String,
    /// The lowest value that passes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// The highest value that passes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
    /// How much better than the champion on the same held-back rows, in the metric's own unit; 0 asks for no worse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub better_than_champion_by: Option<f64>,
}

/// What is known of a metric when a gate is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// Of the version that wants to pass, on the rows that its own training held back.
    pub candidate: Option<f64>,
    /// How it stands to the champion.
    pub against: Against,
    /// Whether more is better.
    pub higher_is_better: bool,
}

/// How a version stands to the champion that it would replace.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Against {
    /// No other version serves.
    Nobody,
    /// Another version serves, and the two were not measured on the same rows.
    Unmeasured,
    /// Another version serves, and both were measured on the same rows.
    Champion {
        /// Of the version that wants to pass.
        candidate: f64,
        /// Of the version that serves.
        champion: f64,
    },
}

/// A gate's answer, with the sentence that a page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether the version may pass.
    pub passed: bool,
    /// `pr_auc 0.41 is at least 0.30`.
    pub reason: String,
}

impl Gate {
    /// Adds what is wrong with it to `wrong`.
    pub fn check(&self, field: &str, wrong: &mut Vec<FieldError>) {
        if self.metric.is_empty() {
            wrong.push(FieldError::new(format!("{field}.metric"), "name a metric"));
        }
        let limits = [self.at_least, self.at_most, self.better_than_champion_by];
        if limits.iter().all(Option::is_none) {
            wrong.push(FieldError::new(field, "say at_least, at_most or better_than_champion_by"));
        }
        if limits.iter().flatten().any(|limit| !limit.is_finite()) {
            wrong.push(FieldError::new(field, "limits are finite numbers"));
        }
    }

    /// Whether a version with these figures passes.
    #[must_use]
    pub fn decide(&self, measured: Measured) -> Verdict {
        let metric = &self.metric;
        let Some(value) = measured.candidate else {
            return Verdict { passed: false, reason: format!("{metric} is not known for this version") };
        };
        if let Some(limit) = self.at_least.filter(|limit| value < *limit) {
            return Verdict { passed: false, reason: format!("{metric} {value:.4} is under {limit:.4}") };
        }
        if let Some(limit) = self.at_most.filter(|limit| value > *limit) {
            return Verdict { passed: false, reason: format!("{metric} {value:.4} is over {limit:.4}") };
        }
        let lost = self.better_than_champion_by.and_then(|margin| self.loses_to_the_champion(margin, measured));
        match lost {
            Some(reason) => Verdict { passed: false, reason },
            None => Verdict { passed: true, reason: format!("{metric} {value:.4} passes") },
        }
    }

    /// Why the version is not better than the champion by `margin`, if it is not.
    fn loses_to_the_champion(&self, margin: f64, measured: Measured) -> Option<String> {
        let metric = &self.metric;
        match measured.against {
            Against::Nobody => None,
            Against::Unmeasured => Some(format!("{metric} is not yet compared with the champion's on the same rows")),
            Against::Champion { candidate, champion } => {
                let gain = if measured.higher_is_better { candidate - champion } else { champion - candidate };
                (gain < margin).then(|| {
                    format!(
                        "{metric} {candidate:.4} against the champion's {champion:.4}: better by {gain:.4}, \
                         {margin:.4} is asked"
                    )
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate() -> Gate {
        Gate { metric: String::from("m"), at_least: None, at_most: None, better_than_champion_by: None }
    }

    fn measured(candidate: f64, champion: Option<f64>, higher_is_better: bool) -> Measured {
        let against = champion.map_or(Against::Nobody, |champion| Against::Champion { candidate, champion });
        Measured { candidate: Some(candidate), against, higher_is_better }
    }

    #[test]
    fn limits_are_inclusive() {
        let gate = Gate { at_least: Some(0.5), at_most: Some(0.75), ..gate() };
        assert!(gate.decide(measured(0.5, None, true)).passed);
        assert!(gate.decide(measured(0.75, None, true)).passed);
        assert!(!gate.decide(measured(0.499, None, true)).passed);
        assert!(!gate.decide(measured(0.751, None, true)).passed);
    }

    #[test]
    fn the_margin_over_the_champion_knows_which_way_is_better() {
        let gate = Gate { better_than_champion_by: Some(0.125), ..gate() };
        assert!(gate.decide(measured(0.625, Some(0.5), true)).passed);
        assert!(!gate.decide(measured(0.6, Some(0.5), true)).passed);
        assert!(gate.decide(measured(0.375, Some(0.5), false)).passed);
        assert!(!gate.decide(measured(0.5, Some(0.5), false)).passed);
    }

    #[test]
    fn the_first_version_has_no_champion_to_beat() {
        let gate = Gate { better_than_champion_by: Some(0.1), ..gate() };
        assert!(gate.decide(measured(0.1, None, true)).passed);
    }

    #[test]
    fn a_champion_that_was_not_compared_is_not_beaten() {
        let unmeasured = Measured { against: Against::Unmeasured, ..measured(0.9, None, true) };
        assert!(!Gate { better_than_champion_by: Some(0.0), ..gate() }.decide(unmeasured).passed);
        assert!(Gate { at_least: Some(0.5), ..gate() }.decide(unmeasured).passed);
    }

    #[test]
    fn an_unknown_metric_never_passes() {
        let verdict = gate().decide(Measured { candidate: None, against: Against::Nobody, higher_is_better: true });
        assert!(!verdict.passed);
    }
}
