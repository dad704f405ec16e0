//! Reading the rows of a prediction request.

use axum::body::Bytes;
use desk::predictions::Row;
use desk::syncs::PlanDraft;
use domain::FieldError;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::api::extract;
use crate::api::fields::Fields;
use crate::api::problem::Problem;
use crate::api::syncs::{PlannedRequest, read_planned};

/// What is asked: one `row`, or several `rows`; of the model `conflict` also `syncs`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PredictionRequest<'a> {
    /// Input → value, as the model's specification names them.
    #[serde(default, borrow)]
    #[schema(value_type = Option<Object>)]
    row: Option<&'a RawValue>,
    /// Up to 10,000 rows.
    #[serde(default, borrow)]
    #[schema(value_type = Option<Vec<Object>>)]
    rows: Option<Vec<&'a RawValue>>,
    /// Up to 1,000 syncs that are about to be made, for the model `conflict` alone.
    #[serde(default, borrow)]
    #[schema(value_type = Option<Vec<PlannedRequest>>)]
    syncs: Option<&'a RawValue>,
    /// Whether to explain each answer by the shares of its inputs; for at most 1,000 rows.
    #[serde(default)]
    contributions: bool,
    /// What `row` is about: inputs that it does not name are taken from this entity's features, if the model's
    /// specification names their set.
    entity: Option<String>,
    /// The same for `rows`: one for each, or null.
    entities: Option<Vec<Option<String>>>,
}

/// A request that was read.
pub(super) enum Request {
    Rows(Rows),
    Syncs(Vec<PlanDraft>),
}

/// Rows that are asked about.
pub(super) struct Rows {
    pub(super) rows: Vec<Row>,
    /// Whether one `row` was sent, and no list.
    pub(super) alone: bool,
    pub(super) contributions: bool,
    /// One for each row, or none at all.
    pub(super) entities: Vec<Option<String>>,
}

/// Reads a request of at most `most` rows.
pub(super) async fn read(body: Bytes, most: usize) -> Result<Request, Problem> {
    if body.len() < extract::LONG {
        return read_now(&body, most);
    }
    let read = tokio::task::spawn_blocking(move || read_now(&body, most)).await;
    read.map_err(|error| Problem::internal(error.to_string()))?
}

fn read_now(body: &[u8], most: usize) -> Result<Request, Problem> {
    let request: PredictionRequest<'_> =
        serde_json::from_slice(body).map_err(|error| extract::wrong_json("", &error))?;
    match request.syncs {
        Some(_) => read_planned(body).map(Request::Syncs),
        None => read_rows(request, most).map(Request::Rows),
    }
}

fn read_rows(request: PredictionRequest<'_>, most: usize) -> Result<Rows, Problem> {
    let (texts, alone) = match (request.row, request.rows) {
        (Some(row), None) => (vec![row], true),
        (None, Some(rows)) => (rows, false),
        (None, None) => return Err(Problem::field("row", "send `row` or `rows`")),
        (Some(_), Some(_)) => return Err(Problem::field("rows", "send `row` or `rows`, not both")),
    };
    if texts.len() > most {
        return Err(Problem::too_large(format!("at most {most} rows fit into one request")));
    }
    let entities = entities(alone, request.entity, request.entities)?;
    let mut wrong = Vec::new();
    let mut rows = Vec::with_capacity(texts.len());
    for (i, text) in texts.into_iter().enumerate() {
        match serde_json::from_str::<Fields>(text.get()) {
            Ok(Fields(fields)) => rows.push(Row { text: text.get().to_owned(), fields }),
            Err(error) => wrong.push(name_the_field(i, alone, text, &error)),
        }
    }
    if !wrong.is_empty() {
        return refuse(wrong);
    }
    Ok(Rows { rows, alone, contributions: request.contributions, entities })
}

fn entities(
    alone: bool,
    one: Option<String>,
    several: Option<Vec<Option<String>>>,
) -> Result<Vec<Option<String>>, Problem> {
    match (alone, one, several) {
        (true, Some(entity), None) => Ok(vec![Some(entity)]),
        (false, None, Some(entities)) => Ok(entities),
        (_, None, None) => Ok(Vec::new()),
        (true, _, Some(_)) => Err(Problem::field("entities", "go with `rows`; say `entity` beside `row`")),
        (false, Some(_), _) => Err(Problem::field("entity", "goes with `row`; say `entities` beside `rows`")),
    }
}

/// More than this are not listed.
const MOST_ERRORS: usize = 100;

fn refuse(mut wrong: Vec<FieldError>) -> Result<Rows, Problem> {
    wrong.truncate(MOST_ERRORS);
    Err(desk::Error::Invalid(wrong).into())
}

/// Says which field of the row it is that cannot be read. Only on the way out of a failure, so it may parse again.
fn name_the_field(i: usize, alone: bool, row: &RawValue, error: &serde_json::Error) -> FieldError {
    let place = if alone { String::from("row") } else { format!("rows[{i}]") };
    let text = error.to_string();
    if let Some(name) = extract::twice(&text) {
        return FieldError::new(format!("{place}.{name}"), extract::TWICE);
    }
    let Ok(fields) = serde_json::from_str::<std::collections::BTreeMap<String, &RawValue>>(row.get()) else {
        return FieldError::new(place, "is not an object of inputs");
    };
    let unreadable = fields.iter().find(|(_, value)| serde_json::from_str::<Value>(value.get()).is_err());
    match unreadable {
        Some((name, _)) => FieldError::new(format!("{place}.{name}"), "is not a finite number"),
        None => FieldError::new(place, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(body: &[u8]) -> Rows {
        match read_now(body, 3).unwrap() {
            Request::Rows(rows) => rows,
            Request::Syncs(_) => panic!("these are no rows"),
        }
    }

    fn refused(body: &str) -> Problem {
        read_now(body.as_bytes(), 3).err().unwrap()
    }

    #[test]
    fn one_row_keeps_its_text_as_it_was_sent() {
        let read = rows(br#"{"row": {"b" : 1.0,"a":"x"}, "contributions": true}"#);
        assert!(read.alone && read.contributions);
        assert_eq!(read.rows[0].text, r#"{"b" : 1.0,"a":"x"}"#);
        assert_eq!(read.rows[0].fields["a"], "x");
    }

    #[test]
    fn several_rows_are_a_list_also_when_it_is_one() {
        let read = rows(br#"{"rows": [{"a": 1}]}"#);
        assert_eq!((read.rows.len(), read.alone), (1, false));
    }

    #[test]
    fn what_is_no_json_is_malformed_and_anything_else_is_named() {
        for body in ["", "{", r#"{"row": {"a": NaN}}"#, r#"{"row": {"a": 1}} x"#] {
            assert_eq!(refused(body).status(), 400, "{body}");
        }
        for (body, field) in [
            (r#"{"row": 5}"#, "row:"),
            (r#"{"rows": [{"a": 1}, []]}"#, "rows[1]:"),
            (r#"{"row": {"a": 1e999}}"#, "row.a:"),
            (r#"{"rows": [{"a": 1, "a": 2}]}"#, "rows[0].a:"),
            (r#"{"row": {}, "colour": 1}"#, "colour:"),
            (r#"{"row": {}, "rows": []}"#, "rows:"),
            ("{}", "row:"),
            (r#"{"row": {}, "entities": ["a"]}"#, "entities:"),
            (r#"{"rows": [{}], "entity": "a"}"#, "entity:"),
            (r#"{"rows": {}}"#, "body:"),
            (r#"{"syncs": [], "row": {}}"#, "row:"),
            (r#"{"syncs": [{"client": "a"}]}"#, "syncs[0].person:"),
        ] {
            let problem = refused(body);
            assert_eq!(problem.status(), 422, "{body}");
            assert!(problem.detail().starts_with(field), "{body}: {}", problem.detail());
        }
    }

    #[test]
    fn too_many_rows_are_too_large() {
        assert_eq!(refused(r#"{"rows": [{}, {}, {}, {}]}"#).status(), 413);
    }
}
