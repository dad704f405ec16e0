//! Who answers: the table from a model's name to what serves it, read by every prediction and swapped in one step.

mod answers;
mod counts;
mod following;
mod memory;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use arc_swap::ArcSwap;
use domain::model::Model;
use domain::time::SECOND;
use domain::{ModelId, Specification, TenantId, Timestamp};
use ml::model::Model as RowModel;
use vision::Reader;

use crate::Desk;
use crate::error::{Error, Result};

pub(crate) use answers::{Answers, Computed};
pub(crate) use counts::Counts;
pub use counts::{Counted, LATENCIES, Source};
use memory::{Fitted, Loaded, Versions};

/// What serves one model. Immutable; a deployment puts a new one in its place.
pub struct Served {
    /// The model.
    pub model: Model,
    /// The champion's number; none while the heuristic is meant to answer.
    pub version: Option<i64>,
    /// The specification that rows are read by: the champion's own, else the one in force.
    pub specification: Specification,
    /// The champion in memory; none is the heuristic.
    fitted: Option<Fitted>,
    refused: Option<Refused>,
    /// Memory that it takes.
    bytes: u64,
    /// When it was last asked for, to the second.
    used: AtomicI64,
    /// What the model was asked.
    pub(crate) counts: Arc<Counts>,
}

/// Why a champion does not answer, and when it is tried again.
struct Refused {
    reason: String,
    again_at: Timestamp,
}

/// Artifacts that are not what the manifest says stay so until somebody restores them.
const RESTORED_WITHIN: i64 = 60 * SECOND;

/// A database or an object store that is away is usually back soon.
const BACK_WITHIN: i64 = 2 * SECOND;

type Table = HashMap<TenantId, HashMap<String, Arc<Served>>>;

/// The serving table, the versions that are in memory, and the answers that are kept.
pub(crate) struct Serving {
    table: ArcSwap<Table>,
    /// Id of the newest deployment that the table knows of.
    seen: AtomicI64,
    versions: Versions,
    pub(crate) answers: Answers,
    counts: counts::AllCounts,
    /// Requests whose champion was in memory, and those that had to wait for it.
    hits: AtomicU64,
    misses: AtomicU64,
    /// Champions that had to go to make room.
    let_go: AtomicU64,
}

/// How well something is kept in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Asked for and there.
    pub hits: u64,
    /// Asked for and not there.
    pub misses: u64,
    /// How many there are.
    pub entries: u64,
    /// Memory that they take.
    pub bytes: u64,
    /// Memory that they may take.
    pub most: u64,
}

/// What a process keeps in memory to answer with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Answers to rows.
    pub answers: Held,
    /// Champions.
    pub champions: Held,
    /// Other versions.
    pub versions: Held,
    /// Champions that had to go to make room for others.
    pub let_go: u64,
}

impl Serving {
    /// Nothing served yet; `budget` bytes of versions may be in memory.
    pub(crate) fn new(budget: u64) -> Self {
        Self {
            table: ArcSwap::default(),
            seen: AtomicI64::new(0),
            versions: Versions::new(budget),
            answers: Answers::default(),
            counts: counts::AllCounts::default(),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            let_go: AtomicU64::new(0),
        }
    }

    fn known(&self, tenant: TenantId, name: &str) -> Option<Arc<Served>> {
        self.table.load().get(&tenant).and_then(|models| models.get(name)).map(Arc::clone)
    }

    /// A version that serves and is in memory.
    fn champion(&self, model: &Model, number: i64) -> Option<Loaded> {
        let served = self.known(model.tenant, &model.name)?;
        let fitted = served.fitted.clone().filter(|_| served.version == Some(number))?;
        Some(Loaded { fitted, bytes: served.bytes - memory::LEAST })
    }

    /// What is kept in memory now.
    pub(crate) async fn memory(&self) -> Memory {
        let held = |hits: &AtomicU64, misses: &AtomicU64, (bytes, entries), most| {
            let (hits, misses) = (hits.load(Ordering::Relaxed), misses.load(Ordering::Relaxed));
            Held { hits, misses, entries, bytes, most }
        };
        let (answers, versions) = (&self.answers, &self.versions);
        let champions = self.table.load().values().map(HashMap::len).sum::<usize>() as u64;
        let champions = (self.champion_bytes(), champions);
        Memory {
            answers: held(&answers.hits, &answers.misses, answers.held(), answers::MOST_BYTES),
            champions: held(&self.hits, &self.misses, champions, versions.champions),
            versions: held(&versions.hits, &versions.misses, versions.held().await, versions.others),
            let_go: self.let_go.load(Ordering::Relaxed),
        }
    }

    /// What a tenant's models were asked since the process began.
    pub(crate) fn counted(&self, tenant: TenantId) -> Vec<Counted> {
        self.counts.counted(tenant)
    }
}

impl Served {
    /// The champion, if it answers rows.
    pub(crate) fn rows(&self) -> Option<&Arc<RowModel>> {
        self.fitted.as_ref().and_then(Fitted::rows)
    }

    /// The champion, if it reads images.
    pub(crate) fn reader(&self) -> Option<&Arc<Reader>> {
        self.fitted.as_ref().and_then(Fitted::reader)
    }

    /// Why the champion does not answer although it should.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        self.refused.as_ref().map(|refused| refused.reason.as_str())
    }

    /// How long the champion's answers are kept, in seconds. As the specification in force says.
    pub(crate) fn cache_seconds(&self) -> Option<u32> {
        self.model.specification.cache_seconds.filter(|_| self.fitted.is_some())
    }

    /// Who computes its answers.
    pub(crate) fn source(&self) -> Source {
        if self.fitted.is_some() { Source::Champion } else { Source::Heuristic }
    }

    fn used_at(&self) -> i64 {
        self.used.load(Ordering::Relaxed)
    }

    /// Notes that it was asked for; at most once a second, so that many threads do not write the same memory all the time.
    fn touch(&self, now: Timestamp) {
        if now.0 - self.used_at() >= SECOND {
            self.used.store(now.0, Ordering::Relaxed);
        }
    }
}

impl Desk {
    /// What serves `name` in `tenant`.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the tenant has no such model.
    pub(crate) async fn served(&self, tenant: TenantId, name: &str) -> Result<Arc<Served>> {
        let serving = &self.inner.serving;
        if let Some(served) = serving.known(tenant, name) {
            serving.hits.fetch_add(1, Ordering::Relaxed);
            served.touch(self.now());
            return Ok(served);
        }
        let model = self.model(tenant, name).await?;
        serving.misses.fetch_add(1, Ordering::Relaxed);
        self.serve(model).await
    }

    /// Puts the version of `model` that was deployed last into service in this process, verified and in memory before the
    /// first answer. What was kept of the model's answers is forgotten.
    pub(crate) async fn serve(&self, model: Model) -> Result<Arc<Served>> {
        let version = self.deployed(&model).await?;
        self.serve_from(model, version).await
    }

    /// The same where `version` was read as the one deployed last. While it was loaded another one may have been deployed
    /// and put into service here, whose place it must not take for good.
    async fn serve_from(&self, model: Model, mut version: Option<i64>) -> Result<Arc<Served>> {
        loop {
            let served = self.put(model.clone(), version).await?;
            let newest = self.deployed(&model).await?;
            if newest == version {
                return Ok(served);
            }
            version = newest;
        }
    }

    /// The version that was deployed last; none is the heuristic.
    async fn deployed(&self, model: &Model) -> Result<Option<i64>> {
        let newest = self.store().newest_deployment(model.tenant, model.id).await?;
        Ok(newest.and_then(|deployment| deployment.version))
    }

    async fn put(&self, model: Model, version: Option<i64>) -> Result<Arc<Served>> {
        let serving = &self.inner.serving;
        let specification = match version {
            Some(number) => self.version(model.tenant, &model, number).await?.1,
            None => model.specification.clone(),
        };
        let (loaded, refused) = match version {
            Some(number) => match self.load(&model, number).await {
                Ok(loaded) => (Some(loaded), None),
                Err(error) => (None, Some(self.refuse(&model, number, &error))),
            },
            None => (None, None),
        };
        let bytes = memory::LEAST + loaded.as_ref().map_or(0, |loaded| loaded.bytes);
        let fitted = loaded.map(|loaded| loaded.fitted);
        let (used, counts) = (AtomicI64::new(self.now().0), serving.counts.of(&model));
        let served = Arc::new(Served { model, version, specification, fitted, refused, bytes, used, counts });
        let model = &served.model;
        serving.table.rcu(|table| {
            let mut table = Table::clone(table);
            table.entry(model.tenant).or_default().insert(model.name.clone(), Arc::clone(&served));
            table
        });
        serving.answers.forget(model.id);
        serving.make_room(&served);
        if let Some(number) = version {
            serving.versions.forget(model.id, number).await;
        }
        Ok(served)
    }

    fn refuse(&self, model: &Model, version: i64, error: &Error) -> Refused {
        let reason = error.to_string();
        tracing::error!(model = %model.name, version, %reason, "the champion is refused; the heuristic answers");
        let pause = if matches!(error, Error::Unavailable { .. }) { BACK_WITHIN } else { RESTORED_WITHIN };
        Refused { reason, again_at: self.now().plus(pause) }
    }

    /// Serves a model as the database knows it now.
    pub(crate) async fn refresh(&self, tenant: TenantId, model: ModelId) -> Result<()> {
        let model = self.model_by_id(tenant, model).await?;
        self.serve(model).await.map(drop)
    }
}
