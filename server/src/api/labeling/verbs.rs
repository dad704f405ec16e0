//! What people do to tasks. No program may: a label is a person's word.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use desk::Desk;
use domain::{Permission, TaskId};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

use super::answer::{self, AssignmentAnswer};
use super::request::{AnnotationRequest, FlagRequest, LabelCorrectionRequest};
use crate::api::Answer;
use crate::api::endpoint::{Access, Endpoint};
use crate::api::extract::{Asked, In, Sent};
use crate::api::problem::Problem;
use crate::rim::Caller;

/// Which task is given.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct NextQuery {
    /// Not this one, which you look at: the one after it, to make it ready.
    besides: Option<i64>,
}

/// How a task is given back.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct GiveBackQuery {
    /// To the end of its queue, after all others.
    #[serde(default)]
    skip: bool,
}

/// What a verb answers that has nothing to tell: what others have said must not be seen.
type Done = Result<StatusCode, Problem>;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let (label, manage) = (Access::Needs(Permission::Label), Access::Needs(Permission::ManageLabeling));
    let problems: &[(u16, &str)] = &[
        (404, "There is no such task"),
        (409, "Why it is not yours to answer; nothing is changed"),
        (422, "Each wrong or missing field; a text that breaks a rule, unless you are `sure`"),
    ];
    vec![
        Endpoint::post("/api/v1/labeling/queues/{name}/leases", label, next)
            .about("Labeling", "Have the next task for two minutes: the one you have already, else one that nobody has")
            .query::<NextQuery>()
            .answers::<AssignmentAnswer>(200, "It is yours", answer::assignment_example())
            .answers_with(204, "Nothing waits for you", None)
            .refuses(&[(404, "There is no such queue")]),
        Endpoint::post("/api/v1/labeling/tasks/{id}/lease", label, renew)
            .about("Labeling", "Have a task for two minutes more")
            .answers::<AssignmentAnswer>(200, "It is yours", answer::assignment_example())
            .refuses(&problems[..2]),
        Endpoint::delete("/api/v1/labeling/tasks/{id}/lease", label, give_back)
            .about("Labeling", "Give a task back, so that somebody else is given it; an admin may end anybody's turn")
            .query::<GiveBackQuery>()
            .answers_with(204, "It is nobody's", None)
            .refuses(&problems[..2]),
        Endpoint::post("/api/v1/labeling/tasks/{id}/annotations", label, annotate)
            .about("Labeling", "Say what stands in the image; the same once more changes nothing")
            .takes::<AnnotationRequest>(json!({ "text": "7.9", "seconds": 3.2 }))
            .answers_with(204, "It is written down", None)
            .refuses(problems),
        Endpoint::delete("/api/v1/labeling/tasks/{id}/annotations/last", label, undo)
            .about(
                "Labeling",
                "Take back the last thing you said of a task, an answer within the hour; it is yours again",
            )
            .answers_with(204, "It is taken back; the history keeps both", None)
            .refuses(&problems[..2]),
        Endpoint::post("/api/v1/labeling/tasks/{id}/corrections", label, correct)
            .about("Labeling", "Put another answer in the place of the one there is, which stays in the history")
            .takes::<LabelCorrectionRequest>(json!({ "text": "8.0", "reason": "the digit was between two" }))
            .answers_with(204, "It is corrected", None)
            .refuses(problems),
        Endpoint::post("/api/v1/labeling/tasks/{id}/flags", label, flag)
            .about("Labeling", "Ask an admin to look at a task")
            .takes::<FlagRequest>(json!({ "note": "this is no meter" }))
            .answers_with(204, "It waits for an admin", None)
            .refuses(problems),
        Endpoint::put("/api/v1/labeling/tasks/{id}/gold", manage, measure)
            .about("Labeling", "Measure labelers by the answer of a settled task, by a new one hidden among the others")
            .answers_with(204, "It is hidden in the queue", None)
            .refuses(&problems[..2]),
        Endpoint::delete("/api/v1/labeling/tasks/{id}/gold", manage, measure_no_more)
            .about("Labeling", "Measure nobody by this task any more; what was measured stays")
            .answers_with(204, "It is over", None)
            .refuses(&problems[..2]),
    ]
}

async fn next(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(queue): In<String>,
    Asked(query): Asked<NextQuery>,
) -> Result<Response, Problem> {
    let given = desk.labeling().next(&actor, &queue, query.besides.map(TaskId)).await?;
    Ok(match given {
        Some(given) => axum::Json(AssignmentAnswer::of(given)).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

async fn renew(State(desk): State<Desk>, Caller(actor): Caller, In(id): In<TaskId>) -> Answer<AssignmentAnswer> {
    Ok(axum::Json(AssignmentAnswer::of(desk.labeling().task(&actor, id).await?)))
}

async fn give_back(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(id): In<TaskId>,
    Asked(query): Asked<GiveBackQuery>,
) -> Done {
    if query.skip {
        desk.labeling().skip(&actor, id).await?;
    } else {
        desk.labeling().give_back(&actor, id).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn annotate(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(id): In<TaskId>,
    Sent(asked): Sent<AnnotationRequest>,
) -> Done {
    desk.labeling().annotate(&actor, id, &asked.said()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn undo(State(desk): State<Desk>, Caller(actor): Caller, In(id): In<TaskId>) -> Done {
    desk.labeling().undo(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn correct(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(id): In<TaskId>,
    Sent(asked): Sent<LabelCorrectionRequest>,
) -> Done {
    let (said, reason) = asked.said()?;
    desk.labeling().correct(&actor, id, &said, &reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn flag(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(id): In<TaskId>,
    Sent(asked): Sent<FlagRequest>,
) -> Done {
    desk.labeling().flag(&actor, id, &asked.note).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn measure(State(desk): State<Desk>, Caller(actor): Caller, In(id): In<TaskId>) -> Done {
    desk.labeling().measure_by(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn measure_no_more(State(desk): State<Desk>, Caller(actor): Caller, In(id): In<TaskId>) -> Done {
    desk.labeling().stop_measuring(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
