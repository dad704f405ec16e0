//! Forms about what is done by the clock.

use desk::schedules::Scheduled;
use domain::ScheduleId;
use leptos::prelude::*;

use crate::form::Form;
use crate::viewer;

/// Has it done now.
#[server(prefix = "/actions", endpoint = "run_schedule")]
pub async fn run_schedule(schedule: i64, back: String) -> Result<(), ServerFnError> {
    let id = ScheduleId(schedule);
    let done = async {
        viewer::desk().schedules().run_now(&viewer::actor()?, id).await?;
        viewer::desk().schedules().get(&viewer::actor()?, id).await
    };
    answer("run_schedule", &back, id, done.await, "It is done by the next worker that is free.").await;
    Ok(())
}

/// Holds it up.
#[server(prefix = "/actions", endpoint = "pause_schedule")]
pub async fn pause_schedule(schedule: i64, back: String) -> Result<(), ServerFnError> {
    let id = ScheduleId(schedule);
    let done = async { viewer::desk().schedules().pause(&viewer::actor()?, id).await };
    answer("pause_schedule", &back, id, done.await, "It is paused until somebody resumes it.").await;
    Ok(())
}

/// Lets it go on.
#[server(prefix = "/actions", endpoint = "resume_schedule")]
pub async fn resume_schedule(schedule: i64, back: String) -> Result<(), ServerFnError> {
    let id = ScheduleId(schedule);
    let done = async { viewer::desk().schedules().resume(&viewer::actor()?, id).await };
    answer("resume_schedule", &back, id, done.await, "It goes on at its next time.").await;
    Ok(())
}

/// Sends the person back to the page on which the form stood.
async fn answer(form: &'static str, back: &str, id: ScheduleId, done: desk::Result<Scheduled>, message: &str) {
    let own = format!("/schedules/{id}");
    let page = match (back, &done) {
        ("list", _) => String::from("/schedules"),
        ("model", Ok(Scheduled { model: Some(model), .. })) => format!("/models/{model}"),
        _ => own.clone(),
    };
    Form::new(form, page.clone()).answer(done, |_| (page, message.to_owned())).await;
}
