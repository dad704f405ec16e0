//! Images that came in for something that never came: their process died, or what they came for was refused.

use std::collections::{BTreeMap, HashSet};

use domain::{TenantId, Timestamp};

use super::{NewImage, Noted, TOGETHER, insert};
use crate::artifacts::FoundImage;
use crate::dialect::{Listed, list};
use crate::sql::{Tx, args, to_list};
use crate::{Error, Store};

impl Store {
    /// Notes those images among the ones found in the object store that nobody has noted; gives how many. From then on
    /// they are deleted like others that nothing needs.
    pub async fn note_found_images(
        &self,
        tenant: TenantId,
        found: &[FoundImage],
        now: Timestamp,
    ) -> Result<usize, Error> {
        let mut tx = self.begin().await?;
        let known = known(&mut tx, tenant, found).await?;
        let lost = found.iter().filter(|found| !known.contains(&found.sha256));
        let images: Vec<NewImage> = lost
            .map(|found| NewImage { sha256: found.sha256.clone(), bytes: found.bytes as i64, width: 0, height: 0 })
            .collect();
        let noted = images.iter().map(|image| ((tenant.0, &*image.sha256), Noted { image, model: None, at: now }));
        if !images.is_empty() {
            insert(&mut tx, &noted.collect::<BTreeMap<_, _>>()).await?;
        }
        tx.commit().await?;
        Ok(images.len())
    }

    /// Marks up to 500 images that no data set and no reading has claimed since `before`. Gives their hashes.
    pub async fn mark_unclaimed_images(
        &self,
        tenant: TenantId,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<String>, Error> {
        const UNCLAIMED: &str =
            "tenant_id = $4 AND model_id IS NULL AND in_dataset = 0 AND deleted_at IS NULL AND used_at < $1";
        let mut tx = self.begin().await?;
        // The outer conditions once more: what was claimed while this waited for its row stays.
        let update = format!(
            "UPDATE images SET deleted_at = $2
             WHERE {UNCLAIMED} AND sha256 IN (SELECT sha256 FROM images WHERE {UNCLAIMED} LIMIT $3)
             RETURNING sha256"
        );
        let rows = tx.rows(update, args![before, now, TOGETHER as i64, tenant]).await?;
        tx.commit().await?;
        rows.iter().map(|row| row.get("sha256")).collect()
    }
}

/// Those that are noted.
async fn known(tx: &mut Tx, tenant: TenantId, found: &[FoundImage]) -> Result<HashSet<String>, Error> {
    let list = list(tx.engine(), "$2", Listed::Texts);
    let sql =
        format!("SELECT i.sha256 FROM {list} CROSS JOIN images i WHERE i.tenant_id = $1 AND i.sha256 = listed.value");
    let hashes = to_list(&found.iter().map(|found| &found.sha256).collect::<Vec<_>>())?;
    tx.rows(sql, args![tenant, &hashes]).await?.iter().map(|row| row.get("sha256")).collect()
}
