//! `verdict status`: an organisation on one screen.

use domain::schedule::JobState;

use super::output::{Exit, minute, table};
use super::rest::Rest;
use super::runs::told;
use super::schedules::what;
use crate::api::schedules::ScheduleAnswer;
use crate::api::status::{StandingAnswer, StatusAnswer};

pub(super) async fn run(rest: &Rest) -> anyhow::Result<Exit> {
    let status: StatusAnswer = rest.get("/api/v1/status").await?;
    rest.output.result(&status, || lines(&status).join("\n"))?;
    Ok(Exit::Done)
}

fn lines(status: &StatusAnswer) -> Vec<String> {
    let (organisation, cases) = (&status.organisation, &status.cases);
    let mut lines =
        vec![format!("{} ({}), {} UTC", organisation.name, organisation.slug, minute(&status.at)), String::new()];
    lines.push(models(&status.models));
    lines.push(String::new());
    lines.push(format!(
        "Cases     {} open, {} taken, {} escalated, {} overdue",
        cases.open, cases.taken, cases.escalated, cases.overdue
    ));
    lines.push(format!("Labeling  {} images wait", status.labeling.waiting));
    lines.push(format!("Runs      {} open, {} failed in 24 hours", status.open_runs.len(), status.failed_runs.len()));
    let runs = status.open_runs.iter().chain(&status.failed_runs);
    lines.extend(runs.map(|run| format!("          {}", told(run))));
    lines.extend(clock(&status.schedules));
    lines
}

/// What is done by the clock next, and what of it failed last.
fn clock(schedules: &[ScheduleAnswer]) -> Vec<String> {
    let paused = schedules.iter().filter(|one| one.paused_at.is_some()).count();
    let next = schedules.iter().filter(|one| one.paused_at.is_none()).min_by(|a, b| a.next_at.cmp(&b.next_at));
    let next = next.map(|one| format!(", next {} at {} UTC", what(one), minute(&one.next_at))).unwrap_or_default();
    let mut lines = vec![format!("Clock     {} jobs, {paused} paused{next}", schedules.len())];
    let failed = schedules.iter().filter_map(|one| Some((one, one.last.as_ref()?)));
    let failed = failed.filter(|(_, last)| last.state == JobState::Failed);
    lines.extend(failed.map(|(one, last)| format!("          {} failed: {}", what(one), last.message)));
    lines
}

fn models(models: &[StandingAnswer]) -> String {
    if models.is_empty() {
        return String::from("There is no model yet. Next: verdict models create --help");
    }
    let row = |model: &StandingAnswer| {
        let serves = model.champion.map_or_else(|| String::from("heuristic"), |number| format!("version {number}"));
        let since = model.since.as_deref().map(minute).unwrap_or_default();
        let (versions, predictions) = (model.versions.to_string(), model.predictions.to_string());
        vec![model.name.clone(), serves, since, versions, predictions, model.problem.clone().unwrap_or_default()]
    };
    let head = ["MODEL", "SERVES", "SINCE (UTC)", "VERSIONS", "IN 24 H", ""];
    table(&head, &models.iter().map(row).collect::<Vec<_>>())
}
