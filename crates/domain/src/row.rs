//! One row of inputs: from JSON of a request or text of a CSV to checked cells.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::error::FieldError;
use crate::specification::{Column, ColumnKind, Specification};
use crate::time::Timestamp;

/// One checked input.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Not there.
    Missing,
    /// A finite number.
    Number(f64),
    /// A word.
    Text(String),
    /// True or false.
    Boolean(bool),
    /// A moment.
    Time(Timestamp),
}

/// The longest text a cell may hold, in bytes.
pub const MAX_CELL: usize = 4_096;

impl Specification {
    /// Checks a row of a request: one cell for each of `columns`, in their order.
    ///
    /// # Errors
    /// Every field that is unknown, missing, mistyped or not finite, with `prefix` before its name.
    pub fn read_row(&self, row: &Map<String, Value>, prefix: &str) -> Result<Vec<Cell>, Vec<FieldError>> {
        let mut wrong = Vec::new();
        let mut used = 0;
        let mut cells = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let value = row.get(&column.name);
            used += usize::from(value.is_some());
            match read_cell(column, value) {
                Ok(cell) => cells.push(cell),
                Err(reason) => wrong.push(FieldError::new(format!("{prefix}{}", column.name), reason)),
            }
        }
        if used < row.len() {
            self.name_unknown_fields(row, prefix, &mut wrong);
        }
        if wrong.is_empty() { Ok(cells) } else { Err(wrong) }
    }

    fn name_unknown_fields(&self, row: &Map<String, Value>, prefix: &str, wrong: &mut Vec<FieldError>) {
        let is_input = |name: &str| self.columns.iter().any(|column| column.name == name);
        for name in row.keys().filter(|name| !is_input(name) && !self.is_known_extra(name)) {
            let reason = if *name == self.target {
                "this is what the model predicts; leave it out"
            } else {
                "the model has no such input"
            };
            wrong.push(FieldError::new(format!("{prefix}{name}"), reason));
        }
    }
}

fn read_cell(column: &Column, value: Option<&Value>) -> Result<Cell, String> {
    let missing = |what: &str| {
        if column.optional { Ok(Cell::Missing) } else { Err(format!("{what}; {} is needed", noun(column.kind))) }
    };
    match value {
        None => missing("is missing"),
        Some(Value::Null) => missing("is null"),
        Some(Value::String(text)) if text.len() > MAX_CELL => Err(format!("is longer than {MAX_CELL} bytes")),
        Some(Value::String(text)) if text.contains('\0') => Err(String::from("holds the character NUL")),
        // as in a CSV: the same word must be the same category, however it was sent
        Some(Value::String(text)) => {
            let text = text.trim();
            if is_missing(column, text) {
                return missing("is empty");
            }
            match column.kind {
                ColumnKind::Categorical | ColumnKind::Text => Ok(Cell::Text(text.to_owned())),
                // A number in quotes is a mistake of the sender, not a number.
                ColumnKind::Numeric => Err(String::from("is text; a number is needed")),
                ColumnKind::Boolean => Err(String::from("is text; true or false is needed")),
                ColumnKind::DateTime => parse_moment(text).map(Cell::Time).ok_or_else(bad_moment),
            }
        }
        Some(Value::Number(number)) => read_number(column, number),
        Some(Value::Bool(boolean)) => match column.kind {
            ColumnKind::Boolean => Ok(Cell::Boolean(*boolean)),
            ColumnKind::Categorical | ColumnKind::Text => Ok(Cell::Text(boolean.to_string())),
            kind => Err(format!("is true or false; {} is needed", noun(kind))),
        },
        Some(Value::Array(_)) => Err(format!("is a list; {} is needed", noun(column.kind))),
        Some(Value::Object(_)) => Err(format!("is an object; {} is needed", noun(column.kind))),
    }
}

fn read_number(column: &Column, number: &serde_json::Number) -> Result<Cell, String> {
    match column.kind {
        ColumnKind::Numeric => match number.as_f64().filter(|n| n.is_finite()) {
            Some(_) if is_missing(column, &number.to_string()) && !column.missing.is_empty() => Ok(Cell::Missing),
            Some(n) => Ok(Cell::Number(n)),
            None => Err(String::from("is not a finite number")),
        },
        ColumnKind::Categorical | ColumnKind::Text => {
            let text = number.to_string();
            Ok(if is_missing(column, &text) { Cell::Missing } else { Cell::Text(text) })
        }
        ColumnKind::Boolean => match number.as_i64() {
            Some(0) => Ok(Cell::Boolean(false)),
            Some(1) => Ok(Cell::Boolean(true)),
            _ => Err(String::from("is a number; true or false is needed")),
        },
        ColumnKind::DateTime => Err(String::from("is a number; a date or time such as 2026-03-01T08:30:00Z is needed")),
    }
}

/// SHA-256 of the cells of a row: rows that mean the same to a model have the same, however they were written.
#[must_use]
pub fn fingerprint(cells: &[Cell]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for cell in cells {
        match cell {
            Cell::Missing => hash.update([0]),
            // both zeros are one number
            Cell::Number(number) => tagged(&mut hash, 1, &(number + 0.0).to_bits().to_le_bytes()),
            Cell::Text(text) => {
                // with its length, so that no text reaches into the next
                tagged(&mut hash, 2, &(text.len() as u64).to_le_bytes());
                hash.update(text);
            }
            Cell::Boolean(boolean) => tagged(&mut hash, 3, &[u8::from(*boolean)]),
            Cell::Time(at) => tagged(&mut hash, 4, &at.0.to_le_bytes()),
        }
    }
    hash.finalize().into()
}

fn tagged(hash: &mut Sha256, tag: u8, bytes: &[u8]) {
    hash.update([tag]);
    hash.update(bytes);
}

/// Reads one cell of a CSV, where everything is text. An empty cell is missing, whatever the column says.
///
/// # Errors
/// Why the text is no cell of this column.
pub fn read_text(column: &Column, text: &str) -> Result<Cell, String> {
    let text = text.trim();
    if is_missing(column, text) {
        return Ok(Cell::Missing);
    }
    match column.kind {
        ColumnKind::Numeric => match text.parse::<f64>() {
            Ok(n) if n.is_finite() => Ok(Cell::Number(n)),
            _ => Err(format!("`{}` is not a finite number", shown(text))),
        },
        ColumnKind::Categorical | ColumnKind::Text if text.len() > MAX_CELL => {
            Err(format!("is longer than {MAX_CELL} bytes"))
        }
        ColumnKind::Categorical | ColumnKind::Text => Ok(Cell::Text(text.to_owned())),
        ColumnKind::Boolean => {
            parse_boolean(text).map(Cell::Boolean).ok_or_else(|| format!("`{}` is not true or false", shown(text)))
        }
        ColumnKind::DateTime => parse_moment(text).map(Cell::Time).ok_or_else(bad_moment),
    }
}

fn is_missing(column: &Column, text: &str) -> bool {
    is_missing_text(text) || column.missing.iter().any(|word| word == text)
}

/// Texts that mean "missing" in any column. `none` is not one of them: it is a real category in much real data.
#[must_use]
pub fn is_missing_text(text: &str) -> bool {
    matches!(text, "" | "?" | "NA" | "N/A" | "NaN" | "nan" | "null" | "NULL")
}

/// Reads true/false, yes/no, t/f, y/n, 1/0, in any case.
#[must_use]
pub fn parse_boolean(text: &str) -> Option<bool> {
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(&["true", "yes", "t", "y", "1", "1.0"]) {
        Some(true)
    } else if is(&["false", "no", "f", "n", "0", "0.0"]) {
        Some(false)
    } else {
        None
    }
}

/// Reads RFC 3339, or an ISO 8601 date with or without a time of day; without an offset it is taken as UTC.
#[must_use]
pub fn parse_moment(text: &str) -> Option<Timestamp> {
    if let Some(moment) = Timestamp::parse_rfc3339(text) {
        return Some(moment);
    }
    let civil = text.parse::<jiff::civil::DateTime>().ok()?;
    let zoned = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(Timestamp(zoned.timestamp().as_microsecond()))
}

fn bad_moment() -> String {
    String::from("is not a date or time; write 2026-03-01, 2026-03-01 08:30:00 or 2026-03-01T08:30:00Z")
}

fn noun(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Numeric => "a number",
        ColumnKind::Categorical | ColumnKind::Text => "a text",
        ColumnKind::Boolean => "true or false",
        ColumnKind::DateTime => "a date or time such as 2026-03-01T08:30:00Z",
    }
}

/// The start of a text that somebody sent, short enough for a message.
fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::specification::Draft;

    fn specification() -> Specification {
        let draft = json!({
            "task": "regression", "target": "price", "drop": ["id"],
            "columns": [
                {"name": "area", "kind": "numeric"},
                {"name": "town", "kind": "categorical", "optional": true, "missing": ["unknown"]},
                {"name": "sold", "kind": "boolean"},
                {"name": "at", "kind": "date_time"}
            ]
        });
        Draft::from_json(&draft.to_string()).unwrap().validate().unwrap()
    }

    fn read(row: Value) -> Result<Vec<Cell>, Vec<FieldError>> {
        specification().read_row(row.as_object().unwrap(), "rows[0].")
    }

    #[test]
    fn a_good_row_gives_a_cell_for_each_column() {
        let row = json!({"area": 12.5, "town": "Ulm", "sold": true, "at": "1970-01-02", "id": 7});
        let day = Cell::Time(Timestamp(crate::time::DAY));
        let expected = vec![Cell::Number(12.5), Cell::Text("Ulm".into()), Cell::Boolean(true), day];
        assert_eq!(read(row), Ok(expected));
    }

    #[test]
    fn optional_fields_may_be_absent_null_or_a_missing_word() {
        for row in [
            json!({"area": 1, "sold": 0, "at": "1970-01-01T00:00:00Z"}),
            json!({"area": 1, "town": null, "sold": false, "at": "1970-01-01 00:00:00"}),
            json!({"area": 1, "town": "unknown", "sold": false, "at": "1970-01-01T01:00:00+01:00"}),
        ] {
            let expected = vec![Cell::Number(1.0), Cell::Missing, Cell::Boolean(false), Cell::Time(Timestamp(0))];
            assert_eq!(read(row), Ok(expected));
        }
    }

    #[test]
    fn every_wrong_field_is_named_with_its_reason() {
        let wrong = read(json!({"area": "12", "town": ["x"], "sold": 2, "colour": "red", "price": 3})).unwrap_err();
        let named: Vec<_> = wrong.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(
            named,
            ["rows[0].area", "rows[0].town", "rows[0].sold", "rows[0].at", "rows[0].colour", "rows[0].price"]
        );
        assert_eq!(wrong[0].reason, "is text; a number is needed");
        assert_eq!(wrong[5].reason, "this is what the model predicts; leave it out");
    }

    #[test]
    fn rows_that_mean_the_same_have_one_fingerprint() {
        let of = |row: Value| fingerprint(&read(row).unwrap());
        let one = of(json!({"area": 1, "town": "Ulm", "sold": true, "at": "1970-01-01"}));
        for same in [
            json!({"at": "1970-01-01T01:00:00+01:00", "sold": 1, "town": " Ulm ", "area": 1.0, "id": 7}),
            json!({"area": 1e0, "town": "Ulm", "sold": true, "at": "1970-01-01 00:00:00"}),
        ] {
            assert_eq!(of(same), one);
        }
        for other in [
            json!({"area": 1.5, "town": "Ulm", "sold": true, "at": "1970-01-01"}),
            json!({"area": 1, "town": null, "sold": true, "at": "1970-01-01"}),
            json!({"area": 1, "town": "Ulm", "sold": false, "at": "1970-01-01"}),
            json!({"area": 1, "town": "Ulm", "sold": true, "at": "1970-01-02"}),
        ] {
            assert_ne!(of(other), one);
        }
        assert_eq!(fingerprint(&[Cell::Number(0.0)]), fingerprint(&[Cell::Number(-0.0)]));
        let texts = |a: &str, b: &str| fingerprint(&[Cell::Text(a.into()), Cell::Text(b.into())]);
        assert_ne!(texts("ab", "c"), texts("a", "bc"));
    }

    #[test]
    fn csv_text_is_read_by_the_columns_kind() {
        let columns = specification().columns;
        assert_eq!(read_text(&columns[0], " 3.5 "), Ok(Cell::Number(3.5)));
        assert_eq!(read_text(&columns[0], "NaN"), Ok(Cell::Missing));
        assert!(read_text(&columns[0], "inf").is_err());
        assert_eq!(read_text(&columns[1], "none"), Ok(Cell::Text("none".into())));
        assert_eq!(read_text(&columns[2], "YES"), Ok(Cell::Boolean(true)));
        assert!(read_text(&columns[3], "yesterday").is_err());
    }
}
