//! What one labeler has just done.

use std::collections::HashSet;

use domain::labeling::{Act, Annotation};
use domain::{ModelId, PersonId, TaskId, TenantId, Timestamp};

use super::read_annotation;
use crate::sql::args;
use crate::{Error, Store};

impl Store {
    /// What a person said in a queue since `from` and has not taken back, with its task, the newest first.
    pub async fn said_by(
        &self,
        tenant: TenantId,
        model: ModelId,
        person: PersonId,
        from: Timestamp,
        limit: u32,
    ) -> Result<Vec<(TaskId, Annotation)>, Error> {
        // Twice as many lines, since each that was taken back has one that takes it back.
        let sql = "SELECT task_id, sequence, at, person_id, act, seen, seconds, before_text, note FROM annotations
            WHERE tenant_id = $1 AND model_id = $2 AND person_id = $3 AND at >= $4 ORDER BY at DESC LIMIT $5";
        let rows = self.rows(sql, args![tenant, model, person, from, i64::from(2 * limit)]).await?;
        let (mut said, mut withdrawn) = (Vec::new(), HashSet::new());
        for row in &rows {
            let task = TaskId(row.get("task_id")?);
            let line = read_annotation(row)?;
            if line.act == Act::Withdrawn {
                withdrawn.insert(task);
            } else if !withdrawn.remove(&task) {
                said.push((task, line));
            }
        }
        said.truncate(limit as usize);
        Ok(said)
    }
}
