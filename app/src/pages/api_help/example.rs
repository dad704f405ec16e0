//! Requests that work when they are pasted: for the organisation's first model, with its own inputs.

use desk::Desk;
use desk::table::InferredColumn;
use domain::model::Model;
use domain::specification::{Column, ColumnKind, Specification};
use domain::{Actor, Task};
use serde_json::{Map, Value, json};

use crate::pages::dataset::columns_of;

/// Inputs of an example row; the rest of a wide row is left to the reader.
const MOST_INPUTS: usize = 12;

/// A model to ask, a row that it takes, and what could turn out to be true.
pub(in crate::pages) struct Example {
    origin: String,
    model: String,
    row: Value,
    truth: String,
    other: String,
    /// A model that reads images.
    reader: String,
    /// Whether there is no other, so that it is the one to be shown first.
    reads_only: bool,
}

/// One request to copy.
pub(super) struct Call {
    pub(super) title: &'static str,
    pub(super) words: &'static str,
    pub(super) code: String,
}

impl Example {
    /// Of the first model that takes rows and the first that reads images, or of such as could be.
    pub(in crate::pages) async fn of(desk: &Desk, actor: &Actor, origin: String) -> Self {
        let all = desk.models().list(actor).await.unwrap_or_default();
        let (readers, others): (Vec<Model>, Vec<Model>) =
            all.into_iter().map(|summary| summary.model).partition(|model| model.specification.reading.is_some());
        let mut example = Self::invented(origin);
        example.reads_only = others.is_empty() && !readers.is_empty();
        if let Some(reader) = readers.into_iter().next() {
            example.reader = reader.name;
        }
        match others.into_iter().next() {
            Some(model) => example.with(desk, actor, &model.name).await,
            None => example,
        }
    }

    async fn with(self, desk: &Desk, actor: &Actor, name: &str) -> Self {
        let Ok(detail) = desk.models().get(actor, name).await else { return self };
        let known = match detail.versions.first() {
            Some(newest) => desk.datasets().get(actor, newest.dataset).await.ok(),
            None => None,
        };
        let known = known.as_ref().map(columns_of).unwrap_or_default();
        let specification = &detail.model.specification;
        let (truth, other) = truths(specification);
        Self { model: name.to_owned(), row: row(&specification.columns, &known), truth, other, ..self }
    }

    fn invented(origin: String) -> Self {
        let row = json!({ "amount": 5200, "region": "north", "witness": false });
        let [model, truth, other, reader] = ["claims", "yes", "no", "meter-reading"].map(String::from);
        Self { origin, model, row, truth, other, reader, reads_only: false }
    }

    /// `GET path`.
    pub(in crate::pages) fn get(&self, key: &str, path: &str) -> String {
        format!("curl -H \"Authorization: Bearer {key}\" '{}{path}'", self.origin)
    }

    /// A prediction for one row, or a reading where all models read.
    pub(in crate::pages) fn predict(&self, key: &str) -> String {
        if self.reads_only { self.read(key) } else { self.predict_row(key) }
    }

    fn read(&self, key: &str) -> String {
        let path = format!("/api/v1/models/{}/readings?source=meter-17&client_id=meter-17-0811", self.reader);
        self.send(key, &path, "image/jpeg", "--data-binary @meter.jpg")
    }

    fn predict_row(&self, key: &str) -> String {
        self.post(key, &format!("/api/v1/models/{}/predictions", self.model), &json!({ "row": self.row }))
    }

    fn post(&self, key: &str, path: &str, body: &Value) -> String {
        self.send(key, path, "application/json", &format!("-d {}", quoted(&body.to_string())))
    }

    fn send(&self, key: &str, path: &str, media_type: &str, data: &str) -> String {
        let address = format!("{}{path}", self.origin);
        format!("curl -H \"Authorization: Bearer {key}\" -H 'Content-Type: {media_type}' \\\n  {data} '{address}'")
    }

    /// A worked example of each kind of request.
    pub(super) fn calls(&self, key: &str) -> Vec<Call> {
        let model = format!("/api/v1/models/{}", self.model);
        let outcome = "/api/v1/predictions/PREDICTION_ID/outcome";
        let call = |title, words, code| Call { title, words, code };
        vec![
            call(
                "A prediction",
                "One row. The answer holds its id, the version that answered (null: the heuristic), score, decision and \
                confidence; with \"contributions\": true also why.",
                self.predict_row(key),
            ),
            call(
                "Many predictions",
                "Several rows, answered in their order. If one row is wrong, none is answered.",
                self.post(key, &format!("{model}/predictions"), &json!({ "rows": [self.row, self.row] })),
            ),
            call(
                "An outcome",
                "What turned out to be true, once for each prediction. The next training learns from it.",
                self.post(key, outcome, &json!({ "truth": self.truth })),
            ),
            call(
                "A correction",
                "Another truth than the one recorded. It is a new record; the old one stays.",
                self.post(
                    key,
                    &format!("{outcome}/corrections"),
                    &json!({ "truth": self.other, "reason": "reported late" }),
                ),
            ),
            call(
                "A reading",
                "The text on an image: JPEG, PNG or WebP. The answer holds the text, how sure it and each character is, and \
                in \"review\" why a person looks at it, if one does. Also as a form or as base64 in JSON.",
                self.read(key),
            ),
            call(
                "Reporting a wrong reading",
                "What it should be, if it is known. A person looks at it soon; what they find is the outcome.",
                self.post(key, "/api/v1/predictions/PREDICTION_ID/correction", &json!({ "text": "7.4" })),
            ),
            call(
                "Listing predictions",
                "Newest first. Filters: model, version (0 is the heuristic), decision, outcome (known or unknown), truth, \
                min_score, max_score, from, to.",
                self.get(key, &format!("/api/v1/predictions?model={}&outcome=unknown&limit=50", self.model)),
            ),
            call(
                "Exporting predictions",
                "All of a model as CSV, streamed; takes the same filters.",
                format!("{} -o predictions.csv", self.get(key, &format!("{model}/predictions.csv"))),
            ),
            call(
                "Keeping features",
                "What your program computes of customers, meters or documents, each for a moment. Sent again it changes nothing; \
                GET /api/v1/features/{set}/{entity}?as_of=… answers what was known then.",
                self.post(key, "/api/v1/features", &features()),
            ),
            call(
                "A prediction with features",
                "Where the specification says features = { set = \"customers\" }, inputs that the row leaves out are taken from \
                its entity. \"features\" in the answer says how fresh they were.",
                self.post(key, &format!("{model}/predictions"), &json!({ "row": self.row, "entity": "customer-17" })),
            ),
            call(
                "Uploading a data set",
                "A CSV with a header line. The same bytes twice are the same data set.",
                self.send(key, "/api/v1/datasets?name=examples.csv", "text/csv", "--data-binary @examples.csv"),
            ),
            call(
                "Uploading a data set with features",
                "Each row’s features become further columns, as they were known at the row’s moment: what came later is not seen.",
                self.send(
                    key,
                    "/api/v1/datasets?name=examples.csv&features=customers&entity=customer&time=asked_at",
                    "text/csv",
                    "--data-binary @examples.csv",
                ),
            ),
            call(
                "Uploading images",
                "A zip of images with a labels.csv of the columns file, text and source. What cannot be read is named.",
                self.send(key, "/api/v1/datasets?name=meters.zip", "application/zip", "--data-binary @meters.zip"),
            ),
            call(
                "Training",
                "On the model’s data and every outcome known now; \"estimator\", \"seed\" and \"dataset\" may be said.",
                self.post(key, &format!("{model}/runs"), &json!({ "seed": 1 })),
            ),
            call(
                "Promoting a version",
                "The next prediction is its own. A closed gate is 409 unless \"despite_gates\" is true.",
                self.post(
                    key,
                    &format!("{model}/promotions"),
                    &json!({ "version": 1, "reason": "finds more at the same cost" }),
                ),
            ),
        ]
    }
}

fn features() -> Value {
    let features = json!({ "visits_30d": 4, "region": "north" });
    let record = json!({ "entity": "customer-17", "at": "2026-03-01T08:00:00Z", "features": features });
    json!({ "set": "customers", "records": [record] })
}

/// For a shell, within single quotes.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

fn truths(specification: &Specification) -> (String, String) {
    match specification.task {
        Task::Regression => (String::from("12.5"), String::from("13")),
        Task::TextRecognition => (String::from("3.7"), String::from("3.8")),
        Task::Binary | Task::Multiclass => {
            let mut classes = specification.classes.iter().rev();
            let last = classes.next().cloned().unwrap_or_default();
            let other = classes.next().cloned().unwrap_or_else(|| last.clone());
            (last, other)
        }
    }
}

/// A row with every input that is needed, and some of those that are not.
fn row(columns: &[Column], known: &[InferredColumn]) -> Value {
    let mut row = Map::new();
    for column in columns {
        if column.optional && row.len() >= MOST_INPUTS {
            continue;
        }
        let seen = known.iter().find(|known| known.name == column.name);
        let seen = seen.and_then(|known| known.examples.first()).map(String::as_str);
        row.insert(column.name.clone(), value(column.kind, seen));
    }
    Value::Object(row)
}

fn value(kind: ColumnKind, seen: Option<&str>) -> Value {
    match kind {
        ColumnKind::Numeric => json!(seen.and_then(|text| text.parse::<f64>().ok()).unwrap_or(1.0)),
        ColumnKind::Boolean => json!(seen.and_then(domain::row::parse_boolean).unwrap_or(true)),
        ColumnKind::DateTime => json!(seen.unwrap_or("2026-03-01T08:30:00Z")),
        ColumnKind::Categorical | ColumnKind::Text => json!(seen.unwrap_or("north")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotation_mark_does_not_end_the_argument() {
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }

    #[test]
    fn an_example_is_one_command() {
        let example = Example::invented(String::from("http://localhost:3000"));
        let call = example.predict("$VERDICT_KEY");
        assert!(
            call.starts_with("curl ") && call.ends_with("'http://localhost:3000/api/v1/models/claims/predictions'")
        );
        assert!(call.contains(r#""region":"north""#));
        let reader = Example { reads_only: true, ..example };
        assert!(reader.predict("$VERDICT_KEY").contains("--data-binary @meter.jpg"));
    }
}
