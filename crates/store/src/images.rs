//! Which images are kept, what for, and when they go. The images themselves are objects: [`crate::Artifacts`].

mod unused;

use std::collections::{BTreeMap, HashSet};

use domain::{ModelId, TenantId, Timestamp};

use crate::dialect::{Bulk, Listed, Values, list};
use crate::sql::{Row, Tx, args, to_list};
use crate::{Error, Store};

/// An image that is kept under the hash of its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewImage {
    /// SHA-256 of the stored bytes, in hex.
    pub sha256: String,
    /// How many bytes.
    pub bytes: i64,
    /// In pixels.
    pub width: i64,
    /// In pixels.
    pub height: i64,
}

/// An image as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Its figures.
    pub image: NewImage,
    /// When it first came in.
    pub created_at: Timestamp,
    /// Whether a data set names it.
    pub in_dataset: bool,
}

/// Whether an image that somebody sends has to be put into the object store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// It is there, and stays for now.
    There,
    /// It is not there.
    Absent,
    /// It is being deleted. Worth another try in a second.
    Going,
}

/// What of a model's images has lived long enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// The model.
    pub model: ModelId,
    /// Images that were not used from this moment on.
    pub before: Timestamp,
    /// Unless a reading of another model, from this moment on, has the same image.
    pub others_before: Timestamp,
}

/// Images marked in one go, and images asked for in one statement.
const TOGETHER: usize = 500;

/// What no longer needs to be: `$1` tenant, `$2` model, `$3` and `$4` as in [`Expiry`].
const EXPIRED: &str = "i.tenant_id = $1 AND i.model_id = $2 AND i.used_at < $3
    AND i.deleted_at IS NULL AND i.in_dataset = 0
    AND NOT EXISTS (SELECT 1 FROM readings r WHERE r.tenant_id = i.tenant_id AND r.image = i.sha256
        AND r.at >= CASE WHEN r.model_id = i.model_id THEN $3 ELSE $4 END)
    AND NOT EXISTS (SELECT 1 FROM readings r CROSS JOIN labeling_tasks t
        WHERE r.tenant_id = i.tenant_id AND r.image = i.sha256
            AND t.tenant_id = r.tenant_id AND t.prediction_id = r.prediction_id AND t.settled_at IS NULL)";

impl Store {
    /// Says that somebody uses an image, so that it is not deleted under their hands.
    pub async fn use_image(&self, tenant: TenantId, sha256: &str, now: Timestamp) -> Result<Held, Error> {
        let select = "SELECT deleted_at FROM images WHERE tenant_id = $1 AND sha256 = $2";
        let Some(row) = self.row(select, args![tenant, sha256]).await? else { return Ok(Held::Absent) };
        if row.opt_time("deleted_at")?.is_some() {
            return Ok(Held::Going);
        }
        let update = "UPDATE images SET used_at = $3 WHERE tenant_id = $1 AND sha256 = $2 AND deleted_at IS NULL";
        let used = self.execute(update, args![tenant, sha256, now]).await?;
        Ok(if used > 0 { Held::There } else { Held::Going })
    }

    /// An image, unless it is deleted.
    pub async fn image(&self, tenant: TenantId, sha256: &str) -> Result<Option<Image>, Error> {
        let sql = "SELECT sha256, bytes, width, height, created_at, in_dataset FROM images
            WHERE tenant_id = $1 AND sha256 = $2 AND deleted_at IS NULL";
        self.row(sql, args![tenant, sha256]).await?.as_ref().map(read).transpose()
    }

    /// Notes images before they are put into the object store for a data set, which is to keep them when all are there:
    /// [`Self::keep_for_dataset`]. Gives the hashes of those that are being deleted: they have to be put and noted again
    /// when they are gone.
    pub async fn note_images(
        &self,
        tenant: TenantId,
        images: &[NewImage],
        now: Timestamp,
    ) -> Result<Vec<String>, Error> {
        let noted =
            images.iter().map(|image| ((tenant.0, image.sha256.as_str()), Noted { image, model: None, at: now }));
        let noted: BTreeMap<_, _> = noted.collect();
        let mut tx = self.begin().await?;
        insert(&mut tx, &noted).await?;
        let going = "SELECT sha256 FROM images WHERE tenant_id = $1 AND deleted_at IS NOT NULL";
        let mut again = Vec::new();
        for row in tx.rows(going, args![tenant]).await? {
            again.push(row.get::<String>("sha256")?);
        }
        tx.commit().await?;
        again.retain(|sha256| noted.contains_key(&(tenant.0, sha256.as_str())));
        Ok(again)
    }

    /// Those of the images that are there, from now on kept because a data set is to name them. What is not among them
    /// has been deleted, or is about to be.
    pub async fn keep_for_dataset(&self, tenant: TenantId, sha256: &[&str]) -> Result<HashSet<String>, Error> {
        let mut kept = HashSet::with_capacity(sha256.len());
        for part in sha256.chunks(TOGETHER) {
            let mut tx = self.begin().await?;
            let list = list(tx.engine(), "$2", Listed::Texts);
            let update = format!(
                "UPDATE images SET in_dataset = 1
                 WHERE tenant_id = $1 AND deleted_at IS NULL AND sha256 IN (SELECT value FROM {list})
                 RETURNING sha256"
            );
            for row in tx.rows(update, args![tenant, &to_list(&part)?]).await? {
                kept.insert(row.get("sha256")?);
            }
            tx.commit().await?;
        }
        Ok(kept)
    }

    /// Marks up to 500 images of a model that nothing needs any more, the longest unused first: no data set, no reading
    /// that is young enough and no task that waits. Gives their hashes.
    pub async fn mark_expired_images(
        &self,
        tenant: TenantId,
        expiry: Expiry,
        now: Timestamp,
    ) -> Result<Vec<String>, Error> {
        let mut tx = self.begin().await?;
        // The outer conditions once more: what was used or kept while this waited for its row stays.
        let update = format!(
            "UPDATE images SET deleted_at = $5
             WHERE tenant_id = $1 AND used_at < $3 AND deleted_at IS NULL AND in_dataset = 0
                AND sha256 IN (SELECT i.sha256 FROM images i WHERE {EXPIRED} ORDER BY i.used_at LIMIT $6)
             RETURNING sha256"
        );
        let values = args![tenant, expiry.model, expiry.before, expiry.others_before, now, TOGETHER as i64];
        let rows = tx.rows(update, values).await?;
        tx.commit().await?;
        rows.iter().map(|row| row.get("sha256")).collect()
    }

    /// Up to 500 images whose deletion began before `before` and did not end: the process has died.
    pub async fn marked_images(&self, tenant: TenantId, before: Timestamp) -> Result<Vec<String>, Error> {
        let sql = "SELECT sha256 FROM images WHERE tenant_id = $1 AND deleted_at IS NOT NULL AND deleted_at < $2
            ORDER BY deleted_at LIMIT $3";
        let rows = self.rows(sql, args![tenant, before, TOGETHER as i64]).await?;
        rows.iter().map(|row| row.get("sha256")).collect()
    }

    /// Forgets a marked image, once its object is gone.
    pub async fn forget_image(&self, tenant: TenantId, sha256: &str) -> Result<(), Error> {
        let delete = "DELETE FROM images WHERE tenant_id = $1 AND sha256 = $2 AND deleted_at IS NOT NULL";
        self.execute(delete, args![tenant, sha256]).await.map(drop)
    }
}

/// An image to be noted. Without a model nothing needs it yet.
#[derive(Clone, Copy)]
pub(crate) struct Noted<'a> {
    pub(crate) image: &'a NewImage,
    pub(crate) model: Option<ModelId>,
    pub(crate) at: Timestamp,
}

/// Notes images. Sorted, so that two writers lock the same rows in the same order.
pub(crate) async fn insert(tx: &mut Tx, images: &BTreeMap<(i64, &str), Noted<'_>>) -> Result<(), Error> {
    let ints = |of: fn(&Noted<'_>) -> i64| Values::Ints(images.values().map(of).collect());
    let bulk = Bulk {
        table: "images",
        columns: vec![
            ("tenant_id", Values::Ints(images.keys().map(|key| key.0).collect())),
            ("sha256", Values::Texts(images.keys().map(|key| key.1).collect())),
            ("model_id", Values::OptInts(images.values().map(|noted| noted.model.map(|id| id.0)).collect())),
            ("bytes", ints(|noted| noted.image.bytes)),
            ("width", ints(|noted| noted.image.width)),
            ("height", ints(|noted| noted.image.height)),
            ("created_at", ints(|noted| noted.at.0)),
            ("used_at", ints(|noted| noted.at.0)),
            ("in_dataset", ints(|_| 0)),
        ],
        // Of one that was found in the object store only its length was known.
        ending: "ON CONFLICT (tenant_id, sha256) DO UPDATE SET
            used_at = CASE WHEN excluded.used_at > images.used_at THEN excluded.used_at ELSE images.used_at END,
            model_id = COALESCE(images.model_id, excluded.model_id),
            width = CASE WHEN images.width = 0 THEN excluded.width ELSE images.width END,
            height = CASE WHEN images.height = 0 THEN excluded.height ELSE images.height END",
    };
    bulk.insert(tx).await
}

fn read(row: &Row) -> Result<Image, Error> {
    Ok(Image {
        image: NewImage {
            sha256: row.get("sha256")?,
            bytes: row.get("bytes")?,
            width: row.get("width")?,
            height: row.get("height")?,
        },
        created_at: row.time("created_at")?,
        in_dataset: row.get::<i64>("in_dataset")? == 1,
    })
}
