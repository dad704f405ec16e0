//! Features of entities: what was computed of them elsewhere, kept with what was known when.

mod lookup;
#[cfg(test)]
mod tests;

use domain::feature::{FRESH_FOR, FeatureRecord, MOST_RECORDS, check_set};
use domain::time::SECOND;
use domain::{Actor, Permission, Timestamp};
use serde_json::{Map, Value};
pub use store::SetFreshness;

pub(crate) use lookup::Lookup;
pub use lookup::{FeatureUse, FeatureUseStatus, Lookups};

use crate::error::{Error, Result};
use crate::room;

room! {
    /// Verbs on features.
    Features
}

/// What somebody computed of an entity, or could not.
#[derive(Clone, Debug)]
pub struct FeatureDraft {
    /// Which entity.
    pub entity: String,
    /// The moment it speaks of.
    pub at: Timestamp,
    /// When it was computed; now, if it is not said or lies ahead.
    pub computed_at: Option<Timestamp>,
    /// How long it counts as fresh, from `at` on; a day, if it is not said.
    pub fresh_for_seconds: Option<i64>,
    /// Name → value.
    pub features: Map<String, Value>,
    /// Why they could not be computed.
    pub problem: Option<String>,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedFeatures {
    /// New.
    pub recorded: u64,
    /// There before, by set, entity and moment; the first stays as it is.
    pub known: u64,
}

/// A part of a set.
#[derive(Clone, Debug, PartialEq)]
pub struct FeaturePage {
    /// The newest of each entity, by entity.
    pub records: Vec<FeatureRecord>,
    /// The entity after which the next part begins; none at the end.
    pub next: Option<String>,
}

/// Wrong fields named in one answer.
const MOST_ERRORS: usize = 100;

impl Features<'_> {
    /// Adds what was computed to a set, which the first record makes. All of it is durable when this returns; none is, if
    /// any of it is wrong.
    ///
    /// # Errors
    /// Needs the right to change models; names every wrong field; [`Error::Conflict`] when there are too many sets.
    pub async fn record(&self, actor: &Actor, set: &str, drafts: Vec<FeatureDraft>) -> Result<RecordedFeatures> {
        actor.check(Permission::WriteModels)?;
        check_set("set", set)?;
        if drafts.is_empty() {
            return Err(Error::field("records", "at least one is needed"));
        }
        if drafts.len() > MOST_RECORDS {
            return Err(Error::TooLarge(format!("at most {MOST_RECORDS} records fit into one request")));
        }
        let now = self.desk.now();
        let records = tokio::task::spawn_blocking(move || checked(drafts, now)).await.map_err(Error::internal)??;
        let recorded = self.desk.store().record_features(actor.tenant, set, &records, now, &actor.label()).await?;
        Ok(RecordedFeatures { recorded, known: records.len() as u64 - recorded })
    }

    /// The newest that was known of an entity at `as_of`; now, if it is not said.
    ///
    /// # Errors
    /// Needs the right to see predictions; [`Error::NotFound`] when nothing was known.
    pub async fn known(
        &self,
        actor: &Actor,
        set: &str,
        entity: &str,
        as_of: Option<Timestamp>,
    ) -> Result<(FeatureRecord, Timestamp)> {
        actor.check(Permission::ReadPredictions)?;
        let moment = as_of.unwrap_or_else(|| self.desk.now());
        let found = self.desk.store().features_known_at(actor.tenant, set, &[(entity, moment)]).await?;
        let record = found.into_iter().flatten().next();
        record.map(|record| (record, moment)).ok_or_else(|| Error::not_found("such entity in this set at that time"))
    }

    /// The newest of each entity of a set, by entity, those after `after`.
    ///
    /// # Errors
    /// Needs the right to see predictions; [`Error::NotFound`] for another tenant's set.
    pub async fn list(&self, actor: &Actor, set: &str, after: Option<&str>, limit: u32) -> Result<FeaturePage> {
        actor.check(Permission::ReadPredictions)?;
        if !self.desk.store().has_feature_set(actor.tenant, set).await? {
            return Err(Error::not_found("such feature set"));
        }
        let limit = limit.clamp(1, 200);
        // One more than is shown tells whether there is a next part.
        let mut records = self.desk.store().newest_features(actor.tenant, set, after, limit + 1).await?;
        let more = records.len() > limit as usize;
        records.truncate(limit as usize);
        let next = records.last().filter(|_| more).map(|last| last.entity.clone());
        Ok(FeaturePage { records, next })
    }

    /// How each set stands, by name.
    ///
    /// # Errors
    /// Needs the right to see predictions.
    pub async fn sets(&self, actor: &Actor) -> Result<Vec<SetFreshness>> {
        actor.check(Permission::ReadPredictions)?;
        Ok(self.desk.store().feature_sets(actor.tenant, self.desk.now()).await?)
    }

    /// How the predictions of this process get on with reading features.
    ///
    /// # Errors
    /// Needs the right to see predictions.
    pub fn lookups(&self, actor: &Actor) -> Result<Lookups> {
        actor.check(Permission::ReadPredictions)?;
        Ok(self.desk.inner.features.lookups(actor.tenant, self.desk.now()))
    }
}

fn checked(drafts: Vec<FeatureDraft>, now: Timestamp) -> Result<Vec<FeatureRecord>> {
    let mut records: Vec<FeatureRecord> = drafts.into_iter().map(|draft| draft.record(now)).collect();
    let mut wrong = Vec::new();
    for (i, record) in records.iter_mut().enumerate() {
        record.check(now, &format!("records[{i}]."), &mut wrong);
        // It is here, so it has been computed, whatever the sender's clock says.
        record.computed_at = record.computed_at.min(now);
        if wrong.len() >= MOST_ERRORS {
            break;
        }
    }
    if wrong.is_empty() { Ok(records) } else { Err(Error::Invalid(wrong)) }
}

impl FeatureDraft {
    fn record(self, now: Timestamp) -> FeatureRecord {
        let fresh_for = self.fresh_for_seconds.map_or(FRESH_FOR, |seconds| seconds.saturating_mul(SECOND));
        FeatureRecord {
            entity: self.entity,
            at: self.at,
            computed_at: self.computed_at.unwrap_or(now),
            fresh_until: self.at.plus(fresh_for),
            features: self.features,
            problem: self.problem.unwrap_or_default(),
        }
    }
}
