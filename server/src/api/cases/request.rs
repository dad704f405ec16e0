//! What is sent to decide cases, and what is answered where there are many.

use domain::CaseId;
use domain::case::{Case, Rule, Verdict};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::problem::Problem;

/// A verdict.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VerdictRequest {
    /// `confirmed_risk`, `valuable_alert` or `false_positive`.
    #[schema(value_type = String)]
    pub(super) verdict: Verdict,
    /// What was found; a confirmed risk needs it.
    #[serde(default)]
    pub(super) note: String,
    /// How many events the case had when it was looked at. If others have joined since, nothing is recorded.
    #[serde(default)]
    pub(super) events: Option<i64>,
}

/// Another verdict than the one there is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VerdictCorrectionRequest {
    /// `confirmed_risk`, `valuable_alert` or `false_positive`.
    #[schema(value_type = String)]
    pub(super) verdict: Verdict,
    /// Why it changes.
    pub(super) reason: String,
}

/// Why an admin should look.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EscalationRequest {
    /// What they should look at.
    pub(super) note: String,
}

/// Who is to decide.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AssignmentRequest {
    /// Identity of the person.
    pub(super) person: i64,
}

/// One verdict on many cases.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VerdictsRequest {
    /// Identities of up to 200 cases.
    pub(super) cases: Vec<i64>,
    /// How many events each of them had when it was looked at, in their order. Where others have joined since, nothing is
    /// recorded.
    #[serde(default)]
    pub(super) events: Option<Vec<i64>>,
    /// `confirmed_risk`, `valuable_alert` or `false_positive`.
    #[schema(value_type = String)]
    pub(super) verdict: Verdict,
    /// Why, for all of them.
    pub(super) reason: String,
}

/// What became of one of many cases.
#[derive(Serialize, ToSchema)]
pub(super) struct VerdictAnswer {
    /// Identity of the case.
    pub(super) case: i64,
    /// 201 when it was decided, else the status that it would have got alone.
    pub(super) status: u16,
    /// Why it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) detail: Option<String>,
}

/// Answers in the order of the cases.
#[derive(Serialize, ToSchema)]
pub(super) struct VerdictAnswers {
    /// How many were decided.
    pub(super) decided: usize,
    /// One for each case.
    pub(super) items: Vec<VerdictAnswer>,
}

/// What is to make no cases for a while.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SnoozeRequest {
    /// `location`, `time`, `biometric` or `behaviour`.
    #[schema(value_type = String)]
    pub(super) rule: Rule,
    /// For how many days, 1 to 90.
    pub(super) days: i64,
    /// Why.
    pub(super) reason: String,
}

impl VerdictsRequest {
    /// The cases with the events that were seen of each.
    ///
    /// # Errors
    /// When these are not as many as the cases.
    pub(super) fn seen(&self) -> Result<Vec<(CaseId, Option<i64>)>, Problem> {
        let cases = self.cases.iter().copied().map(CaseId);
        match &self.events {
            None => Ok(cases.map(|id| (id, None)).collect()),
            Some(events) if events.len() == self.cases.len() => {
                Ok(cases.zip(events.iter().copied().map(Some)).collect())
            }
            Some(_) => Err(Problem::field("events", "one number for each case is needed, or none at all")),
        }
    }
}

impl VerdictAnswer {
    pub(super) fn of((case, decided): (i64, desk::Result<Case>)) -> Self {
        match decided.map_err(Problem::from) {
            Ok(_) => Self { case, status: 201, detail: None },
            Err(problem) => {
                let (status, detail) = (problem.status().as_u16(), problem.detail().to_owned());
                Self { case, status, detail: Some(detail) }
            }
        }
    }
}
