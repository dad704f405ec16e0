//! Tasks with all that was said of them, in batches, for an export that never holds them all.

use domain::labeling::{Annotation, LabelingTask, State};
use domain::{Actor, Permission, TenantId};
use futures::{Stream, StreamExt, TryStreamExt, stream};
use store::{NewImage, TaskFilter};

use super::Labeling;
use crate::Desk;
use crate::error::{Error, Result};

/// Tasks of one batch, and those of it that are looked up at the same time.
const BATCH: u32 = 200;
const AT_ONCE: usize = 8;

/// A task as it leaves the desk.
#[derive(Clone, Debug)]
pub struct ExportedTask {
    /// The task.
    pub task: LabelingTask,
    /// What was said of it, first line first.
    pub history: Vec<Annotation>,
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
}

impl Labeling<'_> {
    /// Every task of a queue in a state, newest first; only those that were to be corrected.
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
                let tasks = stream::iter(page.items).map(|task| exported(&desk, tenant, task)).buffered(AT_ONCE);
                yield tasks.try_collect().await?;
                place = page.next;
                if place.is_none() {
                    break;
                }
            }
        })
    }
}

async fn exported(desk: &Desk, tenant: TenantId, task: LabelingTask) -> Result<ExportedTask> {
    let missing = || Error::internal("a labeling task without its reading");
    let record = desk.store().reading(tenant, task.prediction).await?.ok_or_else(missing)?;
    let logged = desk.store().prediction(tenant, task.prediction).await?.ok_or_else(missing)?;
    let image = desk.store().image(tenant, &record.image).await?.map(|known| known.image);
    let history = desk.store().annotations(tenant, task.id).await?;
    Ok(ExportedTask {
        task,
        history,
        source: record.source,
        previous: record.previous,
        version: logged.prediction.version,
        image: record.image,
        size: image.map(|NewImage { width, height, .. }| (width, height)),
    })
}
