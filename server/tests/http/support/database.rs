//! A database of the test's own on PostgreSQL, when there is one.

use std::sync::atomic::{AtomicU32, Ordering};

/// Where a fresh database lies.
pub struct Database {
    /// For `database_url`.
    pub url: String,
}

impl Database {
    /// A fresh database on the server that `VERDICT_TEST_POSTGRES` names (`postgres://user@host/template`); none if it
    /// names none.
    pub async fn fresh() -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let base = std::env::var("VERDICT_TEST_POSTGRES").ok().filter(|url| !url.is_empty())?;
        let name = format!("server_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let (url, query) = base.split_once('?').unwrap_or((&base, ""));
        let made = std::process::Command::new("psql")
            .args([base.as_str(), "-qc", &format!("CREATE DATABASE {name}")])
            .status();
        assert!(made.is_ok_and(|status| status.success()), "psql did not make the database {name}");
        let place = url.rsplit_once('/').map_or(url, |(place, _)| place);
        let query = if query.is_empty() { String::new() } else { format!("?{query}") };
        Some(Self { url: format!("{place}/{name}{query}") })
    }
}
