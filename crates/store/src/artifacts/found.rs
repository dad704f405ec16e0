//! What lies in the object store, whoever put it there.

use domain::{TenantId, Timestamp};
use futures::{Stream, StreamExt, TryStreamExt};
use object_store::{ObjectMeta, ObjectStore as _};

use super::{ArtifactError, Artifacts};

/// An image in the object store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundImage {
    /// SHA-256 of its bytes, which is its name.
    pub sha256: String,
    /// How many bytes.
    pub bytes: u64,
}

/// Images that are given at once.
const TOGETHER: usize = 500;

impl Artifacts {
    /// A tenant's images that were written before `before`, up to 500 at a time.
    pub fn images_before(
        &self,
        tenant: TenantId,
        before: Timestamp,
    ) -> impl Stream<Item = Result<Vec<FoundImage>, ArtifactError>> + Send + use<> {
        let folder = self.path(&Self::image_key(tenant, ""));
        let found = self.objects.list(Some(&folder));
        let old = found.try_filter_map(move |object| std::future::ready(Ok(image(&object, before))));
        old.map_err(ArtifactError::from).try_chunks(TOGETHER).map_err(|error| error.1).boxed()
    }
}

/// The image that an object is, if it is one and old enough.
fn image(object: &ObjectMeta, before: Timestamp) -> Option<FoundImage> {
    let name = object.location.filename()?;
    let is_hash = name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit());
    let is_old = object.last_modified.timestamp_micros() < before.0;
    (is_hash && is_old).then(|| FoundImage { sha256: name.to_owned(), bytes: object.size })
}
