//! Features that were computed of an entity: of a customer, a meter, a document. They are kept as a history, so that
//! training sees what was known at a moment, and prediction what is known now.

use serde_json::{Map, Value};

use crate::error::FieldError;
use crate::row::MAX_CELL;
use crate::specification::{Column, ColumnKind};
use crate::time::{DAY, SECOND, Timestamp};

/// Sets of one organisation.
pub const MOST_SETS: usize = 100;
/// Records of one request.
pub const MOST_RECORDS: usize = 10_000;
/// The longest name of a set, in bytes.
pub const MAX_SET: usize = 64;
/// The longest name of an entity, in characters.
pub const MAX_ENTITY: usize = 200;
/// Features of one record.
pub const MOST_FEATURES: usize = 200;
/// Bytes of one record's features, as JSON.
pub const MAX_BYTES: usize = 16 << 10;
/// How long features count as fresh when nobody says, in microseconds.
pub const FRESH_FOR: i64 = DAY;
/// The longest time that features may count as fresh, in microseconds.
pub const MAX_FRESH_FOR: i64 = 366 * DAY;
/// Senders whose clocks are ahead are believed so far, in microseconds.
const FUTURE: i64 = DAY;

/// What a feature that Verdict computes itself says, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeatureInfo {
    /// Name of the column.
    pub name: &'static str,
    /// Unit; empty for a plain number.
    pub unit: &'static str,
    /// How it is computed.
    pub formula: &'static str,
    /// When it is missing; `None` if never.
    pub missing: Option<&'static str>,
}

impl FeatureInfo {
    /// The column of a model that reads it.
    #[must_use]
    pub fn column(&self) -> Column {
        Column {
            name: self.name.to_owned(),
            kind: ColumnKind::Numeric,
            optional: self.missing.is_some(),
            missing: Vec::new(),
        }
    }
}

/// What was computed of one entity for one moment. There is one for each set, entity and moment, and it never changes.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureRecord {
    /// Which entity.
    pub entity: String,
    /// The moment it speaks of.
    pub at: Timestamp,
    /// When it was computed: from then on it was known.
    pub computed_at: Timestamp,
    /// From when on it is stale.
    pub fresh_until: Timestamp,
    /// Name → number, text, true or false, or null. Empty if they could not be computed.
    pub features: Map<String, Value>,
    /// Why they could not be computed; empty if they could.
    pub problem: String,
}

/// Whether features are to be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeatureStatus {
    /// They are recent enough.
    Fresh,
    /// They are older than whoever computed them wanted.
    Stale,
    /// The newest could not be computed.
    Failed,
}

impl FeatureStatus {
    /// The word used on pages, in REST and in metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Stale => "stale",
            Self::Failed => "failed",
        }
    }
}

impl FeatureRecord {
    /// How it stands at `now`.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> FeatureStatus {
        match self.problem.is_empty() {
            false => FeatureStatus::Failed,
            true if now > self.fresh_until => FeatureStatus::Stale,
            true => FeatureStatus::Fresh,
        }
    }

    /// What is wrong with it at `now`, with `prefix` before each field.
    pub fn check(&self, now: Timestamp, prefix: &str, wrong: &mut Vec<FieldError>) {
        let mut refuse = |bad: bool, field: &str, reason: &str| {
            if bad {
                wrong.push(FieldError::new(format!("{prefix}{field}"), reason));
            }
        };
        let entity = self.entity.chars().count();
        refuse(
            entity == 0 || entity > MAX_ENTITY || self.entity.contains('\0') || self.entity.trim() != self.entity,
            "entity",
            "1 to 200 characters are possible, without blanks around them",
        );
        refuse(self.at.since(now) > FUTURE, "at", "lies more than a day ahead");
        refuse(self.computed_at.since(now) > FUTURE, "computed_at", "lies more than a day ahead");
        let fresh = self.fresh_until.since(self.at);
        refuse(!(SECOND..=MAX_FRESH_FOR).contains(&fresh), "fresh_for_seconds", "1 second to 366 days are possible");
        refuse(self.problem.chars().count() > 500 || self.problem.contains('\0'), "problem", "is too long");
        let (has, failed) = (!self.features.is_empty(), !self.problem.is_empty());
        refuse(has == failed, "features", "send `features`, or the `problem` that kept them from being computed");
        refuse(self.features.len() > MOST_FEATURES, "features", "at most 200 are possible");
        refuse(self.features.iter().any(|(name, value)| !is_cell(name, value)), "features", CELLS);
        refuse(
            serde_json::to_string(&self.features).is_ok_and(|json| json.len() > MAX_BYTES),
            "features",
            "are larger than 16 KiB",
        );
    }
}

const CELLS: &str =
    "each is a number, a text of at most 4096 bytes, true, false or null, with a name of 1 to 100 characters";

fn is_cell(name: &str, value: &Value) -> bool {
    let named = (1..=100).contains(&name.chars().count()) && !name.contains('\0');
    named
        && match value {
            Value::Null | Value::Bool(_) => true,
            Value::Number(number) => number.as_f64().is_some_and(f64::is_finite),
            Value::String(text) => text.len() <= MAX_CELL && !text.contains('\0'),
            Value::Array(_) | Value::Object(_) => false,
        }
}

/// Checks the name of a set: small letters, digits, `-` and `_`.
///
/// # Errors
/// Under the field `field`.
pub fn check_set(field: &str, set: &str) -> Result<(), FieldError> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    if (1..=MAX_SET).contains(&set.len()) && set.bytes().all(plain) {
        return Ok(());
    }
    Err(FieldError::new(field, "1 to 64 small letters, digits, `-` and `_` are possible"))
}

/// Puts into `row` those of `wanted` that it does not name and that are among `features`. Says whether there were any.
pub fn fill<'a>(
    row: &mut Map<String, Value>,
    wanted: impl Iterator<Item = &'a str>,
    features: &Map<String, Value>,
) -> bool {
    let before = row.len();
    for name in wanted {
        if !row.contains_key(name)
            && let Some(value) = features.get(name)
        {
            row.insert(name.to_owned(), value.clone());
        }
    }
    row.len() > before
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp(1_000 * DAY);

    fn record() -> FeatureRecord {
        FeatureRecord {
            entity: String::from("c-17"),
            at: NOW.plus(-DAY),
            computed_at: NOW,
            fresh_until: NOW,
            features: json!({"visits": 3, "town": "Ulm", "new": false, "gap": null}).as_object().unwrap().clone(),
            problem: String::new(),
        }
    }

    fn wrong(record: &FeatureRecord) -> Vec<String> {
        let mut wrong = Vec::new();
        record.check(NOW, "records[3].", &mut wrong);
        wrong.into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn it_is_fresh_until_its_time_is_over() {
        let failed = FeatureRecord { problem: String::from("timeout"), ..record() };
        let status = [record().status(NOW), record().status(NOW.plus(1)), failed.status(NOW)];
        assert_eq!(status, [FeatureStatus::Fresh, FeatureStatus::Stale, FeatureStatus::Failed]);
    }

    #[test]
    fn a_good_record_is_taken_and_what_is_wrong_is_named() {
        assert!(wrong(&record()).is_empty());
        let with = |features: Value| FeatureRecord { features: features.as_object().unwrap().clone(), ..record() };
        assert_eq!(wrong(&with(json!({"a": [1]}))), ["records[3].features"]);
        assert_eq!(wrong(&with(json!({"a": "x".repeat(4_097)}))), ["records[3].features"]);
        assert_eq!(wrong(&with(json!({}))), ["records[3].features"], "neither features nor a problem");
        assert_eq!(wrong(&FeatureRecord { problem: "both".into(), ..record() }), ["records[3].features"]);
        assert_eq!(wrong(&FeatureRecord { entity: " c".into(), ..record() }), ["records[3].entity"]);
        let ahead = |by: i64| FeatureRecord { at: NOW.plus(by), fresh_until: NOW.plus(by + DAY), ..record() };
        assert!(wrong(&ahead(DAY)).is_empty(), "a clock may be ahead");
        assert_eq!(wrong(&ahead(DAY + 1)), ["records[3].at"]);
        assert_eq!(wrong(&FeatureRecord { computed_at: NOW.plus(DAY + 1), ..record() }), ["records[3].computed_at"]);
        assert_eq!(wrong(&FeatureRecord { fresh_until: NOW.plus(-DAY), ..record() }), ["records[3].fresh_for_seconds"]);
    }

    #[test]
    fn a_row_keeps_what_it_says_itself() {
        let mut row = json!({"visits": 9, "gap": 1}).as_object().unwrap().clone();
        assert!(fill(&mut row, ["visits", "town", "unknown"].into_iter(), &record().features));
        assert_eq!(Value::Object(row.clone()), json!({"visits": 9, "gap": 1, "town": "Ulm"}));
        assert!(!fill(&mut row, ["visits"].into_iter(), &record().features));
    }

    #[test]
    fn a_set_has_a_plain_name() {
        let good = ["sync", "a-1_b"].map(|set| check_set("set", set).is_ok());
        let bad = ["", "A", "a b", "ü", &"x".repeat(65)].map(|set| check_set("set", set).is_err());
        assert_eq!((good, bad), ([true; 2], [true; 5]));
    }
}
