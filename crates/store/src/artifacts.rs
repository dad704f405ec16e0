mod bulk;
mod found;

use std::fs;
use std::io::{self, Write};
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use domain::{ModelId, RunId, TenantId};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};

pub use found::FoundImage;

/// Why an artifact could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// The key would reach outside, or is no key at all.
    #[error("`{0}` is no key of an artifact")]
    BadKey(String),
    /// The settings name no place.
    #[error("{0}")]
    Settings(String),
    /// It is longer than anything that is written here.
    #[error("`{key}` is {bytes} bytes long; at most {MAX_BYTES} are read")]
    TooLarge {
        /// Its key.
        key: String,
        /// Its length.
        bytes: u64,
    },
    /// The object store does not answer or refuses.
    #[error("the object store is unavailable: {0}")]
    Unavailable(#[from] object_store::Error),
    /// The disk that the folder lies on has no room left.
    #[error("the artifacts' disk is full: {0}")]
    Full(#[source] io::Error),
    /// The folder cannot be written.
    #[error("the artifacts' folder cannot be written: {0}")]
    Folder(#[source] io::Error),
}

impl From<io::Error> for ArtifactError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full(error),
            _ => Self::Folder(error),
        }
    }
}

/// What an S3-compatible store needs beside its address. What is absent is taken from the usual `AWS_…` variables of the
/// environment.
#[derive(Clone, Default)]
pub struct ObjectStoreOptions {
    /// Address of an S3-compatible store; none is Amazon's.
    pub endpoint: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// Access key.
    pub access_key_id: Option<String>,
    /// Its secret.
    pub secret_access_key: Option<String>,
}

/// The longest artifact that is read or written: more than any data set or model may be.
const MAX_BYTES: u64 = 1 << 30;

/// Files of data sets and versions, in a folder or in an object store. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Artifacts {
    objects: Arc<dyn ObjectStore>,
    /// Before every key.
    prefix: String,
    /// The folder, if it is one: object stores know no rights of files.
    folder: Option<PathBuf>,
}

impl Artifacts {
    /// Opens a folder (made if it is not there), or `s3://bucket/prefix`.
    ///
    /// # Errors
    /// When there is no such place.
    pub fn open(place: &str, options: &ObjectStoreOptions) -> Result<Self, ArtifactError> {
        match place.strip_prefix("s3://") {
            Some(bucket) => Self::open_s3(bucket, options),
            None if place.contains("://") && !place.starts_with("file://") => {
                Err(ArtifactError::Settings(format!("`{place}` is neither a folder nor s3://bucket/prefix")))
            }
            None => Self::open_folder(FilePath::new(place.strip_prefix("file://").unwrap_or(place))),
        }
    }

    fn open_folder(folder: &FilePath) -> Result<Self, ArtifactError> {
        make_folders(folder)?;
        let folder = folder.canonicalize()?;
        let objects = LocalFileSystem::new_with_prefix(&folder)?;
        Ok(Self { objects: Arc::new(objects), prefix: String::new(), folder: Some(folder) })
    }

    fn open_s3(place: &str, options: &ObjectStoreOptions) -> Result<Self, ArtifactError> {
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        if bucket.is_empty() {
            return Err(ArtifactError::Settings(String::from("s3:// needs the name of a bucket")));
        }
        // Fails only when the process has chosen one already, which is just as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = AmazonS3Builder::from_env().with_bucket_name(bucket);
        let values = [
            (AmazonS3ConfigKey::Endpoint, &options.endpoint),
            (AmazonS3ConfigKey::Region, &options.region),
            (AmazonS3ConfigKey::AccessKeyId, &options.access_key_id),
            (AmazonS3ConfigKey::SecretAccessKey, &options.secret_access_key),
        ];
        for (key, value) in values {
            if let Some(value) = value {
                builder = builder.with_config(key, value);
            }
        }
        // Somebody who writes http:// means it: the store stands beside us.
        if options.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://")) {
            builder = builder.with_allow_http(true);
        }
        let prefix = prefix.trim_end_matches('/');
        let prefix = if prefix.is_empty() { String::new() } else { format!("{}/", checked(prefix)?) };
        Ok(Self { objects: Arc::new(builder.build()?), prefix, folder: None })
    }

    /// Key of a data set's CSV.
    #[must_use]
    pub fn dataset_key(tenant: TenantId, sha256: &str) -> String {
        format!("tenants/{tenant}/datasets/{sha256}.csv")
    }

    /// Key of an image, by the SHA-256 of its stored bytes.
    #[must_use]
    pub fn image_key(tenant: TenantId, sha256: &str) -> String {
        format!("tenants/{tenant}/images/{sha256}")
    }

    /// Key of one file of the version that `run` made.
    #[must_use]
    pub fn version_key(tenant: TenantId, model: ModelId, run: RunId, file: &str) -> String {
        format!("tenants/{tenant}/models/{model}/versions/{run}/{file}")
    }

    /// Writes one artifact, durably and all at once: a reader sees all of it or nothing. What was there is replaced.
    ///
    /// # Errors
    /// When the key is none, or the place cannot be written.
    pub async fn put(&self, key: &str, bytes: impl Into<Bytes> + Send) -> Result<(), ArtifactError> {
        let (key, bytes) = (checked(key)?, bytes.into());
        check_size(key, bytes.len() as u64)?;
        match &self.folder {
            Some(folder) => {
                let path = folder.join(key);
                let written = tokio::task::spawn_blocking(move || write_file(&path, &bytes)).await;
                Ok(written.map_err(io::Error::other)??)
            }
            None => {
                self.objects.put(&self.path(key), PutPayload::from_bytes(bytes)).await?;
                Ok(())
            }
        }
    }

    /// Reads one artifact.
    ///
    /// # Errors
    /// When the key is none, it is too large, or the place cannot be read.
    pub async fn get(&self, key: &str) -> Result<Option<Bytes>, ArtifactError> {
        let key = checked(key)?;
        match self.objects.get(&self.path(key)).await {
            Ok(found) => {
                check_size(key, found.meta.size)?;
                Ok(Some(found.bytes().await?))
            }
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The folder, if it is one.
    pub(crate) fn folder(&self) -> Option<&FilePath> {
        self.folder.as_deref()
    }

    fn path(&self, key: &str) -> Path {
        Path::from(format!("{}{key}", self.prefix))
    }
}

/// `key`, if every part of it is an ordinary file name; then no key can reach outside of the folder.
fn checked(key: &str) -> Result<&str, ArtifactError> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    let part = |part: &str| !part.is_empty() && !part.starts_with('.') && part.bytes().all(plain);
    if key.len() <= 512 && key.split('/').all(part) { Ok(key) } else { Err(ArtifactError::BadKey(key.to_owned())) }
}

fn check_size(key: &str, bytes: u64) -> Result<(), ArtifactError> {
    if bytes <= MAX_BYTES { Ok(()) } else { Err(ArtifactError::TooLarge { key: key.to_owned(), bytes }) }
}

/// Writes beside the goal, makes it durable, and renames it into place.
fn write_file(path: &FilePath, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or_else(|| io::Error::other("a key has a folder"))?;
    make_folders(folder)?;
    let partial = partial_path(folder);
    let written = write_and_rename(&partial, path, bytes, true);
    if written.is_err() {
        let _ = fs::remove_file(&partial);
    }
    written?;
    fs::File::open(folder)?.sync_all()
}

/// A name that begins with a dot, so that no list shows it and no key can name it.
fn partial_path(folder: &FilePath) -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    folder.join(format!(".{}-{}.partial", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)))
}

fn write_and_rename(partial: &FilePath, path: &FilePath, bytes: &[u8], sync: bool) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o640);
    let mut file = options.open(partial)?;
    file.write_all(bytes)?;
    if sync {
        file.sync_all()?;
    }
    fs::rename(partial, path)
}

/// Makes `folder` and what is above it, for its owner and for a group that backs it up.
///
/// # Errors
/// The file system's own.
pub fn make_folders(folder: &FilePath) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o750);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_apart() {
        for (kind, full) in [(io::ErrorKind::StorageFull, true), (io::ErrorKind::PermissionDenied, false)] {
            assert_eq!(matches!(ArtifactError::from(io::Error::from(kind)), ArtifactError::Full(_)), full);
        }
    }

    #[test]
    fn keys_cannot_reach_outside() {
        for good in ["tenants/1/datasets/ab12.csv", "a", "a/b-c_d.safetensors"] {
            assert!(checked(good).is_ok(), "{good}");
        }
        for bad in ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/", ".hidden", "a/.b", "a b", "a\\b", "a%2e", "é"] {
            assert!(checked(bad).is_err(), "{bad}");
        }
    }
}
