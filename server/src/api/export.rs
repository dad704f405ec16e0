//! The log as CSV, page by page: however long it is, only one page is in memory.

use std::collections::VecDeque;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use desk::Desk;
use desk::predictions::{LoggedPrediction, PredictionFilter};
use domain::{Actor, PredictionId};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde_json::{Map, Value};

use super::extract::{Asked, In};
use super::predictions::PredictionQuery;
use super::problem::Problem;
use super::{moment, read_cursor};
use crate::rim::Caller;

/// Rows read at a time.
const ROWS: u32 = 1_000;

/// Columns before the inputs.
const COLUMNS: [&str; 8] = ["id", "at", "version", "route", "score", "decision", "confidence", "truth"];

pub(super) async fn predictions(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(model): In<String>,
    Asked(query): Asked<PredictionQuery>,
) -> Result<Response, Problem> {
    let (after, filter) = (read_cursor(query.cursor.as_deref())?, query.filter()?);
    let inputs = desk.models().get(&actor, &model).await?.model.specification.columns;
    let inputs: Vec<String> = inputs.into_iter().map(|column| column.name).collect();
    let mut pages = Pages { desk, actor, model: model.clone(), filter, after, inputs, ready: VecDeque::new(), over: false };
    // The first page is read before the head of the answer is sent, so that a refusal is still a problem.
    pages.ready.push_back(line(COLUMNS.iter().copied().chain(pages.inputs.iter().map(String::as_str)))?);
    pages.read().await?;
    let file = format!("attachment; filename=\"{model}-predictions.csv\"");
    let body = Body::from_stream(futures::stream::try_unfold(pages, Pages::next));
    Ok(([(CONTENT_TYPE, "text/csv; charset=utf-8"), (CONTENT_DISPOSITION, file.as_str())], body).into_response())
}

struct Pages {
    desk: Desk,
    actor: Actor,
    model: String,
    filter: PredictionFilter,
    after: Option<PredictionId>,
    inputs: Vec<String>,
    ready: VecDeque<Bytes>,
    over: bool,
}

impl Pages {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, std::io::Error> {
        while self.ready.is_empty() && !self.over {
            // The head of the answer is long sent; breaking off is all that is left to say that something failed.
            self.read().await.map_err(|problem| std::io::Error::other(problem.detail().to_owned()))?;
        }
        Ok(self.ready.pop_front().map(|chunk| (chunk, self)))
    }

    async fn read(&mut self) -> Result<(), Problem> {
        let page = self.desk.predictions().export(&self.actor, &self.model, &self.filter, self.after, ROWS).await?;
        let mut writer = csv::Writer::from_writer(Vec::new());
        for logged in &page.predictions {
            writer.write_record(self.cells(logged)).map_err(unwritable)?;
        }
        let chunk = writer.into_inner().map_err(|error| Problem::internal(error.to_string()))?;
        if !chunk.is_empty() {
            self.ready.push_back(chunk.into());
        }
        self.over = page.next.is_none();
        self.after = page.next;
        Ok(())
    }

    fn cells(&self, logged: &LoggedPrediction) -> Vec<String> {
        let prediction = &logged.prediction;
        let row: Map<String, Value> = serde_json::from_str(&prediction.features).unwrap_or_default();
        let mut cells = vec![
            prediction.id.to_string(),
            moment(prediction.at),
            prediction.version.map(|number| number.to_string()).unwrap_or_default(),
            prediction.route.as_str().to_owned(),
            prediction.score.to_string(),
            prediction.decision.clone(),
            prediction.confidence.map(|confidence| confidence.to_string()).unwrap_or_default(),
            logged.truth.clone().unwrap_or_default(),
        ];
        cells.extend(self.inputs.iter().map(|name| cell(row.get(name))));
        cells
    }
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => inert(text),
        Some(other) => other.to_string(),
    }
}

/// A text that a spreadsheet would take for a formula is led by an apostrophe (OWASP, CSV injection).
fn inert(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

fn line<'a>(cells: impl Iterator<Item = &'a str>) -> Result<Bytes, Problem> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(cells).map_err(unwritable)?;
    writer.into_inner().map(Bytes::from).map_err(|error| Problem::internal(error.to_string()))
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unwritable(error: csv::Error) -> Problem {
    Problem::internal(error.to_string())
}
