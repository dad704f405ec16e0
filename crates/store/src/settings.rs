use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tracing::log::LevelFilter;

use crate::Error;
use crate::sql::Pools;

/// Which database, and how many connections.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `postgres://…`, `sqlite:path` or the path of a SQLite file.
    pub url: String,
    /// Reading connections on SQLite.
    pub readers: u32,
    /// Connections to PostgreSQL.
    pub connections: u32,
    /// How long a statement waits for a connection, or for another process's lock.
    pub patience: Duration,
}

impl Settings {
    /// The usual numbers for the database at `url`.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), readers: 4, connections: 12, patience: Duration::from_secs(10) }
    }
}

pub(crate) async fn connect(settings: &Settings) -> Result<Pools, Error> {
    let url = settings.url.as_str();
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return connect_postgres(settings).await;
    }
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")).unwrap_or(url);
    if path.is_empty() || path.starts_with(":memory:") || path.contains("://") {
        return Err(Error::Settings(format!("`{path}` is neither postgres://… nor the path of a file")));
    }
    connect_sqlite(settings, Path::new(path)).await
}

async fn connect_postgres(settings: &Settings) -> Result<Pools, Error> {
    // The URL may hold a password, so that it is not repeated in the error.
    let options = PgConnectOptions::from_str(&settings.url)
        .map_err(|_| Error::Settings(String::from("the PostgreSQL address cannot be read")))?;
    let options = options.application_name("verdict").statement_cache_capacity(200);
    let pool = PgPoolOptions::new()
        .max_connections(settings.connections)
        .acquire_timeout(settings.patience)
        .connect_with(quiet(options))
        .await?;
    Ok(Pools::Postgres(pool))
}

async fn connect_sqlite(settings: &Settings, path: &Path) -> Result<Pools, Error> {
    create_private(path)?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(settings.patience)
        .statement_cache_capacity(200)
        .pragma("temp_store", "memory")
        .pragma("mmap_size", "0");
    // The log is folded back every 16 MB: small enough for readers, large enough that bursts do not wait for it.
    let writing = options.clone().pragma("cache_size", "-16000").pragma("wal_autocheckpoint", "4000");
    let writer = SqlitePoolOptions::new()
        .min_connections(1)
        .max_connections(1)
        .acquire_timeout(settings.patience)
        .idle_timeout(None)
        .max_lifetime(None)
        // The pool's own ping would double the cost of a small transaction.
        .test_before_acquire(false)
        .connect_with(quiet(writing.pragma("journal_size_limit", "67108864")))
        .await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(settings.readers.max(1))
        .acquire_timeout(settings.patience)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_lazy_with(quiet(options.read_only(true).pragma("cache_size", "-6000")));
    Ok(Pools::Sqlite { writer, readers })
}

/// Only slow statements are worth a line.
fn quiet<O: ConnectOptions>(options: O) -> O {
    options.log_statements(LevelFilter::Off).log_slow_statements(LevelFilter::Warn, Duration::from_secs(2))
}

/// SQLite gives its log the rights of the database file; so that file is made first, and not for everybody.
fn create_private(path: &Path) -> Result<(), Error> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o640);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(Error::Settings(format!("{}: {e}", path.display()))),
    }
}
