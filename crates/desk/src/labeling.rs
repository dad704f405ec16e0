//! Labeling: people correct readings, one task at a time, and what they settle on is what models learn from.

mod agreement;
mod choosing;
mod export;
mod figures;
mod gold;
mod mine;
mod moves;
mod queues;
mod seeing;
#[cfg(test)]
mod tests;

use domain::labeling::{Act, Annotation, Conflict, LabelingTask, Objection, State, Transcript, standing};
use domain::model::Model;
use domain::reading::Reading;
use domain::{Actor, Permission, PredictionId, TaskId, Timestamp};
use rand::RngExt;
use store::{Claimant, Page, TaskMove, TaskMoved};

pub use agreement::{LabelerAgreement, QueueAgreement};
pub use export::ExportedTask;
pub use figures::LabelingFigures;
pub use mine::Mine;
pub use queues::Queue;
pub use store::{AnnotatedDay, AuditedWeek, BacklogCount, Cursor, Pace, Selection, TaskDay, TaskFilter};

use crate::error::{Error, Result};
use crate::readings::{CharacterConfidence, characters};
use crate::{kind, room};

room! {
    /// Verbs on labeling tasks.
    Labeling
}

/// A task as a labeler is given it. It says nothing of what others have read, nor whether its answer is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// The task.
    pub task: TaskId,
    /// The queue it stands in: name of the model.
    pub queue: String,
    /// The reading, to fetch its image by.
    pub prediction: PredictionId,
    /// Why somebody must look at it, in words; empty if there is no more to say than its origin.
    pub reason: String,
    /// What to begin with.
    pub text: String,
    /// How sure the model is of each character of it; empty if the text is not the model's.
    pub characters: Vec<CharacterConfidence>,
    /// How sure the model is of what it read.
    pub confidence: f64,
    /// The version that read it; none if no version served.
    pub version: Option<i64>,
    /// The characters that a reading may have.
    pub alphabet: String,
    /// Which meter or camera it came from.
    pub source: String,
    /// What was read there before.
    pub previous: Option<String>,
    /// What two people have read differently, where this person decides; without their names.
    pub disputed: Vec<Transcript>,
    /// Why somebody asked for an admin, if they did.
    pub flagged: Option<String>,
    /// Until when it is theirs.
    pub until: Timestamp,
}

/// What a labeler says.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// What stands in the image; none if nobody can read it.
    pub text: Option<String>,
    /// How long they looked.
    pub seconds: f64,
    /// That they mean it, although it breaks a rule.
    pub sure: bool,
}

/// A task with all that was said of it, for admins.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskDetail {
    /// The task.
    pub task: LabelingTask,
    /// First line first.
    pub history: Vec<Annotation>,
}

impl Labeling<'_> {
    /// Gives the actor a task of a queue for two minutes: the one they have already, else the next that nobody has and
    /// that they have not read; an admin decides what is disputed or flagged even so. None when nothing waits for them.
    /// Whoever wants the one after a task that they look at, to make it ready, says so by `besides`.
    ///
    /// # Errors
    /// Needs the right to label, as a person; [`Error::NotFound`] for an unknown queue.
    pub async fn next(&self, actor: &Actor, queue: &str, besides: Option<TaskId>) -> Result<Option<Assignment>> {
        actor.check(Permission::Label)?;
        let model = self.queue(actor, queue).await?;
        let who = Claimant { besides, ..self.claimant(actor, &model)? };
        let Some(task) = self.desk.store().claim_task(actor.tenant, who, self.desk.now()).await? else {
            return Ok(None);
        };
        Ok(Some(self.assignment(&model, task).await?))
    }

    /// One task, for two minutes more.
    ///
    /// # Errors
    /// Needs the right to label, as a person; [`Error::Conflict`] says why the task is not theirs to answer.
    pub async fn task(&self, actor: &Actor, id: TaskId) -> Result<Assignment> {
        self.find_unknown(actor, id).await?;
        let task = self.change(actor, id, |task, history, now| {
            Ok(Some(TaskMove::lease(task, Some(domain::labeling::lease(task, history, actor, now)?))))
        });
        let task = task.await?;
        let model = self.desk.model_by_id(actor.tenant, task.model).await?;
        self.assignment(&model, task).await
    }

    /// Tasks, newest first.
    ///
    /// # Errors
    /// Needs the right to manage labeling, as answers are shown; [`Error::NotFound`] for an unknown queue.
    pub async fn list(
        &self,
        actor: &Actor,
        queue: Option<&str>,
        filter: &TaskFilter,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page<LabelingTask>> {
        actor.check(Permission::ManageLabeling)?;
        let model = match queue {
            Some(queue) => Some(self.queue(actor, queue).await?.id),
            None => filter.model,
        };
        let filter = TaskFilter { model, ..*filter };
        Ok(self.desk.store().labeling_tasks(actor.tenant, &filter, after, limit.clamp(1, 200)).await?)
    }

    /// One task with its history.
    ///
    /// # Errors
    /// Needs the right to manage labeling; [`Error::NotFound`] for another tenant's.
    pub async fn get(&self, actor: &Actor, id: TaskId) -> Result<TaskDetail> {
        actor.check(Permission::ManageLabeling)?;
        let task = self.find(actor, id).await?;
        let history = self.desk.store().annotations(actor.tenant, id).await?;
        Ok(TaskDetail { task, history })
    }

    async fn find(&self, actor: &Actor, id: TaskId) -> Result<LabelingTask> {
        let found = self.desk.store().labeling_task(actor.tenant, id).await?;
        found.ok_or_else(|| Error::not_found(format!("labeling task {id}")))
    }

    /// A task that the actor does not know from its reading: whoever has seen the answer by which a task measures is
    /// refused, as if they had read it.
    async fn find_unknown(&self, actor: &Actor, id: TaskId) -> Result<LabelingTask> {
        actor.check(Permission::Label)?;
        let task = self.find(actor, id).await?;
        let measures = task.gold.is_some() && !domain::labeling::decides(&task, actor);
        let Some(person) = actor.person().filter(|_| measures) else { return Ok(task) };
        match self.desk.store().has_labelled(actor.tenant, task.prediction, person).await? {
            true => Err(Error::Conflict(Conflict::AlreadyRead.to_string())),
            false => Ok(task),
        }
    }

    /// The model whose tasks stand in a queue.
    async fn queue(&self, actor: &Actor, name: &str) -> Result<Model> {
        let model = self.desk.model(actor.tenant, name).await?;
        kind::takes_images(&model)?;
        Ok(model)
    }

    fn claimant(&self, actor: &Actor, model: &Model) -> Result<Claimant> {
        let person = actor.person().ok_or_else(|| Error::Conflict(Conflict::NoPerson.to_string()))?;
        let rules = kind::takes_images(model)?;
        Ok(Claimant {
            person,
            model: model.id,
            besides: None,
            decides: actor.may(Permission::ManageLabeling),
            measured: rand::rng().random::<f64>() < rules.gold_share,
        })
    }

    async fn assignment(&self, model: &Model, task: LabelingTask) -> Result<Assignment> {
        let (store, tenant) = (self.desk.store(), model.tenant);
        let missing = || Error::internal("a labeling task without its reading");
        let record = store.reading(tenant, task.prediction).await?.ok_or_else(missing)?;
        let logged = store.prediction(tenant, task.prediction).await?.ok_or_else(missing)?.prediction;
        let history = match task.state {
            State::Disputed | State::Flagged => store.annotations(tenant, task.id).await?,
            _ => Vec::new(),
        };
        let lines = standing(&history);
        let is_disputed = task.state == State::Disputed;
        let text = task.suggested().to_owned();
        let is_models_own = text == logged.decision;
        Ok(Assignment {
            characters: if is_models_own { characters(&text, &logged.probabilities) } else { Vec::new() },
            task: task.id,
            queue: model.name.clone(),
            prediction: task.prediction,
            confidence: task.confidence,
            version: logged.version,
            alphabet: kind::takes_images(model)?.characters.clone(),
            source: record.source,
            previous: record.previous,
            disputed: lines.iter().filter(|_| is_disputed).filter_map(|line| line.act.transcript().cloned()).collect(),
            flagged: lines.iter().rfind(|line| line.act == Act::Flagged).map(|line| line.note.clone()),
            until: task.lease.map_or(self.desk.now(), |lease| lease.until),
            reason: task.reason,
            text,
        })
    }

    /// What may be said of a reading without being asked again.
    async fn check_text(&self, actor: &Actor, task: &LabelingTask, said: &Said) -> Result<Transcript> {
        let Some(text) = &said.text else { return Ok(Transcript::Unreadable) };
        let text = crate::text::required("text", text, domain::reading::MAX_LENGTH)?;
        let model = self.desk.model_by_id(actor.tenant, task.model).await?;
        let rules: &Reading = kind::takes_images(&model)?;
        let record = self.desk.store().reading(actor.tenant, task.prediction).await?;
        let previous = record.and_then(|record| record.previous);
        match rules.broken_rule(text, previous.as_deref()) {
            Some(broken) if !said.sure => Err(Error::field("text", format!("{broken}; save it again if it is so"))),
            _ => Ok(Transcript::Text(text.to_owned())),
        }
    }

    /// Changes a task as `decide` says of the task as it is now; again if it changed meanwhile.
    async fn change(
        &self,
        actor: &Actor,
        id: TaskId,
        decide: impl Fn(&LabelingTask, &[Annotation], Timestamp) -> Result<Option<TaskMove>, Objection>,
    ) -> Result<LabelingTask> {
        actor.check(Permission::Label)?;
        let mut task = self.find(actor, id).await?;
        for _ in 0..TRIES {
            let (now, history) = (self.desk.now(), self.desk.store().annotations(actor.tenant, id).await?);
            let change = match decide(&task, &history, now) {
                Ok(Some(change)) => change,
                Ok(None) => return Ok(task),
                Err(objection) => return Err(self.explain(actor, objection).await?),
            };
            let (outcome, event) = moves::records(actor, &change, now);
            match self.desk.store().move_task(actor.tenant, &change, outcome, event.as_ref()).await? {
                TaskMoved::Done(task) => return Ok(task),
                TaskMoved::Conflict(changed) => task = changed,
                TaskMoved::NoTask => return Err(Error::not_found(format!("labeling task {id}"))),
            }
        }
        Err(Error::Unavailable { reason: String::from("the task keeps changing just now"), retry_after: 1 })
    }

    /// Who has a task is known by number; people want a name.
    async fn explain(&self, actor: &Actor, objection: Objection) -> Result<Error> {
        Ok(match objection {
            Objection::Invalid(field) => field.into(),
            Objection::Conflict(Conflict::Leased { by, .. }) => {
                let name = self.desk.store().person(actor.tenant, by).await?.map(|person| person.name);
                let name = name.unwrap_or_else(|| String::from("somebody else"));
                Error::Conflict(format!("{name} has this task now"))
            }
            Objection::Conflict(conflict) => Error::Conflict(conflict.to_string()),
        })
    }
}

/// How often a change is tried that somebody else came before.
const TRIES: usize = 5;
