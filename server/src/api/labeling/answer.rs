//! Queues and tasks as they are answered.

use std::collections::HashMap;

use desk::labeling::{Assignment, Queue, TaskDetail};
use domain::labeling::{Act, Annotation, LabelingTask, Transcript};
use domain::{ModelId, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::api::moment;
use crate::api::readings::CharacterAnswer;

/// The tasks of one model.
#[derive(Serialize, ToSchema)]
pub(super) struct QueueAnswer {
    /// Name of the model.
    name: String,
    /// Tasks that wait for anybody.
    open: i64,
    /// Tasks that two people read differently.
    disputed: i64,
    /// Tasks that wait for an admin.
    flagged: i64,
    /// Since when the oldest of them waits.
    oldest_at: Option<String>,
    /// Those of them that wait for you.
    for_you: Option<i64>,
    /// Who has a task now, by name.
    at_work: Vec<String>,
    /// Images read in the last hour, by everybody.
    read_last_hour: i64,
}

/// A task as a labeler is given it. What others have read is not said, nor whether the answer is known.
#[derive(Serialize, ToSchema)]
pub(super) struct AssignmentAnswer {
    /// Identity of the task.
    task: i64,
    /// The queue it stands in.
    queue: String,
    /// Identity of the reading.
    prediction: String,
    /// Where its image is.
    image: String,
    /// Why somebody must look at it, in words; empty where there is no more to say.
    reason: String,
    /// What to begin with.
    text: String,
    /// How sure the model is of each character of it; empty where the text is not the model's.
    characters: Vec<CharacterAnswer>,
    /// How sure the model is of what it read.
    confidence: f64,
    /// The version that read it; none if no version served.
    version: Option<i64>,
    /// The characters that a reading may have.
    alphabet: String,
    /// Which meter or camera it came from.
    source: String,
    /// What was read there before.
    previous: Option<String>,
    /// What two people have read differently, where you decide; none stands for unreadable.
    disputed: Vec<Option<String>>,
    /// Why somebody asked for an admin, if they did.
    flagged: Option<String>,
    /// Until when it is yours.
    until: String,
}

/// A reading that people correct.
#[derive(Serialize, ToSchema)]
pub(super) struct TaskAnswer {
    /// Identity.
    id: i64,
    /// The queue it stands in: name of the model.
    queue: String,
    /// Identity of the reading.
    prediction: String,
    /// `report`, `audit`, `selection`, `limit`, `rule` or `import`.
    origin: &'static str,
    /// The same in words; empty where the origin says all.
    reason: String,
    /// Higher ones are given out first.
    priority: i64,
    /// When it came to be.
    created_at: String,
    /// What the model read.
    read: String,
    /// How sure it was.
    confidence: f64,
    /// What a client says it should be.
    suggestion: Option<String>,
    /// How many people must read the same.
    needed: i64,
    /// The known answer, if it measures labelers.
    gold: Option<String>,
    /// `open`, `disputed`, `flagged`, `settled` or `unreadable`.
    state: &'static str,
    /// What people settled on.
    text: Option<String>,
    /// When they did.
    settled_at: Option<String>,
    /// Identity of the person who looks at it now.
    leased_by: Option<i64>,
    /// How long it is theirs.
    leased_until: Option<String>,
}

/// A task with its history.
#[derive(Serialize, ToSchema)]
pub(super) struct TaskDetailAnswer {
    /// The task.
    task: TaskAnswer,
    /// What was said of it, first line first. It only grows.
    history: Vec<AnnotationAnswer>,
}

/// One line of a task's history.
#[derive(Serialize, ToSchema)]
struct AnnotationAnswer {
    /// 1, 2, 3, … within the task.
    sequence: i64,
    /// When.
    at: String,
    /// Identity of the person.
    person: i64,
    /// `read`, `decided`, `corrected`, `withdrawn` or `flagged`.
    act: &'static str,
    /// What they saw, where they said it.
    text: Option<String>,
    /// Whether they said that nobody can read it.
    unreadable: bool,
    /// How long it took them.
    seconds: f64,
    /// What stood there before.
    before: Option<String>,
    /// Why, where a reason is needed.
    note: String,
}

pub(super) fn queue_example() -> Value {
    json!({ "name": "meter-reading", "open": 41, "disputed": 1, "flagged": 0, "oldest_at": "2026-03-01T08:30:00Z",
        "for_you": 40, "at_work": ["Lena"], "read_last_hour": 312 })
}

pub(super) fn assignment_example() -> Value {
    json!({ "task": 77, "queue": "meter-reading", "prediction": "0197a2b4-7c1e-7d30-9a55-3f0c2f6f0d11",
        "image": "/api/v1/predictions/0197a2b4-7c1e-7d30-9a55-3f0c2f6f0d11/image", "reason": "", "text": "7.4",
        "characters": [{ "character": "7", "confidence": 0.99 }], "confidence": 0.61, "version": 3,
        "alphabet": "0123456789.", "source": "meter-17", "previous": "7.1", "disputed": [], "flagged": null,
        "until": "2026-03-01T08:32:00Z" })
}

pub(super) fn task_example() -> Value {
    json!({ "id": 77, "queue": "meter-reading", "prediction": "0197a2b4-7c1e-7d30-9a55-3f0c2f6f0d11",
        "origin": "limit", "reason": "", "priority": 2, "created_at": "2026-03-01T08:30:00Z", "read": "7.4",
        "confidence": 0.61, "suggestion": null, "needed": 1, "gold": null, "state": "settled", "text": "7.9",
        "settled_at": "2026-03-01T09:12:44Z", "leased_by": null, "leased_until": null })
}

pub(super) fn detail_example() -> Value {
    let line = json!({ "sequence": 1, "at": "2026-03-01T09:12:44Z", "person": 4, "act": "read", "text": "7.9",
        "unreadable": false, "seconds": 3.2, "before": "7.4", "note": "" });
    json!({ "task": task_example(), "history": [line] })
}

impl QueueAnswer {
    pub(super) fn of(queue: Queue) -> Self {
        Self {
            name: queue.name,
            open: queue.open,
            disputed: queue.disputed,
            flagged: queue.flagged,
            oldest_at: queue.oldest_at.map(moment),
            for_you: queue.for_you,
            at_work: queue.at_work,
            read_last_hour: queue.read_last_hour,
        }
    }
}

impl AssignmentAnswer {
    pub(super) fn of(given: Assignment) -> Self {
        Self {
            task: given.task.0,
            queue: given.queue,
            image: format!("/api/v1/predictions/{}/image", given.prediction),
            prediction: given.prediction.to_string(),
            reason: given.reason,
            text: given.text,
            characters: CharacterAnswer::all(&given.characters),
            confidence: given.confidence,
            version: given.version,
            alphabet: given.alphabet,
            source: given.source,
            previous: given.previous,
            disputed: given.disputed.iter().map(|seen| seen.text().map(str::to_owned)).collect(),
            flagged: given.flagged,
            until: moment(given.until),
        }
    }
}

impl TaskAnswer {
    /// The task as it is at `now`: a lease that has run out is none.
    pub(super) fn of(task: LabelingTask, queues: &HashMap<ModelId, String>, now: Timestamp) -> Self {
        let lease = task.lease_at(now);
        Self {
            id: task.id.0,
            queue: queues.get(&task.model).cloned().unwrap_or_default(),
            prediction: task.prediction.to_string(),
            origin: task.origin.as_str(),
            priority: task.priority,
            created_at: moment(task.created_at),
            confidence: task.confidence,
            needed: task.needed,
            state: task.state.as_str(),
            text: task.state.answer().as_ref().and_then(Transcript::text).map(str::to_owned),
            settled_at: task.state.settled_at().map(moment),
            leased_by: lease.map(|lease| lease.by.0),
            leased_until: lease.map(|lease| moment(lease.until)),
            reason: task.reason,
            read: task.read,
            suggestion: task.suggestion,
            gold: task.gold,
        }
    }
}

impl TaskDetailAnswer {
    pub(super) fn of(detail: TaskDetail, queues: &HashMap<ModelId, String>, now: Timestamp) -> Self {
        let history = detail.history.into_iter().map(AnnotationAnswer::of).collect();
        Self { task: TaskAnswer::of(detail.task, queues, now), history }
    }
}

impl AnnotationAnswer {
    fn of(line: Annotation) -> Self {
        let seen = line.act.transcript();
        Self {
            sequence: line.sequence,
            at: moment(line.at),
            person: line.person.0,
            text: seen.and_then(Transcript::text).map(str::to_owned),
            unreadable: seen == Some(&Transcript::Unreadable),
            act: Act::as_str(&line.act),
            seconds: line.seconds,
            before: line.before,
            note: line.note,
        }
    }
}
