//! Recording events: exactly once, with the prediction made of each and the case it belongs to.

use std::collections::{BTreeSet, HashMap};

use domain::{EmployeeId, EventId, TenantId, Timestamp};

use super::sent::{NewEvent, Reception, ScoredEvent, Unscored, UnscoredEvent};
use super::write::write;
use super::{COLUMNS, RecordedEvent, WITH_CASE, lock, read};
use crate::dialect::{Listed, list};
use crate::sql::{Tx, args, to_list};
use crate::{Error, Store};

impl Store {
    /// Records those events that are new with their predictions, known truths and cases, all in one transaction: when it
    /// returns they are durable, and when anything fails none is there. Gives what became of each, in their order.
    ///
    /// `score` gets the new events, if there are any, and must give one answer for each, in their order. Nothing else is
    /// recorded for the tenant meanwhile.
    ///
    /// # Errors
    /// [`Error::NotFound`] when an event names no employee or site of the tenant, or a prediction no model; whatever
    /// `score` fails with.
    pub async fn record_events<E, Scoring>(
        &self,
        tenant: TenantId,
        sent: &[NewEvent],
        score: impl FnOnce(Unscored) -> Scoring + Send,
    ) -> Result<Vec<Reception>, E>
    where
        E: From<Error>,
        Scoring: Future<Output = Result<Vec<ScoredEvent>, E>> + Send,
    {
        let mut tx = self.begin().await?;
        let last = lock(&mut tx, tenant, sent.len() as i64).await?;
        let mut held = held(&mut tx, tenant, sent).await?;
        let order = order(sent, &held);
        if !order.is_empty() {
            let unscored = self.unscored(&mut tx, tenant, sent, &order, last - sent.len() as i64).await?;
            let fresh = unscored.events.clone();
            let scored = score(unscored).await?;
            if scored.len() != fresh.len() {
                return Err(Error::Conflict("not every event was scored").into());
            }
            let recorded = write(&mut tx, tenant, sent, &fresh, &scored).await?;
            tx.commit().await?;
            for (recorded, place) in recorded.into_iter().zip(order) {
                let NewEvent { client_id, digest, .. } = &sent[place];
                held.insert(client_id, Held { place: Some(place), digest: digest.clone(), recorded });
            }
        }
        let answer = |(place, new): (usize, &NewEvent)| Some(held.get(new.client_id.as_str())?.answer(place, new));
        Ok(sent.iter().enumerate().filter_map(answer).collect())
    }

    /// The events to be recorded after the `newest` one, with what they may see.
    async fn unscored(
        &self,
        tx: &mut Tx,
        tenant: TenantId,
        sent: &[NewEvent],
        order: &[usize],
        newest: i64,
    ) -> Result<Unscored, Error> {
        let employees: BTreeSet<EmployeeId> = order.iter().map(|&place| sent[place].employee).collect();
        let employees: Vec<EmployeeId> = employees.into_iter().collect();
        let at = |place: Option<&usize>| place.map_or(Timestamp(0), |&place| sent[place].at);
        let span = (at(order.first()), at(order.last()));
        let histories = self.recent.before(tx, tenant, &employees, span, newest).await?;
        let event = |(&sent_at, id): (&usize, i64)| {
            let new = &sent[sent_at];
            UnscoredEvent { sent: sent_at, employee: new.employee, moment: new.moment(EventId(id)) }
        };
        Ok(Unscored { events: order.iter().zip(newest + 1..).map(event).collect(), histories })
    }
}

/// What is recorded under a key.
struct Held {
    /// The place of the event that was sent, if it is recorded only now.
    place: Option<usize>,
    digest: String,
    recorded: RecordedEvent,
}

impl Held {
    fn answer(&self, place: usize, new: &NewEvent) -> Reception {
        let recorded = self.recorded.clone();
        match self {
            held if held.place == Some(place) => Reception::Recorded(recorded),
            held if held.digest == new.digest => Reception::Repeated(recorded),
            _ => Reception::Contradicted(recorded),
        }
    }
}

async fn held<'a>(tx: &mut Tx, tenant: TenantId, sent: &'a [NewEvent]) -> Result<HashMap<&'a str, Held>, Error> {
    let ids: BTreeSet<&'a str> = sent.iter().map(|new| new.client_id.as_str()).collect();
    let list = list(tx.engine(), "$2", Listed::Texts);
    let sql = format!(
        "SELECT {COLUMNS}, e.digest FROM {list} CROSS JOIN attendance_events e {WITH_CASE}
         WHERE e.tenant_id = $1 AND e.client_id = listed.value"
    );
    let mut held = HashMap::new();
    for row in tx.rows(sql, args![tenant, &to_list(&ids)?]).await? {
        let recorded = read(&row)?;
        if let Some(id) = ids.get(recorded.event.client_id.as_str()) {
            held.insert(*id, Held { place: None, digest: row.get("digest")?, recorded });
        }
    }
    Ok(held)
}

/// Places of the events to be recorded, in the order of recording. Of several new ones with one key it is the first.
fn order(sent: &[NewEvent], held: &HashMap<&str, Held>) -> Vec<usize> {
    let mut seen = BTreeSet::new();
    let is_new = |place: &usize| {
        let id = sent[*place].client_id.as_str();
        !held.contains_key(id) && seen.insert(id)
    };
    let mut order: Vec<usize> = (0..sent.len()).filter(is_new).collect();
    order.sort_by_key(|&place| sent[place].at);
    order
}
