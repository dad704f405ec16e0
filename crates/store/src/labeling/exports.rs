//! What is told of tasks when they are exported, for many of them at once.

use std::collections::HashMap;

use domain::labeling::Annotation;
use domain::{TaskId, TenantId};

use super::read_annotation;
use crate::dialect::{Listed, list};
use crate::sql::{Row, args, to_list};
use crate::{Error, Store};

/// What stands beside a task.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskContext {
    /// Which meter or camera the image came from.
    pub source: String,
    /// What was read there before.
    pub previous: Option<String>,
    /// The version that read it; none if no version served.
    pub version: Option<i64>,
    /// SHA-256 of the image.
    pub image: String,
    /// Width and height of the image; none if it is no longer kept.
    pub size: Option<(i64, i64)>,
    /// What was said of the task, first line first.
    pub history: Vec<Annotation>,
}

impl Store {
    /// What stands beside each of these tasks, by two statements however many they are. Tasks that there are not are
    /// absent.
    pub async fn task_contexts(
        &self,
        tenant: TenantId,
        tasks: &[TaskId],
    ) -> Result<HashMap<TaskId, TaskContext>, Error> {
        let ids = to_list(&tasks.iter().map(|task| task.0).collect::<Vec<_>>())?;
        let list = list(self.engine(), "$2", Listed::Numbers);
        let beside = format!(
            "SELECT t.id, r.source, r.previous, r.image, NULLIF(p.version, 0) AS version, i.width, i.height
             FROM {list}
             CROSS JOIN labeling_tasks t
             JOIN readings r ON r.tenant_id = t.tenant_id AND r.prediction_id = t.prediction_id
             JOIN predictions p ON p.tenant_id = t.tenant_id AND p.id = t.prediction_id
             LEFT JOIN images i ON i.tenant_id = r.tenant_id AND i.sha256 = r.image AND i.deleted_at IS NULL
             WHERE t.tenant_id = $1 AND t.id = listed.value"
        );
        let rows = self.rows(beside, args![tenant, &ids]).await?;
        let mut contexts = rows.iter().map(read).collect::<Result<HashMap<_, _>, _>>()?;
        let said = format!(
            "SELECT a.task_id, a.sequence, a.at, a.person_id, a.act, a.seen, a.seconds, a.before_text, a.note
             FROM {list} CROSS JOIN annotations a
             WHERE a.tenant_id = $1 AND a.task_id = listed.value ORDER BY a.task_id, a.sequence"
        );
        for row in self.rows(said, args![tenant, &ids]).await? {
            if let Some(context) = contexts.get_mut(&TaskId(row.get("task_id")?)) {
                context.history.push(read_annotation(&row)?);
            }
        }
        Ok(contexts)
    }
}

fn read(row: &Row) -> Result<(TaskId, TaskContext), Error> {
    let context = TaskContext {
        source: row.get("source")?,
        previous: row.get("previous")?,
        version: row.get("version")?,
        image: row.get("image")?,
        size: row.get::<Option<i64>>("width")?.zip(row.get("height")?),
        history: Vec::new(),
    };
    Ok((TaskId(row.get("id")?), context))
}
