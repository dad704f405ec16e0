//! A version measured on rows or images that the sender has labelled. Nothing is kept.

use axum::extract::{Request, State};
use desk::Desk;
use desk::versions::{ArchiveReport, ReadingReport, SourceReport};
use domain::{Actor, Permission};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::IntoParams;

use super::Answer;
use super::endpoint::{Access, Endpoint};
use super::extract::{Asked, In};
use super::problem::Problem;
use super::upload::Upload;
use crate::rim::{Caller, Heard};

/// Which version.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EvaluationQuery {
    /// Its number; when it is not said the one that serves, else the newest.
    version: Option<i64>,
}

const CSV: &str = "amount,region,driver_age,fraud\n9400,north,24,yes\n310,south,51,no\n";

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::post("/api/v1/models/{name}/evaluations", Access::Needs(Permission::ReadModels), evaluate)
            .about(
                "Versions",
                "Measure a version on labelled rows, or on a zip of images with labels.csv; nothing is kept",
            )
            .query::<EvaluationQuery>()
            .takes_text("text/csv", CSV)
            .takes_file(&["application/zip"], "the bytes of the zip")
            .answers_with(200, "Every figure by its name, in one flat object", Some("application/json"))
            .refuses(&[
                (404, "There is no such model or version"),
                (409, "The model is for the other kind of file"),
                (413, "It is too large"),
                (415, "Neither a CSV nor a zip"),
                (422, "What is wrong with the file"),
                (503, "Others are being measured just now"),
            ]),
    ]
}

async fn evaluate(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(name): In<String>,
    Asked(query): Asked<EvaluationQuery>,
    heard: Heard,
    request: Request,
) -> Answer<Value> {
    // Before the file is read, so that nobody without the right makes the desk swallow it.
    actor.check(Permission::ReadModels).map_err(desk::Error::from)?;
    let number = desk.versions().named_or_best(&actor, &name, query.version).await?;
    let upload = Upload::read(request, "file", desk.limits().dataset_bytes).await?;
    measure(&desk, &actor, (&name, number), upload, heard).await.map(axum::Json)
}

async fn measure(
    desk: &Desk,
    actor: &Actor,
    (name, number): (&str, i64),
    upload: Upload,
    heard: Heard,
) -> Result<Value, Problem> {
    match upload.media_type.as_str() {
        "text/csv" => {
            let report = desk.versions().evaluate(actor, name, number, upload.bytes.into()).await?;
            of_rows(name, number, &report).map_err(|error| Problem::internal(error.to_string()))
        }
        "application/zip" => {
            let report = move |_, _| heard.notice();
            let measured = desk.versions().evaluate_images(actor, name, number, upload.bytes, report).await?;
            Ok(of_images(name, number, &measured))
        }
        _ => Err(Problem::media_type("text/csv or application/zip")),
    }
}

/// The version, every figure under its key, classes and the confusion matrix (rows actual, columns predicted, in the
/// order of `classes`).
fn of_rows(model: &str, version: i64, report: &impl Serialize) -> serde_json::Result<Value> {
    let report = serde_json::to_value(report)?;
    let mut shown = json!({ "model": model, "version": version });
    for (key, value) in report["metrics"].as_object().into_iter().flatten() {
        shown[key] = value.clone();
    }
    // Counts are whole numbers, although figures of all kinds are kept as one.
    for key in ["n", "positives", "estimator", "threshold", "classes"] {
        shown[key] = report[key].clone();
    }
    shown["confusion"] = matrix(&report["confusion"]);
    Ok(shown)
}

fn matrix(confusion: &Value) -> Value {
    let counts = confusion["counts"].as_array().map(Vec::as_slice).unwrap_or_default();
    match confusion["classes"].as_u64().and_then(|classes| usize::try_from(classes).ok()) {
        Some(classes) if classes > 0 => counts.chunks(classes).map(|row| Value::from(row.to_vec())).collect(),
        _ => Value::Null,
    }
}

/// The version, every figure under its key, the same figures for each source, and what could not be measured.
pub(crate) fn of_images(model: &str, version: i64, measured: &ArchiveReport) -> Value {
    let ReadingReport { n, exact, cer, within_tolerance, expected_calibration_error, by_source, .. } = &measured.report;
    let one = |source: &SourceReport| {
        let figures = json!({ "n": source.n, "exact": source.exact, "cer": source.cer,
            "within_tolerance": source.within_tolerance });
        (source.source.clone(), figures)
    };
    let left_out = &measured.left_out;
    json!({ "model": model, "version": version, "n": n, "exact": exact, "cer": cer,
        "within_tolerance": within_tolerance, "calibration_error": expected_calibration_error,
        "by_source": by_source.iter().map(one).collect::<Map<_, _>>(),
        "left_out": { "rows": left_out.rows, "named": left_out.named, "unlabeled": left_out.unlabeled } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_lie_flat_and_counts_are_whole() {
        let report = json!({ "n": 4, "positives": 1, "estimator": "e", "threshold": 0.5, "classes": ["no", "yes"],
            "metrics": { "n": 4.0, "roc_auc": 0.75, "r2": null }, "confusion": { "classes": 2, "counts": [2, 1, 0, 1] } });
        let shown = of_rows("m", 3, &report).unwrap();
        assert_eq!(shown["n"], json!(4));
        assert_eq!(shown["roc_auc"], json!(0.75));
        assert_eq!(shown["confusion"], json!([[2, 1], [0, 1]]));
    }
}
