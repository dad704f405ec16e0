//! `verdict evaluate`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;

use super::output::{Exit, bar, table};
use super::place::{Place, read_file};
use super::rest::{Rest, escaped};
use crate::api::evaluations;

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

/// Left-out rows that are shown to people; with `--json` there are more.
const SHOWN: usize = 10;

pub(super) async fn run(rest: &Rest, args: EvaluateArgs) -> anyhow::Result<Exit> {
    let shown = match (&args.zip, rest.place()) {
        // Here there is something to watch meanwhile.
        (Some(zip), Some(place)) => watched(place, &args.name, args.version, zip).await?,
        (Some(zip), None) => send(rest, &args, "application/zip", zip).await?,
        (None, _) => send(rest, &args, "text/csv", args.csv.as_deref().unwrap_or(Path::new(""))).await?,
    };
    say_left_out(rest, &shown["left_out"]);
    rest.output.result(&shown, || told(&shown))?;
    Ok(Exit::Done)
}

async fn send(rest: &Rest, args: &EvaluateArgs, media_type: &'static str, file: &Path) -> anyhow::Result<Value> {
    let version = args.version.map(|number| format!("?version={number}")).unwrap_or_default();
    let path = format!("/api/v1/models/{}/evaluations{version}", escaped(&args.name));
    rest.send(&path, media_type, read_file(file)?).await
}

async fn watched(place: &Place, name: &str, version: Option<i64>, zip: &Path) -> anyhow::Result<Value> {
    let actor = place.actor().await?;
    let number = place.desk.versions().named_or_best(&actor, name, version).await?;
    let bar = bar(0);
    let shown = bar.clone();
    let report = move |done: usize, total: usize| {
        shown.set_length(total as u64);
        shown.set_position(done as u64);
        shown.set_message(if done < total { "unpacking" } else { "reading" });
    };
    let zip = read_file(zip)?.into();
    let measured = place.desk.versions().evaluate_images(&actor, name, number, zip, report).await;
    bar.finish_and_clear();
    Ok(evaluations::of_images(name, number, &measured?))
}

fn say_left_out(rest: &Rest, left_out: &Value) {
    let (rows, unlabeled) = (left_out["rows"].as_u64().unwrap_or(0), left_out["unlabeled"].as_u64().unwrap_or(0));
    if rows > 0 {
        rest.output.remark(&format!("{rows} rows are left out:"));
        let named = left_out["named"].as_array().into_iter().flatten().filter_map(Value::as_str);
        named.take(SHOWN).for_each(|row| rest.output.remark(&format!("  {row}")));
    }
    if unlabeled > 0 {
        rest.output.remark(&format!("{unlabeled} images are in no row of labels.csv."));
    }
}

fn told(shown: &Value) -> String {
    let tables = ["by_source", "left_out"];
    let known = shown.as_object().into_iter().flatten();
    let known = known.filter(|(key, value)| !value.is_null() && !tables.contains(&key.as_str()));
    let lines: Vec<String> = known.map(|(key, value)| format!("{key:<24}{}", plain(value))).collect();
    match shown["by_source"].as_object() {
        Some(sources) => format!("{}\n\n{}", lines.join("\n"), by_source(sources)),
        None => lines.join("\n"),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_f64() => format!("{:.4}", number.as_f64().unwrap_or_default()),
        other => other.to_string(),
    }
}

fn by_source(sources: &serde_json::Map<String, Value>) -> String {
    let cell = |value: &Value| if value.is_null() { String::from("–") } else { plain(value) };
    let row = |(source, figures): (&String, &Value)| {
        let figures = ["n", "exact", "cer", "within_tolerance"].map(|key| cell(&figures[key]));
        std::iter::once(source.clone()).chain(figures).collect()
    };
    table(&["SOURCE", "N", "EXACT", "CER", "WITHIN"], &sources.iter().map(row).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn figures_stand_one_to_a_line_and_sources_in_a_table() {
        let shown = json!({ "roc_auc": 0.75, "r2": null, "n": 4, "left_out": { "rows": 1 },
            "by_source": { "left": { "n": 4, "exact": 0.5, "cer": 0.25, "within_tolerance": null } } });
        let told = told(&shown);
        assert!(
            told.contains("roc_auc                 0.7500") && told.contains("n                       4"),
            "{told}"
        );
        assert!(told.contains("left    4  0.5000  0.2500  –") && !told.contains("r2"), "{told}");
    }
}
