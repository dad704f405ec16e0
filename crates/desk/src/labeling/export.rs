//! Tasks with all that was said of them, in batches, for an export that never holds them all.

use domain::labeling::{LabelingTask, State};
use domain::{Actor, Permission, TaskId, TenantId};
use futures::Stream;
use store::{TaskContext, TaskFilter};

use super::Labeling;
use crate::Desk;
use crate::error::{Error, Result};

/// Tasks of one batch: so many are in memory at a time, and so many are looked up by one statement.
const BATCH: u32 = 200;

/// A task as it leaves the desk.
#[derive(Clone, Debug)]
pub struct ExportedTask {
    /// The task.
    pub task: LabelingTask,
    /// What stands beside it.
    pub context: TaskContext,
}

impl Labeling<'_> {
    /// Every task of a queue in a state, newest first, in batches of at most 200, each by three statements; only those
    /// that were to be corrected. However many there are, no more than a batch is held.
    ///
    /// # Errors
    /// Needs the right to manage labeling, as answers are shown; names a state that there is not; [`Error::NotFound`] for
    /// an unknown queue.
    pub async fn export(
        &self,
        actor: &Actor,
        queue: &str,
        state: &str,
    ) -> Result<impl Stream<Item = Result<Vec<ExportedTask>>> + Send + use<>> {
        actor.check(Permission::ManageLabeling)?;
        let model = self.queue(actor, queue).await?.id;
        let state = State::WORDS.into_iter().find(|word| *word == state);
        let state = state.ok_or_else(|| Error::field("state", format!("is none of {}", State::WORDS.join(", "))))?;
        let filter = TaskFilter { model: Some(model), state: Some(state), ..TaskFilter::default() };
        let (desk, tenant) = (self.desk.clone(), actor.tenant);
        Ok(async_stream::try_stream! {
            let mut place = None;
            loop {
                let page = desk.store().labeling_tasks(tenant, &filter, place.as_ref(), BATCH).await?;
                yield exported(&desk, tenant, page.items).await?;
                place = page.next;
                if place.is_none() {
                    break;
                }
            }
        })
    }
}

async fn exported(desk: &Desk, tenant: TenantId, tasks: Vec<LabelingTask>) -> Result<Vec<ExportedTask>> {
    let ids: Vec<TaskId> = tasks.iter().map(|task| task.id).collect();
    let mut contexts = desk.store().task_contexts(tenant, &ids).await?;
    let missing = || Error::internal("a labeling task without its reading");
    let with_context = |task: LabelingTask| {
        let context = contexts.remove(&task.id).ok_or_else(missing)?;
        Ok(ExportedTask { task, context })
    };
    tasks.into_iter().map(with_context).collect()
}
