//! How a model learns again: the rules of its specification, what sets a training off, and what becomes of the version.

mod fate;
mod trigger;

use serde::{Deserialize, Serialize};

pub use fate::{Compared, Fate, Gain, settle};
pub use trigger::{Check, FEWEST_OUTCOMES, Finding, Live, ScoreDrift, Seen, check};

use crate::error::FieldError;

/// A share is a quotient of rounded numbers: what is exactly its limit is not past it by the last bit.
const ROUNDING: f64 = 1e-12;

/// Why a run was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// Somebody asked.
    #[default]
    Hand,
    /// Its hour had come.
    Schedule,
    /// A live metric fell under its reference.
    Metric,
    /// The scores are distributed otherwise than they were.
    Drift,
    /// The newest version grew old.
    Age,
    /// Enough new labels came in.
    Labels,
}

impl Trigger {
    /// Every trigger.
    pub const ALL: [Self; 6] = [Self::Hand, Self::Schedule, Self::Metric, Self::Drift, Self::Age, Self::Labels];

    /// Those that a check may find, the most pressing first.
    pub const WATCHING: [Self; 4] = [Self::Metric, Self::Drift, Self::Labels, Self::Age];

    /// The word used in pages, REST and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hand => "hand",
            Self::Schedule => "schedule",
            Self::Metric => "metric",
            Self::Drift => "drift",
            Self::Age => "age",
            Self::Labels => "labels",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trigger| trigger.as_str() == word)
    }
}

/// How far a version comes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is there, and somebody may promote it.
    Candidate,
    /// It is the one to be compared with the champion.
    Challenger,
    /// It serves.
    Champion,
}

impl Standing {
    /// Every standing, the lowest first.
    pub const ALL: [Self; 3] = [Self::Candidate, Self::Challenger, Self::Champion];

    /// The word used in pages, REST and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::Challenger => "challenger",
            Self::Champion => "champion",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.as_str() == word)
    }
}

/// The section `[retraining]` of a specification.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// The furthest that a version may come by itself: `candidate`, `challenger` or `champion`.
    pub policy: Standing,
    /// A version becomes champion by itself only if it is better than the champion by more than this share.
    pub better_by: f64,
    /// A retraining learns from the examples of so many days; from all if it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// The metric that is watched and promoted by; the model's headline if it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
    /// What is watched: `metric`, `drift`, `age`, `labels`.
    pub triggers: Vec<Trigger>,
    /// Share of its reference by which the live metric must have fallen.
    pub metric_drop: f64,
    /// How different the scores must have become.
    pub drift: DriftRule,
    /// Days that the newest version may be old.
    pub max_age_days: u32,
    /// New labels that are enough for a retraining; no number is if it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_labels: Option<u32>,
    /// Hours after a retraining in which no trigger asks for the next.
    pub cool_down_hours: u32,
}

/// When two samples of scores count as different; both must hold: of many scores the smallest difference is certain.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DriftRule {
    /// The p value of the Kolmogorov–Smirnov test must be below.
    pub p: f64,
    /// The largest distance between the two distributions must be at least.
    pub distance: f64,
}

impl DriftRule {
    /// Whether samples count as different at this p value and this distance.
    #[must_use]
    pub fn is_past(self, p: f64, distance: f64) -> bool {
        p < self.p && distance >= self.distance
    }
}

impl Default for DriftRule {
    fn default() -> Self {
        Self { p: 0.01, distance: 0.1 }
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            policy: Standing::Challenger,
            better_by: 0.05,
            days: None,
            metric: None,
            triggers: Trigger::WATCHING.to_vec(),
            metric_drop: 0.05,
            drift: DriftRule::default(),
            max_age_days: 30,
            new_labels: None,
            cool_down_hours: 6,
        }
    }
}

/// The longest window and the oldest age that can be asked for, in days.
const MAX_DAYS: u32 = 3_650;

/// Whether examples, or the age of a version, can be counted over so many days.
#[must_use]
pub fn is_window(days: u32) -> bool {
    (1..=MAX_DAYS).contains(&days)
}

/// What is said of a number of days that [`is_window`] does not take.
pub const WINDOWS: &str = "1 to 3650 are possible";

impl Rules {
    /// Adds what is wrong with them to `wrong`.
    pub fn check(&self, wrong: &mut Vec<FieldError>) {
        let mut refuse = |holds: bool, field: &str, reason: &str| {
            if !holds {
                wrong.push(FieldError::new(format!("retraining.{field}"), reason));
            }
        };
        let share = |value: f64| value > 0.0 && value < 1.0;
        refuse((0.0..1.0).contains(&self.better_by), "better_by", "a share from 0 to below 1 is possible");
        refuse(self.days.is_none_or(is_window), "days", WINDOWS);
        refuse(self.metric.as_deref() != Some(""), "metric", "name a metric");
        let watched = self.triggers.iter().all(|trigger| Trigger::WATCHING.contains(trigger));
        refuse(watched, "triggers", "metric, drift, age and labels can be watched");
        refuse(share(self.metric_drop), "metric_drop", "a share between 0 and 1 is possible");
        refuse(share(self.drift.p), "drift.p", "a share between 0 and 1 is possible");
        refuse(share(self.drift.distance), "drift.distance", "a distance between 0 and 1 is possible");
        refuse(is_window(self.max_age_days), "max_age_days", WINDOWS);
        refuse(self.new_labels != Some(0), "new_labels", "at least 1 is possible");
        refuse((1..=720).contains(&self.cool_down_hours), "cool_down_hours", "1 to 720 are possible");
    }
}

/// A figure with as many digits as tell it apart: `0.6101`, `12.3`.
pub(crate) fn figure(value: f64) -> String {
    let shown = if value.abs() < 10.0 { format!("{value:.4}") } else { format!("{value:.1}") };
    let shown = shown.trim_end_matches('0').trim_end_matches('.');
    if matches!(shown, "" | "-" | "-0") { String::from("0") } else { shown.to_owned() }
}

/// A share in percent: `8.3 %`.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A count with its thousands apart: `1,204`.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let first = digits.len() % 3;
    let mut shown = String::from(&digits[..first]);
    for group in digits.as_bytes()[first..].chunks(3) {
        if !shown.is_empty() {
            shown.push(',');
        }
        shown.extend(group.iter().map(|digit| char::from(*digit)));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_as_documented_and_what_is_wrong_is_named() {
        let rules: Rules = serde_json::from_str("{}").unwrap();
        assert_eq!(rules, Rules::default());
        let wrong = Rules {
            days: Some(0),
            triggers: vec![Trigger::Hand],
            metric_drop: 1.5,
            drift: DriftRule { p: 0.0, distance: 0.1 },
            cool_down_hours: 0,
            ..rules
        };
        let mut found = Vec::new();
        wrong.check(&mut found);
        let fields: Vec<_> = found.iter().map(|error| error.field.as_str()).collect();
        let expected = ["days", "triggers", "metric_drop", "drift.p", "cool_down_hours"];
        assert_eq!(fields, expected.map(|field| format!("retraining.{field}")));
    }

    #[test]
    fn figures_are_short() {
        assert_eq!([0.61, 0.66549, 12.34, 0.0, -0.00001].map(figure), ["0.61", "0.6655", "12.3", "0", "0"]);
        assert_eq!([7, 1_204, 1_000_000].map(count), ["7", "1,204", "1,000,000"]);
        assert_eq!(percent(0.0827), "8.3 %");
    }
}
