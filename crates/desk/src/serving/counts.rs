//! What each model was asked since the process began. Counted without a lock: the counts of a model hang on what serves it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use domain::model::Model;
use domain::{ModelId, TenantId};

/// Upper ends of the classes of latency, in microseconds; the last class has none.
pub const LATENCIES: [i64; 14] =
    [200, 500, 1_000, 2_000, 3_000, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000];

/// By whom or what an answer was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The champion computed it.
    Champion,
    /// The champion had computed it before.
    Kept,
    /// The heuristic.
    Heuristic,
}

/// Counts of one model.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    sources: [AtomicU64; 3],
    latencies: [AtomicU64; LATENCIES.len() + 1],
    micros: AtomicU64,
}

/// The counts of one model at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Name of the model.
    pub model: String,
    /// Answers by [`Source`], in the order of [`Source::ALL`].
    pub sources: [u64; 3],
    /// Requests in each class of latency.
    pub latencies: [u64; LATENCIES.len() + 1],
    /// All latencies together, in microseconds.
    pub micros: u64,
}

/// The counts of all models of this process.
#[derive(Default)]
pub(crate) struct AllCounts(Mutex<HashMap<ModelId, Named>>);

/// Counts with the model that they are of.
struct Named {
    tenant: TenantId,
    model: String,
    counts: Arc<Counts>,
}

impl Source {
    /// Every source.
    pub const ALL: [Self; 3] = [Self::Champion, Self::Kept, Self::Heuristic];

    /// The word used in metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Champion => "champion",
            Self::Kept => "cache",
            Self::Heuristic => "heuristic",
        }
    }
}

impl Counts {
    /// Counts a request that was answered, and all of it durable, after `micros`.
    pub(crate) fn answered(&self, source: Source, rows: usize, micros: i64) {
        let class = LATENCIES.iter().position(|&end| micros <= end).unwrap_or(LATENCIES.len());
        self.sources[source as usize].fetch_add(rows as u64, Ordering::Relaxed);
        self.latencies[class].fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(u64::try_from(micros).unwrap_or(0), Ordering::Relaxed);
    }
}

impl AllCounts {
    /// Those of a model; the same as long as the process lives.
    pub(super) fn of(&self, model: &Model) -> Arc<Counts> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let named = || Named { tenant: model.tenant, model: model.name.clone(), counts: Arc::default() };
        Arc::clone(&all.entry(model.id).or_insert_with(named).counts)
    }

    /// Those of a tenant's models now, by name.
    pub(crate) fn counted(&self, tenant: TenantId) -> Vec<Counted> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut counted: Vec<Counted> = all
            .values()
            .filter(|named| named.tenant == tenant)
            .map(|Named { model, counts, .. }| Counted {
                model: model.clone(),
                sources: counts.sources.each_ref().map(|count| count.load(Ordering::Relaxed)),
                latencies: counts.latencies.each_ref().map(|count| count.load(Ordering::Relaxed)),
                micros: counts.micros.load(Ordering::Relaxed),
            })
            .collect();
        counted.sort_by(|a, b| a.model.cmp(&b.model));
        counted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latency_lies_in_the_first_class_that_holds_it() {
        let counts = Counts::default();
        for micros in [0, 200, 201, 5_000_000, 5_000_001, -3] {
            counts.answered(Source::Kept, 2, micros);
        }
        let of = |class: usize| counts.latencies[class].load(Ordering::Relaxed);
        assert_eq!((of(0), of(1), of(13), of(14)), (3, 1, 1, 1));
        assert_eq!(counts.sources.each_ref().map(|count| count.load(Ordering::Relaxed)), [0, 12, 0]);
    }
}
