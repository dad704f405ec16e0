//! Labels that a version contradicts: listed, and put before people once more.

use axum::extract::State;
use axum::response::IntoResponse;
use desk::Desk;
use desk::versions::{DoubtfulLabel, DoubtfulLabels};
use domain::Permission;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::Answer;
use super::endpoint::{Access, Endpoint};
use super::extract::{In, Sent};
use super::problem::Problem;
use super::readings::ReportAnswer;
use crate::rim::Caller;

/// Labels that a version which did not learn from them contradicts as surely as it is sure of what it reads right.
#[derive(Serialize, ToSchema)]
struct DoubtfulAnswer {
    /// Labels that were judged.
    judged: u64,
    /// Whether these are all labels of the data set, and not only those held back.
    cross_fitted: bool,
    /// Confidence from which a contradiction counts.
    threshold: f64,
    /// Contradicted labels.
    doubtful: u64,
    /// The surest contradictions first, at most 1,000.
    items: Vec<DoubtfulItem>,
}

/// A label beside what was read.
#[derive(Serialize, ToSchema)]
struct DoubtfulItem {
    /// Position of its row in the data set of the version, from 0.
    row: usize,
    /// SHA-256 of the image, to ask for another look by.
    image: String,
    /// Which meter or camera it came from.
    source: String,
    /// What the label says.
    label: String,
    /// What was read.
    text: String,
    /// How sure that is.
    confidence: f64,
}

/// Which image people are to look at again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LookRequest {
    /// SHA-256 of the image of a doubtful label.
    image: String,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let path = "/api/v1/models/{name}/versions/{version}/doubtful-labels";
    let image = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";
    let item = json!({ "row": 311, "image": image, "source": "meter-17", "label": "7.4", "text": "1.4",
        "confidence": 0.98 });
    let report = json!({ "task": 78, "state": "open", "text": null });
    vec![
        Endpoint::get(path, Access::Needs(Permission::ReadModels), list)
            .about("Labeling", "Labels of a version's data set that somebody should look at again")
            .answers::<DoubtfulAnswer>(
                200,
                "The labels",
                json!({ "judged": 2_800, "cross_fitted": false, "threshold": 0.93, "doubtful": 1, "items": [item] }),
            )
            .refuses(&[(404, "There is no such model or version"), (409, "The version reads no images")]),
        Endpoint::post(path, Access::Needs(Permission::ManageLabeling), look_again)
            .about(
                "Labeling",
                "Have people read the image of a doubtful label again; the next snapshot has their answer",
            )
            .takes::<LookRequest>(json!({ "image": image }))
            .answers::<ReportAnswer>(201, "It waits in the queue", report.clone())
            .answers::<ReportAnswer>(200, "People were asked about it already", report)
            .refuses(&[
                (404, "There is no such version, it does not doubt this label, or the image is no longer kept"),
                (409, "The version reads no images, or what would be read has another image"),
            ]),
    ]
}

async fn list(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In((name, number)): In<(String, i64)>,
) -> Answer<DoubtfulAnswer> {
    let found = desk.versions().doubtful_labels(&actor, &name, number).await?;
    Ok(axum::Json(DoubtfulAnswer::of(found)))
}

async fn look_again(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In((name, number)): In<(String, i64)>,
    Sent(asked): Sent<LookRequest>,
) -> Result<impl IntoResponse, Problem> {
    let report = desk.versions().look_again(&actor, &name, number, &asked.image).await?;
    Ok(ReportAnswer::of(&report))
}

impl DoubtfulAnswer {
    fn of(found: DoubtfulLabels) -> Self {
        let DoubtfulLabels { judged, cross_fitted, threshold, doubtful, labels } = found;
        let item = |label: DoubtfulLabel| {
            let DoubtfulLabel { row, image, source, label, text, confidence } = label;
            DoubtfulItem { row, image, source, label, text, confidence }
        };
        Self { judged, cross_fitted, threshold, doubtful, items: labels.into_iter().map(item).collect() }
    }
}
