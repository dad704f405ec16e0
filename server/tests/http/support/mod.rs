//! A whole server in the test's own process, on a port of its own, with an empty database.

mod attendance;
mod binary;
mod client;
mod corners;
mod database;
mod images;
mod world;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use desk::{Desk, SystemClock};
use domain::{Clock, PersonId, Timestamp};
use server::Application;
use server::settings::{LogFormat, Settings};
use store::{Sessions, Store};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tower_sessions::Session;

pub use attendance::{attendance, event, far_event, make_case};
pub use binary::{Process, Verdict, start_at, verdict, verdict_at};
pub use client::{Client, Reply};
pub use corners::{corner, corners, make_corner_model};
pub use database::Database;
pub use images::{base64, grey, photograph};
pub use world::{Organisation, PASSWORD, claims_row, person};

/// The machine's clock, some time ahead.
#[derive(Default)]
pub struct TestClock {
    ahead: AtomicI64,
}

impl TestClock {
    /// Lets this many microseconds pass.
    pub fn pass(&self, micros: i64) {
        self.ahead.fetch_add(micros, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus(self.ahead.load(Ordering::Relaxed))
    }
}

/// Waits until `holds` does; a failure, if it never does.
pub async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waited = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(60), waited).await.is_ok(), "{what}");
}

/// A running server. It ends with the test.
pub struct TestApp {
    /// The verbs behind it, for preparing and for looking.
    pub desk: Desk,
    /// Where it listens.
    pub address: SocketAddr,
    /// What it runs by.
    pub settings: Settings,
    /// What time it is for the server.
    pub clock: Arc<TestClock>,
    shutdown: CancellationToken,
    running: Option<JoinHandle<()>>,
    _data_dir: Arc<TempDir>,
}

impl TestApp {
    /// On a fresh SQLite file, without workers: a run waits until the test works on it.
    pub async fn spawn() -> Self {
        Self::spawn_with(|_| ()).await
    }

    /// The same with other settings.
    pub async fn spawn_with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::spawn_on(&Arc::new(TempDir::new().unwrap()), change).await
    }

    /// The same on a folder with what another process has left there.
    pub async fn spawn_on(data_dir: &Arc<TempDir>, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = settings(data_dir);
        change(&mut settings);
        let clock = Arc::new(TestClock::default());
        let application = Application::build_at(&settings, Arc::clone(&clock) as _).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (desk, shutdown) = (application.desk.clone(), application.shutdown());
        let running = tokio::spawn(async move { application.run(listener).await.unwrap() });
        Self { desk, address, settings, clock, shutdown, running: Some(running), _data_dir: Arc::clone(data_dir) }
    }

    /// Nobody in particular.
    pub fn anonymous(&self) -> Client {
        Client::new(self.address)
    }

    /// With an API key.
    pub fn with_key(&self, secret: &str) -> Client {
        Client::new(self.address).key(secret)
    }

    /// With a session, as a browser with a page of ours open.
    pub async fn with_session(&self, person: PersonId) -> Client {
        let cookie = self.session(person, 0, self.desk.now().0).await;
        Client::new(self.address).cookie(&cookie)
    }

    /// Puts a session into the database, as a login does; gives its cookie.
    pub async fn session(&self, person: PersonId, epoch: i64, made_at: i64) -> String {
        let store = Store::open(&store::Settings::new(&self.settings.database_url)).await.unwrap();
        let sessions = Arc::new(Sessions::new(store, Arc::new(SystemClock)));
        let session = Session::new(None, sessions, None);
        session.insert("person_id", person.0).await.unwrap();
        session.insert("epoch", epoch).await.unwrap();
        session.insert("made_at", made_at).await.unwrap();
        session.save().await.unwrap();
        format!("verdict={}", session.id().unwrap())
    }

    /// Ends the server as a signal would, and waits until it has ended.
    pub async fn stop(mut self) {
        self.shutdown.cancel();
        if let Some(running) = self.running.take() {
            tokio::time::timeout(Duration::from_secs(40), running).await.unwrap().unwrap();
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

/// What tests run by.
pub fn settings(data_dir: &TempDir) -> Settings {
    let inside = |name: &str| data_dir.path().join(name).display().to_string();
    Settings {
        data_dir: data_dir.path().to_owned(),
        database_url: inside("verdict.db"),
        artifacts: inside("artifacts"),
        training_threads: 2,
        training_minutes: 240,
        training_memory: 4 << 30,
        listen: "127.0.0.1:0".parse().unwrap(),
        public_origin: None,
        trusted_proxies: Vec::new(),
        session_idle: Duration::from_secs(3_600),
        session_age: Duration::from_secs(14 * 86_400),
        workers: 0,
        queue_capacity: 20_000,
        body_bytes: 1 << 20,
        dataset_bytes: 4 << 20,
        model_memory: 64 << 20,
        timeout: Duration::from_secs(30),
        log: String::from("off"),
        log_format: LogFormat::Text,
    }
}
