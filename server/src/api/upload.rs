//! Files that are sent: as the body itself, or as a part of a form with fields beside it.

use std::collections::BTreeMap;

use axum::body::{Body, Bytes};
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use http::StatusCode;
use http_body_util::Limited;

use super::extract::{content_type, read_body};
use super::problem::Problem;

/// Most bytes of a field beside the file, and of all that is not the file.
const LONGEST_FIELD: usize = 4 << 10;
const BESIDES: usize = 64 << 10;

/// A file that was sent.
#[derive(Debug, Default)]
pub(super) struct Upload {
    /// As the sender says; empty where it does not.
    pub(super) media_type: String,
    /// Its name, where it has one.
    pub(super) name: String,
    /// The file.
    pub(super) bytes: Bytes,
    fields: BTreeMap<String, String>,
}

impl Upload {
    /// Reads a file of at most `limit` bytes; of a form, the part `part`.
    ///
    /// # Errors
    /// 413 for a longer one, 400 for what breaks off, 422 for a form without the part or with unreadable fields.
    pub(super) async fn read(request: Request, part: &str, limit: usize) -> Result<Self, Problem> {
        let media_type = content_type(request.headers()).to_ascii_lowercase();
        if media_type == "multipart/form-data" {
            return form(request, part, limit).await;
        }
        let bytes = read_body(request, limit).await?;
        Ok(Self { media_type, bytes, ..Self::default() })
    }

    /// Takes what the field `name` says; none where it is empty or was not sent.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.fields.remove(name).filter(|said| !said.is_empty())
    }

    /// Nothing, if every field was taken.
    ///
    /// # Errors
    /// Names one that means nothing here.
    pub(super) fn check_all_taken(&self) -> Result<(), Problem> {
        match self.fields.keys().next() {
            Some(name) => Err(Problem::field(name, "there is no such field")),
            None => Ok(()),
        }
    }
}

async fn form(request: Request, part: &str, limit: usize) -> Result<Upload, Problem> {
    let mut request = request.map(|body| Body::new(Limited::new(body, limit.saturating_add(BESIDES))));
    // what is allowed is said here, and not by what suits most forms
    DefaultBodyLimit::disable().apply(&mut request);
    let mut parts =
        Multipart::from_request(request, &()).await.map_err(|error| Problem::malformed(error.body_text()))?;
    let (mut upload, mut found) = (Upload::default(), false);
    while let Some(field) = parts.next_field().await.map_err(|error| broken(&error, limit))? {
        let name = field.name().unwrap_or("").to_owned();
        if (name == part && found) || upload.fields.contains_key(&name) {
            return Err(Problem::field(name, "was sent more than once"));
        }
        if name == part {
            found = true;
            upload.media_type = field.content_type().unwrap_or("").to_ascii_lowercase();
            upload.name = field.file_name().unwrap_or("").to_owned();
            upload.bytes = bytes_of(field, limit).await?;
        } else {
            let said = bytes_of(field, LONGEST_FIELD).await?;
            let said = String::from_utf8(said.into()).map_err(|_| Problem::field(name.as_str(), "is not in UTF-8"))?;
            upload.fields.insert(name, said);
        }
    }
    if found { Ok(upload) } else { Err(Problem::field(part, "the form has no such part")) }
}

async fn bytes_of(mut field: Field<'_>, limit: usize) -> Result<Bytes, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| broken(&error, limit))? {
        if bytes.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.into())
}

fn broken(error: &MultipartError, limit: usize) -> Problem {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(limit),
        _ => Problem::malformed(error.body_text()),
    }
}

fn too_large(limit: usize) -> Problem {
    Problem::too_large(format!("at most {limit} bytes are taken here"))
}
