//! `verdict evaluate`.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::output::Exit;
use super::place::{Place, read_file};
use super::readings;

#[derive(Args, Debug)]
pub(super) struct EvaluateArgs {
    /// Name of the model
    name: String,
    /// Labelled rows, with a header line
    #[arg(long, value_name = "FILE", required_unless_present = "zip")]
    csv: Option<PathBuf>,
    /// Labelled images: a zip with labels.csv (file,text,source)
    #[arg(long, value_name = "FILE", conflicts_with = "csv")]
    zip: Option<PathBuf>,
    /// Number of the version [default: the one that serves, else the newest]
    #[arg(long)]
    version: Option<i64>,
}

pub(super) async fn run(place: &Place, args: EvaluateArgs) -> anyhow::Result<Exit> {
    let actor = place.actor().await?;
    let number = place.desk.versions().named_or_best(&actor, &args.name, args.version).await?;
    if let Some(zip) = &args.zip {
        return readings::evaluate(place, &actor, &args.name, number, zip).await;
    }
    let csv = read_file(&args.csv.unwrap_or_default())?;
    let report = place.desk.versions().evaluate(&actor, &args.name, number, csv).await?;
    let shown = flat(&args.name, number, &serde_json::to_value(&report)?);
    place.output.result(&shown, || lines(&shown))?;
    Ok(Exit::Done)
}

/// One flat object: the version, every figure under its key, classes and the confusion matrix (rows actual, columns
/// predicted, in the order of `classes`).
fn flat(model: &str, version: i64, report: &Value) -> Value {
    let mut shown = json!({ "model": model, "version": version });
    for (key, value) in report["metrics"].as_object().into_iter().flatten() {
        shown[key] = value.clone();
    }
    // Counts are whole numbers, although figures of all kinds are kept as one.
    for key in ["n", "positives"] {
        shown[key] = report[key].clone();
    }
    for key in ["estimator", "threshold", "classes"] {
        shown[key] = report[key].clone();
    }
    shown["confusion"] = matrix(&report["confusion"]);
    shown
}

fn matrix(confusion: &Value) -> Value {
    let counts = confusion["counts"].as_array().map(Vec::as_slice).unwrap_or_default();
    match confusion["classes"].as_u64().and_then(|classes| usize::try_from(classes).ok()) {
        Some(classes) if classes > 0 => counts.chunks(classes).map(|row| Value::from(row.to_vec())).collect(),
        _ => Value::Null,
    }
}

pub(super) fn lines(shown: &Value) -> String {
    let known = shown.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    known.map(|(key, value)| format!("{key:<24}{}", plain(value))).collect::<Vec<_>>().join("\n")
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_f64() => format!("{:.4}", number.as_f64().unwrap_or_default()),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_lie_flat_and_counts_are_whole() {
        let report = json!({ "n": 4, "positives": 1, "estimator": "e", "threshold": 0.5, "classes": ["no", "yes"],
            "metrics": { "n": 4.0, "roc_auc": 0.75, "r2": null }, "confusion": { "classes": 2, "counts": [2, 1, 0, 1] } });
        let shown = flat("m", 3, &report);
        assert_eq!(shown["n"], json!(4));
        assert_eq!(shown["roc_auc"], json!(0.75));
        assert_eq!(shown["confusion"], json!([[2, 1], [0, 1]]));
        assert!(lines(&shown).contains("roc_auc                 0.7500"));
    }
}
