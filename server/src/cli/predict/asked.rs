//! Rows of a CSV as a server is asked about them: each cell as the kind that the model's specification says.

use csv::StringRecord;
use desk::table;
use domain::row::{Cell, read_text};
use domain::{FieldError, Specification};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::reader;
use crate::api::models::ModelAnswer;
use crate::cli::rest::{Rest, escaped};

/// Rows that are asked about at a time.
pub(super) const TOGETHER: usize = 1_000;

/// Wrong cells that are named.
const MOST_ERRORS: usize = 100;

/// The rows of a file.
pub(super) struct Rows {
    path: String,
    records: Vec<StringRecord>,
    /// The same as they are sent.
    rows: Vec<Map<String, Value>>,
}

/// Some of them.
pub(super) struct Part<'a> {
    path: &'a str,
    pub(super) records: &'a [StringRecord],
    rows: &'a [Map<String, Value>],
}

/// What a server answers about one.
#[derive(Deserialize)]
pub(super) struct Answered {
    pub(super) id: String,
    pub(super) version: Option<i64>,
    pub(super) score: f64,
    pub(super) decision: String,
    pub(super) confidence: Option<f64>,
}

#[derive(Deserialize)]
struct Answers {
    predictions: Vec<Answered>,
}

/// What is needed of a version.
#[derive(Deserialize)]
struct Version {
    specification: Specification,
}

impl Rows {
    /// Reads them by the specification of the version that serves, else by the one in force.
    pub(super) async fn of(rest: &Rest, model: &str, csv: &[u8]) -> anyhow::Result<Self> {
        let path = format!("/api/v1/models/{}", escaped(model));
        let found: ModelAnswer = rest.get(&path).await?;
        let specification = match found.champion {
            Some(number) => rest.get::<Version>(&format!("{path}/versions/{number}")).await?.specification,
            None => serde_json::from_value(found.specification)?,
        };
        let mut file = reader(csv);
        let header = file.headers()?.clone();
        let records = file.into_records().collect::<Result<Vec<_>, _>>()?;
        let rows = read(&specification, table::without_mark(csv), &header, &records)?;
        Ok(Self { path: format!("{path}/predictions"), records, rows })
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn parts(&self, most: usize) -> impl Iterator<Item = Part<'_>> {
        let parts = self.records.chunks(most).zip(self.rows.chunks(most));
        parts.map(|(records, rows)| Part { path: &self.path, records, rows })
    }
}

impl Part<'_> {
    pub(super) async fn ask(&self, rest: &Rest) -> anyhow::Result<Vec<Answered>> {
        let answers: Answers = rest.post(self.path, &json!({ "rows": self.rows })).await?;
        Ok(answers.predictions)
    }
}

/// The rows as they are sent.
///
/// # Errors
/// Every cell that the specification does not take, by its line.
fn read(
    specification: &Specification,
    csv: &[u8],
    header: &StringRecord,
    records: &[StringRecord],
) -> Result<Vec<Map<String, Value>>, desk::Error> {
    let (mut rows, mut wrong) = (Vec::with_capacity(records.len()), Vec::new());
    for record in records {
        let prefix = format!("line {}.", record.position().map_or(0, |place| table::line_of(csv, place)));
        match read_row(specification, header, record, &prefix) {
            Ok(row) => rows.push(row),
            Err(errors) => wrong.extend(errors),
        }
        if wrong.len() >= MOST_ERRORS {
            break;
        }
    }
    if wrong.is_empty() { Ok(rows) } else { Err(desk::Error::Invalid(wrong)) }
}

fn read_row(
    specification: &Specification,
    header: &StringRecord,
    record: &StringRecord,
    prefix: &str,
) -> Result<Map<String, Value>, Vec<FieldError>> {
    let mut row = Map::new();
    let mut wrong = Vec::new();
    for (name, text) in header.iter().map(str::trim).zip(record) {
        match specification.columns.iter().find(|column| column.name == name) {
            Some(column) => match read_text(column, text) {
                Ok(cell) => drop(row.insert(name.to_owned(), sent(cell, text))),
                Err(reason) => wrong.push(FieldError::new(format!("{prefix}{name}"), reason)),
            },
            None if specification.is_known_extra(name) => drop(row.insert(name.to_owned(), text.into())),
            None => {}
        }
    }
    if wrong.is_empty() {
        // What is missing, as the server would say it, only by the line of the file.
        specification.read_row(&row, prefix)?;
        return Ok(row);
    }
    Err(wrong)
}

fn sent(cell: Cell, text: &str) -> Value {
    match cell {
        Cell::Missing => Value::Null,
        Cell::Number(number) => number.into(),
        Cell::Boolean(boolean) => boolean.into(),
        Cell::Text(_) | Cell::Time(_) => text.trim().into(),
    }
}

#[cfg(test)]
mod tests {
    use domain::specification::Draft;

    use super::*;

    const CLAIMS: &str = r#"
        task = "binary"
        target = "fraud"
        classes = ["no", "yes"]
        positive = "yes"
        split = { by = "time", column = "filed_at" }
        columns = [{ name = "amount", kind = "numeric" }, { name = "witness", kind = "boolean" },
            { name = "region", kind = "categorical", optional = true }]
    "#;

    fn rows(csv: &str) -> Result<Vec<Map<String, Value>>, String> {
        let specification = Draft::from_toml(CLAIMS).unwrap().validate().unwrap();
        let mut file = reader(csv.as_bytes());
        let header = file.headers().unwrap().clone();
        let records: Vec<_> = file.into_records().map(Result::unwrap).collect();
        read(&specification, csv.as_bytes(), &header, &records).map_err(|error| error.to_string())
    }

    #[test]
    fn cells_are_sent_as_their_kind_and_columns_that_nobody_asks_for_stay() {
        let csv =
            "amount,witness,region,filed_at,fraud,note\n12.50,yes,,2026-01-01,no,x\n7,0, north ,2026-01-02,no,x\n";
        let first = json!({ "amount": 12.5, "witness": true, "region": null, "filed_at": "2026-01-01" });
        let second = json!({ "amount": 7.0, "witness": false, "region": "north", "filed_at": "2026-01-02" });
        assert_eq!(rows(csv).unwrap().into_iter().map(Value::from).collect::<Vec<_>>(), [first, second]);
    }

    #[test]
    fn what_is_wrong_is_named_by_line_and_column() {
        let told = rows("amount,witness\nmuch,yes\n,no\n7,no\n").unwrap_err();
        assert!(told.contains("line 2.amount") && told.contains("line 3.amount"), "{told}");
    }
}
