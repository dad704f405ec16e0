//! How good models are in service.

mod answer;

use answer::QualityAnswer;
use axum::extract::State;
use desk::Desk;
use domain::Permission;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;

use super::Answer;
use super::endpoint::{Access, Endpoint};
use super::extract::{Asked, In};
use crate::rim::Caller;

/// Of what, and over what time.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct QualityQuery {
    /// Number of a version, 0 for the heuristic; everything that answered when it is not said.
    version: Option<i64>,
    /// The last days, 1 to 366, today included; 30 when it is not said.
    days: Option<i64>,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/v1/models/{name}/quality", Access::Needs(Permission::ReadModels), quality)
            .about("Outcomes", "How good a model is in service, measured by outcomes and expected by its own scores")
            .query::<QualityQuery>()
            .answers::<QualityAnswer>(200, "The figures", example())
            .refuses(&[(404, "There is no such model or version"), (422, "A wrong number of days")]),
    ]
}

fn example() -> Value {
    let estimate = |value: f64, low: f64, high: f64| json!({ "value": value, "low": low, "high": high });
    let measures = json!({ "accuracy": estimate(0.912, 0.899, 0.924), "precision": estimate(0.78, 0.71, 0.84),
        "recall": estimate(0.66, 0.55, 0.77), "f1": estimate(0.715, 0.64, 0.79) });
    let figures = json!({ "predictions": 10_840, "known": 4_120, "coverage": 0.38, "measured": measures,
        "expected": { "predictions": 10_840, "accuracy": estimate(0.92, 0.915, 0.925), "precision": null,
            "recall": null, "f1": null },
        "confusion": [[3_650, 60], [120, 290]], "errors": null,
        "calibration": { "error": estimate(0.021, 0.012, 0.03), "by_chance": 0.011, "bins": [
            { "predicted": 0.04, "observed": 0.05, "count": 412, "low": 0.03, "high": 0.08 }] } });
    json!({ "model": "claims", "task": "binary", "classes": ["no", "yes"], "version": 3,
        "from": "2026-02-01T00:00:00Z", "until": "2026-03-03T00:00:00Z", "whole": figures, "coming": 2,
        "periods": [{ "from": "2026-02-01T00:00:00Z", "until": "2026-02-02T00:00:00Z", "arrived": 0.97, "settled": true,
            "figures": figures }],
        "versions": [{ "version": 3, "figures": figures }],
        "delays": { "n": 4_120, "half_within_hours": 22.6, "nine_in_ten_within_hours": 90.5 },
        "drift": { "version": 3, "distance": 0.04, "at_most": 0.09, "p_value": 0.21, "is_drift": false,
            "reference": 1_800, "current": 10_840, "farthest_at": 0.34 } })
}

async fn quality(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(name): In<String>,
    Asked(query): Asked<QualityQuery>,
) -> Answer<QualityAnswer> {
    let quality = desk.quality().live(&actor, &name, query.version, query.days.unwrap_or(30)).await?;
    Ok(axum::Json(QualityAnswer::of(&quality)))
}
