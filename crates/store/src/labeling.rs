//! Labeling tasks: who has which, what was said of them, and the truth that comes of it.

mod agreement;
mod claims;
mod exports;
mod figures;
mod mine;
mod moves;
mod report;
mod selections;

use domain::audit::Event;
use domain::labeling::{Act, Annotation, LabelingTask, Lease, Origin, State, Transcript};
use domain::{ModelId, PersonId, PredictionId, TaskId, TenantId, Timestamp};

use crate::dialect::{Bulk, Values};
use crate::page::{cut_at, limit};
use crate::query::Query;
use crate::sql::{Row, Tx, args};
use crate::{Cursor, Error, Page, Store};

pub use agreement::{DoubleReading, GoldReading};
pub use claims::Claimant;
pub use exports::TaskContext;
pub use figures::{AnnotatedDay, AuditedWeek, BacklogCount, Pace, TaskDay, Worker};
pub use moves::{TaskMove, TaskMoved};
pub use selections::{NewSelection, Selection};

/// A task to be made of a reading that has none.
#[derive(Clone, Debug, PartialEq)]
pub struct NewTask {
    /// Whose reading.
    pub model: ModelId,
    /// The reading.
    pub prediction: PredictionId,
    /// Why.
    pub origin: Origin,
    /// The same in words.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// What the model read.
    pub read: String,
    /// How sure it was.
    pub confidence: f64,
    /// What a client says it should be.
    pub suggestion: Option<String>,
    /// How many people must read the same.
    pub needed: i64,
    /// The known answer, if it is to measure labelers.
    pub gold: Option<String>,
}

/// Which tasks; empty means all but those that measure labelers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskFilter {
    /// In the queue of this model.
    pub model: Option<ModelId>,
    /// With this word of [`State::WORDS`].
    pub state: Option<&'static str>,
    /// For this reason.
    pub origin: Option<Origin>,
    /// Only those that measure labelers.
    pub gold: bool,
}

const COLUMNS: &str =
    "id, tenant_id, model_id, prediction_id, origin, reason, priority, queued_at, created_at, read_text,
    confidence, suggestion, needed, gold_text, state, leased_by, leased_until, settled_text, settled_at, revision";

impl Store {
    /// One task.
    pub async fn labeling_task(&self, tenant: TenantId, id: TaskId) -> Result<Option<LabelingTask>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM labeling_tasks WHERE tenant_id = $1 AND id = $2");
        self.row(sql, args![tenant, id]).await?.as_ref().map(read).transpose()
    }

    /// The task in which a reading is to be corrected.
    pub async fn task_of(&self, tenant: TenantId, reading: PredictionId) -> Result<Option<LabelingTask>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM labeling_tasks WHERE tenant_id = $1 AND prediction_id = $2 AND gold_text IS NULL"
        );
        self.row(sql, args![tenant, reading]).await?.as_ref().map(read).transpose()
    }

    /// A tenant's tasks, newest first.
    pub async fn labeling_tasks(
        &self,
        tenant: TenantId,
        filter: &TaskFilter,
        cursor: Option<&Cursor>,
        asked: u32,
    ) -> Result<Page<LabelingTask>, Error> {
        let limit = limit(asked);
        let gold = if filter.gold { "IS NOT NULL" } else { "IS NULL" };
        let text = format!("SELECT {COLUMNS} FROM labeling_tasks WHERE tenant_id = $1 AND gold_text {gold}");
        let mut query = Query::new(text, args![tenant]);
        query.and("model_id =", filter.model);
        query.and("state =", filter.state);
        query.and("origin =", filter.origin.map(Origin::as_str));
        if let Some((at, id)) = cursor.and_then(Cursor::as_moment) {
            let (at, id) = (query.mark(at), query.mark(id));
            query.push(&format!(" AND (created_at, id) < ({at}, {id})"));
        }
        query.order("created_at DESC, id DESC", limit);
        let tasks = self.rows(query.text, &query.args).await?.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        Ok(cut_at(tasks, limit, |task| Cursor::moment(task.created_at, task.id.0)))
    }

    /// What was said of a task, first line first.
    pub async fn annotations(&self, tenant: TenantId, task: TaskId) -> Result<Vec<Annotation>, Error> {
        let sql = "SELECT sequence, at, person_id, act, seen, seconds, before_text, note FROM annotations
            WHERE tenant_id = $1 AND task_id = $2 ORDER BY sequence";
        self.rows(sql, args![tenant, task]).await?.iter().map(read_annotation).collect()
    }

    /// Whether a person has said anything of the task in which a reading is corrected, and so may know its answer.
    pub async fn has_labelled(&self, tenant: TenantId, reading: PredictionId, person: PersonId) -> Result<bool, Error> {
        let sql = "SELECT a.task_id FROM labeling_tasks t
            JOIN annotations a ON a.tenant_id = t.tenant_id AND a.task_id = t.id
            WHERE t.tenant_id = $1 AND t.prediction_id = $2 AND t.gold_text IS NULL AND a.person_id = $3 LIMIT 1";
        Ok(self.row(sql, args![tenant, reading, person]).await?.is_some())
    }

    /// Makes tasks of readings that have none, with one audit entry; gives how many were made.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such reading.
    pub async fn create_labeling_tasks(
        &self,
        tenant: TenantId,
        tasks: &[NewTask],
        event: &Event,
    ) -> Result<usize, Error> {
        let mut tx = self.begin().await?;
        tx.append(tenant, event).await?;
        let tasks: Vec<_> = tasks.iter().map(|task| (tenant, task.clone())).collect();
        let made = insert(&mut tx, &tasks).await?;
        tx.commit().await?;
        Ok(made)
    }
}

/// Inserts those tasks whose readings have none; gives how many.
pub(crate) async fn insert(tx: &mut Tx, tasks: &[(TenantId, NewTask)]) -> Result<usize, Error> {
    if tasks.is_empty() {
        return Ok(0);
    }
    let ints = |of: fn(&NewTask) -> i64| Values::Ints(tasks.iter().map(|(_, task)| of(task)).collect());
    let bulk = Bulk {
        table: "labeling_tasks",
        columns: vec![
            ("tenant_id", Values::Ints(tasks.iter().map(|(tenant, _)| tenant.0).collect())),
            ("model_id", ints(|task| task.model.0)),
            ("prediction_id", Values::Uuids(tasks.iter().map(|(_, task)| task.prediction.0).collect())),
            ("origin", Values::Texts(tasks.iter().map(|(_, task)| task.origin.as_str()).collect())),
            ("reason", Values::Texts(tasks.iter().map(|(_, task)| task.reason.as_str()).collect())),
            ("priority", ints(|task| task.origin.priority())),
            ("queued_at", ints(|task| task.at.0)),
            ("created_at", ints(|task| task.at.0)),
            ("read_text", Values::Texts(tasks.iter().map(|(_, task)| task.read.as_str()).collect())),
            ("confidence", Values::Reals(tasks.iter().map(|(_, task)| task.confidence).collect())),
            ("suggestion", Values::OptTexts(tasks.iter().map(|(_, task)| task.suggestion.as_deref()).collect())),
            ("needed", ints(|task| task.needed)),
            ("gold_text", Values::OptTexts(tasks.iter().map(|(_, task)| task.gold.as_deref()).collect())),
            ("state", Values::Texts(vec![State::Open.as_str(); tasks.len()])),
            ("revision", Values::Ints(vec![1; tasks.len()])),
        ],
        ending: "ON CONFLICT DO NOTHING",
    };
    Ok(bulk.insert_returning(tx, "prediction_id").await.map_err(Error::or_not_found)?.len())
}

async fn task(tx: &mut Tx, tenant: TenantId, id: TaskId) -> Result<Option<LabelingTask>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM labeling_tasks WHERE tenant_id = $1 AND id = $2");
    tx.row(sql, args![tenant, id]).await?.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<LabelingTask, Error> {
    let lease = row.get::<Option<i64>>("leased_by")?.zip(row.opt_time("leased_until")?);
    Ok(LabelingTask {
        id: TaskId(row.get("id")?),
        tenant: TenantId(row.get("tenant_id")?),
        model: ModelId(row.get("model_id")?),
        prediction: PredictionId(row.get("prediction_id")?),
        origin: row.word("origin", Origin::parse)?,
        reason: row.get("reason")?,
        priority: row.get("priority")?,
        queued_at: row.time("queued_at")?,
        created_at: row.time("created_at")?,
        read: row.get("read_text")?,
        confidence: row.get("confidence")?,
        suggestion: row.get("suggestion")?,
        needed: row.get("needed")?,
        gold: row.get("gold_text")?,
        state: read_state(row)?,
        lease: lease.map(|(by, until)| Lease { by: PersonId(by), until }),
        revision: row.get("revision")?,
    })
}

fn read_state(row: &Row) -> Result<State, Error> {
    Ok(match row.get::<String>("state")?.as_str() {
        "open" => State::Open,
        "disputed" => State::Disputed,
        "flagged" => State::Flagged,
        "settled" => State::Settled { text: row.get("settled_text")?, at: row.time("settled_at")? },
        "unreadable" => State::Unreadable { at: row.time("settled_at")? },
        other => return Err(Error::corrupt("state", other)),
    })
}

fn read_annotation(row: &Row) -> Result<Annotation, Error> {
    let seen = Transcript::from(row.get::<Option<String>>("seen")?);
    Ok(Annotation {
        sequence: row.get("sequence")?,
        at: row.time("at")?,
        person: PersonId(row.get("person_id")?),
        act: row.word("act", |word| Act::parse(word, seen))?,
        seconds: row.get("seconds")?,
        before: row.get("before_text")?,
        note: row.get("note")?,
    })
}
