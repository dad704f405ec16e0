//! Many small artifacts at once, made durable together: a disk that is waited for once a file would take a minute for
//! ten thousand of them.

use std::path::Path;
use std::{fs, io};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};

use super::{ArtifactError, Artifacts, check_size, checked, make_folders, partial_path, write_and_rename};

/// Requests to an object store that are on the way at the same time.
const AT_ONCE: usize = 32;

impl Artifacts {
    /// Writes artifacts, each all at once; they are durable after the next [`Self::sync`]. For keys that are hashes of
    /// their content: what a crash cuts short does not match its name, and the next import writes it again.
    ///
    /// # Errors
    /// As [`Self::put`].
    pub async fn put_many(&self, items: Vec<(String, Bytes)>) -> Result<(), ArtifactError> {
        for (key, bytes) in &items {
            check_size(checked(key)?, bytes.len() as u64)?;
        }
        let Some(folder) = self.folder.clone() else {
            let puts = stream::iter(items).map(|(key, bytes)| async move { self.put(&key, bytes).await });
            return puts.buffer_unordered(AT_ONCE).try_collect().await;
        };
        let work = move || items.iter().try_for_each(|(key, bytes)| write_unsynced(&folder.join(key), bytes));
        Ok(tokio::task::spawn_blocking(work).await.map_err(io::Error::other)??)
    }

    /// Reads artifacts, several at a time, in the order of `keys`; none where there is no such artifact.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn get_many(&self, keys: Vec<String>) -> Result<Vec<Option<Bytes>>, ArtifactError> {
        let gets = stream::iter(keys).map(|key| async move { self.get(&key).await });
        gets.buffered(AT_ONCE).try_collect().await
    }

    /// Waits until everything written before is durable. An object store has said so already.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub async fn sync(&self) -> Result<(), ArtifactError> {
        let Some(folder) = self.folder.clone() else { return Ok(()) };
        Ok(tokio::task::spawn_blocking(move || sync_all_of(&folder)).await.map_err(io::Error::other)??)
    }

    /// Removes one artifact; one that is not there is no error.
    ///
    /// # Errors
    /// When the key is none, or the place cannot be written.
    pub async fn delete(&self, key: &str) -> Result<(), ArtifactError> {
        match object_store::ObjectStoreExt::delete(&*self.objects, &self.path(checked(key)?)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn write_unsynced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or_else(|| io::Error::other("a key has a folder"))?;
    if !folder.is_dir() {
        make_folders(folder)?;
    }
    let partial = partial_path(folder);
    let written = write_and_rename(&partial, path, bytes, !SYNCS_FILE_SYSTEMS);
    if written.is_err() {
        let _ = fs::remove_file(&partial);
    }
    written
}

/// Whether all files of a file system can be waited for at once; elsewhere each is, while it is written.
const SYNCS_FILE_SYSTEMS: bool = cfg!(target_os = "linux");

#[cfg(target_os = "linux")]
fn sync_all_of(folder: &Path) -> io::Result<()> {
    Ok(rustix::fs::syncfs(fs::File::open(folder)?)?)
}

#[cfg(not(target_os = "linux"))]
fn sync_all_of(_: &Path) -> io::Result<()> {
    Ok(())
}
