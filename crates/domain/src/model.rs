//! Models, their versions, and the records that move traffic between them.

use serde::{Deserialize, Serialize};

use crate::ids::{DatasetId, DeploymentId, ModelId, RunId, TenantId};
use crate::manifest::Manifest;
use crate::specification::{Specification, Task};
use crate::time::Timestamp;

/// A named, registered model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// Identity.
    pub id: ModelId,
    /// Its organisation.
    pub tenant: TenantId,
    /// Name in addresses and requests: lower case, digits and hyphens.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: String,
    /// Number of the specification in force: 1, 2, 3, …
    pub specification_number: i64,
    /// The specification in force.
    pub specification: Specification,
}

impl Model {
    /// What it does.
    #[must_use]
    pub fn task(&self) -> Task {
        self.specification.task
    }
}

/// Whether `name` can name a model: 1 to 60 of `a–z`, `0–9`, `-` and `_`, starting with a letter or digit.
#[must_use]
pub fn is_model_name(name: &str) -> bool {
    let first = name.bytes().next().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let rest = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
    first && rest && name.len() <= 60
}

/// One trained, immutable result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// Its model.
    pub model: ModelId,
    /// 1, 2, 3, … within the model.
    pub number: i64,
    /// The run that made it.
    pub run: RunId,
    /// What it was trained on.
    pub dataset: DatasetId,
    /// Number of the specification it was trained by.
    pub specification_number: i64,
    /// Its artifacts and their sums.
    pub manifest: Manifest,
    /// Figures that tables show and gates ask for; the full evaluation is an artifact.
    pub summary: VersionSummary,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who asked for it.
    pub created_by: String,
}

/// The headline of a version, kept beside it so that lists need not read artifacts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VersionSummary {
    /// What was learnt: `boosted trees`, `blend of boosted trees and a random forest`.
    pub estimator: String,
    /// Metric key → value on the held-back part.
    pub metrics: std::collections::BTreeMap<String, f64>,
    /// Held-back rows.
    pub held_back: u64,
    /// Rows learnt from.
    pub trained_on: u64,
    /// Threshold of a binary model.
    pub threshold: Option<f64>,
    /// Seconds of training.
    pub training_seconds: f64,
}

/// Why traffic moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeploymentKind {
    /// A version became champion.
    Promotion,
    /// The version before became champion again.
    Rollback,
    /// The heuristic answers.
    Heuristic,
}

impl DeploymentKind {
    /// The word used in pages, REST and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Promotion => "promotion",
            Self::Rollback => "rollback",
            Self::Heuristic => "heuristic",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Promotion, Self::Rollback, Self::Heuristic].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A record of traffic moving. The newest one of a model says who serves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deployment {
    /// Identity; greater is later.
    pub id: DeploymentId,
    /// Its model.
    pub model: ModelId,
    /// Why.
    pub kind: DeploymentKind,
    /// The version that serves from now on; none is the heuristic.
    pub version: Option<i64>,
    /// The version that served before.
    pub previous: Option<i64>,
    /// The reason given.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
}

/// A record of who is to be compared with the champion. The newest one of a model says who the challenger is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenger {
    /// Its model.
    pub model: ModelId,
    /// The version; none says that nobody is any more.
    pub version: Option<i64>,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
}

/// The version that a rollback returns to: the one that served before the champion did, walking back over earlier
/// rollbacks, so that rolling back twice goes back two versions and not forth again.
#[must_use]
pub fn rollback_target(newest_first: &[Deployment]) -> Option<Option<i64>> {
    let mut stack: Vec<Option<i64>> = vec![None];
    for deployment in newest_first.iter().rev() {
        if deployment.kind == DeploymentKind::Rollback {
            stack.pop();
        } else {
            stack.push(deployment.version);
        }
    }
    stack.pop()?;
    stack.pop()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(steps: &[(DeploymentKind, Option<i64>)]) -> Vec<Deployment> {
        let record = |(i, (kind, version)): (usize, &(DeploymentKind, Option<i64>))| Deployment {
            id: DeploymentId(i as i64),
            model: ModelId(1),
            kind: *kind,
            version: *version,
            previous: None,
            reason: String::new(),
            at: Timestamp(0),
            actor: String::new(),
        };
        let mut records: Vec<_> = steps.iter().enumerate().map(record).collect();
        records.reverse();
        records
    }

    #[test]
    fn rolling_back_walks_the_history_backwards() {
        use DeploymentKind::{Heuristic, Promotion, Rollback};
        assert_eq!(rollback_target(&history(&[])), None);
        assert_eq!(rollback_target(&history(&[(Promotion, Some(1))])), Some(None));
        let two = [(Promotion, Some(1)), (Promotion, Some(2))];
        assert_eq!(rollback_target(&history(&two)), Some(Some(1)));
        let three = [(Promotion, Some(1)), (Promotion, Some(2)), (Promotion, Some(3)), (Rollback, Some(2))];
        assert_eq!(rollback_target(&history(&three)), Some(Some(1)));
        let off = [(Promotion, Some(1)), (Heuristic, None)];
        assert_eq!(rollback_target(&history(&off)), Some(Some(1)));
    }

    #[test]
    fn model_names_fit_into_addresses() {
        assert!(is_model_name("meter-reading") && is_model_name("v2_claims"));
        for bad in ["", "-x", "Fraud", "a b", "a/b", "é", &"a".repeat(61)] {
            assert!(!is_model_name(bad), "{bad}");
        }
    }
}
