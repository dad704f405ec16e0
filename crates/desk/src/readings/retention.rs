//! Images go when their time is over. What was read from them stays.

use domain::model::Model;
use domain::time::{DAY, HOUR};
use domain::{ModelId, TenantId, Timestamp};
use futures::TryStreamExt;
use store::{Artifacts, Expiry};

use super::Readings;
use crate::error::Result;

/// A process that deletes an image is done with it sooner; what was marked before that has lost its process. So has an
/// image that is there for as long and is not noted.
const LOST: i64 = HOUR;

/// The longest import is over sooner; what nothing has claimed by then, nothing will.
const UNCLAIMED: i64 = DAY;

impl Readings<'_> {
    /// Deletes images that have lived as long as their model keeps them, and those that came in for a reading or a data
    /// set that was never made, and finishes what another process began; gives how many. What a data set, a task that
    /// waits or a younger reading needs stays. Spans tenants.
    ///
    /// # Errors
    /// When the database or the object store fails.
    pub async fn delete_expired_images(&self) -> Result<usize> {
        let now = self.desk.now();
        let mut deleted = 0;
        for (tenant, sha256) in self.desk.store().all_marked_images(now.plus(-LOST)).await? {
            self.delete(tenant, &sha256).await?;
            deleted += 1;
        }
        for (tenant, sha256) in self.desk.store().mark_all_unclaimed_images(now.plus(-UNCLAIMED), now).await? {
            self.delete(tenant, &sha256).await?;
            deleted += 1;
        }
        for tenant in self.desk.store().all_tenants().await? {
            for expiry in expiries(&self.desk.store().models(tenant.id).await?, now) {
                deleted += self.delete_expired(tenant.id, expiry, now).await?;
            }
        }
        Ok(deleted)
    }

    /// Notes images that lie in the object store and are not noted, as they are left where a process died, or the log was
    /// full, between an image and its reading; gives how many. They are deleted a day later, unless something has claimed
    /// them. Spans tenants.
    ///
    /// # Errors
    /// When the database or the object store fails.
    pub async fn note_lost_images(&self) -> Result<usize> {
        let (store, now) = (self.desk.store(), self.desk.now());
        let mut noted = 0;
        for tenant in store.all_tenants().await? {
            let mut parts = self.desk.inner.artifacts.images_before(tenant.id, now.plus(-LOST));
            while let Some(part) = parts.try_next().await? {
                noted += store.note_found_images(tenant.id, &part, now).await?;
            }
        }
        Ok(noted)
    }

    async fn delete_expired(&self, tenant: TenantId, expiry: Expiry, now: Timestamp) -> Result<usize> {
        let mut deleted = 0;
        loop {
            let marked = self.desk.store().mark_expired_images(tenant, expiry, now).await?;
            if marked.is_empty() {
                return Ok(deleted);
            }
            for sha256 in &marked {
                self.delete(tenant, sha256).await?;
            }
            deleted += marked.len();
        }
    }

    /// First the object: what is noted and gone is found again, what is there and not noted never would be.
    async fn delete(&self, tenant: TenantId, sha256: &str) -> Result<()> {
        self.desk.inner.artifacts.delete(&Artifacts::image_key(tenant, sha256)).await?;
        Ok(self.desk.store().forget_image(tenant, sha256).await?)
    }
}

/// What of each model's images has lived long enough. An image that several models have read stays as long as the most
/// patient of them keeps images.
fn expiries(models: &[Model], now: Timestamp) -> Vec<Expiry> {
    let kept_since = |model: &Model| -> Option<(ModelId, Timestamp)> {
        let days = model.specification.reading.as_ref()?.retention_days;
        let since = days.map_or(Timestamp(i64::MIN), |days| now.plus(-i64::from(days) * DAY));
        Some((model.id, since))
    };
    let since: Vec<_> = models.iter().filter_map(kept_since).collect();
    let others_before = since.iter().map(|(_, since)| *since).min().unwrap_or(now);
    let bounded = since.into_iter().filter(|(_, since)| since.0 > i64::MIN);
    bounded.map(|(model, before)| Expiry { model, before, others_before }).collect()
}
