//! A case with all that is looked at before the verdict.

use desk::cases::Evidence;
use desk::events::RecordedEvent;
use domain::Timestamp;
use domain::case::{Step, Verdict};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::answer::{self, CaseAnswer};
use crate::api::employees::EmployeeAnswer;
use crate::api::events::EventAnswer;
use crate::api::predict::Explanation;
use crate::api::problem::Problem;
use crate::api::sites::SiteAnswer;
use crate::api::{employees, events, moment, sites};

/// A case with its evidence.
#[derive(Serialize, ToSchema)]
pub(super) struct CaseDetail {
    /// The case.
    case: CaseAnswer,
    /// Whose events.
    employee: EmployeeAnswer,
    /// Where the event with the highest score was.
    site: SiteAnswer,
    /// Its events, the last first; at most 200.
    events: Vec<EventAnswer>,
    /// What happened to it, newest first; at most 200.
    steps: Vec<StepAnswer>,
    /// Why the highest score is what it is, as the explanation of its prediction; none where the heuristic answered.
    #[schema(value_type = Option<Object>)]
    reasons: Option<Value>,
}

/// One line of a case's history, which only grows.
#[derive(Serialize, ToSchema)]
struct StepAnswer {
    /// 1, 2, 3, … within the case.
    sequence: i64,
    /// When.
    at: String,
    /// Who.
    by: String,
    /// `opened`, `joined`, `taken`, `released`, `assigned`, `escalated`, `decided` or `corrected`.
    kind: &'static str,
    /// The verdict given, if one was.
    verdict: Option<&'static str>,
    /// What they wrote.
    note: String,
}

pub(super) fn example() -> Value {
    json!({ "case": answer::example(), "employee": employees::example(), "site": sites::example(),
        "events": [events::example()],
        "steps": [{ "sequence": 1, "at": "2026-03-02T07:03:12.25Z", "by": "key:7 till", "kind": "opened",
            "verdict": null, "note": "" }],
        "reasons": { "base": 0.01, "score": 0.92, "method": "tree paths", "class": "yes",
            "contributions": [{ "column": "gps_drift_meters", "value": 0.71 }] } })
}

impl CaseDetail {
    /// # Errors
    /// When the reasons cannot be written.
    pub(super) fn of(evidence: Evidence, now: Timestamp) -> Result<Self, Problem> {
        let id = evidence.case.id;
        let reasons = evidence.prediction.explanation.as_ref().map(Explanation::of);
        let reasons = reasons.map(serde_json::to_value).transpose();
        let recorded = |event| EventAnswer::of(&RecordedEvent { event, case: Some(id) });
        Ok(Self {
            case: CaseAnswer::of(&evidence.case, now),
            employee: EmployeeAnswer::of(evidence.employee),
            site: SiteAnswer::of(evidence.site),
            events: evidence.events.into_iter().map(recorded).collect(),
            steps: evidence.steps.into_iter().map(StepAnswer::of).collect(),
            reasons: reasons.map_err(|error| Problem::internal(error.to_string()))?,
        })
    }
}

impl StepAnswer {
    fn of(step: Step) -> Self {
        Self {
            sequence: step.sequence,
            at: moment(step.at),
            by: step.actor,
            kind: step.kind.as_str(),
            verdict: step.verdict.map(Verdict::as_str),
            note: step.note,
        }
    }
}
