//! Facts at rest: every table of the desk on SQLite or PostgreSQL by one set of queries, the writer that makes
//! predictions durable in groups, and artifacts through an object store. No candle, no clock, no decision that belongs to
//! the domain.
//!
//! Every query filters by the tenant it is given; the few that span tenants say so in their names or docs. Every change
//! that a person would notice takes an [`domain::audit::Event`] and appends it in the same transaction.
//!
//! Methods fail with [`Error::Unavailable`] or [`Error::Internal`] whatever they do; their docs name only what is special.

mod artifacts;
mod attendance;
mod audit;
mod cases;
mod conflicts;
mod datasets;
mod deployments;
mod dialect;
mod employees;
mod error;
mod features;
mod health;
mod holidays;
mod images;
mod keys;
mod labeling;
mod login_throttle;
mod models;
mod outcomes;
mod overview;
mod page;
mod people;
mod predictions;
mod quality;
mod query;
mod readings;
mod runs;
mod schedules;
mod sessions;
mod settings;
mod setup_links;
mod sites;
mod snoozes;
mod sql;
mod syncs;
mod tenants;
mod trigger_checks;
mod versions;
pub mod writer;

pub use artifacts::{ArtifactError, Artifacts, FoundImage, ObjectStoreOptions, make_folders};
pub use attendance::{
    AttendanceDay, EventFilter, NewEvent, Reception, RecordedEvent, ScoredEvent, Unscored, UnscoredEvent,
};
pub use cases::{
    AuditCount, Backlog, CaseCount, CaseFilter, CaseGrouping, CaseMove, CaseOrder, CaseState, Moved, NewStep,
};
pub use conflicts::{
    EntityTally, PlannedCount, PlannedFilter, SCORE_BINS, SyncDay, SyncGroup, SyncGrouping, SyncSpan, SyncTally,
};
pub use deployments::{NewDeployment, Serving};
pub use employees::{EmployeeFilter, NewEmployee};
pub use error::Error;
pub use features::SetFreshness;
pub use health::{Space, Tables};
pub use holidays::NewHoliday;
pub use images::{Expiry, Held, Image, NewImage};
pub use keys::NewKey;
pub use labeling::{
    AnnotatedDay, AuditedWeek, BacklogCount, Claimant, DoubleReading, GoldReading, NewSelection, NewTask, Pace,
    Selection, TaskContext, TaskDay, TaskFilter, TaskMove, TaskMoved, Worker,
};
pub use login_throttle::{Counted, ThrottlePolicy};
pub use models::{NewModel, SpecificationRecord};
pub use outcomes::{Labelled, NewOutcome, Recording};
pub use overview::{HourlyVolume, LatencySummary, ModelDay};
pub use page::{Cursor, Page};
pub use people::{Credentials, NewPerson, SignedIn};
pub use predictions::{Agreement, LoggedPrediction, PredictionFilter};
pub use quality::{DelayCell, Periods, ScoreCell, TruthCell};
pub use readings::{NewReading, ReadingReception, ReadingRecord};
pub use runs::{Heartbeat, Move, NewChallenger, NewRun, RunCounts, RunFilter};
pub use schedules::{Claimed, DueSchedule, Leadership, Planning};
pub use sessions::Sessions;
pub use settings::Settings;
pub use sites::NewSite;
pub use snoozes::NewSnooze;
pub use syncs::{
    DueSync, NewPlannedSync, NewSync, Observations, ObservedTruth, PlannedSync, ScoredSync, SyncFilter, SyncHistories,
    SyncReception, SyncReceptions, UnscoredSyncs,
};
pub use tenants::NewTenant;
pub use trigger_checks::CheckRecord;
pub use versions::NewVersion;
pub use writer::{WriteError, Writer, WriterSettings};

pub use datasets::NewDataset;

use attendance::Recent;
use sql::Pools;

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pools: Pools,
    recent: Recent,
}

impl Store {
    /// Connects, and brings the tables up to date.
    ///
    /// # Errors
    /// When there is no database to connect to, or it was written by a newer program.
    pub async fn open(settings: &Settings) -> Result<Self, Error> {
        let pools = settings::connect(settings).await?;
        dialect::migrate(&pools).await?;
        Ok(Self { pools, recent: Recent::default() })
    }

    /// Whether the database answers, on the way that reads take and on the way that writes take.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ready(&self) -> Result<(), Error> {
        self.row("SELECT 1 AS one", &[]).await?;
        let mut tx = self.begin().await?;
        tx.row("SELECT 1 AS one", &[]).await?;
        tx.commit().await
    }

    /// Waits until what is under way is done, and closes every connection.
    pub async fn close(&self) {
        self.pools.close().await;
    }
}
