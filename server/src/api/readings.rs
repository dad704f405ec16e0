//! Reading text from images: asked, looked at, and reported as wrong.

mod answer;
mod image;
mod request;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use desk::Desk;
use desk::readings::Report;
use domain::{Permission, PredictionId};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::endpoint::{Access, Endpoint};
use super::extract::{Asked, Created, In, Sent};
use super::problem::Problem;
use crate::rim::Caller;
pub(super) use answer::CharacterAnswer;
use answer::ReadingAnswer;
use request::{ReadingForm, ReadingRequest};

/// What is said beside an image that is the body itself.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ReadingQuery {
    /// Which meter or camera it came from, up to 200 characters.
    source: Option<String>,
    /// Your own key for it, up to 200 characters; the same key twice is the same reading. None that begins with
    /// `doubtful-`: those are given to images that people are asked about again.
    client_id: Option<String>,
    /// What was read there before; the newest reading of the source that is known when it is not said.
    previous: Option<String>,
}

/// What a client says of a reading that it takes to be wrong.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReportRequest {
    /// What it should be; none where the client does not know. People look at it with this as a suggestion.
    #[serde(default)]
    text: Option<String>,
}

/// Who looks at a reading that was reported, and what they found.
#[derive(Serialize, ToSchema)]
pub(super) struct ReportAnswer {
    /// Identity of the labeling task.
    task: i64,
    /// `open`, `disputed`, `flagged`, `settled` or `unreadable`.
    state: &'static str,
    /// What people found, if they have.
    text: Option<String>,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let path = "/api/v1/models/{name}/readings";
    let report = json!({ "task": 77, "state": "open", "text": null });
    vec![
        Endpoint::post(path, Access::Needs(Permission::Predict), read)
            .about("Readings", "Read the text on an image; what is doubtful goes before a person as well")
            .query::<ReadingQuery>()
            .takes_file(&request::IMAGES, "the bytes of the image")
            .takes_form::<ReadingForm>(json!({ "image": "@meter.jpg", "source": "meter-17" }))
            .takes::<ReadingRequest>(json!({ "image": "iVBORw0KGgo…", "source": "meter-17", "client_id": "m17-0811" }))
            .answers::<ReadingAnswer<'_>>(201, "It is read, and durable", answer::example())
            .answers::<ReadingAnswer<'_>>(200, "It was read before, under the same `client_id`", answer::example())
            .refuses(&[
                (400, "The body breaks off, or is not JSON"),
                (404, "There is no such model"),
                (409, "The `client_id` stands for another reading"),
                (413, "More than 8 MiB, 24 million pixels, or 12,000 a side"),
                (415, "Neither a JPEG, a PNG nor a WebP"),
                (422, "The image is broken, or a field is wrong, each by its name"),
                (503, "Too much comes at once; try again after `Retry-After` seconds"),
            ]),
        Endpoint::get("/api/v1/predictions/{prediction}/image", Access::Needs(Permission::Label), image::show)
            .about("Readings", "The image of a reading, without what a camera wrote beside the pixels; for people only")
            .answers_with(200, "A PNG or a JPEG", Some("image/png"))
            .answers_with(304, "It is the one that the sender has", None)
            .refuses(&[(404, "There is no such reading, or its image is no longer kept")]),
        Endpoint::post(
            "/api/v1/predictions/{prediction}/correction",
            Access::Needs(Permission::RecordOutcomes),
            correct,
        )
        .about("Readings", "Say that a reading is wrong; a person looks at it soon, and what they find is the truth")
        .takes::<ReportRequest>(json!({ "text": "0042.7" }))
        .answers::<ReportAnswer>(201, "A person will look at it", report.clone())
        .answers::<ReportAnswer>(200, "A person was to look at it already", report)
        .refuses(&[
            (404, "There is no such reading"),
            (409, "People have read it otherwise, or the image is no longer kept"),
            (422, "No image of this model can show that text"),
        ]),
    ]
}

async fn read(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(name): In<String>,
    Asked(query): Asked<ReadingQuery>,
    request: Request,
) -> Result<Response, Problem> {
    // Before the body is read, so that nobody without the right makes the desk swallow it.
    actor.check(Permission::Predict).map_err(desk::Error::from)?;
    let asked = request::read(request, query, desk.readings().most_bytes()).await?;
    let read = desk.readings().read(&actor, &name, asked).await?;
    let answer = ReadingAnswer::of(&name, &read);
    Ok(if read.repeated {
        axum::Json(answer).into_response()
    } else {
        Created(format!("/api/v1/predictions/{}", read.id), answer).into_response()
    })
}

async fn correct(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(id): In<PredictionId>,
    Sent(asked): Sent<ReportRequest>,
) -> Result<impl IntoResponse, Problem> {
    let report = desk.readings().report(&actor, id, asked.text.as_deref()).await?;
    Ok(ReportAnswer::of(&report))
}

impl ReportAnswer {
    /// With the status that says whether a person is asked only since now.
    pub(super) fn of(report: &Report) -> (StatusCode, axum::Json<Self>) {
        let text = report.state.answer().and_then(|answer| answer.text().map(str::to_owned));
        let status = if report.is_new { StatusCode::CREATED } else { StatusCode::OK };
        (status, axum::Json(Self { task: report.task.0, state: report.state.as_str(), text }))
    }
}
