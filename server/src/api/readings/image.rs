//! The image of a reading, as pages show it.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use desk::Desk;
use domain::PredictionId;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, StatusCode};

use crate::api::extract::In;
use crate::api::problem::Problem;
use crate::rim::Caller;

/// Long enough for an image that was made ready before it is looked at; not longer than rights and retention may wait.
const CACHED: &str = "private, max-age=600";

pub(super) async fn show(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(id): In<PredictionId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let image = desk.readings().image(&actor, id).await?;
    let tag = format!("\"{}\"", image.sha256);
    if knows(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(CACHE_CONTROL, CACHED), (ETAG, &tag)]).into_response());
    }
    let head = [(CONTENT_TYPE, image.media_type), (CACHE_CONTROL, CACHED), (ETAG, &tag)];
    Ok((head, image.bytes).into_response())
}

/// Whether the sender says that it has what `tag` stands for.
fn knows(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = known.flat_map(|tags| tags.split(','));
    tags.any(|known| matches!(known.trim().trim_start_matches("W/"), known if known == tag || known == "*"))
}
