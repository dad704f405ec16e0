//! Counts of tasks and of what people do, for queues and dashboards. Days are those of clocks `offset_seconds` ahead of
//! UTC, in days since 1970-01-01; weeks (UTC) count from Monday, 1969-12-29.

use domain::labeling::{Origin, State};
use domain::time::{DAY, SECOND};
use domain::{ModelId, PersonId, TenantId, Timestamp};

use super::agreement::WITHDRAWN;
use super::claims::{UNREAD, WAITS};
use crate::overview::end;
use crate::sql::{Row, args};
use crate::{Error, Store};

/// What waits in a queue for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BacklogCount {
    /// The queue.
    pub model: ModelId,
    /// Why there are these tasks.
    pub origin: Origin,
    /// One of [`State::WORDS`]: `open`, `disputed` or `flagged`.
    pub state: &'static str,
    /// How many.
    pub tasks: i64,
    /// Since when the oldest of them waits.
    pub oldest_at: Timestamp,
}

/// Who has a task of a queue now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Worker {
    /// The queue.
    pub model: ModelId,
    /// Who.
    pub person: PersonId,
}

/// Tasks that came to be on one day for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskDay {
    /// The day.
    pub day: i64,
    /// Why.
    pub origin: Origin,
    /// How many.
    pub tasks: i64,
}

/// What one person read on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnnotatedDay {
    /// The day.
    pub day: i64,
    /// Who.
    pub person: PersonId,
    /// Images they read.
    pub read: i64,
    /// Those in which they saw something else than what stood there.
    pub changed: i64,
}

/// How fast one person reads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Who.
    pub person: PersonId,
    /// Images they read.
    pub read: i64,
    /// Half of them took no longer.
    pub median_seconds: f64,
}

/// Accepted readings of one version and week that were drawn to be looked at, or had an outcome for whatever reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuditedWeek {
    /// The version; none is the heuristic.
    pub version: Option<i64>,
    /// The week.
    pub week: i64,
    /// Read right.
    pub right: i64,
    /// Read wrong.
    pub wrong: i64,
    /// Nobody can read them.
    pub unreadable: i64,
    /// Nobody has said yet.
    pub waiting: i64,
}

impl Store {
    /// What waits in a tenant's queues, by queue, reason and state; of one queue, if given.
    pub async fn labeling_backlog(&self, tenant: TenantId, model: Option<ModelId>) -> Result<Vec<BacklogCount>, Error> {
        let (and, model) = one_queue(model);
        let sql = format!(
            "SELECT model_id, origin, state, COUNT(*) AS tasks, MIN(created_at) AS oldest_at FROM labeling_tasks t
             WHERE tenant_id = $1 AND settled_at IS NULL AND {WAITS} {and}
             GROUP BY model_id, origin, state ORDER BY model_id, origin, state"
        );
        let read = |row: &Row| {
            Ok(BacklogCount {
                model: ModelId(row.get("model_id")?),
                origin: row.word("origin", Origin::parse)?,
                state: row.word("state", |word| State::WORDS.into_iter().find(|state| *state == word))?,
                tasks: row.get("tasks")?,
                oldest_at: row.time("oldest_at")?,
            })
        };
        self.rows(sql, args![tenant, model]).await?.iter().map(read).collect()
    }

    /// Tasks of a queue that this person has read and that wait for another one. Nothing that is disputed does, for
    /// whoever `decides`.
    pub async fn half_read_tasks(
        &self,
        tenant: TenantId,
        model: ModelId,
        person: PersonId,
        decides: bool,
    ) -> Result<i64, Error> {
        let state = if decides { "= 'open'" } else { "<> 'flagged'" };
        let sql = format!(
            "SELECT COUNT(*) AS tasks FROM labeling_tasks t
             WHERE t.tenant_id = $1 AND t.model_id = $2 AND t.needed = 2 AND t.settled_at IS NULL
                AND t.gold_text IS NULL AND t.state {state} AND NOT {UNREAD}"
        );
        let row = self.row(sql, args![tenant, model, person]).await?.ok_or(Error::NotFound)?;
        row.get("tasks")
    }

    /// Who has tasks at `now`, by queue.
    pub async fn labelers_at_work(&self, tenant: TenantId, now: Timestamp) -> Result<Vec<Worker>, Error> {
        let sql = "SELECT DISTINCT model_id, leased_by FROM labeling_tasks
            WHERE tenant_id = $1 AND leased_by IS NOT NULL AND leased_until > $2 AND settled_at IS NULL
            ORDER BY model_id, leased_by";
        let read =
            |row: &Row| Ok(Worker { model: ModelId(row.get("model_id")?), person: PersonId(row.get("leased_by")?) });
        self.rows(sql, args![tenant, now]).await?.iter().map(read).collect()
    }

    /// Tasks of a queue that came to be from one moment on and before another, by day and reason.
    pub async fn labeling_task_days(
        &self,
        tenant: TenantId,
        model: ModelId,
        from: Timestamp,
        until: Timestamp,
        offset_seconds: i64,
    ) -> Result<Vec<TaskDay>, Error> {
        let sql = format!(
            "SELECT (created_at + $5) / {DAY} AS day, origin, COUNT(*) AS tasks FROM labeling_tasks
             WHERE tenant_id = $1 AND model_id = $2 AND created_at >= $3 AND created_at < $4 AND gold_text IS NULL
             GROUP BY 1, origin ORDER BY 1, origin"
        );
        let read = |row: &Row| {
            Ok(TaskDay { day: row.get("day")?, origin: row.word("origin", Origin::parse)?, tasks: row.get("tasks")? })
        };
        self.rows(sql, args![tenant, model, from, until, offset_seconds * SECOND]).await?.iter().map(read).collect()
    }

    /// What people read in a queue from one moment on and before another, by day and person, without what they took back.
    pub async fn annotated_days(
        &self,
        tenant: TenantId,
        model: ModelId,
        from: Timestamp,
        until: Timestamp,
        offset_seconds: i64,
    ) -> Result<Vec<AnnotatedDay>, Error> {
        let sql = format!(
            "SELECT (at + $5) / {DAY} AS day, person_id, COUNT(*) AS read_count,
                CAST(SUM(CASE WHEN seen IS DISTINCT FROM before_text THEN 1 ELSE 0 END) AS BIGINT) AS changed
             FROM annotations a WHERE tenant_id = $1 AND model_id = $2 AND at >= $3 AND at < $4 AND {SAID}
                AND NOT EXISTS ({WITHDRAWN})
             GROUP BY 1, person_id ORDER BY 1, person_id"
        );
        let read = |row: &Row| {
            Ok(AnnotatedDay {
                day: row.get("day")?,
                person: PersonId(row.get("person_id")?),
                read: row.get("read_count")?,
                changed: row.get("changed")?,
            })
        };
        self.rows(sql, args![tenant, model, from, until, offset_seconds * SECOND]).await?.iter().map(read).collect()
    }

    /// How fast people read in a queue from one moment on and before another, without what they took back; in all queues,
    /// if none is given.
    pub async fn labeling_paces(
        &self,
        tenant: TenantId,
        model: Option<ModelId>,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Pace>, Error> {
        let (and, model) = one_queue(model);
        let sql = format!(
            "SELECT person_id, MAX(n) AS read_count, AVG(seconds) AS median FROM (
                SELECT person_id, seconds, COUNT(*) OVER (PARTITION BY person_id) AS n,
                    ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY seconds) AS place
                FROM annotations a WHERE tenant_id = $1 {and} AND at >= $3 AND at < $4 AND {SAID}
                    AND NOT EXISTS ({WITHDRAWN})
             ) AS ranked WHERE place IN ((n + 1) / 2, (n + 2) / 2) GROUP BY person_id ORDER BY person_id"
        );
        let read = |row: &Row| {
            Ok(Pace {
                person: PersonId(row.get("person_id")?),
                read: row.get("read_count")?,
                median_seconds: row.get("median")?,
            })
        };
        self.rows(sql, args![tenant, model, from, until]).await?.iter().map(read).collect()
    }

    /// What became of the readings that were accepted, and drawn to be looked at all the same, from one moment on and
    /// before another.
    pub async fn audited_weeks(
        &self,
        tenant: TenantId,
        model: ModelId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<AuditedWeek>, Error> {
        let sql = format!(
            "SELECT p.version, (t.created_at / {DAY} + 3) / 7 AS week,
                {right} AS right_count, {wrong} AS wrong_count, {unreadable} AS unreadable, {waiting} AS waiting
             FROM labeling_tasks t JOIN predictions p ON p.tenant_id = t.tenant_id AND p.id = t.prediction_id
             WHERE t.tenant_id = $1 AND t.model_id = $2 AND t.created_at >= $3 AND t.created_at < $4
                AND t.origin = 'audit' AND t.gold_text IS NULL
             GROUP BY p.version, 2 ORDER BY 2, p.version",
            right = count("t.settled_text = t.read_text"),
            wrong = count("t.settled_text <> t.read_text"),
            unreadable = count("t.state = 'unreadable'"),
            waiting = count("t.settled_at IS NULL"),
        );
        self.rows(sql, args![tenant, model, from, until]).await?.iter().map(read_week).collect()
    }

    /// What turned out to be true of the readings from one moment on and before another, whyever somebody looked at
    /// them: doubtful ones are looked at more, so this is not how good a version is, but how its errors move.
    pub async fn corrected_weeks(
        &self,
        tenant: TenantId,
        model: ModelId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<AuditedWeek>, Error> {
        let sum =
            |decision: &str| format!("CAST(SUM(CASE WHEN decision = '{decision}' THEN outcomes ELSE 0 END) AS BIGINT)");
        let sql = format!(
            "SELECT version, (hour / 24 + 3) / 7 AS week, {} AS right_count, {} AS wrong_count,
                CAST(0 AS BIGINT) AS unreadable, CAST(0 AS BIGINT) AS waiting
             FROM outcome_hours WHERE tenant_id = $1 AND model_id = $2 AND hour >= $3 AND hour < $4
             GROUP BY version, 2 ORDER BY 2, version",
            sum("right"),
            sum("wrong")
        );
        self.rows(sql, args![tenant, model, from.hour(), end(until)]).await?.iter().map(read_week).collect()
    }
}

/// Lines of a history that say what was seen.
const SAID: &str = "act IN ('read', 'decided', 'corrected')";

/// A condition that asks for a queue, or for none in particular, with the argument `$2` in either.
fn one_queue(model: Option<ModelId>) -> (&'static str, i64) {
    match model {
        Some(model) => ("AND model_id = $2", model.0),
        None => ("AND $2 = 0", 0),
    }
}

fn count(condition: &str) -> String {
    format!("CAST(SUM(CASE WHEN {condition} THEN 1 ELSE 0 END) AS BIGINT)")
}

fn read_week(row: &Row) -> Result<AuditedWeek, Error> {
    let version: i64 = row.get("version")?;
    Ok(AuditedWeek {
        version: (version != 0).then_some(version),
        week: row.get("week")?,
        right: row.get("right_count")?,
        wrong: row.get("wrong_count")?,
        unreadable: row.get("unreadable")?,
        waiting: row.get("waiting")?,
    })
}
