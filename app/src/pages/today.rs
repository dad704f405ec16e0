//! What needs somebody today.

use desk::overview::{InService, Today as Content};
use domain::Role;
use leptos::prelude::*;

use super::quality::words;
use super::schedules;
use crate::components::{
    Badge, Cell, Column, EmptyState, Lead, LinkButton, Look, PageHeader, Panel, Row, Sparkline, Table, Time, Tone,
};
use crate::form;
use crate::number;
use crate::page::{Visit, page};
use crate::shell::{Crumb, Frame, Section};

/// The first page.
#[component]
pub(super) fn Today() -> impl IntoView {
    page(|visit| async move {
        if let Some(place) = first_place(visit.viewer.role) {
            // What was said to them is for the page they are led to.
            if !visit.said.message.is_empty() {
                form::keep(visit.said).await;
            }
            form::go(place);
            return Ok(().into_any());
        }
        let content = visit.desk.overview().today(&visit.actor).await?;
        Ok(show(visit, content))
    })
}

/// Where the day of somebody begins who has no use for this page.
fn first_place(role: Role) -> Option<&'static str> {
    match role {
        Role::Admin => None,
        Role::Supervisor => Some("/cases"),
        Role::Labeler => Some("/label"),
    }
}

fn show(visit: Visit, content: Content) -> AnyView {
    let flash = visit.notice();
    let date = visit.clock.today();
    let needs = needs(&content);
    let lead = lead(&needs, &content);
    let open_runs = (!content.open_runs.is_empty()).then(|| open_runs(&content));
    let rows: Vec<Row> = content.models.iter().map(row).collect();
    let crumbs = vec![Crumb::here("Today")];
    let admin = visit.viewer.role == Role::Admin;
    view! {
        <Frame viewer=visit.viewer title="Today" at=Section::Today crumbs flash>
            <PageHeader title="Today" note=date/>
            <Lead>{lead}</Lead>
            {(!needs.is_empty()).then(|| view! { <Panel title="Needs you">{needs_table(needs)}</Panel> })}
            {open_runs}
            <Panel title="Models in service">
                <Table label="Models in service" columns=columns() rows>
                    <EmptyState title="No models yet" text="A model learns from a table of examples with their outcome.">
                        {admin.then(|| view! { <LinkButton look=Look::Primary text="Make a model from a CSV" href="/models/new"/> })}
                    </EmptyState>
                </Table>
            </Panel>
        </Frame>
    }
    .into_any()
}

/// One thing that somebody should look at.
struct Need {
    tone: Tone,
    state: &'static str,
    text: String,
    link: (String, String),
}

fn needs(content: &Content) -> Vec<Need> {
    let refused = content.models.iter().filter_map(|model| {
        let problem = model.problem.as_ref()?;
        let text = format!("The champion of {} is refused, its heuristic answers: {problem}", model.name);
        Some(Need {
            tone: Tone::Bad,
            state: "refused",
            text,
            link: (String::from("open model"), format!("/models/{}", model.name)),
        })
    });
    let failed = content.failed_runs.iter().map(|run| Need {
        tone: Tone::Bad,
        state: "failed",
        text: format!("Run {} failed: {}", run.id, run.message),
        link: (String::from("open run"), format!("/runs/{}", run.id)),
    });
    let undone = content.failed_schedules.iter().map(|one| Need {
        tone: Tone::Bad,
        state: "failed",
        text: format!("{} failed: {}", schedules::name(one), one.job.last.as_ref().map_or("", |run| &run.message)),
        link: (String::from("open schedule"), format!("/schedules/{}", one.job.id)),
    });
    let idle =
        content.models.iter().filter(|model| model.champion.is_none() && model.problem.is_none()).map(|model| Need {
            tone: Tone::Warn,
            state: "heuristic",
            text: format!("{} has no champion; its heuristic answers", model.name),
            link: (String::from("choose a version"), format!("/models/{}", model.name)),
        });
    refused.chain(failed).chain(undone).chain(idle).collect()
}

fn lead(needs: &[Need], content: &Content) -> impl IntoView + use<> {
    let volume: u64 = content.models.iter().map(|model| model.traffic.predictions).sum();
    let start = match needs.len() {
        0 => String::from("Nothing needs you."),
        1 => String::from("One thing needs you."),
        n => format!("{n} things need you."),
    };
    let models = number::counted(content.models.len() as i64, "model", "models");
    let answered = number::counted(volume, "prediction", "predictions");
    view! { <b>{start}</b>" "{models}" answered "{answered}" in the last 24 hours." }.into_any()
}

fn needs_table(needs: Vec<Need>) -> impl IntoView {
    let rows = needs.into_iter().map(|need| {
        let badge = view! { <Badge tone=need.tone text=need.state/> };
        Row::new(vec![Cell::text(need.text), Cell::view(badge), Cell::link(need.link.0, need.link.1)])
    });
    let columns = vec![Column::text("What"), Column::tight("State"), Column::silent("Where")];
    view! { <Table label="What needs somebody" columns rows=rows.collect()/> }.into_any()
}

fn open_runs(content: &Content) -> impl IntoView + use<> {
    let rows: Vec<Row> = content
        .open_runs
        .iter()
        .map(|run| {
            let share = number::percent(run.progress);
            Row::new(vec![
                Cell::link(format!("Run {}", run.id), format!("/runs/{}", run.id)),
                Cell::text(run.message.clone()),
                Cell::text(share),
            ])
        })
        .collect();
    let columns = vec![Column::text("Run"), Column::text("Doing"), Column::number("Done")];
    view! { <Panel title="Trainings under way"><Table label="Trainings under way" columns rows/></Panel> }.into_any()
}

fn columns() -> Vec<Column> {
    vec![
        Column::text("Model"),
        Column::text("Champion"),
        Column::number("24 h"),
        Column::text("Volume"),
        Column::number("p95"),
        Column::text("Quality, 7 days, from outcomes"),
    ]
}

fn row(model: &InService) -> Row {
    let champion = match (&model.champion, model.since) {
        (Some(version), Some(since)) => {
            let number = version.number;
            view! { "v"{number}" "<span class="muted">"since "<Time at=since/></span> }.into_any()
        }
        _ => view! { <Badge tone=Tone::Warn text="heuristic"/> }.into_any(),
    };
    let volumes: Vec<f64> = model.traffic.hours.iter().map(|n| *n as f64).collect();
    let label = format!("predictions an hour over 24 hours: {} in all", number::count(model.traffic.predictions));
    Row::new(vec![
        Cell::link(model.name.clone(), format!("/models/{}", model.name)),
        Cell::view(champion),
        Cell::text(number::count(model.traffic.predictions)),
        Cell::view(view! { <Sparkline values=volumes label/> }),
        Cell::text(latency(model.traffic.p95_micros)),
        Cell::link(words::short(model.task, &model.quality), format!("/models/{}/quality?days=7", model.name)),
    ])
}

fn latency(micros: Option<f64>) -> String {
    micros.map_or_else(|| String::from("–"), |micros| number::milliseconds(micros / 1e3))
}
