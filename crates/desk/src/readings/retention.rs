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
    /// waits or a younger reading needs stays.
    ///
    /// # Errors
    /// When the database or the object store fails.
    pub async fn delete_expired_images(&self, tenant: TenantId) -> Result<usize> {
        let (store, now) = (self.desk.store(), self.desk.now());
        let left = self.delete_parts(tenant, || store.marked_images(tenant, now.plus(-LOST))).await?;
        let unclaimed =
            self.delete_parts(tenant, || store.mark_unclaimed_images(tenant, now.plus(-UNCLAIMED), now)).await?;
        let mut expired = 0;
        for expiry in expiries(&store.models(tenant).await?, now) {
            expired += self.delete_parts(tenant, || store.mark_expired_images(tenant, expiry, now)).await?;
        }
        Ok(left + unclaimed + expired)
    }

    /// Notes images that lie in the object store and are not noted, as they are left where a process died, or the log was
    /// full, between an image and its reading; gives how many. They are deleted a day later, unless something has claimed
    /// them.
    ///
    /// # Errors
    /// When the database or the object store fails.
    pub async fn note_lost_images(&self, tenant: TenantId) -> Result<usize> {
        let now = self.desk.now();
        let mut noted = 0;
        let mut parts = self.desk.inner.artifacts.images_before(tenant, now.plus(-LOST));
        while let Some(part) = parts.try_next().await? {
            noted += self.desk.store().note_found_images(tenant, &part, now).await?;
        }
        Ok(noted)
    }

    /// Deletes marked images, part by part, until there are no more; gives how many.
    async fn delete_parts<F>(&self, tenant: TenantId, next: impl Fn() -> F) -> Result<usize>
    where
        F: Future<Output = Result<Vec<String>, store::Error>>,
    {
        let mut deleted = 0;
        loop {
            let marked = next().await?;
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
