//! Who answers: the table from a model's name to what serves it, read by every prediction and swapped in one step.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use arc_swap::ArcSwap;
use domain::model::{Model, Version};
use domain::time::SECOND;
use domain::{DeploymentId, ModelId, Specification, Task, TenantId, Timestamp};
use ml::model::Model as RowModel;
use moka::future::Cache;
use store::Artifacts;
use vision::Reader;

use crate::error::{Error, Result};
use crate::{Desk, kind};

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

/// The serving table and the versions that are in memory.
pub(crate) struct Serving {
    table: ArcSwap<Table>,
    /// Id of the newest deployment that the table knows of.
    seen: AtomicI64,
    fitted: Cache<(ModelId, i64), Fitted>,
}

/// A version in memory.
#[derive(Clone)]
pub(crate) enum Fitted {
    /// Answers rows of cells.
    Rows(Arc<RowModel>),
    /// Reads images.
    Images(Arc<Reader>),
}

impl Fitted {
    fn of(task: Task, files: &BTreeMap<String, Vec<u8>>) -> Result<Self> {
        match task {
            Task::TextRecognition => Ok(Self::Images(Arc::new(Reader::from_files(files).map_err(Error::internal)?))),
            Task::Binary | Task::Multiclass | Task::Regression => {
                Ok(Self::Rows(Arc::new(RowModel::from_files(files).map_err(Error::internal)?)))
            }
        }
    }

    fn rows(&self) -> Option<&Arc<RowModel>> {
        if let Self::Rows(model) = self { Some(model) } else { None }
    }

    fn reader(&self) -> Option<&Arc<Reader>> {
        if let Self::Images(reader) = self { Some(reader) } else { None }
    }
}

/// How many versions stay in memory beside the champions: explanations and comparisons ask for old ones.
const VERSIONS_IN_MEMORY: u64 = 32;

impl Default for Serving {
    fn default() -> Self {
        Self {
            table: ArcSwap::default(),
            seen: AtomicI64::new(0),
            fitted: Cache::builder().max_capacity(VERSIONS_IN_MEMORY).build(),
        }
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
}

impl Desk {
    /// What serves `name` in `tenant`.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the tenant has no such model.
    pub(crate) async fn served(&self, tenant: TenantId, name: &str) -> Result<Arc<Served>> {
        let known = self.inner.serving.table.load();
        if let Some(served) = known.get(&tenant).and_then(|models| models.get(name)) {
            return Ok(Arc::clone(served));
        }
        let model = self.model(tenant, name).await?;
        let newest = self.store().newest_deployment(tenant, model.id).await?;
        self.serve(model, newest.and_then(|deployment| deployment.version)).await
    }

    /// Puts `version` of `model` into service in this process, verified and in memory before the first answer.
    pub(crate) async fn serve(&self, model: Model, version: Option<i64>) -> Result<Arc<Served>> {
        let specification = match version {
            Some(number) => self.version(model.tenant, &model, number).await?.1,
            None => model.specification.clone(),
        };
        let (tenant, name) = (model.tenant, model.name.clone());
        let (fitted, refused) = match version {
            Some(number) => match self.load(&model, number).await {
                Ok(fitted) => (Some(fitted), None),
                Err(error) => (None, Some(self.refuse(&model, number, &error))),
            },
            None => (None, None),
        };
        let served = Arc::new(Served { model, version, specification, fitted, refused });
        self.inner.serving.table.rcu(|table| {
            let mut table = Table::clone(table);
            table.entry(tenant).or_default().insert(name.clone(), Arc::clone(&served));
            table
        });
        Ok(served)
    }

    fn refuse(&self, model: &Model, version: i64, error: &Error) -> Refused {
        let reason = error.to_string();
        tracing::error!(model = %model.name, version, %reason, "the champion is refused; the heuristic answers");
        let pause = if matches!(error, Error::Unavailable { .. }) { BACK_WITHIN } else { RESTORED_WITHIN };
        Refused { reason, again_at: self.now().plus(pause) }
    }

    /// Tries again to load champions that were refused, each when its time has come.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn retry_refused(&self) -> Result<()> {
        let (now, table) = (self.now(), self.inner.serving.table.load_full());
        let due = |served: &&Arc<Served>| served.refused.as_ref().is_some_and(|refused| refused.again_at <= now);
        for served in table.values().flat_map(HashMap::values).filter(due) {
            self.refresh(served.model.tenant, served.model.id).await?;
        }
        Ok(())
    }

    /// Loads every champion, so that the first prediction does not wait for it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load_champions(&self) -> Result<()> {
        let serving = self.store().all_serving().await?;
        self.notice(&serving);
        for deployed in serving {
            if let Some(model) = self.store().model(deployed.tenant, deployed.model).await? {
                self.serve(model, deployed.version).await?;
            }
        }
        Ok(())
    }

    /// Notices what another process deployed or specified since the last call, and serves it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn follow_changes(&self) -> Result<()> {
        self.follow_deployments().await?;
        self.follow_specifications().await
    }

    async fn follow_deployments(&self) -> Result<()> {
        let seen = DeploymentId(self.inner.serving.seen.load(Ordering::Relaxed));
        let serving = self.store().all_serving_since(seen).await?;
        for deployed in &serving {
            if let Some(model) = self.store().model(deployed.tenant, deployed.model).await? {
                let known = self.inner.serving.table.load();
                let here = known.get(&model.tenant).and_then(|models| models.get(&model.name));
                if here.is_none_or(|served| served.version != deployed.version) {
                    self.serve(model, deployed.version).await?;
                }
            }
        }
        self.notice(&serving);
        Ok(())
    }

    /// Without a champion, rows are read by the specification in force.
    async fn follow_specifications(&self) -> Result<()> {
        for (tenant, id, number) in self.store().all_specification_numbers().await? {
            let known = self.inner.serving.table.load();
            let here = known.get(&tenant).and_then(|models| models.values().find(|served| served.model.id == id));
            if here.is_some_and(|served| served.model.specification_number != number) {
                self.refresh(tenant, id).await?;
            }
        }
        Ok(())
    }

    /// Serves a model as the database knows it now.
    pub(crate) async fn refresh(&self, tenant: TenantId, model: ModelId) -> Result<()> {
        let model = self.model_by_id(tenant, model).await?;
        let newest = self.store().newest_deployment(tenant, model.id).await?;
        self.serve(model, newest.and_then(|deployment| deployment.version)).await?;
        Ok(())
    }

    fn notice(&self, serving: &[store::Serving]) {
        let newest = serving.iter().map(|deployed| deployed.deployment.0).max().unwrap_or(0);
        self.inner.serving.seen.fetch_max(newest, Ordering::Relaxed);
    }

    /// A version in memory, verified against its manifest when it was read.
    pub(crate) async fn load(&self, model: &Model, number: i64) -> Result<Fitted> {
        let (cache, key, task) = (&self.inner.serving.fitted, (model.id, number), model.task());
        if let Some(fitted) = cache.get(&key).await {
            return Ok(fitted);
        }
        let version = self.store().version(model.tenant, model.id, number).await?;
        let version = version.ok_or_else(|| Error::not_found(format!("version {number}")))?;
        let files = self.verified_files(model.tenant, &version).await?;
        let fitted = tokio::task::spawn_blocking(move || Fitted::of(task, &files)).await.map_err(Error::internal)??;
        cache.insert(key, fitted.clone()).await;
        Ok(fitted)
    }

    /// A version that answers rows.
    pub(crate) async fn load_rows(&self, model: &Model, number: i64) -> Result<Arc<RowModel>> {
        kind::takes_rows(model)?;
        let fitted = self.load(model, number).await?;
        fitted.rows().cloned().ok_or_else(|| Error::internal("a version of another task"))
    }

    /// A version that reads images.
    pub(crate) async fn load_reader(&self, model: &Model, number: i64) -> Result<Arc<Reader>> {
        kind::takes_images(model)?;
        let fitted = self.load(model, number).await?;
        fitted.reader().cloned().ok_or_else(|| Error::internal("a version of another task"))
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
