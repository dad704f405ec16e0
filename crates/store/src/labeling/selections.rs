//! When readings were chosen for people to label, and how many.

use domain::audit::Event;
use domain::{ModelId, ScheduleRunId, TenantId, Timestamp};

use super::{NewTask, insert};
use crate::sql::{Row, args, to_json};
use crate::{Error, Store};

/// A choice that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSelection {
    /// Of this model's readings.
    pub model: ModelId,
    /// The execution of a schedule that asked for it; none if somebody did.
    pub schedule_run: Option<ScheduleRunId>,
    /// When.
    pub at: Timestamp,
    /// How many were asked for.
    pub asked: i64,
    /// How many there were to choose from.
    pub pool: i64,
    /// What somebody who looks at it should know.
    pub notes: Vec<String>,
    /// Who chose.
    pub actor: String,
}

/// The same, with what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The choice.
    pub made: NewSelection,
    /// Tasks that came of it.
    pub chosen: i64,
}

impl Store {
    /// Makes tasks of what was chosen, and notes that it was, with one audit entry. None if this execution has chosen
    /// already.
    pub async fn record_selection(
        &self,
        tenant: TenantId,
        made: NewSelection,
        tasks: &[NewTask],
        event: &Event,
    ) -> Result<Option<Selection>, Error> {
        let mut tx = self.begin().await?;
        tx.append(tenant, event).await?;
        let insert_selection = "INSERT INTO labeling_selections
            (tenant_id, model_id, schedule_run_id, at, asked, pool, chosen, notes, actor)
            VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8) ON CONFLICT DO NOTHING RETURNING id";
        let (notes, model) = (to_json(&made.notes)?, made.model);
        let values = args![tenant, model, made.schedule_run, made.at, made.asked, made.pool, &notes, &made.actor];
        let row = tx.row(insert_selection, values).await.map_err(Error::or_not_found)?;
        let Some(id) = row.map(|row| row.get::<i64>("id")).transpose()? else { return Ok(None) };
        let tasks: Vec<_> = tasks.iter().map(|task| (tenant, task.clone())).collect();
        let chosen = insert(&mut tx, &tasks).await? as i64;
        tx.execute("UPDATE labeling_selections SET chosen = $2 WHERE id = $1", args![id, chosen]).await?;
        tx.commit().await?;
        Ok(Some(Selection { made, chosen }))
    }

    /// The newest choice among a model's readings.
    pub async fn newest_selection(&self, tenant: TenantId, model: ModelId) -> Result<Option<Selection>, Error> {
        let sql = "SELECT model_id, schedule_run_id, at, asked, pool, chosen, notes, actor FROM labeling_selections
            WHERE tenant_id = $1 AND model_id = $2 ORDER BY id DESC LIMIT 1";
        self.row(sql, args![tenant, model]).await?.as_ref().map(read).transpose()
    }
}

fn read(row: &Row) -> Result<Selection, Error> {
    let made = NewSelection {
        model: ModelId(row.get("model_id")?),
        schedule_run: row.get::<Option<i64>>("schedule_run_id")?.map(ScheduleRunId),
        at: row.time("at")?,
        asked: row.get("asked")?,
        pool: row.get("pool")?,
        notes: row.json("notes")?,
        actor: row.get("actor")?,
    };
    Ok(Selection { made, chosen: row.get("chosen")? })
}
