//! Recording events: exactly once, with the prediction made of each and the case it belongs to.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::attendance::{AttendanceEvent, EventKind, Moment, Position, late};
use domain::case::Alert;
use domain::prediction::Prediction;
use domain::time::{DAY, SECOND};
use domain::{CaseId, EmployeeId, EventId, SiteId, TenantId, Timestamp};

use super::{RecordedEvent, SELECT, history, lock, read};
use crate::dialect::{Bulk, Listed, Values, is_one_of};
use crate::sql::{Tx, args, refuse_nul, to_json};
use crate::{Error, NewOutcome, Store, cases, outcomes, predictions};

/// An event as it was sent, with what is known of its site and calendar now.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEvent {
    /// The sender's own key; the same key twice is the same event.
    pub client_id: String,
    /// SHA-256 of what was sent, which tells a repetition from another event under the same key.
    pub digest: String,
    /// Whose.
    pub employee: EmployeeId,
    /// Where it is said to have happened.
    pub site: SiteId,
    /// What.
    pub kind: EventKind,
    /// When it happened.
    pub at: Timestamp,
    /// When it came in.
    pub received_at: Timestamp,
    /// When the shift was to begin.
    pub scheduled_at: Option<Timestamp>,
    /// Where the phone was.
    pub position: Option<Position>,
    /// How sure the face recognition was, 0 to 1.
    pub face_confidence: Option<f64>,
    /// Seconds that the site's local time is ahead of UTC.
    pub offset_seconds: i64,
    /// Metres from the site.
    pub drift_meters: Option<f64>,
    /// Whether the site's calendar calls the day a holiday.
    pub holiday: bool,
}

/// New events, and what was recorded of their employees before.
#[derive(Clone, Debug, Default)]
pub struct Unscored {
    /// The events in the order in which they are recorded: by time, and at one time as they were sent. A later one may
    /// see an earlier one.
    pub events: Vec<UnscoredEvent>,
    /// What was recorded in the 90 days before the first event and until the last, by employee, sorted by time and id.
    pub histories: HashMap<EmployeeId, Vec<Moment>>,
}

/// An event that is not recorded yet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UnscoredEvent {
    /// Its place among those that were sent.
    pub sent: usize,
    /// Whose.
    pub employee: EmployeeId,
    /// What features need of it.
    pub moment: Moment,
}

/// What is recorded together with an event.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoredEvent {
    /// What the model says.
    pub prediction: Prediction,
    /// What is known to be true already.
    pub truth: Option<NewOutcome>,
    /// Why it is to be looked at, if it is.
    pub alert: Option<Alert>,
}

/// What became of an event that was sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Reception {
    /// It is recorded now.
    Recorded(RecordedEvent),
    /// The same was recorded before; nothing was written.
    Repeated(RecordedEvent),
    /// Another event was recorded under the same key, this one; nothing was written.
    Contradicted(RecordedEvent),
}

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
            let first = last - sent.len() as i64 + 1;
            let unscored = unscored(&mut tx, tenant, sent, &order, first).await?;
            let fresh = unscored.events.clone();
            let scored = score(unscored).await?;
            if scored.len() != fresh.len() {
                return Err(Error::Conflict("not every event was scored").into());
            }
            let events: Vec<_> = fresh.iter().zip(&scored).map(|(e, s)| sent[e.sent].recorded(tenant, e, s)).collect();
            let cases = write(&mut tx, tenant, sent, &order, &events, &scored).await?;
            tx.commit().await?;
            for (event, &place) in events.into_iter().zip(&order) {
                let case = cases.get(&event.id).copied();
                held.insert(&sent[place].client_id, Held::new(place, &sent[place].digest, event, case));
            }
        }
        Ok(sent
            .iter()
            .enumerate()
            .filter_map(|(place, new)| held.get(new.client_id.as_str())?.answer(place, new))
            .collect())
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
    fn new(place: usize, digest: &str, event: AttendanceEvent, case: Option<CaseId>) -> Self {
        Self { place: Some(place), digest: digest.to_owned(), recorded: RecordedEvent { event, case } }
    }

    fn answer(&self, place: usize, new: &NewEvent) -> Option<Reception> {
        let recorded = self.recorded.clone();
        Some(match self {
            held if held.place == Some(place) => Reception::Recorded(recorded),
            held if held.digest == new.digest => Reception::Repeated(recorded),
            _ => Reception::Contradicted(recorded),
        })
    }
}

async fn held<'a>(tx: &mut Tx, tenant: TenantId, sent: &'a [NewEvent]) -> Result<HashMap<&'a str, Held>, Error> {
    let ids: BTreeMap<&str, ()> = sent.iter().map(|new| (new.client_id.as_str(), ())).collect();
    let ids: Vec<&'a str> = ids.into_keys().collect();
    refuse_nul(ids.iter().copied())?;
    let condition = is_one_of(tx.engine(), "e.client_id", "$2", Listed::Texts);
    let sql = format!("{SELECT} WHERE e.tenant_id = $1 AND {condition}");
    let mut held = HashMap::new();
    for row in tx.rows(sql, args![tenant, &to_json(&ids)?]).await? {
        let recorded = read(&row)?;
        if let Ok(place) = ids.binary_search(&recorded.event.client_id.as_str()) {
            held.insert(ids[place], Held { place: None, digest: row.get("digest")?, recorded });
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

async fn unscored(
    tx: &mut Tx,
    tenant: TenantId,
    sent: &[NewEvent],
    order: &[usize],
    first_id: i64,
) -> Result<Unscored, Error> {
    let employees: BTreeSet<EmployeeId> = order.iter().map(|&place| sent[place].employee).collect();
    let employees: Vec<EmployeeId> = employees.into_iter().collect();
    let at = |place: Option<&usize>| place.map_or(Timestamp(0), |&place| sent[place].at);
    let histories = history::before(tx, tenant, &employees, at(order.first()), at(order.last())).await?;
    let event = |(&sent_at, id): (&usize, i64)| {
        let new = &sent[sent_at];
        UnscoredEvent { sent: sent_at, employee: new.employee, moment: new.moment(EventId(id)) }
    };
    Ok(Unscored { events: order.iter().zip(first_id..).map(event).collect(), histories })
}

impl NewEvent {
    /// What features need of this event once it is recorded under `id`.
    #[must_use]
    pub fn moment(&self, id: EventId) -> Moment {
        Moment {
            id,
            at: self.at,
            kind: self.kind,
            offset_seconds: self.offset_seconds,
            late: late(self.kind, self.at, self.scheduled_at),
            holiday: self.holiday,
            position: self.position,
            drift_meters: self.drift_meters,
            face_confidence: self.face_confidence,
        }
    }

    fn recorded(&self, tenant: TenantId, unscored: &UnscoredEvent, scored: &ScoredEvent) -> AttendanceEvent {
        AttendanceEvent {
            id: unscored.moment.id,
            tenant,
            client_id: self.client_id.clone(),
            employee: self.employee,
            site: self.site,
            kind: self.kind,
            at: self.at,
            received_at: self.received_at,
            scheduled_at: self.scheduled_at,
            position: self.position,
            face_confidence: self.face_confidence,
            offset_seconds: self.offset_seconds,
            drift_meters: self.drift_meters,
            holiday: self.holiday,
            prediction: scored.prediction.id,
            score: scored.prediction.score,
        }
    }
}

/// Writes new events with all that hangs on them; gives the cases of those that have one.
async fn write(
    tx: &mut Tx,
    tenant: TenantId,
    sent: &[NewEvent],
    order: &[usize],
    events: &[AttendanceEvent],
    scored: &[ScoredEvent],
) -> Result<HashMap<EventId, CaseId>, Error> {
    predictions::write(tx, &scored.iter().map(|scored| &scored.prediction).collect::<Vec<_>>()).await?;
    let digests: Vec<&str> = order.iter().map(|&place| sent[place].digest.as_str()).collect();
    insert(tx, tenant, events, digests).await?;
    count(tx, tenant, events).await?;
    let truths: Vec<&NewOutcome> = scored.iter().filter_map(|scored| scored.truth.as_ref()).collect();
    if !truths.is_empty() {
        outcomes::record(tx, tenant, &truths).await?;
    }
    let alerts = events.iter().zip(scored);
    let alerts: Vec<_> = alerts.filter_map(|(event, s)| Some((event, s.alert?, s.prediction.actor.as_str()))).collect();
    cases::join_or_open(tx, tenant, &alerts).await
}

async fn insert(tx: &mut Tx, tenant: TenantId, events: &[AttendanceEvent], digests: Vec<&str>) -> Result<(), Error> {
    let ints = |of: fn(&AttendanceEvent) -> i64| Values::Ints(events.iter().map(of).collect());
    let reals = |of: fn(&AttendanceEvent) -> Option<f64>| Values::OptReals(events.iter().map(of).collect());
    let bulk = Bulk {
        table: "attendance_events",
        columns: vec![
            ("tenant_id", Values::Ints(vec![tenant.0; events.len()])),
            ("employee_id", ints(|e| e.employee.0)),
            ("at", ints(|e| e.at.0)),
            ("id", ints(|e| e.id.0)),
            ("client_id", Values::Texts(events.iter().map(|e| e.client_id.as_str()).collect())),
            ("digest", Values::Texts(digests)),
            ("site_id", ints(|e| e.site.0)),
            ("kind", Values::Texts(events.iter().map(|e| e.kind.as_str()).collect())),
            ("received_at", ints(|e| e.received_at.0)),
            ("scheduled_at", Values::OptInts(events.iter().map(|e| e.scheduled_at.map(|at| at.0)).collect())),
            ("latitude", reals(|e| e.position.map(|position| position.latitude))),
            ("longitude", reals(|e| e.position.map(|position| position.longitude))),
            ("face_confidence", reals(|e| e.face_confidence)),
            ("offset_seconds", ints(|e| e.offset_seconds)),
            ("drift_meters", reals(|e| e.drift_meters)),
            ("holiday", ints(|e| i64::from(e.holiday))),
            ("prediction_id", Values::Uuids(events.iter().map(|e| e.prediction.0).collect())),
            ("score", Values::Reals(events.iter().map(|e| e.score).collect())),
        ],
        ending: "",
    };
    bulk.insert(tx).await.map_err(Error::or_not_found)
}

/// Adds events to the counts by day.
async fn count(tx: &mut Tx, tenant: TenantId, events: &[AttendanceEvent]) -> Result<(), Error> {
    let mut days: BTreeMap<(i64, SiteId), i64> = BTreeMap::new();
    for event in events {
        let local = event.at.plus(event.offset_seconds.saturating_mul(SECOND));
        *days.entry((local.0.div_euclid(DAY), event.site)).or_default() += 1;
    }
    let bulk = Bulk {
        table: "attendance_days",
        columns: vec![
            ("tenant_id", Values::Ints(vec![tenant.0; days.len()])),
            ("day", Values::Ints(days.keys().map(|(day, _)| *day).collect())),
            ("site_id", Values::Ints(days.keys().map(|(_, site)| site.0).collect())),
            ("events", Values::Ints(days.values().copied().collect())),
        ],
        ending: "ON CONFLICT (tenant_id, day, site_id) DO UPDATE SET events = attendance_days.events + excluded.events",
    };
    bulk.insert(tx).await
}
