//! What clients say is wrong.

use domain::labeling::LabelingTask;
use domain::{PredictionId, TenantId};

use super::{COLUMNS, NewTask, insert, read};
use crate::sql::{Tx, args};
use crate::{Error, Store};

impl Store {
    /// Sees to it that a person looks at a reading soon: by a new task, or by moving the one there is to the front. One
    /// that is settled stays as it is. None if nobody can look, because the image is no longer kept.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such reading.
    pub async fn report_reading(&self, tenant: TenantId, new: &NewTask) -> Result<Option<LabelingTask>, Error> {
        let mut tx = self.begin().await?;
        if !keep_image(&mut tx, tenant, new).await? {
            return task_of(&mut tx, tenant, new.prediction).await;
        }
        if insert(&mut tx, &[(tenant, new.clone())]).await? == 0 {
            let update = "UPDATE labeling_tasks
                SET priority = $3, suggestion = COALESCE($4, suggestion), revision = revision + 1
                WHERE tenant_id = $1 AND prediction_id = $2 AND gold_text IS NULL AND settled_at IS NULL
                    AND (priority <> $3 OR suggestion IS DISTINCT FROM COALESCE($4, suggestion))";
            let values = args![tenant, new.prediction, new.origin.priority(), new.suggestion.as_deref()];
            tx.execute(update, values).await?;
        }
        let task = task_of(&mut tx, tenant, new.prediction).await?.ok_or(Error::NotFound)?;
        tx.commit().await?;
        Ok(Some(task))
    }
}

/// Says that the reading's image is needed; whether it is still there.
async fn keep_image(tx: &mut Tx, tenant: TenantId, new: &NewTask) -> Result<bool, Error> {
    let image = "SELECT image FROM readings WHERE tenant_id = $1 AND prediction_id = $2";
    let image: String = tx.one(image, args![tenant, new.prediction]).await?.get("image")?;
    let update = "UPDATE images SET used_at = $3 WHERE tenant_id = $1 AND sha256 = $2 AND deleted_at IS NULL";
    Ok(tx.execute(update, args![tenant, &image, new.at]).await? > 0)
}

async fn task_of(tx: &mut Tx, tenant: TenantId, reading: PredictionId) -> Result<Option<LabelingTask>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM labeling_tasks WHERE tenant_id = $1 AND prediction_id = $2 AND gold_text IS NULL"
    );
    tx.row(sql, args![tenant, reading]).await?.as_ref().map(read).transpose()
}
