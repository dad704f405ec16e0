//! Forms of labeling. After each answer comes the next task of the queue.

use desk::labeling::Said;
use domain::{TaskId, Timestamp};
use leptos::prelude::*;

use crate::address::address;
use crate::form::{Form, go};
use crate::viewer;

/// Buttons of the form beside the one that saves.
pub(crate) const UNREADABLE: &str = "unreadable";
/// Passes the task over.
pub(crate) const SKIP: &str = "skip";

/// The page of a queue.
#[must_use]
pub(crate) fn queue_address(queue: &str) -> String {
    format!("/label/{queue}")
}

/// The page of a queue, with this task on it.
pub(crate) fn task_address(queue: &str, task: TaskId) -> String {
    address(&queue_address(queue), &[("task", &task.to_string())])
}

/// Saves what stands in the image, or that nobody can read it, or passes the task over.
#[server(prefix = "/actions", endpoint = "label")]
pub async fn label(
    task: i64,
    queue: String,
    #[server(default)] text: String,
    #[server(default)] answer: String,
    #[server(default)] sure: String,
    /// When the page was made, in microseconds since 1970.
    #[server(default)]
    shown_at: i64,
) -> Result<(), ServerFnError> {
    let task = TaskId(task);
    let form = Form::new("label", task_address(&queue, task)).typed("task", task).typed("text", &text);
    let done = async {
        let (desk, actor) = (viewer::desk(), viewer::actor()?);
        if answer == SKIP {
            return desk.labeling().skip(&actor, task).await;
        }
        let seconds = desk.now().since(Timestamp(shown_at)) as f64 / domain::time::SECOND as f64;
        let text = (answer != UNREADABLE).then(|| text.clone());
        desk.labeling().annotate(&actor, task, &Said { text, seconds, sure: !sure.is_empty() }).await
    };
    match done.await {
        Ok(()) => go(&queue_address(&queue)),
        Err(error) => form.fail(error).await,
    }
    Ok(())
}

/// Takes the last answer back and shows its task again.
#[server(prefix = "/actions", endpoint = "label_again")]
pub async fn label_again(task: i64, queue: String) -> Result<(), ServerFnError> {
    let task = TaskId(task);
    let done = async { viewer::desk().labeling().undo(&viewer::actor()?, task).await };
    match done.await {
        Ok(()) => go(&task_address(&queue, task)),
        Err(error) => Form::new("label_again", queue_address(&queue)).fail(error).await,
    }
    Ok(())
}

/// Asks an admin to look at a task.
#[server(prefix = "/actions", endpoint = "flag_task")]
pub async fn flag_task(task: i64, queue: String, #[server(default)] note: String) -> Result<(), ServerFnError> {
    let id = TaskId(task);
    let done = async { viewer::desk().labeling().flag(&viewer::actor()?, id, &note).await };
    Form::new("flag_task", task_address(&queue, id))
        .typed("task", id)
        .typed("note", &note)
        .answer(done.await, |()| (queue_address(&queue), String::from("An admin will look at it.")))
        .await;
    Ok(())
}

/// Gives a task back and leaves the queue.
#[server(prefix = "/actions", endpoint = "leave_queue")]
pub async fn leave_queue(task: i64, queue: String) -> Result<(), ServerFnError> {
    let done = async { viewer::desk().labeling().give_back(&viewer::actor()?, TaskId(task)).await };
    Form::new("leave_queue", queue_address(&queue))
        .answer(done.await, |()| (String::from("/label"), String::new()))
        .await;
    Ok(())
}
