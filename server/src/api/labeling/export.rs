//! A queue as a file, batch by batch: however many tasks there are, only one batch is in memory.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use desk::Desk;
use desk::labeling::ExportedTask;
use domain::Permission;
use domain::labeling::{Annotation, Transcript};
use futures::{Stream, StreamExt, stream};
use http::HeaderMap;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::label_studio;
use crate::api::endpoint::{Access, Endpoint};
use crate::api::export::{file, inert};
use crate::api::extract::{Asked, In};
use crate::api::moment;
use crate::api::problem::Problem;
use crate::rim::{Caller, Shared};

/// What is exported, and as what.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ExportQuery {
    /// `csv` (when it is not said) or `label-studio`.
    #[param(inline)]
    #[serde(default)]
    format: Format,
    /// `settled` (when it is not said), `unreadable`, `open`, `disputed` or `flagged`.
    state: Option<String>,
}

/// What kind of file.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Format {
    /// A line for each task.
    #[default]
    Csv,
    /// A list of tasks.
    LabelStudio,
}

const COLUMNS: [&str; 13] = [
    "prediction",
    "image",
    "text",
    "source",
    "previous",
    "read",
    "confidence",
    "version",
    "origin",
    "created_at",
    "settled_at",
    "seconds",
    "by",
];

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get(
            "/api/v1/labeling/queues/{name}/export",
            Access::Needs(Permission::ManageLabeling),
            export,
        )
        .about(
            "Labeling",
            "The tasks of a queue as CSV, or as tasks of Label Studio for its template of optical character recognition \
             (Image `image`, Rectangle `bbox`, TextArea `transcription`), streamed, 200 tasks at a time; people by identity only",
        )
        .query::<ExportQuery>()
        .answers_with(200, "The file, newest first", Some("text/csv"))
        .refuses(&[(404, "There is no such queue"), (422, "A wrong word in the query, by its name")]),
    ]
}

async fn export(
    State(shared): State<Shared>,
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(queue): In<String>,
    Asked(query): Asked<ExportQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let tasks = desk.labeling().export(&actor, &queue, query.state.as_deref().unwrap_or("settled")).await?;
    Ok(match query.format {
        Format::Csv => {
            let header = COLUMNS.map(str::to_owned).to_vec();
            file(&format!("{queue}-tasks.csv"), header, tasks, |task| Some(cells(task)))
        }
        Format::LabelStudio => {
            let origin = origin(&shared, &headers);
            list(&format!("{queue}-tasks.json"), tasks, move |task| label_studio::task(task, &origin))
        }
    })
}

fn cells(exported: &ExportedTask) -> Vec<String> {
    let task = &exported.task;
    let answered = answered(exported);
    vec![
        task.prediction.to_string(),
        exported.context.image.clone(),
        task.state.answer().as_ref().and_then(Transcript::text).map(inert).unwrap_or_default(),
        inert(&exported.context.source),
        exported.context.previous.as_deref().map(inert).unwrap_or_default(),
        inert(&task.read),
        task.confidence.to_string(),
        exported.context.version.map(|number| number.to_string()).unwrap_or_default(),
        task.origin.as_str().to_owned(),
        moment(task.created_at),
        task.state.settled_at().map(moment).unwrap_or_default(),
        answered.map(|line| line.seconds.to_string()).unwrap_or_default(),
        answered.map(|line| format!("person:{}", line.person)).unwrap_or_default(),
    ]
}

/// The line of a task's history that gave it the answer it has.
pub(super) fn answered(exported: &ExportedTask) -> Option<&Annotation> {
    let answer = exported.task.state.answer()?;
    exported.context.history.iter().rfind(|line| line.act.transcript() == Some(&answer))
}

/// Where others find this server.
fn origin(shared: &Shared, headers: &HeaderMap) -> String {
    if let Some(public) = &shared.rules.public_origin {
        return public.clone();
    }
    let host = headers.get(http::header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    format!("http://{host}")
}

/// A JSON list that is written as its batches come.
fn list<T: Send + 'static>(
    name: &str,
    batches: impl Stream<Item = desk::Result<Vec<T>>> + Send + 'static,
    item: impl Fn(&T) -> Value + Send + 'static,
) -> Response {
    let mut is_first = true;
    let mut written = move |batch: Vec<T>| -> Bytes {
        let mut text = String::new();
        for one in &batch {
            text.push_str(if std::mem::take(&mut is_first) { "\n" } else { ",\n" });
            text.push_str(&item(one).to_string());
        }
        text.into()
    };
    // The head of the answer is long sent; breaking off is all that is left to say that something failed.
    let items =
        batches.map(move |batch| batch.map(&mut written).map_err(|error| std::io::Error::other(error.to_string())));
    let edge = |text: &'static str| stream::iter([Ok(Bytes::from_static(text.as_bytes()))]);
    let body = Body::from_stream(edge("[").chain(items).chain(edge("\n]\n")));
    let name = format!("attachment; filename=\"{name}\"");
    ([(CONTENT_TYPE, "application/json"), (CONTENT_DISPOSITION, name.as_str())], body).into_response()
}
