//! Requests that come in at the same time, recorded in one transaction. Each by itself would wait for the flushes of all
//! before it.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use domain::TenantId;
use domain::attendance::WINDOW;
use store::{NewEvent, Reception, ScoredEvent, Store, Unscored};
use tokio::sync::{Mutex as Turn, OwnedSemaphorePermit, Semaphore, oneshot};

use super::scoring::{Scorer, Seen, look_back};
use crate::error::{Error, Result};
use crate::predictions::work_on;

/// Events in one transaction at most. Nothing else is written for so long.
pub(super) const TOGETHER: usize = 500;
/// Events of a tenant that wait or are being recorded; more are refused.
const MOST_WAITING: usize = 20_000;

/// Up to [`TOGETHER`] events of one request.
pub(super) struct Part {
    pub(super) events: Vec<NewEvent>,
    /// What is known to be true of each already.
    pub(super) truths: Vec<Option<bool>>,
    pub(super) scorer: Arc<Scorer>,
}

/// The queues in which parts wait, one for each tenant.
#[derive(Default)]
pub(crate) struct Lanes(Mutex<HashMap<TenantId, Arc<Lane>>>);

struct Lane {
    /// A permit for each event that is accepted and not yet answered.
    room: Arc<Semaphore>,
    waiting: Mutex<VecDeque<Job>>,
    /// Who holds it records what waits, for all.
    turn: Arc<Turn<()>>,
}

struct Job {
    part: Arc<Part>,
    answer: oneshot::Sender<Result<Vec<Reception>>>,
    room: OwnedSemaphorePermit,
}

impl Job {
    fn answer(self, answer: Result<Vec<Reception>>) {
        // A caller that has its answer finds the room it had.
        drop(self.room);
        // A caller that went away loses its answer, not its events.
        let _ = self.answer.send(answer);
    }
}

impl Lanes {
    /// Records a part, together with whatever else waits; gives what became of its events, in their order.
    ///
    /// # Errors
    /// [`Error::Unavailable`] at once when too many events wait.
    pub(super) async fn record(&self, store: &Store, tenant: TenantId, part: Part) -> Result<Vec<Reception>> {
        let lane = self.of(tenant);
        let (room, (answer, mut answered)) = (lane.room(part.events.len())?, oneshot::channel());
        lane.waiting().push_back(Job { part: Arc::new(part), answer, room });
        loop {
            tokio::select! {
                biased;
                answer = &mut answered => return answer.map_err(Error::internal)?,
                turn = Arc::clone(&lane.turn).lock_owned() => {
                    let (jobs, store) = (lane.gather().await, store.clone());
                    // A task of its own: whoever goes away takes nobody else's answer along.
                    let work = tokio::spawn(async move {
                        let _turn = turn;
                        finish(&store, tenant, jobs).await;
                    });
                    work.await.map_err(Error::internal)?;
                }
            }
        }
    }

    fn of(&self, tenant: TenantId) -> Arc<Lane> {
        Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(tenant).or_default())
    }
}

impl Default for Lane {
    fn default() -> Self {
        Self { room: Arc::new(Semaphore::new(MOST_WAITING)), waiting: Mutex::default(), turn: Arc::default() }
    }
}

impl Lane {
    fn room(&self, events: usize) -> Result<OwnedSemaphorePermit> {
        let events = u32::try_from(events).map_err(Error::internal)?;
        let full =
            |_| Error::Unavailable { reason: String::from("too many events wait to be recorded"), retry_after: 1 };
        Arc::clone(&self.room).try_acquire_many_owned(events).map_err(full)
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, VecDeque<Job>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is recorded next. Callers that were just answered come back at once with their next event, so others may run
    /// as long as that brings some.
    async fn gather(&self) -> Vec<Job> {
        let mut known = 0;
        while self.waiting().len() > known {
            known = self.waiting().len();
            tokio::task::yield_now().await;
        }
        let (mut waiting, mut jobs) = (self.waiting(), Vec::new());
        while let Some(job) = waiting.pop_front() {
            if job.answer.is_closed() {
                continue;
            }
            if !fits(&jobs, &job) {
                waiting.push_front(job);
                break;
            }
            jobs.push(job);
        }
        jobs
    }
}

/// Whether a job may go with others. All histories are read from before the first event to the last one, so events far
/// apart would read much more than any of them needs.
fn fits(jobs: &[Job], job: &Job) -> bool {
    let all = || jobs.iter().chain([job]).flat_map(|job| &job.part.events);
    let (first, last) = (all().map(|event| event.at).min(), all().map(|event| event.at).max());
    let near = first.zip(last).is_none_or(|(first, last)| last.since(first) <= WINDOW);
    jobs.is_empty() || (near && all().count() <= TOGETHER)
}

/// Records and answers all jobs.
async fn finish(store: &Store, tenant: TenantId, jobs: Vec<Job>) {
    let parts: Vec<Arc<Part>> = jobs.iter().map(|job| Arc::clone(&job.part)).collect();
    match record(store, tenant, parts).await {
        Ok(answers) => {
            let mut answers = answers.into_iter();
            for job in jobs {
                let own = answers.by_ref().take(job.part.events.len()).collect();
                job.answer(Ok(own));
            }
        }
        // It is not the events: each part alone would fail as well, and slowly.
        Err(Error::Unavailable { reason, retry_after }) => {
            for job in jobs {
                job.answer(Err(Error::Unavailable { reason: reason.clone(), retry_after }));
            }
        }
        // Some event is refused. So that it fails its own caller only, each part goes alone.
        Err(_) if jobs.len() > 1 => {
            for job in jobs {
                let answer = record(store, tenant, vec![Arc::clone(&job.part)]).await;
                job.answer(answer);
            }
        }
        Err(error) => {
            if let Some(job) = jobs.into_iter().next() {
                job.answer(Err(error));
            }
        }
    }
}

/// Records the events of all parts in one transaction.
async fn record(store: &Store, tenant: TenantId, parts: Vec<Arc<Part>>) -> Result<Vec<Reception>> {
    let events: Vec<NewEvent> = parts.iter().flat_map(|part| part.events.iter().cloned()).collect();
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let score = |unscored: Unscored| work_on(unscored.events.len(), move || score(unscored, &parts));
    store.record_events(tenant, &events, score).await
}

/// One answer for each event, in their order, by the scorer of the part that it came with.
fn score(unscored: Unscored, parts: &[Arc<Part>]) -> Result<Vec<ScoredEvent>> {
    let seen = look_back(unscored);
    let mut scored = vec![None; seen.len()];
    let mut end = 0;
    for part in parts {
        let own: Range<usize> = end..end + part.events.len();
        end = own.end;
        let places: Vec<usize> = (0..seen.len()).filter(|&place| own.contains(&seen[place].0.sent)).collect();
        if places.is_empty() {
            continue;
        }
        let look = |&place: &usize| {
            let (event, features) = seen[place];
            Seen { event, features, truth: part.truths[event.sent - own.start] }
        };
        let answers = part.scorer.score(&places.iter().map(look).collect::<Vec<_>>())?;
        places.iter().zip(answers).for_each(|(&place, answer)| scored[place] = Some(answer));
    }
    let all: Option<Vec<ScoredEvent>> = scored.into_iter().collect();
    all.ok_or_else(|| Error::internal("an event was not scored"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::EmployeeId;
    use domain::time::{DAY, HOUR};

    use super::super::tests::{MONDAY, check_in, plant};
    use super::super::{EventDraft, Reception};
    use super::{MOST_WAITING, Part};
    use crate::error::Error;

    /// Three requests that wait while a fourth is recorded: one repeats an event of another, one is refused by the database.
    #[tokio::test]
    async fn each_request_that_waited_gets_its_own_answer() {
        let plant = plant().await;
        let (events, actor) = (plant.desk.events(), &plant.actor);
        plant.record_one(check_in("first", "e1", MONDAY, 0.0)).await;
        let part = async |drafts: &[EventDraft], employee: Option<i64>| {
            let mut checked = events.check(actor, drafts, |_| String::new()).await.unwrap();
            checked.iter_mut().for_each(|event| event.employee = employee.map_or(event.employee, EmployeeId));
            let scorer = Arc::new(events.scorer(actor).await.unwrap());
            Part { events: checked, truths: vec![None; drafts.len()], scorer }
        };
        let at = |hour| MONDAY.plus(DAY + hour * HOUR);
        let (a, far) = (check_in("a", "e1", at(8), 0.0), check_in("b", "e2", at(7), 9_000.0));
        let first = part(&[a.clone(), far], None).await;
        let again = part(&[a], None).await;
        let nobody = part(&[check_in("c", "e1", at(9), 0.0)], Some(999)).await;

        let lanes = &plant.desk.inner.lanes;
        let lane = lanes.of(actor.tenant);
        let turn = lane.turn.lock().await;
        let send = |part| lanes.record(plant.desk.store(), actor.tenant, part);
        let wait = async {
            while lane.waiting().len() < 3 {
                tokio::task::yield_now().await;
            }
            drop(turn);
        };
        let (first, again, nobody, ()) = tokio::join!(send(first), send(again), send(nobody), wait);
        let [Reception::Recorded(_), Reception::Recorded(far)] = &first.unwrap()[..] else { panic!() };
        assert!(far.case.is_some());
        assert!(matches!(again.unwrap()[..], [Reception::Repeated(_)]));
        assert!(nobody.is_err());
        let recomputed = events.recompute(actor, |_| ()).await.unwrap();
        assert_eq!((recomputed.events, recomputed.different), (3, 0));
    }

    #[tokio::test]
    async fn events_beyond_what_may_wait_are_refused_at_once() {
        let plant = plant().await;
        let events = plant.desk.events();
        let lane = plant.desk.inner.lanes.of(plant.actor.tenant);
        let waiting = lane.room(MOST_WAITING).unwrap();
        let draft = check_in("a", "e1", MONDAY, 0.0);
        let refused = events.record(&plant.actor, std::slice::from_ref(&draft)).await;
        assert!(matches!(refused, Err(Error::Unavailable { retry_after: 1, .. })), "{refused:?}");
        drop(waiting);
        plant.record_one(draft).await;
        assert_eq!(lane.room.available_permits(), MOST_WAITING);
    }
}
