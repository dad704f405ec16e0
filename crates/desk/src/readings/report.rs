//! What client programs say is wrong.

use domain::labeling::{self, LabelingTask, Origin, State};
use domain::{Actor, Permission, PredictionId, TaskId};
use store::NewTask;

use super::Readings;
use crate::error::{Error, Result};
use crate::{kind, text};

/// What became of a report.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The task in which a person looks at the reading.
    pub task: TaskId,
    /// What they found, if they have.
    pub state: State,
    /// Whether there is a task only since this report.
    pub is_new: bool,
}

impl Readings<'_> {
    /// Says that a reading is wrong, and what it should be if the client knows. A person looks at it soon; what the
    /// client says is no more than a suggestion. The same report twice is one.
    ///
    /// # Errors
    /// Needs the right to record outcomes; names a text that no image can show; [`Error::Conflict`] if people have
    /// settled on another text, or the image is no longer kept.
    pub async fn report(&self, actor: &Actor, id: PredictionId, text: Option<&str>) -> Result<Report> {
        let reason = String::from("a client says that it is wrong");
        self.ask_people(actor, id, text, reason).await
    }

    /// Makes a task of a reading, whyever somebody has to look at it.
    pub(crate) async fn ask_people(
        &self,
        actor: &Actor,
        id: PredictionId,
        text: Option<&str>,
        reason: String,
    ) -> Result<Report> {
        actor.check(Permission::RecordOutcomes)?;
        let record = self.record(actor.tenant, id).await?;
        let is_new = record.task.is_none();
        let model = self.desk.model_by_id(actor.tenant, record.model).await?;
        let rules = kind::takes_images(&model)?;
        let suggestion = text.map(|text| text::required("text", text, domain::reading::MAX_LENGTH)).transpose()?;
        if let Some(problem) = suggestion.and_then(|text| rules.problem(text)) {
            return Err(Error::field("text", problem));
        }
        let logged = self.desk.store().prediction(actor.tenant, id).await?;
        let read = logged.ok_or_else(|| Error::internal("a reading without a prediction"))?.prediction.decision;
        let new = NewTask {
            model: record.model,
            prediction: id,
            origin: Origin::Report,
            reason,
            at: self.desk.now(),
            read,
            confidence: record.confidence,
            suggestion: suggestion.map(str::to_owned),
            needed: labeling::needed(rules, id),
            gold: None,
        };
        match self.desk.store().report_reading(actor.tenant, &new).await? {
            Some(task) => reported(task, suggestion, is_new),
            None => Err(Error::Conflict(String::from("the image is no longer kept; nobody can look at it"))),
        }
    }
}

fn reported(task: LabelingTask, suggestion: Option<&str>, is_new: bool) -> Result<Report> {
    let answer = task.state.answer();
    match (&answer, suggestion) {
        (Some(answer), Some(text)) if answer.text() != Some(text) => Err(Error::Conflict(match answer.text() {
            Some(text) => format!("people have read it as `{text}`"),
            None => String::from("people have found it unreadable"),
        })),
        _ => Ok(Report { task: task.id, state: task.state, is_new }),
    }
}
