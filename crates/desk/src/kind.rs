//! Models that take rows of cells, and models that take images.

use domain::model::Model;
use domain::reading::Reading;

use crate::error::{Error, Result};

/// Refuses a model that reads images where rows are meant.
pub(crate) fn takes_rows(model: &Model) -> Result<()> {
    let name = &model.name;
    match model.specification.reading {
        None => Ok(()),
        Some(_) => Err(Error::field(
            "model",
            format!("`{name}` reads images, not rows; send each image to /api/v1/models/{name}/readings"),
        )),
    }
}

/// The rules of a model that reads images; refuses one that takes rows.
pub(crate) fn takes_images(model: &Model) -> Result<&Reading> {
    let name = &model.name;
    model.specification.reading.as_ref().ok_or_else(|| {
        Error::field(
            "model",
            format!("`{name}` takes rows, not images; send them to /api/v1/models/{name}/predictions"),
        )
    })
}
