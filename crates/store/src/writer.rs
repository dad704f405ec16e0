//! Group commit. Many callers hand their rows in; one task writes what has come together in one transaction and answers
//! each caller once its rows are durable. So a disk that can flush 500 times a second takes many thousands of rows.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::TenantId;
use domain::prediction::Prediction;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError, mpsc, oneshot};

use crate::outcomes::{NewOutcome, Recording};
use crate::readings::{NewReading, ReadingReception};
use crate::sql::Tx;
use crate::syncs::NewPlannedSync;
use crate::{Error, Store, outcomes, predictions, readings, syncs};

/// How much the writer takes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriterSettings {
    /// Rows that may wait or be under way; more are refused.
    pub capacity: u32,
    /// Rows from which on a transaction takes no further caller.
    pub most_rows: usize,
}

impl Default for WriterSettings {
    fn default() -> Self {
        Self { capacity: 20_000, most_rows: 2_000 }
    }
}

/// Why rows were not written. In every case none of the call's rows are.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Too much is waiting. Worth another try in a second.
    #[error("too many rows wait to be written")]
    Full,
    /// The writer has been shut down.
    #[error("the writer has been shut down")]
    Closed,
    /// The database refused this call's rows.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// The way to the writing task. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Writer {
    jobs: mpsc::UnboundedSender<Message>,
    /// A permit for each row that is accepted and not yet answered: the bound of the channel.
    room: Arc<Semaphore>,
    capacity: u32,
    counters: Arc<Counters>,
}

#[derive(Debug, Default)]
struct Counters {
    transactions: AtomicU64,
    rows: AtomicU64,
}

enum Message {
    Job(Job),
    Drain(oneshot::Sender<()>),
}

struct Job {
    work: Work,
    /// Given back just before the answer, so that a caller that has its answer finds the room it had.
    room: OwnedSemaphorePermit,
}

enum Work {
    Predictions(Vec<Prediction>, oneshot::Sender<Result<(), Error>>),
    Planned(Vec<NewPlannedSync>, oneshot::Sender<Result<(), Error>>),
    Readings(Vec<NewReading>, oneshot::Sender<Result<Vec<ReadingReception>, Error>>),
    Outcomes(TenantId, Vec<NewOutcome>, oneshot::Sender<Result<Vec<Recording>, Error>>),
}

/// What was written of a batch, for its callers in their order.
#[derive(Default)]
struct Written {
    readings: Vec<ReadingReception>,
    recordings: BTreeMap<TenantId, Vec<Recording>>,
}

impl Writer {
    /// Starts the writing task on the present runtime.
    #[must_use]
    pub fn start(store: Store, settings: WriterSettings) -> Self {
        let (jobs, inbox) = mpsc::unbounded_channel();
        let counters = Arc::new(Counters::default());
        let room = Arc::new(Semaphore::new(settings.capacity as usize));
        let most_rows = settings.most_rows.max(1);
        tokio::spawn(Task { store, inbox, most_rows, counters: Arc::clone(&counters), drained: Vec::new() }.run());
        Self { jobs, room, capacity: settings.capacity, counters }
    }

    /// Writes predictions; returns when they are durable. All of them are written, or none. Never waits for room.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn submit(&self, predictions: Vec<Prediction>) -> Result<(), WriteError> {
        if predictions.is_empty() {
            return Ok(());
        }
        let room = self.room(predictions.len())?;
        let (answer, answered) = oneshot::channel();
        self.send(Work::Predictions(predictions, answer), room)?;
        Ok(answered.await.map_err(|_| WriteError::Closed)??)
    }

    /// Writes planned syncs with their predictions; returns when they are durable. All of them are written, or none. Never
    /// waits for room.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn submit_planned(&self, planned: Vec<NewPlannedSync>) -> Result<(), WriteError> {
        if planned.is_empty() {
            return Ok(());
        }
        let room = self.room(planned.len())?;
        let (answer, answered) = oneshot::channel();
        self.send(Work::Planned(planned, answer), room)?;
        Ok(answered.await.map_err(|_| WriteError::Closed)??)
    }

    /// Writes readings with their predictions, and the tasks of those that a person must correct; returns when they are
    /// durable, with what became of each. All of them are written, or none. Never waits for room.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn submit_readings(&self, readings: Vec<NewReading>) -> Result<Vec<ReadingReception>, WriteError> {
        if readings.is_empty() {
            return Ok(Vec::new());
        }
        let room = self.room(readings.len())?;
        let (answer, answered) = oneshot::channel();
        self.send(Work::Readings(readings, answer), room)?;
        Ok(answered.await.map_err(|_| WriteError::Closed)??)
    }

    /// Records first outcomes as [`Store::insert_outcomes`] does; returns when they are durable. Never waits for room.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn record_outcomes(
        &self,
        tenant: TenantId,
        outcomes: Vec<NewOutcome>,
    ) -> Result<Vec<Recording>, WriteError> {
        if outcomes.is_empty() {
            return Ok(Vec::new());
        }
        let room = self.room(outcomes.len())?;
        let (answer, answered) = oneshot::channel();
        self.send(Work::Outcomes(tenant, outcomes, answer), room)?;
        Ok(answered.await.map_err(|_| WriteError::Closed)??)
    }

    /// Rows that wait or are being written.
    #[must_use]
    pub fn queued(&self) -> usize {
        (self.capacity as usize).saturating_sub(self.room.available_permits())
    }

    /// Rows that may wait or be under way.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity as usize
    }

    /// Whether it has been shut down, or has broken.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.room.is_closed() || self.jobs.is_closed()
    }

    /// Transactions committed and rows in them, since the start: their quotient is how well calls come together.
    #[must_use]
    pub fn written(&self) -> (u64, u64) {
        (self.counters.transactions.load(Ordering::Relaxed), self.counters.rows.load(Ordering::Relaxed))
    }

    /// Accepts nothing more, and returns when all that was accepted is written and answered.
    pub async fn drain(&self) {
        self.room.close();
        let (done, drained) = oneshot::channel();
        if self.jobs.send(Message::Drain(done)).is_ok() {
            let _ = drained.await;
        }
    }

    fn room(&self, rows: usize) -> Result<OwnedSemaphorePermit, WriteError> {
        let rows = u32::try_from(rows).map_err(|_| WriteError::Full)?;
        Arc::clone(&self.room).try_acquire_many_owned(rows).map_err(|error| match error {
            TryAcquireError::NoPermits => WriteError::Full,
            TryAcquireError::Closed => WriteError::Closed,
        })
    }

    fn send(&self, work: Work, room: OwnedSemaphorePermit) -> Result<(), WriteError> {
        self.jobs.send(Message::Job(Job { work, room })).map_err(|_| WriteError::Closed)
    }
}

struct Task {
    store: Store,
    inbox: mpsc::UnboundedReceiver<Message>,
    most_rows: usize,
    counters: Arc<Counters>,
    /// Who waits for the end.
    drained: Vec<oneshot::Sender<()>>,
}

/// How often the task lets others run before it begins a transaction, as long as that brings further rows.
const PATIENCE: usize = 16;

impl Task {
    async fn run(mut self) {
        while let Some(message) = self.inbox.recv().await {
            let mut jobs = Vec::new();
            let mut rows = self.take(message, &mut jobs);
            // Callers that were just answered come back at once with their next row. To begin before they have would
            // spend a flush on the first of them and let all others wait for it.
            for _ in 0..PATIENCE {
                rows += self.take_waiting(rows, &mut jobs);
                if rows >= self.most_rows {
                    break;
                }
                tokio::task::yield_now().await;
                if self.inbox.is_empty() {
                    break;
                }
            }
            self.write(jobs).await;
        }
        for done in self.drained {
            let _ = done.send(());
        }
    }

    /// Adds a message to the batch; gives its rows.
    fn take(&mut self, message: Message, jobs: &mut Vec<Job>) -> usize {
        match message {
            Message::Job(job) => {
                let rows = job.work.rows();
                jobs.push(job);
                rows
            }
            Message::Drain(done) => {
                // What is in the channel is still received; nothing more gets in.
                self.inbox.close();
                self.drained.push(done);
                0
            }
        }
    }

    fn take_waiting(&mut self, already: usize, jobs: &mut Vec<Job>) -> usize {
        let mut rows = 0;
        while already + rows < self.most_rows {
            let Ok(message) = self.inbox.try_recv() else { break };
            rows += self.take(message, jobs);
        }
        rows
    }

    async fn write(&self, jobs: Vec<Job>) {
        if jobs.is_empty() {
            return;
        }
        match self.write_together(&jobs).await {
            Ok(written) => answer(jobs, written),
            // It is not the rows: each alone would fail as well, and slowly.
            Err(Error::Unavailable(error)) => {
                tracing::error!(%error, jobs = jobs.len(), "rows could not be written");
                let again = || Error::Unavailable(sqlx::Error::Io(std::io::Error::other(error.to_string())));
                jobs.into_iter().for_each(|job| job.refuse(again()));
            }
            // Some row is refused. So that it fails its own caller only, each caller's rows go alone. What stood against
            // it may just have come from another replica; a second look finds it, and knows a repetition for what it is.
            Err(error) if jobs.len() > 1 || matches!(error, Error::Conflict(_)) => {
                tracing::warn!(%error, jobs = jobs.len(), "rows were refused; trying each caller's by themselves");
                for job in jobs {
                    self.write_alone(job).await;
                }
            }
            Err(error) => {
                if let Some(job) = jobs.into_iter().next() {
                    job.refuse(error);
                }
            }
        }
    }

    async fn write_alone(&self, job: Job) {
        let jobs = [job];
        let written = self.write_together(&jobs).await;
        let [job] = jobs;
        match written {
            Ok(written) => answer(vec![job], written),
            Err(error) => job.refuse(error),
        }
    }

    /// Writes all rows of all jobs in one transaction.
    async fn write_together(&self, jobs: &[Job]) -> Result<Written, Error> {
        let mut rows = Vec::new();
        let mut planned = Vec::new();
        let mut read = Vec::new();
        let mut truths: BTreeMap<TenantId, Vec<&NewOutcome>> = BTreeMap::new();
        for job in jobs {
            match &job.work {
                Work::Predictions(predictions, _) => rows.extend(predictions),
                Work::Planned(syncs, _) => planned.extend(syncs),
                Work::Readings(readings, _) => read.extend(readings),
                Work::Outcomes(tenant, outcomes, _) => truths.entry(*tenant).or_default().extend(outcomes),
            }
        }
        let mut tx = self.store.begin().await?;
        let (fresh, readings) = readings::receive(&mut tx, &read).await?;
        rows.extend(planned.iter().map(|sync: &&NewPlannedSync| &sync.prediction));
        let images: Vec<&Prediction> = fresh.iter().map(|reading| &reading.prediction).collect();
        // Predictions first: an outcome may be about one of the same batch.
        if !(rows.is_empty() && images.is_empty()) {
            predictions::write(&mut tx, &rows, &images).await?;
        }
        readings::write(&mut tx, &fresh).await?;
        syncs::write_planned(&mut tx, &planned).await?;
        let recordings = record(&mut tx, &truths).await?;
        tx.commit().await?;
        let written = rows.len() + images.len() + truths.values().map(Vec::len).sum::<usize>();
        self.counters.transactions.fetch_add(1, Ordering::Relaxed);
        self.counters.rows.fetch_add(written as u64, Ordering::Relaxed);
        Ok(Written { readings, recordings })
    }
}

async fn record(
    tx: &mut Tx,
    truths: &BTreeMap<TenantId, Vec<&NewOutcome>>,
) -> Result<BTreeMap<TenantId, Vec<Recording>>, Error> {
    let mut recordings = BTreeMap::new();
    for (tenant, outcomes) in truths {
        recordings.insert(*tenant, outcomes::record(tx, *tenant, outcomes).await?);
    }
    Ok(recordings)
}

/// Tells every caller that its rows are durable.
fn answer(jobs: Vec<Job>, written: Written) {
    let mut recordings: BTreeMap<_, _> =
        written.recordings.into_iter().map(|(tenant, recordings)| (tenant, recordings.into_iter())).collect();
    let mut receptions = written.readings.into_iter();
    for job in jobs {
        drop(job.room);
        // A caller that went away loses its answer, not its rows.
        match job.work {
            Work::Predictions(_, caller) | Work::Planned(_, caller) => {
                let _ = caller.send(Ok(()));
            }
            Work::Readings(readings, caller) => {
                let _ = caller.send(Ok(receptions.by_ref().take(readings.len()).collect()));
            }
            Work::Outcomes(tenant, outcomes, caller) => {
                let own = recordings.get_mut(&tenant).map(|all| all.take(outcomes.len()).collect());
                let _ = caller.send(Ok(own.unwrap_or_default()));
            }
        }
    }
}

impl Work {
    fn rows(&self) -> usize {
        match self {
            Self::Predictions(predictions, _) => predictions.len(),
            Self::Planned(planned, _) => planned.len(),
            Self::Readings(readings, _) => readings.len(),
            Self::Outcomes(_, outcomes, _) => outcomes.len(),
        }
    }
}

impl Job {
    fn refuse(self, error: Error) {
        drop(self.room);
        match self.work {
            Work::Predictions(_, caller) | Work::Planned(_, caller) => {
                let _ = caller.send(Err(error));
            }
            Work::Readings(_, caller) => {
                let _ = caller.send(Err(error));
            }
            Work::Outcomes(_, _, caller) => {
                let _ = caller.send(Err(error));
            }
        }
    }
}
