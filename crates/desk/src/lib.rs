//! The verbs of the product. Pages, REST and the command line all come in here; each verb checks the actor's right,
//! loads, lets a pure function of `domain` decide, and saves in one transaction together with its audit entry.

pub mod audit;
pub mod calendar;
pub mod cases;
pub mod clock;
pub mod conflicts;
pub mod datasets;
pub mod employees;
pub mod error;
pub mod events;
mod explaining;
pub mod features;
mod figures;
pub mod health;
mod images;
pub mod keys;
mod kind;
pub mod labeling;
pub mod models;
pub mod overview;
mod panics;
pub mod people;
pub mod predictions;
pub mod quality;
mod readiness;
pub mod readings;
pub mod retraining;
pub mod schedules;
mod secrets;
pub mod service;
pub mod serving;
pub mod setup;
pub mod sites;
pub mod syncs;
pub mod tenants;
#[cfg(test)]
mod testing;
mod text;
pub mod training;
pub mod versions;

use std::sync::Arc;

use domain::{Clock, Timestamp};
use store::{Artifacts, Store, Writer};
use tokio::sync::Semaphore;

pub use clock::SystemClock;
pub use error::{Error, Result};
pub use figures::Share;
pub use ml::{measure, table};
pub use vision::{archive, picture};

/// Everything a verb needs. Cheap to clone; made once, by the server.
#[derive(Clone)]
pub struct Desk {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    artifacts: Artifacts,
    writer: Writer,
    clock: Arc<dyn Clock>,
    serving: serving::Serving,
    keys: keys::Cache,
    passwords: secrets::Passwords,
    readiness: readiness::Readiness,
    evaluations: versions::Cache,
    workshop: training::Workshop,
    settled: schedules::Settled,
    explaining: Arc<Semaphore>,
    features: features::Lookup,
    lanes: events::Lanes,
    syncing: Arc<Semaphore>,
    looking: Arc<Semaphore>,
    measuring: Arc<Semaphore>,
    joining: Arc<Semaphore>,
    limits: Limits,
}

/// Bounds on what comes in, and on what is kept in memory.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Rows of one prediction request.
    pub rows_per_request: usize,
    /// Rows that are explained in one request: the reasons of a forest take a thousand times as long as its answer.
    pub explained_rows: usize,
    /// Bytes of one uploaded data set.
    pub dataset_bytes: usize,
    /// Rows of one data set.
    pub dataset_rows: usize,
    /// Runs that wait or run, per tenant.
    pub open_runs: i64,
    /// Minutes that one training may take.
    pub training_minutes: i64,
    /// Bytes of memory that one training may be expected to need.
    pub training_bytes: u64,
    /// Bytes of versions in memory.
    pub model_memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rows_per_request: 10_000,
            explained_rows: 1_000,
            dataset_bytes: 256 << 20,
            dataset_rows: 2_000_000,
            open_runs: 20,
            training_minutes: 240,
            training_bytes: 4 << 30,
            model_memory: 1 << 30,
        }
    }
}

/// What a desk is made of.
pub struct Parts {
    /// Facts at rest.
    pub store: Store,
    /// Artifacts and data sets at rest.
    pub artifacts: Artifacts,
    /// The group-commit writer on `store`.
    pub writer: Writer,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Bounds.
    pub limits: Limits,
    /// Threads of one training.
    pub training_threads: usize,
    /// Whether trainings run only while nothing else wants to: for a process that also serves.
    pub trainings_yield: bool,
}

impl Desk {
    /// A desk of these parts.
    ///
    /// # Errors
    /// When the training threads cannot be started.
    pub fn new(parts: Parts) -> Result<Self> {
        let workshop = training::Workshop::new(parts.training_threads, parts.trainings_yield)?;
        Ok(Self {
            inner: Arc::new(Inner {
                store: parts.store,
                artifacts: parts.artifacts,
                writer: parts.writer,
                clock: parts.clock,
                serving: serving::Serving::new(parts.limits.model_memory),
                keys: keys::Cache::default(),
                passwords: secrets::Passwords::default(),
                readiness: readiness::Readiness::default(),
                evaluations: versions::Cache::default(),
                workshop,
                settled: schedules::Settled::default(),
                explaining: explaining::places(),
                features: features::Lookup::default(),
                lanes: events::Lanes::default(),
                syncing: syncs::places(),
                looking: readings::places(),
                measuring: versions::places(),
                joining: datasets::places(),
                limits: parts.limits,
            }),
        })
    }

    /// This moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// The bounds on what comes in.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.inner.limits
    }

    /// Takes no more predictions and waits until every accepted one is durable.
    pub async fn drain(&self) {
        self.inner.writer.drain().await;
        self.inner.store.close().await;
    }

    fn store(&self) -> &Store {
        &self.inner.store
    }
}

macro_rules! rooms {
    ($($(#[$doc:meta])* $method:ident: $room:ty),+ $(,)?) => {
        impl Desk {$(
            $(#[$doc])*
            #[must_use]
            pub fn $method(&self) -> $room {
                <$room>::new(self)
            }
        )+}
    };
}

rooms! {
    /// People and their sessions.
    people: people::People<'_>,
    /// API keys.
    keys: keys::Keys<'_>,
    /// The first admin.
    setup: setup::Setup<'_>,
    /// Organisations, for the command line.
    tenants: tenants::Tenants<'_>,
    /// Models and their specifications.
    models: models::Models<'_>,
    /// Data sets.
    datasets: datasets::Datasets<'_>,
    /// Runs.
    training: training::Training<'_>,
    /// When and how models learn again.
    retraining: retraining::Retraining<'_>,
    /// Versions and who serves.
    versions: versions::Versions<'_>,
    /// Predictions and outcomes.
    predictions: predictions::Predictions<'_>,
    /// What is done by the clock.
    schedules: schedules::Schedules<'_>,
    /// Readings of images.
    readings: readings::Readings<'_>,
    /// Labeling tasks.
    labeling: labeling::Labeling<'_>,
    /// Places of work.
    sites: sites::Sites<'_>,
    /// Whose attendance is recorded.
    employees: employees::Employees<'_>,
    /// Holidays.
    calendar: calendar::Calendar<'_>,
    /// Attendance events.
    events: events::Events<'_>,
    /// Syncs of mobile clients.
    syncs: syncs::Syncs<'_>,
    /// Features of entities.
    features: features::Features<'_>,
    /// Cases.
    cases: cases::Cases<'_>,
    /// Figures of syncs and of their conflicts.
    conflicts: conflicts::Conflicts<'_>,
    /// The audit log.
    audit: audit::Audit<'_>,
    /// How good models are in service.
    quality: quality::Quality<'_>,
    /// The desk's own state.
    health: health::Health<'_>,
    /// How this process does.
    service: service::Service<'_>,
    /// What needs somebody today.
    overview: overview::Overview<'_>,
}

/// Declares the borrowed view of the desk on which a resource's verbs live.
macro_rules! room {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $name<'a> {
            desk: &'a $crate::Desk,
        }

        impl<'a> $name<'a> {
            pub(crate) fn new(desk: &'a $crate::Desk) -> Self {
                Self { desk }
            }
        }
    };
}
pub(crate) use room;
