//! What tells whether facts can still be kept: the tables, the place of the artifacts, room on the disk.

use std::io;
use std::path::Path;

use crate::artifacts::{ArtifactError, Artifacts};
use crate::dialect;
use crate::sql::Pools;
use crate::{Error, Store};

/// How far the tables are brought up, by numbers of migrations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tables {
    /// The newest that the database has.
    pub applied: i64,
    /// The newest that this program knows.
    pub known: i64,
}

/// Room on a disk, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// What this program may still write.
    pub free: u64,
    /// All of it.
    pub total: u64,
}

/// What is written to see whether anything can be; each time in the same place.
const PROBE: &str = "health/probe";

impl Store {
    /// How far the tables are brought up.
    pub async fn tables(&self) -> Result<Tables, Error> {
        let row = self.row("SELECT MAX(version) AS newest FROM _sqlx_migrations", &[]).await?;
        let applied: Option<i64> = row.map_or(Ok(None), |row| row.get("newest"))?;
        Ok(Tables { applied: applied.unwrap_or(0), known: dialect::newest_migration(&self.pools) })
    }

    /// Room where the database is; none if it is not on a disk of this machine.
    ///
    /// # Errors
    /// The file system's own.
    pub fn space(&self) -> io::Result<Option<Space>> {
        match &self.pools {
            Pools::Sqlite { writer, .. } => space(writer.connect_options().get_filename()).map(Some),
            Pools::Postgres(_) => Ok(None),
        }
    }
}

impl Artifacts {
    /// Writes something small and reads it back.
    ///
    /// # Errors
    /// When one of both fails, or nothing is there.
    pub async fn probe(&self) -> Result<(), ArtifactError> {
        self.put(PROBE, "still here").await?;
        let found = self.get(PROBE).await?;
        let gone = || ArtifactError::Folder(io::Error::other("what was just written is not there"));
        found.map(|_| ()).ok_or_else(gone)
    }

    /// Room where the artifacts are; none if they are not on a disk of this machine.
    ///
    /// # Errors
    /// The file system's own.
    pub fn space(&self) -> io::Result<Option<Space>> {
        self.folder().map(space).transpose()
    }
}

fn space(path: &Path) -> io::Result<Space> {
    let disk = rustix::fs::statvfs(path)?;
    Ok(Space { free: disk.f_bavail.saturating_mul(disk.f_frsize), total: disk.f_blocks.saturating_mul(disk.f_frsize) })
}
