//! The log as CSV, page by page: however long it is, only one page is in memory.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use desk::Desk;
use desk::predictions::LoggedPrediction;
use futures::{Stream, StreamExt, stream};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde_json::{Map, Value};

use super::extract::{Asked, In};
use super::moment;
use super::predictions::PredictionQuery;
use super::problem::Problem;
use crate::rim::Caller;

/// Columns before the inputs.
const COLUMNS: [&str; 8] = ["id", "at", "version", "route", "score", "decision", "confidence", "truth"];

pub(super) async fn predictions(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(model): In<String>,
    Asked(query): Asked<PredictionQuery>,
) -> Result<Response, Problem> {
    query.names_no_page()?;
    let inputs = desk.models().get(&actor, &model).await?.model.specification.columns;
    let inputs: Vec<String> = inputs.into_iter().map(|column| column.name).collect();
    let batches = desk.predictions().export(&actor, &model, &query.filter()?).await?;
    let header = header(&inputs);
    let lines = move |logged: &LoggedPrediction| Some(cells(logged, &inputs));
    Ok(file(&format!("{model}-predictions.csv"), header, batches, lines))
}

/// A CSV file that is written as its batches come; of an item without a line nothing is written.
pub(super) fn file<T: Send + 'static>(
    name: &str,
    header: Vec<String>,
    batches: impl Stream<Item = desk::Result<Vec<T>>> + Send + 'static,
    line: impl Fn(&T) -> Option<Vec<String>> + Send + 'static,
) -> Response {
    let lines = batches.map(move |batch| match batch {
        Ok(batch) => written(batch.iter().filter_map(&line)),
        // The head of the answer is long sent; breaking off is all that is left to say that something failed.
        Err(error) => Err(std::io::Error::other(error.to_string())),
    });
    let body = Body::from_stream(stream::iter([written(std::iter::once(header))]).chain(lines));
    let name = format!("attachment; filename=\"{name}\"");
    ([(CONTENT_TYPE, "text/csv; charset=utf-8"), (CONTENT_DISPOSITION, name.as_str())], body).into_response()
}

fn written(lines: impl Iterator<Item = Vec<String>>) -> std::io::Result<Bytes> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for line in lines {
        writer.write_record(line)?;
    }
    writer.into_inner().map(Bytes::from).map_err(|error| std::io::Error::other(error.to_string()))
}

fn header(inputs: &[String]) -> Vec<String> {
    COLUMNS.iter().map(ToString::to_string).chain(inputs.iter().map(|name| inert(name))).collect()
}

fn cells(logged: &LoggedPrediction, inputs: &[String]) -> Vec<String> {
    let prediction = &logged.prediction;
    let row: Map<String, Value> = serde_json::from_str(&prediction.features).unwrap_or_default();
    let mut cells = vec![
        prediction.id.to_string(),
        moment(prediction.at),
        prediction.version.map(|number| number.to_string()).unwrap_or_default(),
        prediction.route.as_str().to_owned(),
        prediction.score.to_string(),
        inert(&prediction.decision),
        prediction.confidence.map(|confidence| confidence.to_string()).unwrap_or_default(),
        logged.outcome.as_ref().map(|outcome| inert(&outcome.truth)).unwrap_or_default(),
    ];
    cells.extend(inputs.iter().map(|name| cell(row.get(name))));
    cells
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => inert(text),
        Some(other) => other.to_string(),
    }
}

/// A text that a spreadsheet would take for a formula is led by an apostrophe (OWASP, CSV injection). Numbers stay.
pub(super) fn inert(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err() {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_harmless_as_the_name_of_a_column_too() {
        let header = header(&[String::from("=1+1"), String::from("amount")]);
        assert_eq!(header[7..], ["truth", "'=1+1", "amount"]);
    }
}
