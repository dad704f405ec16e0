//! Tasks whose answer is known, hidden among the others.

use domain::audit::Event;
use domain::labeling::{LabelingTask, State};
use domain::{Actor, OutcomeId, Permission, TaskId};
use store::{NewTask, TaskMove, TaskMoved};

use super::Labeling;
use crate::error::{Error, Result};
use crate::predictions::random;

impl Labeling<'_> {
    /// Has labelers read the image of a settled task now and then, to see whether they come to the same answer. Nothing
    /// tells them which tasks these are; whoever has said something of the settled one is not asked.
    ///
    /// # Errors
    /// Needs the right to manage labeling; [`Error::Conflict`] if there is no text to measure by, or it measures already.
    pub async fn measure_by(&self, actor: &Actor, id: TaskId) -> Result<()> {
        actor.check(Permission::ManageLabeling)?;
        let task = self.find(actor, id).await?;
        let State::Settled { text, .. } = &task.state else {
            return Err(Error::Conflict(String::from("only a text that people have settled on can be measured by")));
        };
        if task.gold.is_some() {
            return Err(Error::Conflict(String::from("this task measures labelers no more; take the settled one")));
        }
        let now = self.desk.now();
        let event = Event::new(actor, now, "labeling.measured", subject(id)).with(serde_json::json!({ "text": text }));
        let gold = NewTask {
            model: task.model,
            prediction: task.prediction,
            origin: task.origin,
            reason: task.reason.clone(),
            at: now,
            read: task.read.clone(),
            confidence: task.confidence,
            suggestion: task.suggestion.clone(),
            needed: 1,
            gold: Some(text.clone()),
        };
        match self.desk.store().create_labeling_tasks(actor.tenant, &[gold], &event).await? {
            0 => Err(Error::Conflict(String::from("labelers are measured by this reading already"))),
            _ => Ok(()),
        }
    }

    /// Measures nobody by this task any more. What was measured stays.
    ///
    /// # Errors
    /// Needs the right to manage labeling; [`Error::Conflict`] if it measures nobody.
    pub async fn stop_measuring(&self, actor: &Actor, id: TaskId) -> Result<()> {
        actor.check(Permission::ManageLabeling)?;
        let task = self.find(actor, id).await?;
        let LabelingTask { gold: Some(text), state: State::Open | State::Flagged, .. } = &task else {
            return Err(Error::Conflict(String::from("nobody is measured by this task")));
        };
        let now = self.desk.now();
        let event = Event::new(actor, now, "labeling.measured_no_more", subject(id));
        let over = State::Settled { text: text.clone(), at: now };
        let change = TaskMove { state: over, ..TaskMove::lease(&task, None) };
        let outcome = OutcomeId::new(now, random());
        match self.desk.store().move_task(actor.tenant, &change, outcome, Some(&event)).await? {
            TaskMoved::Done(_) => Ok(()),
            TaskMoved::Conflict(_) | TaskMoved::NoTask => {
                Err(Error::Conflict(String::from("somebody has just looked at it; try again")))
            }
        }
    }
}

fn subject(id: TaskId) -> String {
    format!("labeling-task:{id}")
}
