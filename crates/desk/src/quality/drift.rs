//! Whether a version's scores are still spread as they were when it was evaluated.

use std::collections::BTreeMap;

use domain::model::Model;
use domain::{Actor, Permission, Task, Timestamp};
use ml::measure::{KolmogorovSmirnov, kolmogorov_smirnov};
use store::Periods;

use super::{Quality, by_bin};
use crate::error::Result;

/// The scores of a version in service against those of what its training held back.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreDrift {
    /// The version.
    pub version: i64,
    /// The test.
    pub test: KolmogorovSmirnov,
    /// Scores of its evaluation by bin.
    pub reference: BTreeMap<i64, u64>,
    /// Scores in service by bin.
    pub current: BTreeMap<i64, u64>,
    /// Whether scores are probabilities: what [`domain::score::bounds`] wants to know.
    pub is_probability: bool,
    /// Whether this is drift by the model's rules.
    pub is_drift: bool,
}

impl ScoreDrift {
    /// The score at which the distributions lie farthest apart.
    #[must_use]
    pub fn farthest_at(&self) -> f64 {
        domain::score::bounds(self.test.bin, self.is_probability).1
    }
}

impl Quality<'_> {
    /// Compares the scores that a version gave from `from` to `until` (to the hour) with those of its evaluation. None
    /// if it gave none, or if its evaluation cannot be read or kept no scores.
    ///
    /// # Errors
    /// Needs the right to see models; [`crate::Error::NotFound`] for another tenant's.
    pub async fn score_drift(
        &self,
        actor: &Actor,
        model: &str,
        version: i64,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Option<ScoreDrift>> {
        actor.check(Permission::ReadModels)?;
        let model = self.desk.model(actor.tenant, model).await?;
        self.drift_of(actor, &model, Some(version), from, until).await
    }

    /// That of the version, or of the champion where none is named; the heuristic (0) was never evaluated.
    pub(super) async fn drift_of(
        &self,
        actor: &Actor,
        model: &Model,
        version: Option<i64>,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Option<ScoreDrift>> {
        let champion = self.desk.store().newest_deployment(actor.tenant, model.id).await?;
        let named = version.or_else(|| champion.and_then(|deployment| deployment.version));
        let Some(number) = named.filter(|number| *number != 0) else { return Ok(None) };
        let (version, _) = self.desk.version(actor.tenant, model, number).await?;
        let inspected = self.desk.versions().inspect(model, &version).await?;
        let Ok(evaluation) = &inspected.evaluation else { return Ok(None) };
        let reference: BTreeMap<i64, u64> = evaluation.score_bins().iter().copied().collect();
        let periods = Periods::one(from, until);
        let current = by_bin(&self.desk.store().score_cells(actor.tenant, model.id, Some(number), periods).await?);
        let is_probability = model.task() != Task::Regression;
        let rule = model.specification.retraining().drift;
        let drift = |test: KolmogorovSmirnov| ScoreDrift {
            version: number,
            reference: reference.clone(),
            current: current.clone(),
            is_probability,
            is_drift: rule.is_past(test.p_value, test.distance),
            test,
        };
        Ok(kolmogorov_smirnov(&reference, &current).map(drift))
    }
}
