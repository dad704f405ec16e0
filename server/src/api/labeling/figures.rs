//! How the loop runs, and how far people agree.

use axum::extract::State;
use desk::Desk;
use desk::labeling::{AnnotatedDay, AuditedWeek, BacklogCount, LabelerAgreement, LabelingFigures, Pace, TaskDay};
use domain::Permission;
use domain::labeling::agreement::Agreement;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::api::endpoint::{Access, Endpoint};
use crate::api::extract::{Asked, In};
use crate::api::fraud::{DaysQuery, ShareAnswer, date, monday};
use crate::api::{Answer, moment};
use crate::rim::Caller;

/// The figures of a queue.
#[derive(Serialize, ToSchema)]
struct FiguresAnswer {
    /// The first moment counted.
    from: String,
    /// Up to when.
    until: String,
    /// Readings by day.
    captured: Vec<CapturedAnswer>,
    /// Tasks that came to be, by day and reason.
    made: Vec<MadeAnswer>,
    /// Share of the readings that were under the limit.
    under_limit: Option<ShareAnswer>,
    /// What waits now, by reason and state.
    backlog: Vec<WaitingAnswer>,
    /// What people read, by day and person.
    annotated: Vec<AnnotatedAnswer>,
    /// How fast people read.
    paces: Vec<PaceAnswer>,
    /// What became of accepted readings that were drawn at random, by version and week.
    audited: Vec<WeekAnswer>,
    /// Share of the accepted readings that are right, as far as the drawn ones tell.
    accepted_right: Option<ShareAnswer>,
    /// What turned out to be true of all readings that somebody looked at, by version and week.
    corrected: Vec<WeekAnswer>,
    /// Hours of work until nothing waits, if all who read in this span are at it.
    hours_to_clear: Option<f64>,
}

/// Readings of one day.
#[derive(Serialize, ToSchema)]
struct CapturedAnswer {
    /// The day, by the organisation's clocks.
    date: String,
    /// How many.
    readings: i64,
}

/// Tasks that came to be on one day for one reason.
#[derive(Serialize, ToSchema)]
struct MadeAnswer {
    /// The day, by the organisation's clocks.
    date: String,
    /// `report`, `audit`, `selection`, `limit`, `rule` or `import`.
    origin: &'static str,
    /// How many.
    tasks: i64,
}

/// What waits for one reason.
#[derive(Serialize, ToSchema)]
struct WaitingAnswer {
    /// `report`, `audit`, `selection`, `limit`, `rule` or `import`.
    origin: &'static str,
    /// `open`, `disputed` or `flagged`.
    state: &'static str,
    /// How many.
    tasks: i64,
    /// Since when the oldest of them waits.
    oldest_at: String,
}

/// What one person read on one day.
#[derive(Serialize, ToSchema)]
struct AnnotatedAnswer {
    /// The day, by the organisation's clocks.
    date: String,
    /// Identity of the person.
    person: i64,
    /// Images they read.
    read: i64,
    /// Those in which they saw something else than what stood there.
    changed: i64,
}

/// How fast one person reads.
#[derive(Serialize, ToSchema)]
struct PaceAnswer {
    /// Identity of the person.
    person: i64,
    /// Images they read.
    read: i64,
    /// Half of them took no longer.
    median_seconds: f64,
}

/// What became of readings of one version and week.
#[derive(Serialize, ToSchema)]
struct WeekAnswer {
    /// The week's Monday.
    week: String,
    /// The version; none is the heuristic.
    version: Option<i64>,
    /// Read right.
    right: i64,
    /// Read wrong.
    wrong: i64,
    /// Nobody can read them.
    unreadable: i64,
    /// Nobody has said yet.
    waiting: i64,
}

/// How far the labelers of a queue agree.
#[derive(Serialize, ToSchema)]
struct QueueAgreementAnswer {
    /// Two people on the same images, blindly.
    pairs: AgreementAnswer,
    /// People and known answers.
    known: AgreementAnswer,
    /// By labeler, by name.
    labelers: Vec<LabelerAnswer>,
}

/// How far one labeler agrees.
#[derive(Serialize, ToSchema)]
struct LabelerAnswer {
    /// Identity of the person.
    person: i64,
    /// Name as shown.
    name: String,
    /// With whoever else read the same images.
    with_others: AgreementAnswer,
    /// With known answers.
    with_known: AgreementAnswer,
}

/// Agreement of two readings of each of some images.
#[derive(Serialize, ToSchema)]
struct AgreementAnswer {
    /// Images read twice.
    n: usize,
    /// Those read exactly the same.
    exact: usize,
    /// Characters to be changed, per character of the first reading; none where both never gave a text.
    cer: Option<f64>,
    /// Cohen's kappa, where answers are few.
    kappa: Option<f64>,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let manage = Access::Needs(Permission::ManageLabeling);
    let problems: &[(u16, &str)] = &[(404, "There is no such queue"), (422, "A wrong number of days")];
    vec![
        Endpoint::get("/api/v1/labeling/queues/{name}/figures", manage, figures)
            .about("Labeling", "What comes in, what waits, what people do, and how often the model is right")
            .query::<DaysQuery>()
            .answers::<FiguresAnswer>(200, "The figures", figures_example())
            .refuses(problems),
        Endpoint::get("/api/v1/labeling/queues/{name}/agreement", manage, agreement)
            .about("Labeling", "How far labelers agree with each other and with what is known")
            .query::<DaysQuery>()
            .answers::<QueueAgreementAnswer>(200, "The agreement", agreement_example())
            .refuses(problems),
    ]
}

fn figures_example() -> Value {
    let share = json!({ "value": 0.11, "low": 0.1, "high": 0.12, "n": 4_120 });
    let week = json!({ "week": "2026-02-23", "version": 3, "right": 96, "wrong": 2, "unreadable": 1, "waiting": 4 });
    json!({ "from": "2026-02-01T00:00:00Z", "until": "2026-03-03T00:00:00Z", "captured": [{ "date": "2026-03-02",
        "readings": 137 }], "made": [{ "date": "2026-03-02", "origin": "limit", "tasks": 15 }], "under_limit": share,
        "backlog": [{ "origin": "limit", "state": "open", "tasks": 41, "oldest_at": "2026-03-01T08:30:00Z" }],
        "annotated": [{ "date": "2026-03-02", "person": 4, "read": 312, "changed": 40 }],
        "paces": [{ "person": 4, "read": 312, "median_seconds": 3.1 }], "audited": [week], "accepted_right": null,
        "corrected": [], "hours_to_clear": 0.04 })
}

fn agreement_example() -> Value {
    let one = json!({ "n": 120, "exact": 116, "cer": 0.011, "kappa": null });
    json!({ "pairs": one, "known": one,
        "labelers": [{ "person": 4, "name": "Lena", "with_others": one, "with_known": one }] })
}

async fn figures(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(queue): In<String>,
    Asked(query): Asked<DaysQuery>,
) -> Answer<FiguresAnswer> {
    let figures = desk.labeling().figures(&actor, &queue, query.days.unwrap_or(30)).await?;
    Ok(axum::Json(FiguresAnswer::of(figures)))
}

async fn agreement(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    In(queue): In<String>,
    Asked(query): Asked<DaysQuery>,
) -> Answer<QueueAgreementAnswer> {
    let agreement = desk.labeling().agreement(&actor, &queue, query.days.unwrap_or(30)).await?;
    Ok(axum::Json(QueueAgreementAnswer {
        pairs: AgreementAnswer::of(agreement.pairs),
        known: AgreementAnswer::of(agreement.known),
        labelers: agreement.labelers.into_iter().map(LabelerAnswer::of).collect(),
    }))
}

impl FiguresAnswer {
    fn of(figures: LabelingFigures) -> Self {
        let captured = |(day, readings): (i64, i64)| CapturedAnswer { date: date(day), readings };
        Self {
            from: moment(figures.from),
            until: moment(figures.until),
            captured: figures.captured.into_iter().map(captured).collect(),
            made: figures.made.into_iter().map(MadeAnswer::of).collect(),
            under_limit: figures.under_limit.map(ShareAnswer::of),
            backlog: figures.backlog.into_iter().map(WaitingAnswer::of).collect(),
            annotated: figures.annotated.into_iter().map(AnnotatedAnswer::of).collect(),
            paces: figures.paces.into_iter().map(PaceAnswer::of).collect(),
            audited: figures.audited.into_iter().map(WeekAnswer::of).collect(),
            accepted_right: figures.accepted_right.map(ShareAnswer::of),
            corrected: figures.corrected.into_iter().map(WeekAnswer::of).collect(),
            hours_to_clear: figures.hours_to_clear,
        }
    }
}

impl MadeAnswer {
    fn of(made: TaskDay) -> Self {
        Self { date: date(made.day), origin: made.origin.as_str(), tasks: made.tasks }
    }
}

impl WaitingAnswer {
    fn of(waiting: BacklogCount) -> Self {
        let BacklogCount { origin, state, tasks, oldest_at, .. } = waiting;
        Self { origin: origin.as_str(), state, tasks, oldest_at: moment(oldest_at) }
    }
}

impl AnnotatedAnswer {
    fn of(day: AnnotatedDay) -> Self {
        Self { date: date(day.day), person: day.person.0, read: day.read, changed: day.changed }
    }
}

impl PaceAnswer {
    fn of(pace: Pace) -> Self {
        Self { person: pace.person.0, read: pace.read, median_seconds: pace.median_seconds }
    }
}

impl WeekAnswer {
    fn of(week: AuditedWeek) -> Self {
        let AuditedWeek { version, week, right, wrong, unreadable, waiting } = week;
        Self { week: monday(week), version, right, wrong, unreadable, waiting }
    }
}

impl LabelerAnswer {
    fn of(labeler: LabelerAgreement) -> Self {
        Self {
            person: labeler.person.0,
            name: labeler.name,
            with_others: AgreementAnswer::of(labeler.with_others),
            with_known: AgreementAnswer::of(labeler.with_known),
        }
    }
}

impl AgreementAnswer {
    fn of(agreement: Agreement) -> Self {
        let Agreement { n, exact, character_error_rate, kappa } = agreement;
        Self { n, exact, cer: character_error_rate, kappa }
    }
}
