//! Data sets of images: a zip comes in, and goes out again; so do tasks of Label Studio about our own readings.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use desk::Desk;
use desk::datasets::LeftOut;
use domain::{Actor, DatasetId};
use futures::TryStreamExt;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde::Serialize;
use utoipa::ToSchema;

use super::{DatasetAnswer, Uploaded};
use crate::api::extract::In;
use crate::api::problem::Problem;
use crate::api::upload::Upload;
use crate::rim::{Caller, Heard};

/// Rows that became no part of a data set.
#[derive(Serialize, ToSchema)]
pub(super) struct LeftOutAnswer {
    /// How many.
    rows: usize,
    /// The first 100 of them, by line and name, with the reason.
    named: Vec<String>,
    /// Images of which the table says nothing.
    unlabeled: usize,
}

/// A file as a part of a form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is there for the document")]
pub(super) struct FileForm {
    /// The file: a CSV, a zip of images with labels.csv or tasks.json, or tasks of Label Studio.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// What kind of data set a file holds.
pub(super) enum Kind {
    Table,
    Images,
    Tasks,
}

impl Kind {
    /// By the type that the sender names, or else by the file's name.
    pub(super) fn of(upload: &Upload) -> Option<Self> {
        let ending = upload.name.rsplit('.').next().unwrap_or("").to_ascii_lowercase();
        match (upload.media_type.as_str(), ending.as_str()) {
            ("text/csv", _) => Some(Self::Table),
            ("application/zip" | "application/x-zip-compressed", _) => Some(Self::Images),
            ("application/json", _) => Some(Self::Tasks),
            (_, "csv") => Some(Self::Table),
            (_, "zip") => Some(Self::Images),
            (_, "json") => Some(Self::Tasks),
            _ => None,
        }
    }
}

/// Stores the images of a zip. However many there are: whoever waits hears of every batch that is done.
pub(super) async fn import(
    desk: &Desk,
    actor: &Actor,
    name: &str,
    upload: Upload,
    heard: &Heard,
) -> Result<Uploaded, Problem> {
    let imported = desk.datasets().import_images(actor, name, upload.bytes, |_, _| heard.notice()).await?;
    Ok(Uploaded { dataset: DatasetAnswer::of(imported.dataset), left_out: Some(imported.left_out.into()) })
}

/// Takes what people said of our own readings in Label Studio.
pub(super) async fn import_tasks(desk: &Desk, actor: &Actor, name: &str, upload: Upload) -> Result<Uploaded, Problem> {
    let imported = desk.datasets().import_tasks(actor, name, upload.bytes).await?;
    Ok(Uploaded { dataset: DatasetAnswer::of(imported.dataset), left_out: Some(imported.left_out.into()) })
}

pub(super) async fn export(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(id): In<DatasetId>,
) -> Result<Response, Problem> {
    let parts = desk.datasets().export_images(&actor, id).await?;
    // The head of the answer is long sent; breaking off is all that is left to say that something failed.
    let body = Body::from_stream(parts.map_err(|error| std::io::Error::other(error.to_string())));
    let name = format!("attachment; filename=\"dataset-{id}.zip\"");
    Ok(([(CONTENT_TYPE, "application/zip"), (CONTENT_DISPOSITION, name.as_str())], body).into_response())
}

impl From<LeftOut> for LeftOutAnswer {
    fn from(left_out: LeftOut) -> Self {
        let LeftOut { rows, named, unlabeled } = left_out;
        Self { rows, named, unlabeled }
    }
}
