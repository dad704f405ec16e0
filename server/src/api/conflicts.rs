//! How often syncs conflict, how well that is predicted, and what warnings have avoided.

mod answer;

use answer::ConflictsAnswer;
use axum::extract::State;
use desk::Desk;
use desk::conflicts::Span;
use domain::Permission;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;

use super::Answer;
use super::endpoint::{Access, Endpoint};
use super::extract::Asked;
use super::problem::Problem;
use crate::rim::Caller;

/// Over what time, and of what.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ConflictsQuery {
    /// The last days, 1 to 366, today included; 30 when nothing is said.
    days: Option<i64>,
    /// Instead: the first day, by the organisation's clocks, as `2026-03-01`.
    from: Option<String>,
    /// With `from`: the last day.
    until: Option<String>,
    /// Only entities of this type.
    entity_type: Option<String>,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/v1/conflicts", Access::Needs(Permission::ReadPredictions), figures)
            .about("Syncs", "How often syncs conflict, how well that is predicted, and what warnings have avoided")
            .query::<ConflictsQuery>()
            .answers::<ConflictsAnswer>(200, "The figures", example())
            .refuses(&[(422, "A wrong number of days, or a wrong day")]),
    ]
}

fn example() -> Value {
    let share = |value: f64, n: i64| json!({ "value": value, "low": value - 0.04, "high": value + 0.04, "n": n });
    let tally = json!({ "syncs": 820, "settled": 790, "conflicts": 66, "rate": share(0.084, 790) });
    let named =
        |name: &str| json!({ "name": name, "syncs": 820, "settled": 790, "conflicts": 66, "rate": share(0.084, 790) });
    json!({ "from": "2026-02-01T00:00:00Z", "until": "2026-03-03T00:00:00Z", "settled_until": "2026-03-01T09:12:00Z",
        "version": 3, "threshold": 0.31, "all": tally, "rate_before": share(0.095, 760),
        "by_day": [{ "date": "2026-02-01", "syncs": 31, "settled": 31, "conflicts": 2 }],
        "by_entity_type": [named("order")], "by_client": [named("tablet-3")],
        "worst": [{ "entity_type": "order", "entity": "4711", "editors": 4, "syncs": 31, "settled": 31,
            "conflicts": 9, "rate": share(0.29, 31) }],
        "coverage": { "predictions": 932, "asked": 112, "observed": 895, "young": 37 },
        "matrix": { "hits": 41, "false_alarms": 58, "missed": 25, "passed": 666 },
        "recall": share(0.62, 66), "precision": share(0.41, 99),
        "calibration": [{ "from": 0.3, "until": 0.4, "predicted": 0.35, "observed": share(0.33, 52) }], "warned": [],
        "avoided": { "warned": 41, "conflicted": 6, "without": 35, "expected": 17.2, "estimate": 11.2, "low": 5.1,
            "high": 17.3, "compared": 99 } })
}

async fn figures(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Asked(query): Asked<ConflictsQuery>,
) -> Answer<ConflictsAnswer> {
    let figures = desk.conflicts().figures(&actor, query.span()?, query.entity_type.as_deref()).await?;
    Ok(axum::Json(ConflictsAnswer::of(&figures)))
}

impl ConflictsQuery {
    /// # Errors
    /// Names what is no day, is missing, or is said twice.
    fn span(&self) -> Result<Span, Problem> {
        let day = |field: &str, text: &Option<String>| {
            let text = text.as_deref().ok_or_else(|| Problem::field(field, "is needed beside the other day"))?;
            text.parse().map_err(|_| Problem::field(field, "a day as 2026-03-01 is needed"))
        };
        match (self.days, self.from.is_some() || self.until.is_some()) {
            (days, false) => Ok(Span::Last(days.unwrap_or(30))),
            (None, true) => Ok(Span::Days(day("from", &self.from)?, day("until", &self.until)?)),
            (Some(_), true) => Err(Problem::field("days", "leave it out where the days are named")),
        }
    }
}
