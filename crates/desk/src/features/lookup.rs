//! What a prediction takes from the feature store, which must never keep it waiting: the store has a quarter of a second,
//! and after some failures in a row it is not asked for a while. The row's own columns are then all there is.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::circuit::{Circuit, State};
use domain::feature::{FeatureRecord, FeatureStatus, fill};
use domain::{TenantId, Timestamp};
use serde_json::Value;

use crate::Desk;
use crate::error::{Error, Result};
use crate::predictions::Row;
use crate::serving::Served;

/// Whoever predicts waits no longer for the features of a thousand rows.
const PATIENCE: Duration = Duration::from_millis(250);

/// What became of the features of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeatureUse {
    /// How they were.
    pub status: FeatureUseStatus,
    /// The moment they speak of, where there were any.
    pub at: Option<Timestamp>,
}

/// How the features of a row's entity were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeatureUseStatus {
    /// They were found; the status says whether they are to be relied on. Nothing is taken from failed ones.
    Found(FeatureStatus),
    /// Nothing is known of this entity.
    Unknown,
    /// The store did not answer; nothing was taken from it.
    Unavailable,
}

impl FeatureUseStatus {
    /// The word used in REST.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Found(status) => status.as_str(),
            Self::Unknown => "unknown",
            Self::Unavailable => "unavailable",
        }
    }
}

/// How reading from the feature store goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lookups {
    /// What is let through.
    pub state: State,
    /// Readings that went well.
    pub answered: u64,
    /// Readings that failed or took too long.
    pub failed: u64,
    /// Readings that were not tried, because others had failed.
    pub skipped: u64,
}

/// The way to the feature store.
#[derive(Default)]
pub(crate) struct Lookup {
    circuit: Mutex<Circuit>,
    answered: AtomicU64,
    failed: AtomicU64,
    skipped: AtomicU64,
}

impl Lookup {
    /// What `reading` gives; nothing if it fails, takes too long, or is not tried.
    pub(super) async fn ask<T>(
        &self,
        clock: impl Fn() -> Timestamp,
        patience: Duration,
        reading: impl Future<Output = Result<T>>,
    ) -> Option<T> {
        if !self.circuit().lets_through(clock()) {
            self.skipped.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        let problem = match tokio::time::timeout(patience, reading).await {
            Ok(Ok(found)) => {
                self.circuit().succeeded();
                self.answered.fetch_add(1, Ordering::Relaxed);
                return Some(found);
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => String::from("it took too long"),
        };
        self.circuit().failed(clock());
        self.failed.fetch_add(1, Ordering::Relaxed);
        tracing::warn!(%problem, "features could not be read");
        None
    }

    fn circuit(&self) -> MutexGuard<'_, Circuit> {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn lookups(&self, now: Timestamp) -> Lookups {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Lookups {
            state: self.circuit().state(now),
            answered: count(&self.answered),
            failed: count(&self.failed),
            skipped: count(&self.skipped),
        }
    }
}

impl Desk {
    /// Fills inputs that `rows` do not name from what is known of their entities, one for each row.
    ///
    /// # Errors
    /// A wrong field `entity` or `entities`.
    pub(crate) async fn fill(
        &self,
        tenant: TenantId,
        served: &Served,
        rows: &mut [Row],
        entities: &[Option<String>],
    ) -> Result<Vec<Option<FeatureUse>>> {
        let mut uses = vec![None; rows.len()];
        let named: Vec<(usize, &str)> =
            entities.iter().enumerate().filter_map(|(i, entity)| Some((i, entity.as_deref()?))).collect();
        if named.is_empty() {
            return Ok(uses);
        }
        let set = checked(served, rows.len(), entities, &named)?;
        let now = self.now();
        let asked: Vec<(&str, Timestamp)> = named.iter().map(|(_, entity)| (*entity, now)).collect();
        let reading = async { Ok(self.store().features_known_at(tenant, set, &asked).await?) };
        let found = self.inner.features.ask(|| self.now(), patience(asked.len()), reading).await;
        for (place, &(row, _)) in named.iter().enumerate() {
            let known = found.as_ref().map(|found| found.get(place).and_then(Option::as_ref));
            uses[row] = Some(take(served, &mut rows[row], known, now));
        }
        Ok(uses)
    }
}

fn patience(rows: usize) -> Duration {
    PATIENCE * (1 + rows as u32 / 1_000)
}

/// The set of features, if they may be asked for like this.
fn checked<'a>(
    served: &'a Served,
    rows: usize,
    entities: &[Option<String>],
    named: &[(usize, &str)],
) -> Result<&'a str> {
    let field = if rows == 1 { "entity" } else { "entities" };
    if entities.len() != rows {
        return Err(Error::field("entities", format!("name one for each of the {rows} rows, or null")));
    }
    if named.iter().any(|(_, entity)| entity.contains('\0')) {
        return Err(Error::field(field, "holds the character NUL"));
    }
    let source = served.model.specification.features.as_ref();
    source.map(|source| source.set.as_str()).ok_or_else(|| {
        Error::field(field, "the model's specification names no feature set; it would say features = { set = \"…\" }")
    })
}

/// Takes into `row` what is known; `None` where nobody could say.
fn take(served: &Served, row: &mut Row, known: Option<Option<&FeatureRecord>>, now: Timestamp) -> FeatureUse {
    let Some(known) = known else { return FeatureUse { status: FeatureUseStatus::Unavailable, at: None } };
    let Some(record) = known else { return FeatureUse { status: FeatureUseStatus::Unknown, at: None } };
    let wanted = served.specification.columns.iter().map(|column| column.name.as_str());
    if fill(&mut row.fields, wanted, &record.features) {
        // The log holds what was answered from, so that training learns from the same.
        row.text = Value::Object(row.fields.clone()).to_string();
    }
    FeatureUse { status: FeatureUseStatus::Found(record.status(now)), at: Some(record.at) }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::{pending, ready};

    use domain::circuit::{FAILURES, PAUSE};

    use super::*;

    #[tokio::test]
    async fn a_store_that_fails_or_hangs_is_left_alone_for_a_while() {
        let (lookup, none) = (Lookup::default(), Duration::ZERO);
        let now = Cell::new(Timestamp(PAUSE));
        let clock = || now.get();
        assert_eq!(lookup.ask(clock, none, ready(Ok(7))).await, Some(7));
        for _ in 1..FAILURES {
            assert_eq!(lookup.ask(clock, none, ready(Err::<i32, _>(Error::internal("away")))).await, None);
        }
        assert_eq!(lookup.ask(clock, none, pending::<Result<i32>>()).await, None, "time is over");
        assert_eq!(lookup.ask(clock, none, ready(Ok(7))).await, None, "not tried");
        let expected = Lookups { state: State::Open, answered: 1, failed: u64::from(FAILURES), skipped: 1 };
        assert_eq!(lookup.lookups(now.get()), expected);
        now.set(Timestamp(2 * PAUSE));
        assert_eq!(lookup.ask(clock, none, ready(Ok(7))).await, Some(7));
        assert_eq!(lookup.lookups(now.get()).state, State::Closed);
    }
}
