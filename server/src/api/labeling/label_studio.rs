//! A task in the shape of Label Studio: <https://labelstud.io/guide/task_format>. Each region is there twice under one id,
//! as a rectangle in percent of the image, which is all of it, and as the text within.

use desk::labeling::ExportedTask;
use domain::labeling::Transcript;
use serde_json::{Value, json};

use super::export::answered;
use crate::api::moment;

/// Names of the controls in the template of optical character recognition.
const IMAGE: &str = "image";
const RECTANGLE: &str = "bbox";
const TEXT: &str = "transcription";

/// The task, its image found at `origin`.
pub(super) fn task(exported: &ExportedTask, origin: &str) -> Value {
    let task = &exported.task;
    let data = json!({
        IMAGE: format!("{origin}/api/v1/predictions/{}/image", task.prediction),
        "prediction": task.prediction.to_string(),
        "source": exported.context.source,
        "previous": exported.context.previous,
    });
    json!({ "id": task.id.0, "data": data, "created_at": moment(task.created_at),
        "predictions": predictions(exported), "annotations": annotations(exported) })
}

/// What the version read; without one nothing was.
fn predictions(exported: &ExportedTask) -> Vec<Value> {
    let task = &exported.task;
    let of = |version: i64| {
        json!({ "model_version": version.to_string(), "score": task.confidence.clamp(0.0, 1.0),
            "result": regions(exported, &format!("{}p", task.id), &task.read, Some(task.confidence)) })
    };
    exported.context.version.map(of).into_iter().collect()
}

/// The answer that people settled on; one that nobody can read is skipped, in the words of Label Studio.
fn annotations(exported: &ExportedTask) -> Vec<Value> {
    let (Some(answer), Some(line)) = (exported.task.state.answer(), answered(exported)) else { return Vec::new() };
    let id = format!("{}a{}", exported.task.id, line.sequence);
    let result = answer.text().map(|text| regions(exported, &id, text, None)).unwrap_or_default();
    vec![json!({ "id": exported.task.id.0, "completed_by": { "id": line.person.0 }, "lead_time": line.seconds,
        "created_at": moment(line.at), "updated_at": moment(line.at), "ground_truth": false,
        "was_cancelled": answer == Transcript::Unreadable, "result": result })]
}

fn regions(exported: &ExportedTask, id: &str, text: &str, score: Option<f64>) -> Vec<Value> {
    if text.is_empty() {
        return Vec::new();
    }
    let (width, height) = exported.context.size.unwrap_or((1, 1));
    let region = |from: &str, kind: &str| {
        let mut region = json!({ "id": id, "from_name": from, "to_name": IMAGE, "type": kind, "origin": "manual",
            "original_width": width, "original_height": height, "image_rotation": 0,
            "value": { "x": 0.0, "y": 0.0, "width": 100.0, "height": 100.0, "rotation": 0.0 } });
        if let Some(score) = score {
            region["score"] = json!(score);
            region["origin"] = json!("prediction");
        }
        region
    };
    let mut written = region(TEXT, "textarea");
    written["value"]["text"] = json!([text]);
    vec![region(RECTANGLE, "rectangle"), written]
}
