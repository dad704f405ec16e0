//! What a reader sees in the images of readings, so that those which look alike are not all chosen.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use domain::TenantId;
use domain::labeling::selection::Candidate;
use store::Artifacts;
use vision::Reader;
use vision::picture::{Limits, Picture};

use super::Labeling;
use crate::error::{Error, Result};
use crate::images::bounded;

/// Images that are in memory at a time.
const BATCH: usize = 64;

impl Labeling<'_> {
    /// The `most` least certain readings of a pool, one of each image, with what `reader` sees in them. Those whose image
    /// cannot be read are left out.
    pub(super) async fn see(
        &self,
        tenant: TenantId,
        reader: &Arc<Reader>,
        pool: Vec<Candidate>,
        most: usize,
    ) -> Result<Vec<Candidate>> {
        let mut images = HashSet::new();
        let mut unseen = pool.into_iter().filter(|candidate| images.insert(candidate.image.clone())).take(most);
        let mut seen = Vec::new();
        loop {
            let batch: Vec<Candidate> = unseen.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                return Ok(seen);
            }
            let keys = batch.iter().map(|candidate| Artifacts::image_key(tenant, &candidate.image)).collect();
            let found = self.desk.inner.artifacts.get_many(keys).await?;
            let reader = Arc::clone(reader);
            let embedded = tokio::task::spawn_blocking(move || embed(&reader, batch, found));
            seen.extend(embedded.await.map_err(Error::internal)?);
        }
    }
}

fn embed(reader: &Reader, batch: Vec<Candidate>, found: Vec<Option<Bytes>>) -> Vec<Candidate> {
    let decoded = |bytes: Bytes| Picture::decode(&bytes, &Limits::default()).ok().map(bounded);
    let pictures: Vec<(Candidate, Picture)> =
        batch.into_iter().zip(found).filter_map(|(candidate, bytes)| Some((candidate, decoded(bytes?)?))).collect();
    let embeddings = reader.embedding(&pictures.iter().map(|(_, picture)| picture).collect::<Vec<_>>());
    pictures
        .into_iter()
        .zip(embeddings)
        .map(|((candidate, _), embedding)| Candidate { embedding, ..candidate })
        .collect()
}
