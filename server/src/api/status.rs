//! What goes on in an organisation, on one page.

use axum::extract::State;
use desk::Desk;
use desk::overview::{Pulse, Standing};
use domain::run::Run;
use domain::{ModelId, Permission};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::Answer;
use super::endpoint::{Access, Endpoint};
use super::moment;
use super::runs::RunAnswer;
use super::schedules::ScheduleAnswer;
use crate::rim::Caller;

/// What goes on now.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct StatusAnswer {
    /// The organisation.
    pub(crate) organisation: OrganisationAnswer,
    /// When it was looked at.
    pub(crate) at: String,
    /// Its models by name.
    pub(crate) models: Vec<StandingAnswer>,
    /// Runs that wait or run, newest first.
    pub(crate) open_runs: Vec<RunAnswer>,
    /// Runs of the last 24 hours that failed, newest first.
    pub(crate) failed_runs: Vec<RunAnswer>,
    /// Fraud cases that wait for somebody.
    pub(crate) cases: CasesAnswer,
    /// Images that wait for a labeler.
    pub(crate) labeling: LabelingAnswer,
    /// What is done by the clock: the organisation's own first, then by model.
    pub(crate) schedules: Vec<ScheduleAnswer>,
}

/// An organisation.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct OrganisationAnswer {
    /// Short name, as in `--tenant`.
    pub(crate) slug: String,
    /// Name.
    pub(crate) name: String,
    /// Time zone of its pages.
    pub(crate) time_zone: String,
}

/// A model and how it is used.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct StandingAnswer {
    /// Name.
    pub(crate) name: String,
    /// Number of the version that serves; none is the heuristic.
    pub(crate) champion: Option<i64>,
    /// Since when.
    pub(crate) since: Option<String>,
    /// How many versions there are.
    pub(crate) versions: usize,
    /// Predictions of the last 24 hours.
    pub(crate) predictions: u64,
    /// Why the champion does not answer although it should.
    pub(crate) problem: Option<String>,
}

/// Cases that wait.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct CasesAnswer {
    /// Nobody has taken them.
    pub(crate) open: i64,
    /// Somebody looks at them.
    pub(crate) taken: i64,
    /// They wait for an admin.
    pub(crate) escalated: i64,
    /// Of all these: past the time they were due.
    pub(crate) overdue: i64,
}

/// Tasks that wait.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct LabelingAnswer {
    /// How many.
    pub(crate) waiting: i64,
}

pub(super) fn endpoints() -> Vec<Endpoint> {
    let status = json!({ "organisation": { "slug": "acme", "name": "Acme Mutual", "time_zone": "Europe/Vienna" },
        "at": "2026-03-01T09:00:00Z",
        "models": [{ "name": "claims", "champion": 3, "since": "2026-02-27T10:00:00Z", "versions": 4, "predictions": 9120,
            "problem": null }],
        "open_runs": [], "failed_runs": [], "cases": { "open": 4, "taken": 1, "escalated": 0, "overdue": 0 },
        "labeling": { "waiting": 17 }, "schedules": [] });
    vec![
        Endpoint::get("/api/v1/status", Access::Needs(Permission::ReadModels), show)
            .about("Service", "What goes on: models and who serves, runs, what waits for people, and what failed")
            .answers::<StatusAnswer>(200, "What goes on", status),
    ]
}

async fn show(State(desk): State<Desk>, Caller(actor): Caller) -> Answer<StatusAnswer> {
    Ok(axum::Json(StatusAnswer::of(&desk.overview().pulse(&actor).await?)))
}

impl StatusAnswer {
    fn of(pulse: &Pulse) -> Self {
        let name = |model: ModelId| pulse.models.iter().find(|one| one.id == model).map_or("", |one| one.name.as_str());
        let run = |run: &Run| RunAnswer::of(run, name(run.model));
        let (tenant, cases) = (&pulse.tenant, &pulse.cases);
        Self {
            organisation: OrganisationAnswer {
                slug: tenant.slug.clone(),
                name: tenant.name.clone(),
                time_zone: tenant.time_zone.clone(),
            },
            at: moment(pulse.at),
            models: pulse.models.iter().map(StandingAnswer::of).collect(),
            open_runs: pulse.open_runs.iter().map(run).collect(),
            failed_runs: pulse.failed_runs.iter().map(run).collect(),
            cases: CasesAnswer {
                open: cases.open,
                taken: cases.taken,
                escalated: cases.escalated,
                overdue: cases.overdue,
            },
            labeling: LabelingAnswer { waiting: pulse.labeling },
            schedules: pulse.schedules.iter().cloned().map(ScheduleAnswer::of).collect(),
        }
    }
}

impl StandingAnswer {
    fn of(model: &Standing) -> Self {
        Self {
            name: model.name.clone(),
            champion: model.champion,
            since: model.since.map(moment),
            versions: model.versions,
            predictions: model.predictions,
            problem: model.problem.clone(),
        }
    }
}
