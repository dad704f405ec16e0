//! Versions in memory, verified when they were read, and no more bytes of them than the budget says. Champions stay in the
//! serving table as long as they fit; those not asked for lately go first, and come back with their next request.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::model::{Model, Version};
use domain::{ModelId, Task, TenantId};
use ml::model::Model as RowModel;
use moka::future::Cache;
use moka::policy::EvictionPolicy;
use store::Artifacts;
use vision::Reader;

use super::{Served, Serving, Table};
use crate::error::{Error, Result};
use crate::{Desk, kind};

/// A version in memory.
#[derive(Clone)]
pub(crate) enum Fitted {
    /// Answers rows of cells.
    Rows(Arc<RowModel>),
    /// Reads images.
    Images(Arc<Reader>),
}

/// A version in memory with the bytes that it takes, which are about those of its artifacts.
#[derive(Clone)]
pub(crate) struct Loaded {
    pub(crate) fitted: Fitted,
    pub(crate) bytes: u64,
}

/// Versions that do not serve and were asked for lately, by explanations and comparisons.
pub(crate) struct Versions {
    kept: Cache<(ModelId, i64), Loaded>,
    /// Most bytes of champions.
    pub(super) champions: u64,
    /// Most bytes of other versions.
    pub(super) others: u64,
    pub(super) hits: AtomicU64,
    pub(super) misses: AtomicU64,
}

/// What serves one model takes so much memory at least, also without a version.
pub(super) const LEAST: u64 = 16 << 10;

impl Fitted {
    fn of(task: Task, files: &BTreeMap<String, Vec<u8>>) -> Result<Self> {
        match task {
            Task::TextRecognition => Ok(Self::Images(Arc::new(Reader::from_files(files).map_err(Error::internal)?))),
            Task::Binary | Task::Multiclass | Task::Regression => {
                Ok(Self::Rows(Arc::new(RowModel::from_files(files).map_err(Error::internal)?)))
            }
        }
    }

    pub(super) fn rows(&self) -> Option<&Arc<RowModel>> {
        if let Self::Rows(model) = self { Some(model) } else { None }
    }

    pub(super) fn reader(&self) -> Option<&Arc<Reader>> {
        if let Self::Images(reader) = self { Some(reader) } else { None }
    }
}

impl Versions {
    /// Room for `budget` bytes: three quarters for champions, a quarter for other versions, so that a look at old versions
    /// never costs a champion its place.
    pub(super) fn new(budget: u64) -> Self {
        let weight = |_: &(ModelId, i64), loaded: &Loaded| u32::try_from(loaded.bytes).unwrap_or(u32::MAX);
        let kept = Cache::builder().max_capacity(budget / 4).weigher(weight).eviction_policy(EvictionPolicy::lru());
        Self {
            kept: kept.build(),
            champions: budget - budget / 4,
            others: budget / 4,
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    pub(super) async fn held(&self) -> (u64, u64) {
        self.kept.run_pending_tasks().await;
        (self.kept.weighted_size(), self.kept.entry_count())
    }

    pub(super) async fn forget(&self, model: ModelId, number: i64) {
        self.kept.invalidate(&(model, number)).await;
    }
}

impl Serving {
    /// The champions' bytes.
    pub(super) fn champion_bytes(&self) -> u64 {
        self.table.load().values().flat_map(|models| models.values()).map(|served| served.bytes).sum()
    }

    /// Lets go of champions until the rest fits, those first that were asked for the longest ago; never of `newest`.
    pub(super) fn make_room(&self, newest: &Arc<Served>) {
        let mut gone = 0;
        self.table.rcu(|table| {
            let mut table = Table::clone(table);
            gone = fit(&mut table, self.versions.champions, newest);
            table
        });
        self.let_go.fetch_add(gone, Ordering::Relaxed);
    }
}

/// Takes out of `table` what does not fit; says how many.
fn fit(table: &mut Table, most: u64, newest: &Arc<Served>) -> u64 {
    let all = table.values().flat_map(|models| models.values());
    let mut bytes: u64 = all.clone().map(|served| served.bytes).sum();
    if bytes <= most {
        return 0;
    }
    let mut others: Vec<Arc<Served>> = all.filter(|served| !Arc::ptr_eq(served, newest)).cloned().collect();
    others.sort_by_key(|served| served.used_at());
    let mut gone = 0;
    for served in others {
        if bytes <= most {
            break;
        }
        bytes -= served.bytes;
        gone += 1;
        if let Some(models) = table.get_mut(&served.model.tenant) {
            models.remove(&served.model.name);
        }
    }
    gone
}

impl Desk {
    /// A version in memory, verified against its manifest when it was read.
    pub(crate) async fn load(&self, model: &Model, number: i64) -> Result<Loaded> {
        let versions = &self.inner.serving.versions;
        if let Some(loaded) = self.inner.serving.champion(model, number) {
            return Ok(loaded);
        }
        let mut is_here = true;
        let loading = async {
            is_here = false;
            self.read_version(model, number).await
        };
        // Whoever else wants it meanwhile waits for the same reading.
        let loaded = versions.kept.try_get_with((model.id, number), loading).await;
        let counted = if is_here { &versions.hits } else { &versions.misses };
        counted.fetch_add(1, Ordering::Relaxed);
        loaded.map_err(|error| again(&error))
    }

    async fn read_version(&self, model: &Model, number: i64) -> Result<Loaded> {
        let task = model.task();
        let version = self.store().version(model.tenant, model.id, number).await?;
        let version = version.ok_or_else(|| Error::not_found(format!("version {number}")))?;
        let files = self.verified_files(model.tenant, &version).await?;
        let bytes = files.values().map(|file| file.len() as u64).sum();
        let fitted = tokio::task::spawn_blocking(move || Fitted::of(task, &files)).await.map_err(Error::internal)??;
        Ok(Loaded { fitted, bytes })
    }

    /// A version that answers rows.
    pub(crate) async fn load_rows(&self, model: &Model, number: i64) -> Result<Arc<RowModel>> {
        kind::takes_rows(model)?;
        let loaded = self.load(model, number).await?;
        loaded.fitted.rows().cloned().ok_or_else(|| Error::internal("a version of another task"))
    }

    /// A version that reads images.
    pub(crate) async fn load_reader(&self, model: &Model, number: i64) -> Result<Arc<Reader>> {
        kind::takes_images(model)?;
        let loaded = self.load(model, number).await?;
        loaded.fitted.reader().cloned().ok_or_else(|| Error::internal("a version of another task"))
    }

    /// The artifacts of a version, exactly as the manifest says.
    pub(crate) async fn verified_files(
        &self,
        tenant: TenantId,
        version: &Version,
    ) -> Result<BTreeMap<String, Vec<u8>>> {
        let mut files = BTreeMap::new();
        for name in version.manifest.artifacts.keys() {
            let key = Artifacts::version_key(tenant, version.model, version.run, name);
            if let Some(bytes) = self.inner.artifacts.get(&key).await? {
                files.insert(name.clone(), bytes.to_vec());
            }
        }
        version.manifest.verify(&files).map_err(|tampered| Error::Conflict(tampered.to_string()))?;
        Ok(files)
    }
}

/// What several callers are told who waited for the same reading.
fn again(error: &Error) -> Error {
    match error {
        Error::NotFound(what) => Error::NotFound(what.clone()),
        Error::Conflict(reason) => Error::Conflict(reason.clone()),
        Error::Unavailable { reason, retry_after } => {
            Error::Unavailable { reason: reason.clone(), retry_after: *retry_after }
        }
        Error::Internal(source) => Error::internal(source.to_string()),
        other => Error::internal(other.to_string()),
    }
}
