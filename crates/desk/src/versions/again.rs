//! A doubtful label that people are asked about.

use domain::{Actor, Permission};
use store::Artifacts;

use super::Versions;
use crate::error::{Error, Result};
use crate::readings::{OWN, ReadRequest, Report};

impl Versions<'_> {
    /// Has people read the image of a doubtful label once more. What they settle on corrects the label in the next
    /// snapshot. Asked twice of the same version, it is one task.
    ///
    /// # Errors
    /// Needs the right to manage labeling; [`Error::NotFound`] if the version does not doubt this label, or the image is
    /// gone; [`Error::Conflict`] if the key of its reading stands for another image.
    pub async fn look_again(&self, actor: &Actor, model: &str, number: i64, image: &str) -> Result<Report> {
        actor.check(Permission::ManageLabeling)?;
        let found = self.doubtful_labels(actor, model, number).await?;
        let label = found.labels.into_iter().find(|label| label.image == image);
        let label = label.ok_or_else(|| Error::not_found(format!("doubtful label of image {image}")))?;
        let bytes = self.desk.inner.artifacts.get(&Artifacts::image_key(actor.tenant, image)).await?;
        let bytes = bytes.ok_or_else(|| Error::not_found(format!("image {image}: it is no longer kept")))?;
        let request = ReadRequest {
            image: bytes,
            source: label.source,
            client_id: Some(format!("{OWN}{number}-{image}")),
            previous: None,
        };
        let readings = self.desk.readings();
        let id = readings.read_stored(actor, model, image, request).await?;
        let reason = format!("its label says {}, version {number} reads {}", label.label, label.text);
        readings.ask_people(actor, id, None, reason).await
    }
}
