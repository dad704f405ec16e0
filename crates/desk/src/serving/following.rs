//! Keeps the serving table as the database says: at the start, when another process moved traffic, and when a champion that
//! was refused may be whole again.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use domain::DeploymentId;

use super::Served;
use crate::Desk;
use crate::error::Result;

impl Desk {
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

    /// Loads champions, those first that were deployed last, as long as there is room: so that the first prediction does
    /// not wait for them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load_champions(&self) -> Result<()> {
        let serving = self.store().all_serving().await?;
        self.notice(&serving);
        for deployed in serving.into_iter().rev() {
            if self.inner.serving.champion_bytes() >= self.inner.serving.versions.champions {
                tracing::warn!("not all champions fit into memory; the others are loaded when they are asked for");
                break;
            }
            if let Some(model) = self.store().model(deployed.tenant, deployed.model).await? {
                self.serve(model).await?;
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
                let here = self.inner.serving.known(model.tenant, &model.name);
                if here.is_none_or(|served| served.version != deployed.version) {
                    self.serve(model).await?;
                }
            }
        }
        self.notice(&serving);
        Ok(())
    }

    /// What a specification says of answering holds from when it is in force; without a champion, rows are read by it too.
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

    fn notice(&self, serving: &[store::Serving]) {
        let newest = serving.iter().map(|deployed| deployed.deployment.0).max().unwrap_or(0);
        self.inner.serving.seen.fetch_max(newest, Ordering::Relaxed);
    }
}
