//! Active learning: the readings that people are asked about because most is to be learnt from them.

use domain::audit::Event;
use domain::labeling::selection::{self, Candidate, Selected};
use domain::labeling::{self, Origin};
use domain::model::Model;
use domain::reading::MAX_SELECTION;
use domain::time::DAY;
use domain::{Actor, Permission, ScheduleRunId};
use store::{NewSelection, NewTask, Selection};

use super::Labeling;
use crate::error::{Error, Result};
use crate::kind;

/// Readings of the last days are chosen from.
const DAYS: i64 = 7;
/// Of these the least certain, no more: distances between all of them are computed.
const POOL: u32 = 2_000;
/// For each reading to be chosen, so many images are looked at: the least certain ones.
const LOOKED_AT: usize = 10;

impl Labeling<'_> {
    /// Chooses readings of the last week that the model doubts and that look different to it, and has people label
    /// them; `count` as the specification says if it is not given. Says in words when there were fewer, or none.
    ///
    /// # Errors
    /// Needs the right to manage labeling; names a count out of bounds; [`Error::NotFound`] for an unknown model.
    pub async fn select(&self, actor: &Actor, model: &str, count: Option<u32>) -> Result<Selection> {
        actor.check(Permission::ManageLabeling)?;
        let model = self.queue(actor, model).await?;
        let count = count.unwrap_or(kind::takes_images(&model)?.selection);
        if !(1..=MAX_SELECTION).contains(&count) {
            return Err(Error::field("count", format!("1 to {MAX_SELECTION} readings can be chosen at once")));
        }
        let made = self.choose(actor, &model, count, None).await?;
        made.ok_or_else(|| Error::internal("a choice that nothing asked for was made already"))
    }

    /// The newest choice among a model's readings.
    ///
    /// # Errors
    /// Needs the right to manage labeling; [`Error::NotFound`] for an unknown model.
    pub async fn newest_selection(&self, actor: &Actor, model: &str) -> Result<Option<Selection>> {
        actor.check(Permission::ManageLabeling)?;
        let model = self.queue(actor, model).await?;
        Ok(self.desk.store().newest_selection(actor.tenant, model.id).await?)
    }

    /// Chooses as many as the specification says, because the clock asks for it; says what came of it. Begun again, the
    /// same execution chooses nothing more.
    pub(crate) async fn select_by_clock(
        &self,
        actor: &Actor,
        model: &Model,
        execution: ScheduleRunId,
    ) -> Result<String> {
        actor.check(Permission::ManageLabeling)?;
        let count = kind::takes_images(model)?.selection;
        match self.choose(actor, model, count, Some(execution)).await? {
            Some(Selection { made, chosen }) => {
                let said = format!("{chosen} of {} readings chosen", made.asked);
                Ok(std::iter::once(said).chain(made.notes).collect::<Vec<_>>().join("; "))
            }
            None => Ok(String::from("the readings were chosen already")),
        }
    }

    async fn choose(
        &self,
        actor: &Actor,
        model: &Model,
        count: u32,
        schedule_run: Option<ScheduleRunId>,
    ) -> Result<Option<Selection>> {
        let now = self.desk.now();
        let pool = self.desk.store().selection_pool(actor.tenant, model.id, now.plus(-DAYS * DAY), POOL).await?;
        let found = pool.len();
        let served = self.desk.served(actor.tenant, &model.name).await?;
        let pool = match served.reader() {
            Some(reader) => self.see(actor.tenant, reader, pool, LOOKED_AT * count as usize).await?,
            None => pool,
        };
        let work = move || {
            let selected = selection::select(&pool, count as usize);
            (pool, selected)
        };
        let (pool, selected) = tokio::task::spawn_blocking(work).await.map_err(Error::internal)?;
        let tasks = tasks(model, &pool, &selected, now)?;
        let event = Event::new(actor, now, "labeling.selected", format!("model:{}", model.name))
            .with(serde_json::json!({ "asked": count, "chosen": tasks.len(), "pool": found }));
        let made = NewSelection {
            model: model.id,
            schedule_run,
            at: now,
            asked: i64::from(count),
            pool: found as i64,
            notes: selected.notes,
            actor: actor.label(),
        };
        Ok(self.desk.store().record_selection(actor.tenant, made, &tasks, &event).await?)
    }
}

fn tasks(model: &Model, pool: &[Candidate], selected: &Selected, now: domain::Timestamp) -> Result<Vec<NewTask>> {
    let rules = kind::takes_images(model)?;
    let task = |place: &usize| {
        let Candidate { prediction, text, confidence, .. } = &pool[*place];
        NewTask {
            model: model.id,
            prediction: *prediction,
            origin: Origin::Selection,
            reason: String::new(),
            at: now,
            read: text.clone(),
            confidence: confidence.unwrap_or(0.0),
            suggestion: None,
            needed: labeling::needed(rules, *prediction),
            gold: None,
        }
    };
    Ok(selected.chosen.iter().map(task).collect())
}
