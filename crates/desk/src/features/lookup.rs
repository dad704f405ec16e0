//! What a prediction takes from the feature store, which must never keep it waiting: the store has a quarter of a second,
//! and after some failures in a row it is not asked for a while. The row's own columns are then all there is.

use std::collections::{HashMap, HashSet};
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

/// Bytes of features, as JSON, that the rows of one request take from the store together.
const MOST_BYTES: usize = 16 << 20;
/// Rows whose features are read at a time: what the model does not ask for is dropped before the next are read.
const TOGETHER: usize = 500;

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

/// How reading from the feature store goes: counted for the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lookups {
    /// What is let through of the tenant's readings.
    pub state: State,
    /// Readings that went well.
    pub answered: u64,
    /// Readings that failed or took too long.
    pub failed: u64,
    /// Readings that were not tried, because others had failed.
    pub skipped: u64,
}

/// Tenants whose circuits are remembered. Where so many readings fail, each tenant may as well find that out anew.
const MOST_CIRCUITS: usize = 1_000;

/// The way to the feature store.
#[derive(Default)]
pub(crate) struct Lookup {
    /// Of those tenants whose readings have failed, so that what one cannot read is not kept from another.
    circuits: Mutex<HashMap<TenantId, Circuit>>,
    answered: AtomicU64,
    failed: AtomicU64,
    skipped: AtomicU64,
}

impl Lookup {
    /// What `reading` gives; nothing if it fails, takes too long, or is not tried.
    pub(super) async fn ask<T>(
        &self,
        tenant: TenantId,
        clock: impl Fn() -> Timestamp,
        patience: Duration,
        reading: impl Future<Output = Result<T>>,
    ) -> Option<T> {
        if self.circuits().get_mut(&tenant).is_some_and(|circuit| !circuit.lets_through(clock())) {
            self.skipped.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        let problem = match tokio::time::timeout(patience, reading).await {
            Ok(Ok(found)) => {
                if let Some(circuit) = self.circuits().get_mut(&tenant) {
                    circuit.succeeded();
                }
                self.answered.fetch_add(1, Ordering::Relaxed);
                return Some(found);
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => String::from("it took too long"),
        };
        self.note_failure(tenant, clock());
        self.failed.fetch_add(1, Ordering::Relaxed);
        tracing::warn!(%tenant, %problem, "features could not be read");
        None
    }

    fn note_failure(&self, tenant: TenantId, now: Timestamp) {
        let mut circuits = self.circuits();
        if circuits.len() >= MOST_CIRCUITS && !circuits.contains_key(&tenant) {
            circuits.clear();
        }
        circuits.entry(tenant).or_default().failed(now);
    }

    /// They are plain numbers, which a panic leaves good to read.
    fn circuits(&self) -> MutexGuard<'_, HashMap<TenantId, Circuit>> {
        self.circuits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn lookups(&self, tenant: TenantId, now: Timestamp) -> Lookups {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Lookups {
            state: self.circuits().get(&tenant).map_or(State::Closed, |circuit| circuit.state(now)),
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
    /// A wrong field `entity` or `entities`; [`Error::TooLarge`] when the rows together would take too much.
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
        let wanted = served.specification.columns.iter().map(|column| column.name.as_str()).collect();
        let reading = self.wanted_features(tenant, set, &asked, &wanted);
        let found = self.inner.features.ask(tenant, || self.now(), patience(asked.len()), reading).await.transpose()?;
        for (place, &(row, _)) in named.iter().enumerate() {
            let known = found.as_ref().map(|found| found.get(place).and_then(Option::as_ref));
            uses[row] = Some(take(served, &mut rows[row], known, now));
        }
        Ok(uses)
    }

    /// For each entity and moment those of the features `wanted` that were known then. That they are too much for one
    /// request is no failure of the store.
    pub(super) async fn wanted_features(
        &self,
        tenant: TenantId,
        set: &str,
        asked: &[(&str, Timestamp)],
        wanted: &HashSet<&str>,
    ) -> Result<Result<Vec<Option<FeatureRecord>>>> {
        let (mut all, mut bytes) = (Vec::with_capacity(asked.len()), 0);
        for part in asked.chunks(TOGETHER) {
            for mut found in self.store().features_known_at(tenant, set, part).await? {
                if let Some(record) = &mut found {
                    record.features.retain(|name, _| wanted.contains(name.as_str()));
                    bytes += serde_json::to_vec(&record.features).map_or(0, |json| json.len());
                }
                all.push(found);
            }
            if bytes > MOST_BYTES {
                let most = MOST_BYTES >> 20;
                let reason = format!("the features of these rows are larger than {most} MiB: ask about fewer at once");
                return Ok(Err(Error::TooLarge(reason)));
            }
        }
        Ok(Ok(all))
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

    const ACME: TenantId = TenantId(1);
    const OTHER: TenantId = TenantId(2);

    #[tokio::test]
    async fn a_store_that_fails_or_hangs_is_left_alone_for_a_while() {
        let (lookup, none) = (Lookup::default(), Duration::ZERO);
        let now = Cell::new(Timestamp(PAUSE));
        let clock = || now.get();
        assert_eq!(lookup.ask(ACME, clock, none, ready(Ok(7))).await, Some(7));
        for _ in 1..FAILURES {
            assert_eq!(lookup.ask(ACME, clock, none, ready(Err::<i32, _>(Error::internal("away")))).await, None);
        }
        assert_eq!(lookup.ask(ACME, clock, none, pending::<Result<i32>>()).await, None, "time is over");
        assert_eq!(lookup.ask(ACME, clock, none, ready(Ok(7))).await, None, "not tried");
        let expected = Lookups { state: State::Open, answered: 1, failed: u64::from(FAILURES), skipped: 1 };
        assert_eq!(lookup.lookups(ACME, now.get()), expected);
        now.set(Timestamp(2 * PAUSE));
        assert_eq!(lookup.ask(ACME, clock, none, ready(Ok(7))).await, Some(7));
        assert_eq!(lookup.lookups(ACME, now.get()).state, State::Closed);
    }

    #[tokio::test]
    async fn what_one_tenant_cannot_read_is_not_kept_from_another() {
        let (lookup, none, clock) = (Lookup::default(), Duration::ZERO, || Timestamp(PAUSE));
        for _ in 0..FAILURES {
            assert_eq!(lookup.ask(ACME, clock, none, ready(Err::<i32, _>(Error::internal("away")))).await, None);
        }
        assert_eq!(lookup.ask(ACME, clock, none, ready(Ok(7))).await, None);
        assert_eq!(lookup.ask(OTHER, clock, none, ready(Ok(7))).await, Some(7));
        let states = [ACME, OTHER].map(|tenant| lookup.lookups(tenant, clock()).state);
        assert_eq!(states, [State::Open, State::Closed]);
    }

    #[test]
    fn circuits_are_forgotten_before_they_are_too_many() {
        let lookup = Lookup::default();
        (0..2_500).for_each(|tenant| lookup.note_failure(TenantId(tenant), Timestamp(0)));
        assert_eq!(lookup.circuits().len(), 500);
    }
}
