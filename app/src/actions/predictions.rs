//! Forms about predictions: try a row, say what was true.

use std::collections::HashMap;

use desk::predictions::Row;
use domain::specification::{Column, ColumnKind};
use domain::{FieldError, PredictionId};
use leptos::prelude::*;
use serde_json::{Map, Value};

use crate::form::{Form, key};
use crate::viewer;

/// Asks a model about one row typed into a form; the prediction is logged like any other.
#[server(prefix = "/actions", endpoint = "try_row")]
pub async fn try_row(model: String, #[server(default)] fields: HashMap<String, String>) -> Result<(), ServerFnError> {
    let mut form = Form::new("try_row", format!("/models/{model}/try")).of_columns();
    let (desk, actor) = match viewer::actor() {
        Ok(actor) => (viewer::desk(), actor),
        Err(error) => {
            form.fail(error).await;
            return Ok(());
        }
    };
    let inputs = match desk.predictions().inputs(&actor, &model).await {
        Ok(inputs) => inputs,
        Err(error) => {
            form.fail(error).await;
            return Ok(());
        }
    };
    for input in &inputs {
        form = form.typed(&input.name, fields.get(&key(&input.name)).map_or("", String::as_str));
    }
    let asked = async {
        let row = read_form(&inputs, &fields).map_err(desk::Error::Invalid)?;
        let text = Value::Object(row.clone()).to_string();
        let mut answers = desk.predictions().predict(&actor, &model, vec![Row { text, fields: row }], false).await?;
        answers.pop().ok_or_else(|| desk::Error::not_found("answer"))
    };
    form.answer(asked.await.map_err(without_prefix), |answer| {
        (format!("/predictions/{}", answer.id), String::from("The row was answered and logged."))
    })
    .await;
    Ok(())
}

/// Records what was true.
#[server(prefix = "/actions", endpoint = "record_outcome")]
pub async fn record_outcome(
    prediction: String,
    truth: String,
    #[server(default)] reason: String,
    #[server(default)] correction: bool,
) -> Result<(), ServerFnError> {
    let page = format!("/predictions/{prediction}");
    let form = Form::new("record_outcome", page.clone()).typed("truth", &truth).typed("reason", &reason);
    let recorded = async {
        let id: PredictionId = prediction.parse().map_err(|_| desk::Error::not_found("such prediction"))?;
        let (desk, actor, truth) = (viewer::desk(), viewer::actor()?, Value::String(truth));
        if correction {
            desk.predictions().correct_outcome(&actor, id, &truth, &reason).await
        } else {
            desk.predictions().record_outcome(&actor, id, &truth).await
        }
    };
    form.answer(recorded.await, |outcome| (page, format!("Recorded: the truth is “{}”.", outcome.truth))).await;
    Ok(())
}

/// A form sends text only; an empty field is a missing one.
fn read_form(columns: &[Column], fields: &HashMap<String, String>) -> Result<Map<String, Value>, Vec<FieldError>> {
    let (mut row, mut wrong) = (Map::new(), Vec::new());
    for column in columns {
        let text = fields.get(&key(&column.name)).map_or("", |text| text.trim());
        if text.is_empty() {
            if !column.optional {
                wrong.push(FieldError::new(&column.name, "is needed"));
            }
            continue;
        }
        let value = match column.kind {
            ColumnKind::Numeric => text.parse::<f64>().ok().and_then(serde_json::Number::from_f64).map(Value::Number),
            ColumnKind::Boolean => domain::row::parse_boolean(text).map(Value::Bool),
            _ => Some(Value::String(text.to_owned())),
        };
        match value {
            Some(value) => drop(row.insert(column.name.clone(), value)),
            None => wrong.push(FieldError::new(&column.name, needed(column.kind))),
        }
    }
    if wrong.is_empty() { Ok(row) } else { Err(wrong) }
}

fn needed(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Boolean => "yes or no is needed (also: true, false, 1, 0)",
        _ => "a finite number is needed",
    }
}

/// The form's fields have the columns' own names.
fn without_prefix(error: desk::Error) -> desk::Error {
    match error {
        desk::Error::Invalid(fields) => {
            let strip = |error: FieldError| FieldError {
                field: error.field.strip_prefix("row.").map_or(error.field.clone(), str::to_owned),
                reason: error.reason,
            };
            desk::Error::Invalid(fields.into_iter().map(strip).collect())
        }
        other => other,
    }
}
