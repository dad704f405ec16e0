//! An image as it is sent: as the body itself, in a form, or as base64 in JSON.

use axum::body::Bytes;
use axum::extract::Request;
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use desk::readings::ReadRequest;
use serde::Deserialize;
use utoipa::ToSchema;

use super::ReadingQuery;
use crate::api::extract::{apart, content_type, is_json, parse, read_body};
use crate::api::problem::Problem;
use crate::api::upload::Upload;

/// How an image may call itself; what it is, its bytes say.
pub(super) const IMAGES: [&str; 4] = ["image/jpeg", "image/png", "image/webp", "application/octet-stream"];

/// Room in JSON for what stands beside the image.
const BESIDES: usize = 64 << 10;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// An image within JSON.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReadingRequest {
    /// The file, a JPEG, PNG or WebP, as base64.
    image: String,
    /// Which meter or camera it came from, up to 200 characters.
    #[serde(default)]
    source: Option<String>,
    /// Your own key for it, up to 200 characters; the same key twice is the same reading. None that begins with
    /// `doubtful-`: those are given to images that people are asked about again.
    #[serde(default)]
    client_id: Option<String>,
    /// What was read there before; the newest reading of the source that is known when it is not said.
    #[serde(default)]
    previous: Option<String>,
}

/// An image as a part of a form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is there for the document")]
pub(super) struct ReadingForm {
    /// The file.
    #[schema(value_type = String, format = Binary)]
    image: Bytes,
    /// As in the query.
    source: Option<String>,
    /// As in the query.
    client_id: Option<String>,
    /// As in the query.
    previous: Option<String>,
}

/// Reads an image of at most `most` bytes. What the body says of it counts more than what the query says.
pub(super) async fn read(request: Request, query: ReadingQuery, most: usize) -> Result<ReadRequest, Problem> {
    if is_json(request.headers()) {
        let body = read_body(request, most.div_ceil(3) * 4 + BESIDES).await?;
        return apart(move || from_json(&body, query)).await;
    }
    let media_type = content_type(request.headers()).to_ascii_lowercase();
    if media_type != "multipart/form-data" && !IMAGES.contains(&media_type.as_str()) {
        let all = format!("{}, multipart/form-data or application/json", IMAGES.join(", "));
        return Err(Problem::media_type(&all));
    }
    let mut upload = Upload::read(request, "image", most).await?;
    let said = ReadingQuery {
        source: upload.take("source").or(query.source),
        client_id: upload.take("client_id").or(query.client_id),
        previous: upload.take("previous").or(query.previous),
    };
    upload.check_all_taken()?;
    Ok(asked(upload.bytes, said))
}

fn from_json(body: &[u8], query: ReadingQuery) -> Result<ReadRequest, Problem> {
    let sent: ReadingRequest = parse(body)?;
    let image = BASE64.decode(sent.image).map_err(|error| Problem::field("image", format!("is no base64: {error}")))?;
    let said = ReadingQuery {
        source: sent.source.or(query.source),
        client_id: sent.client_id.or(query.client_id),
        previous: sent.previous.or(query.previous),
    };
    Ok(asked(image.into(), said))
}

fn asked(image: Bytes, said: ReadingQuery) -> ReadRequest {
    let ReadingQuery { source, client_id, previous } = said;
    ReadRequest { image, source: source.unwrap_or_default(), client_id, previous }
}
