//! Labeling: queues, the tasks in them, and what is measured of the people who answer them.

mod answer;
mod export;
mod figures;
mod label_studio;
mod request;
mod verbs;

use std::collections::HashMap;

use axum::extract::State;
use desk::Desk;
use desk::labeling::TaskFilter;
use domain::labeling::{Origin, State as Stage};
use domain::{Actor, ModelId, Permission, TaskId};
use serde::Deserialize;
use utoipa::IntoParams;

use answer::{QueueAnswer, TaskAnswer, TaskDetailAnswer};

use super::endpoint::{Access, Endpoint};
use super::extract::{Asked, In};
use super::problem::Problem;
use super::{Answer, Page, Whole, page_size, read_cursor};
use crate::rim::Caller;

/// Which tasks.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TaskQuery {
    /// Only in this queue: the name of a model.
    queue: Option<String>,
    /// `open`, `disputed`, `flagged`, `settled` or `unreadable`.
    state: Option<String>,
    /// `report`, `audit`, `selection`, `limit`, `rule` or `import`.
    #[param(value_type = Option<String>)]
    origin: Option<Origin>,
    /// Those that measure labelers, and only those; without it there are none of them.
    #[serde(default)]
    gold: bool,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Items of a page, 1 to 200; 50 when it is not said.
    limit: Option<u32>,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let (label, manage) = (Access::Needs(Permission::Label), Access::Needs(Permission::ManageLabeling));
    let mut all = vec![
        Endpoint::get("/api/v1/labeling/queues", label, queues)
            .about("Labeling", "The queues with what waits in them, and who is on")
            .answers_list::<QueueAnswer>("The queues, by name", answer::queue_example()),
        Endpoint::get("/api/v1/labeling/tasks", manage, list)
            .about("Labeling", "Tasks with their answers, newest first")
            .query::<TaskQuery>()
            .answers_page::<TaskAnswer>(answer::task_example(), "00064c…")
            .refuses(&[(404, "There is no such queue"), (422, "A wrong word in the query, by its name")]),
        Endpoint::get("/api/v1/labeling/tasks/{id}", manage, show)
            .about("Labeling", "A task with all that was said of it")
            .answers::<TaskDetailAnswer>(200, "The task", answer::detail_example())
            .refuses(&[(404, "There is no such task")]),
    ];
    all.extend(verbs::endpoints());
    all.extend(figures::endpoints());
    all.extend(export::endpoints());
    all
}

async fn queues(State(desk): State<Desk>, Caller(actor): Caller) -> Answer<Whole<QueueAnswer>> {
    let queues = desk.labeling().queues(&actor).await?;
    Ok(axum::Json(Whole { items: queues.into_iter().map(QueueAnswer::of).collect() }))
}

async fn list(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Asked(query): Asked<TaskQuery>,
) -> Answer<Page<TaskAnswer>> {
    let (cursor, limit, filter) = (read_cursor(query.cursor.as_deref())?, page_size(query.limit), query.filter()?);
    let page = desk.labeling().list(&actor, query.queue.as_deref(), &filter, cursor.as_ref(), limit).await?;
    let (names, now) = (names(&desk, &actor).await?, desk.now());
    let items = page.items.into_iter().map(|task| TaskAnswer::of(task, &names, now)).collect();
    Ok(axum::Json(Page { items, next: page.next.map(|next| next.to_string()) }))
}

async fn show(State(desk): State<Desk>, Caller(actor): Caller, In(id): In<TaskId>) -> Answer<TaskDetailAnswer> {
    let detail = desk.labeling().get(&actor, id).await?;
    Ok(axum::Json(TaskDetailAnswer::of(detail, &names(&desk, &actor).await?, desk.now())))
}

async fn names(desk: &Desk, actor: &Actor) -> Result<HashMap<ModelId, String>, Problem> {
    Ok(desk.models().names(actor).await?.into_iter().collect())
}

impl TaskQuery {
    /// # Errors
    /// Names a state that there is not.
    fn filter(&self) -> Result<TaskFilter, Problem> {
        let read = |word: &String| {
            let known = Stage::WORDS.into_iter().find(|known| known == word);
            known.ok_or_else(|| Problem::field("state", format!("is none of {}", Stage::WORDS.join(", "))))
        };
        let state = self.state.as_ref().map(read).transpose()?;
        Ok(TaskFilter { model: None, state, origin: self.origin, gold: self.gold })
    }
}
