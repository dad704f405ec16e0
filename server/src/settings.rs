//! Settings: flags, then `VERDICT_*` variables, then a TOML file, then defaults.

mod file;
mod network;
mod server;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde::Deserialize;

pub use network::Network;
pub use server::{Key, ServerArgs};

/// Where things are kept; for every command.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceArgs {
    /// Folder for the embedded database and for artifacts [default: ./data]
    #[arg(long, env = "VERDICT_DATA_DIR", value_name = "DIR", global = true, help_heading = "Where things are kept")]
    pub data_dir: Option<PathBuf>,
    /// Database: postgres://… or the path of a SQLite file [default: verdict.db in the data directory]
    #[arg(long, env = "VERDICT_DATABASE_URL", value_name = "URL", global = true, hide_env_values = true)]
    #[arg(help_heading = "Where things are kept")]
    pub database_url: Option<String>,
    /// Artifacts and data sets: a folder, or s3://bucket/prefix with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
    /// AWS_REGION and, for other services than Amazon's, AWS_ENDPOINT_URL [default: artifacts in the data directory]
    #[arg(long, env = "VERDICT_ARTIFACTS", value_name = "PLACE", global = true)]
    #[arg(help_heading = "Where things are kept")]
    pub artifacts: Option<String>,
    /// Threads that train, shared by all trainings of the process; they yield to everything else [default: all cores]
    #[arg(long, env = "VERDICT_TRAINING_THREADS", value_name = "N", global = true)]
    #[arg(help_heading = "Where things are kept")]
    pub training_threads: Option<usize>,
    /// Minutes that one training may take; one that takes longer is ended [default: 240]
    #[arg(long, env = "VERDICT_TRAINING_MINUTES", value_name = "MINUTES", global = true)]
    #[arg(help_heading = "Where things are kept")]
    pub training_minutes: Option<i64>,
    /// Memory that one training may be expected to need, in MiB; a larger one is refused [default: 4096]
    #[arg(long, env = "VERDICT_TRAINING_MEMORY_MIB", value_name = "MIB", global = true)]
    #[arg(help_heading = "Where things are kept")]
    pub training_memory_mib: Option<u64>,
}

/// How the server serves.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceArgs {
    /// Address to listen on [default: 127.0.0.1:3000]
    #[arg(long, env = "VERDICT_LISTEN", value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// Where browsers find the server: https://verdict.example.org. With https, cookies are for TLS only
    #[arg(long, env = "VERDICT_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// Proxies in front of the server, as addresses or networks such as 10.0.0.0/8: their X-Forwarded-For says who asks,
    /// and failed logins are counted by it [default: none]
    #[arg(long, env = "VERDICT_TRUSTED_PROXIES", value_name = "A,B", value_delimiter = ',')]
    pub trusted_proxies: Option<Vec<Network>>,
    /// A session ends after so many minutes without use [default: 60]
    #[arg(long, env = "VERDICT_SESSION_IDLE_MINUTES", value_name = "MINUTES")]
    pub session_idle_minutes: Option<u32>,
    /// A session ends after so many days, used or not [default: 14]
    #[arg(long, env = "VERDICT_SESSION_DAYS", value_name = "DAYS")]
    pub session_days: Option<u32>,
    /// Trainings at a time in this process; 0 leaves them, and all that is done by the clock, to others [default: 1]
    #[arg(long, env = "VERDICT_WORKERS", value_name = "N")]
    pub workers: Option<usize>,
    /// Predictions that may wait to be written, at least 10000, which is one full request; beyond that callers get 503
    /// [default: 20000]
    #[arg(long, env = "VERDICT_QUEUE_CAPACITY", value_name = "N")]
    pub queue_capacity: Option<usize>,
    /// Largest JSON body in MiB [default: 16]
    #[arg(long, env = "VERDICT_BODY_MIB", value_name = "MIB")]
    pub body_mib: Option<usize>,
    /// Largest uploaded data set in MiB [default: 256]
    #[arg(long, env = "VERDICT_DATASET_MIB", value_name = "MIB")]
    pub dataset_mib: Option<usize>,
    /// Memory for models in MiB: those in service that were asked for lately, and a quarter of it for older versions. What
    /// does not fit is loaded again when it is asked for [default: 1024]
    #[arg(long, env = "VERDICT_MODEL_MEMORY_MIB", value_name = "MIB")]
    pub model_memory_mib: Option<u64>,
    /// Seconds until a request is given up [default: 60]
    #[arg(long, env = "VERDICT_TIMEOUT_SECONDS", value_name = "SECONDS")]
    pub timeout_seconds: Option<u64>,
    /// What is logged: error, warn, info, debug, or a filter such as info,server=debug [default: info]
    #[arg(long, env = "VERDICT_LOG", value_name = "FILTER")]
    pub log: Option<String>,
    /// How it is logged [default: text]
    #[arg(long, env = "VERDICT_LOG_FORMAT", value_enum)]
    pub log_format: Option<LogFormat>,
}

/// How lines of the log are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Settings that hold together.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Folder for what is not kept elsewhere.
    pub data_dir: PathBuf,
    /// `postgres://…` or the path of a SQLite file.
    pub database_url: String,
    /// A folder, or `s3://bucket/prefix`.
    pub artifacts: String,
    /// Threads that train, shared by all trainings of the process.
    pub training_threads: usize,
    /// Minutes that one training may take.
    pub training_minutes: i64,
    /// Memory that one training may be expected to need, in bytes.
    pub training_memory: u64,
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Scheme, host and port as browsers see them.
    pub public_origin: Option<String>,
    /// Proxies whose word about the client's address counts.
    pub trusted_proxies: Vec<Network>,
    /// Idle end of a session.
    pub session_idle: Duration,
    /// Absolute end of a session.
    pub session_age: Duration,
    /// Trainings at a time.
    pub workers: usize,
    /// Predictions that may wait to be written.
    pub queue_capacity: usize,
    /// Largest JSON body in bytes.
    pub body_bytes: usize,
    /// Largest data set in bytes.
    pub dataset_bytes: usize,
    /// Memory for models in bytes.
    pub model_memory: u64,
    /// Longest time until the head of an answer.
    pub timeout: Duration,
    /// What is logged.
    pub log: String,
    /// How it is logged.
    pub log_format: LogFormat,
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("setting `{name}`: {reason}")]
pub struct WrongSetting {
    /// Which.
    pub name: String,
    /// Why.
    pub reason: String,
}

impl WrongSetting {
    pub(crate) fn new(name: &str, reason: impl Into<String>) -> Self {
        Self { name: name.to_owned(), reason: reason.into() }
    }
}

impl Settings {
    /// Puts together what was said; `config` is the TOML file that was named.
    ///
    /// # Errors
    /// Names the setting that cannot be used.
    pub fn resolve(place: PlaceArgs, service: ServiceArgs, config: Option<&Path>) -> Result<Self, WrongSetting> {
        let named = place.data_dir.clone().unwrap_or_else(|| PathBuf::from("data"));
        let file = file::read(config, &named)?;
        let (place, service) = (place.or(file.place), service.or(file.service));
        let data_dir = place.data_dir.unwrap_or(named);
        let inside = |name: &str| data_dir.join(name).display().to_string();
        let loopback = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 3000);
        let mib = |name, given, default| bounded(name, given, default, 1, 4_096).map(|mib| mib << 20);
        let minutes = bounded("session_idle_minutes", service.session_idle_minutes, 60, 1, 60 * 24 * 30)?;
        let days = bounded("session_days", service.session_days, 14, 1, 365)?;
        // A request that is larger than the whole queue would never find room.
        let largest_request = desk::Limits::default().rows_per_request;
        Ok(Self {
            database_url: place.database_url.unwrap_or_else(|| inside("verdict.db")),
            artifacts: place.artifacts.unwrap_or_else(|| inside("artifacts")),
            training_threads: bounded("training_threads", place.training_threads, cores(), 1, 512)?,
            training_minutes: bounded("training_minutes", place.training_minutes, 240, 1, 60 * 24 * 7)?,
            training_memory: bounded("training_memory_mib", place.training_memory_mib, 4_096, 64, 1 << 20)? << 20,
            listen: service.listen.unwrap_or(loopback),
            public_origin: service.public_url.as_deref().map(|url| origin("public_url", url)).transpose()?,
            trusted_proxies: service.trusted_proxies.unwrap_or_default(),
            session_idle: Duration::from_secs(u64::from(minutes) * 60),
            session_age: Duration::from_secs(u64::from(days) * 86_400),
            workers: bounded("workers", service.workers, 1, 0, 64)?,
            queue_capacity: bounded("queue_capacity", service.queue_capacity, 20_000, largest_request, 1_000_000)?,
            body_bytes: mib("body_mib", service.body_mib, 16)?,
            dataset_bytes: mib("dataset_mib", service.dataset_mib, 256)?,
            model_memory: bounded("model_memory_mib", service.model_memory_mib, 1_024, 16, 1 << 20)? << 20,
            timeout: Duration::from_secs(bounded("timeout_seconds", service.timeout_seconds, 60, 1, 3_600)?),
            log: checked_filter(service.log.unwrap_or_else(|| String::from("info")))?,
            log_format: service.log_format.unwrap_or_default(),
            data_dir,
        })
    }

    /// Whether browsers reach the server by TLS only.
    #[must_use]
    pub fn https(&self) -> bool {
        self.public_origin.as_deref().is_some_and(|origin| origin.starts_with("https://"))
    }
}

macro_rules! first_of {
    ($type:ident: $($field:ident),+ $(,)?) => {
        impl $type {
            /// What is said here, and what `other` says where nothing is.
            #[must_use]
            fn or(self, other: Self) -> Self {
                Self { $($field: self.$field.or(other.$field)),+ }
            }
        }
    };
}

first_of!(PlaceArgs: data_dir, database_url, artifacts, training_threads, training_minutes,
    training_memory_mib);
first_of!(ServiceArgs: listen, public_url, trusted_proxies, session_idle_minutes, session_days, workers, queue_capacity, body_mib,
    dataset_mib, model_memory_mib, timeout_seconds, log, log_format);

fn bounded<T>(name: &str, given: Option<T>, default: T, least: T, most: T) -> Result<T, WrongSetting>
where
    T: PartialOrd + std::fmt::Display + Copy,
{
    let value = given.unwrap_or(default);
    if value < least || value > most {
        return Err(WrongSetting::new(name, format!("{value} is not between {least} and {most}")));
    }
    Ok(value)
}

/// `https://verdict.example.org/` → `https://verdict.example.org`.
pub(crate) fn origin(name: &str, url: &str) -> Result<String, WrongSetting> {
    if url.contains('@') {
        return Err(WrongSetting::new(name, "holds a name or a password; leave it out"));
    }
    let wrong = |reason: &str| WrongSetting::new(name, format!("`{url}` {reason}"));
    let parsed: http::Uri = url.parse().map_err(|_| wrong("is not an address"))?;
    let scheme = parsed.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"));
    let scheme = scheme.ok_or_else(|| wrong("begins with neither http:// nor https://"))?;
    let host = parsed.authority().ok_or_else(|| wrong("names no host"))?;
    if parsed.path_and_query().is_some_and(|path| path.as_str() != "/") {
        return Err(wrong("has a path; the server must be at the root"));
    }
    Ok(format!("{scheme}://{}", host.as_str().to_ascii_lowercase()))
}

fn checked_filter(filter: String) -> Result<String, WrongSetting> {
    match tracing_subscriber::EnvFilter::try_new(&filter) {
        Ok(_) => Ok(filter),
        Err(error) => Err(WrongSetting::new("log", format!("`{filter}`: {error}"))),
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
