//! What waits where, and who is on.

use std::collections::HashMap;

use domain::time::HOUR;
use domain::{Actor, ModelId, Permission, PersonId, TenantId, Timestamp};
use store::{BacklogCount, Worker};

use super::Labeling;
use crate::error::Result;

/// The tasks of one model, as its labelers see them.
#[derive(Clone, Debug, PartialEq)]
pub struct Queue {
    /// The model.
    pub model: ModelId,
    /// Its name.
    pub name: String,
    /// Tasks that wait for anybody.
    pub open: i64,
    /// Tasks that two people read differently.
    pub disputed: i64,
    /// Tasks that wait for an admin.
    pub flagged: i64,
    /// Since when the oldest of them waits.
    pub oldest_at: Option<Timestamp>,
    /// Those of them that wait for whoever asks; none if it is no person.
    pub for_you: Option<i64>,
    /// Who has a task now, by name.
    pub at_work: Vec<String>,
    /// Images read in the last hour, by everybody.
    pub read_last_hour: i64,
}

impl Queue {
    /// Tasks that wait for somebody.
    #[must_use]
    pub fn waiting(&self) -> i64 {
        self.open + self.disputed + self.flagged
    }
}

impl Labeling<'_> {
    /// The queues that the actor may label, by name.
    ///
    /// # Errors
    /// Needs the right to label.
    pub async fn queues(&self, actor: &Actor) -> Result<Vec<Queue>> {
        actor.check(Permission::Label)?;
        let (store, tenant, now) = (self.desk.store(), actor.tenant, self.desk.now());
        let backlog = store.labeling_backlog(tenant, None).await?;
        let workers = store.labelers_at_work(tenant, now).await?;
        let names = self.names(tenant).await?;
        let mut queues = Vec::new();
        for model in store.models(tenant).await?.into_iter().filter(|model| model.specification.reading.is_some()) {
            let mut queue = waiting(model.id, model.name, &backlog);
            queue.at_work = at_work(model.id, &workers, &names);
            let paces = store.labeling_paces(tenant, Some(model.id), now.plus(-HOUR), now.plus(1)).await?;
            queue.read_last_hour = paces.iter().map(|pace| pace.read).sum();
            if let Some(person) = actor.person() {
                let decides = actor.may(Permission::ManageLabeling);
                let open = if decides { queue.waiting() } else { queue.open + queue.disputed };
                let half_read = store.half_read_tasks(tenant, model.id, person, decides).await?;
                queue.for_you = Some((open - half_read).max(0));
            }
            queues.push(queue);
        }
        Ok(queues)
    }

    /// Tasks of all queues that wait for somebody.
    ///
    /// # Errors
    /// Needs the right to label.
    pub async fn waiting(&self, actor: &Actor) -> Result<i64> {
        actor.check(Permission::Label)?;
        let backlog = self.desk.store().labeling_backlog(actor.tenant, None).await?;
        Ok(backlog.iter().map(|count| count.tasks).sum())
    }

    pub(super) async fn names(&self, tenant: TenantId) -> Result<HashMap<PersonId, String>> {
        let people = self.desk.store().people(tenant).await?;
        Ok(people.into_iter().map(|person| (person.id, person.name)).collect())
    }
}

fn waiting(model: ModelId, name: String, backlog: &[BacklogCount]) -> Queue {
    let own = || backlog.iter().filter(|count| count.model == model);
    let of = |state: &str| own().filter(|count| count.state == state).map(|count| count.tasks).sum();
    Queue {
        model,
        name,
        open: of("open"),
        disputed: of("disputed"),
        flagged: of("flagged"),
        oldest_at: own().map(|count| count.oldest_at).min(),
        for_you: None,
        at_work: Vec::new(),
        read_last_hour: 0,
    }
}

fn at_work(model: ModelId, workers: &[Worker], names: &HashMap<PersonId, String>) -> Vec<String> {
    let own = workers.iter().filter(|worker| worker.model == model);
    let mut on: Vec<String> = own.filter_map(|worker| names.get(&worker.person).cloned()).collect();
    on.sort();
    on
}
