//! What people do to cases. Each is a record in the history of the case; no program may do any of it.

use axum::extract::State;
use axum::response::IntoResponse;
use desk::Desk;
use domain::case::Case;
use domain::{CaseId, Permission, PersonId};
use http::StatusCode;
use serde_json::json;

use super::answer::{self, CaseAnswer};
use super::request::{
    AssignmentRequest, EscalationRequest, SnoozeRequest, VerdictAnswer, VerdictAnswers, VerdictCorrectionRequest,
    VerdictRequest, VerdictsRequest,
};
use crate::api::Answer;
use crate::api::endpoint::{Access, Endpoint};
use crate::api::extract::{Created, In, Sent};
use crate::api::problem::Problem;
use crate::api::snoozes::{self, SnoozeAnswer};
use crate::rim::Caller;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let decide_cases = Access::Needs(Permission::DecideCases);
    let problems: &[(u16, &str)] = &[
        (404, "There is no such case"),
        (409, "Somebody else has taken or decided it, who and when; nothing is changed"),
        (422, "Each wrong or missing field"),
    ];
    let grown = (409, "Somebody else has taken or decided it, or another event has joined it; nothing is recorded");
    let found =
        json!({ "verdict": "confirmed_risk", "note": "the phone was at home, says the log of the door", "events": 2 });
    let corrected = json!({ "verdict": "false_positive", "reason": "the door's clock was wrong" });
    let many = json!({ "cases": [77, 78], "events": [2, 1], "verdict": "false_positive",
        "reason": "the mast was down all morning" });
    let decided = json!({ "decided": 1, "items": [{ "case": 77, "status": 201 },
        { "case": 78, "status": 409, "detail": "decided as false positive by person:4 Sami at 2026-03-02T16:10:00Z" }] });
    vec![
        Endpoint::post("/api/v1/cases/{id}/lease", decide_cases, take)
            .about("Cases", "Take a case for a quarter of an hour; your own time begins anew")
            .answers::<CaseAnswer>(200, "It is yours", answer::example())
            .refuses(&problems[..2]),
        Endpoint::delete("/api/v1/cases/{id}/lease", decide_cases, release)
            .about("Cases", "Give a case back; an escalated one waits for an admin again")
            .answers_with(204, "It is nobody's now", None)
            .refuses(&problems[..2]),
        Endpoint::post("/api/v1/cases/{id}/verdict", decide_cases, decide)
            .about("Cases", "Give the verdict; it becomes the outcome of the prediction of each of the case's events")
            .takes::<VerdictRequest>(found)
            .answers::<CaseAnswer>(201, "It is decided", answer::decided_example())
            .refuses(&[problems[0], grown, problems[2]]),
        Endpoint::post("/api/v1/cases/{id}/verdict/corrections", decide_cases, correct)
            .about("Cases", "Put another verdict in the place of the one there is, which stays in the history")
            .takes::<VerdictCorrectionRequest>(corrected)
            .answers::<CaseAnswer>(201, "It is corrected", answer::decided_example())
            .refuses(problems),
        Endpoint::post("/api/v1/cases/{id}/escalation", decide_cases, escalate)
            .about("Cases", "Hand a case to the admins")
            .takes::<EscalationRequest>(json!({ "note": "it is my own brother" }))
            .answers::<CaseAnswer>(201, "It waits for an admin", answer::example())
            .refuses(problems),
        Endpoint::post("/api/v1/cases/{id}/assignment", decide_cases, assign)
            .about("Cases", "Give a case to a person to decide")
            .takes::<AssignmentRequest>(json!({ "person": 4 }))
            .answers::<CaseAnswer>(201, "It is theirs to decide", answer::example())
            .refuses(problems),
        Endpoint::post("/api/v1/cases/{id}/snooze", decide_cases, snooze)
            .about(
                "Cases",
                "Let the employee of a case make no cases by a rule for some days; events are recorded all the same",
            )
            .takes::<SnoozeRequest>(
                json!({ "rule": "location", "days": 14, "reason": "works at the fair until the 16th" }),
            )
            .answers::<SnoozeAnswer>(201, "It lasts", snoozes::example())
            .refuses(&[problems[0], problems[2]]),
        Endpoint::post("/api/v1/cases/verdicts", decide_cases, decide_many)
            .about("Cases", "Give one verdict on up to 200 cases; each is answered by itself")
            .takes::<VerdictsRequest>(many)
            .answers::<VerdictAnswers>(200, "What became of each case", decided)
            .refuses(&[(413, "Too many cases"), (422, "A missing reason, or not one number of events for each case")]),
    ]
}

async fn take(State(desk): State<Desk>, Caller(actor): Caller, In(id): In<CaseId>) -> Answer<CaseAnswer> {
    let case = desk.cases().take(&actor, id).await?;
    Ok(axum::Json(CaseAnswer::of(&case, desk.now())))
}

async fn release(State(desk): State<Desk>, Caller(actor): Caller, In(id): In<CaseId>) -> Result<StatusCode, Problem> {
    desk.cases().release(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn decide(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(id): In<CaseId>,
    Sent(asked): Sent<VerdictRequest>,
) -> Result<impl IntoResponse, Problem> {
    Ok(done(&desk, &desk.cases().decide(&actor, id, asked.verdict, &asked.note, asked.events).await?))
}

async fn correct(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(id): In<CaseId>,
    Sent(asked): Sent<VerdictCorrectionRequest>,
) -> Result<impl IntoResponse, Problem> {
    Ok(done(&desk, &desk.cases().correct(&actor, id, asked.verdict, &asked.reason).await?))
}

async fn escalate(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(id): In<CaseId>,
    Sent(asked): Sent<EscalationRequest>,
) -> Result<impl IntoResponse, Problem> {
    Ok(done(&desk, &desk.cases().escalate(&actor, id, &asked.note).await?))
}

async fn assign(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(id): In<CaseId>,
    Sent(asked): Sent<AssignmentRequest>,
) -> Result<impl IntoResponse, Problem> {
    Ok(done(&desk, &desk.cases().assign(&actor, id, PersonId(asked.person)).await?))
}

async fn snooze(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(id): In<CaseId>,
    Sent(asked): Sent<SnoozeRequest>,
) -> Result<impl IntoResponse, Problem> {
    let snooze = desk.cases().snooze(&actor, id, asked.rule, asked.days, &asked.reason).await?;
    Ok(Created(String::from("/api/v1/snoozes"), SnoozeAnswer::of(snooze)))
}

async fn decide_many(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Sent(asked): Sent<VerdictsRequest>,
) -> Answer<VerdictAnswers> {
    let decided = desk.cases().decide_many(&actor, &asked.seen()?, asked.verdict, &asked.reason).await?;
    let items: Vec<VerdictAnswer> = asked.cases.into_iter().zip(decided).map(VerdictAnswer::of).collect();
    let decided = items.iter().filter(|item| item.status == 201).count();
    Ok(axum::Json(VerdictAnswers { decided, items }))
}

fn done(desk: &Desk, case: &Case) -> Created<CaseAnswer> {
    Created(format!("/api/v1/cases/{}", case.id), CaseAnswer::of(case, desk.now()))
}
