//! The server in one piece: made the same way for the binary and for the tests.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use desk::{Desk, Limits, Parts, SystemClock};
use domain::Clock;
use store::{Artifacts, ObjectStoreOptions, Sessions, Store, Writer, WriterSettings};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::rim::{self, Rules, Shared, session};
use crate::settings::Settings;
use crate::{router, workers};

/// Something that kept the server from starting, or from ending as it should.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// The data directory cannot be made.
    #[error("the data directory {0} cannot be used: {1}")]
    DataDir(String, #[source] std::io::Error),
    /// The database cannot be opened.
    #[error("the database cannot be opened: {0}")]
    Store(#[from] store::Error),
    /// The artifacts' place cannot be opened.
    #[error("the place of the artifacts cannot be opened: {0}")]
    Artifacts(#[from] store::ArtifactError),
    /// The desk cannot be made, or does not load what it serves.
    #[error(transparent)]
    Desk(#[from] desk::Error),
    /// The listener broke.
    #[error("the server broke off: {0}")]
    Io(#[from] std::io::Error),
}

/// Everything that is opened before anything is served; the command line works on this alone.
pub struct Opened {
    /// The verbs.
    pub desk: Desk,
    /// The session store.
    pub sessions: Sessions,
}

/// The server, ready to run.
pub struct Application {
    /// The verbs, for whoever starts the server in the same process.
    pub desk: Desk,
    router: Router,
    sessions: Sessions,
    trainings: usize,
    tracker: TaskTracker,
    shutdown: CancellationToken,
}

/// How long requests that are under way may take to finish once the process is to end.
const LAST_REQUESTS: Duration = Duration::from_secs(30);

/// Opens database and artifacts and makes the desk that tells the time by `clock`. Trainings of a process that also serves
/// yield to it; on the command line somebody waits for them.
///
/// # Errors
/// When one of them cannot be opened.
pub async fn open(settings: &Settings, clock: Arc<dyn Clock>, serves: bool) -> Result<Opened, Failed> {
    let unusable = |error| Failed::DataDir(settings.data_dir.display().to_string(), error);
    store::make_folders(&settings.data_dir).map_err(unusable)?;
    let store = Store::open(&store::Settings::new(&settings.database_url)).await?;
    let artifacts = Artifacts::open(&settings.artifacts, &object_store_options())?;
    let capacity = u32::try_from(settings.queue_capacity).unwrap_or(u32::MAX);
    let writer = Writer::start(store.clone(), WriterSettings { capacity, ..WriterSettings::default() });
    let sessions = Sessions::new(store.clone(), Arc::clone(&clock));
    let (dataset_bytes, model_memory) = (settings.dataset_bytes, settings.model_memory);
    let (training_minutes, training_bytes) = (settings.training_minutes, settings.training_memory);
    let limits = Limits { dataset_bytes, model_memory, training_minutes, training_bytes, ..Limits::default() };
    let training_threads = settings.training_threads;
    let parts = Parts { store, artifacts, writer, clock, limits, training_threads, trainings_yield: serves };
    Ok(Opened { desk: Desk::new(parts)?, sessions })
}

impl Application {
    /// Opens everything, loads what serves, and makes the router.
    ///
    /// # Errors
    /// [`Failed`].
    pub async fn build(settings: &Settings) -> Result<Self, Failed> {
        Self::build_at(settings, Arc::new(SystemClock)).await
    }

    /// The same by another clock.
    ///
    /// # Errors
    /// [`Failed`].
    pub async fn build_at(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Self, Failed> {
        let Opened { desk, sessions } = open(settings, clock, true).await?;
        desk.load_champions().await?;
        let shutdown = CancellationToken::new();
        let shared = Shared::new(rim::Parts { desk: desk.clone(), rules: rules(settings), shutdown: shutdown.clone() });
        let layer = session::layer(sessions.clone(), settings.session_idle, settings.https());
        let router = router::router(&shared, layer);
        let (trainings, tracker) = (settings.workers, TaskTracker::new());
        Ok(Self { desk, router, sessions, trainings, tracker, shutdown })
    }

    /// Ends the server as SIGTERM does, when it is cancelled.
    #[must_use]
    pub fn shutdown(&self) -> CancellationToken {
        self.shutdown.clone()
    }

    /// Serves on `listener` until the process is to end; then finishes the requests that are under way, lets go of
    /// trainings, and returns when every accepted prediction is durable.
    ///
    /// # Errors
    /// When the listener breaks.
    pub async fn run(self, listener: TcpListener) -> Result<(), Failed> {
        workers::start(&self.desk, self.sessions, self.trainings, &self.tracker, &self.shutdown);
        self.tracker.close();
        let service = self.router.into_make_service_with_connect_info::<SocketAddr>();
        let serving = axum::serve(listener, service).with_graceful_shutdown(self.shutdown.clone().cancelled_owned());
        let served = finish_in_time(serving.into_future(), &self.shutdown).await;
        self.shutdown.cancel();
        self.tracker.wait().await;
        self.desk.drain().await;
        Ok(served?)
    }
}

/// A client that never ends its request must not keep the process from ending.
async fn finish_in_time(
    serving: impl Future<Output = std::io::Result<()>>,
    shutdown: &CancellationToken,
) -> std::io::Result<()> {
    let too_long = async {
        shutdown.cancelled().await;
        tokio::time::sleep(LAST_REQUESTS).await;
    };
    tokio::select! {
        served = serving => served,
        () = too_long => {
            tracing::warn!("some requests did not end in time and were broken off");
            Ok(())
        }
    }
}

fn rules(settings: &Settings) -> Rules {
    Rules {
        public_origin: settings.public_origin.clone(),
        https: settings.https(),
        trusted_proxies: settings.trusted_proxies.clone(),
        body_bytes: settings.body_bytes,
        timeout: settings.timeout,
        session_micros: i64::try_from(settings.session_age.as_micros()).unwrap_or(i64::MAX),
    }
}

/// `AWS_ENDPOINT_URL` is what other programs call it; the rest is read from the environment by the object store itself.
fn object_store_options() -> ObjectStoreOptions {
    ObjectStoreOptions { endpoint: std::env::var("AWS_ENDPOINT_URL").ok(), ..ObjectStoreOptions::default() }
}
