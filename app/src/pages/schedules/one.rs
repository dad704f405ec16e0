//! One schedule: its times, and what came of each.

use desk::schedules::Scheduled;
use domain::schedule::ScheduleRun;
use domain::{ScheduleId, ScheduleRunId, Timestamp};
use leptos::prelude::*;

use super::{buttons, name, next, when, words};
use crate::components::{
    Badge, Cell, Column, Definition, DefinitionList, EmptyState, Lead, PageHeader, Pagination, Panel, Row, Table, Time,
    Tone,
};
use crate::moment::Clockface;
use crate::number;
use crate::page::{number_param, page, query};
use crate::pages::person_name;
use crate::shell::{Crumb, Frame, Section};

/// Executions of one page.
const RUNS: usize = 50;

/// One schedule.
#[component]
pub(in crate::pages) fn Schedule() -> impl IntoView {
    let (id, before) = (number_param("id"), query("before").and_then(|text| text.parse().ok()));
    page(move |visit| async move {
        let flash = visit.notice();
        let id = ScheduleId(id?);
        let one = visit.desk.schedules().get(&visit.actor, id).await?;
        let before = before.map(ScheduleRunId);
        let mut runs = visit.desk.schedules().runs(&visit.actor, id, before, RUNS as u32 + 1).await?;
        let more = runs.len() > RUNS;
        runs.truncate(RUNS);
        let older = runs.last().filter(|_| more).map(|run| format!("/schedules/{id}?before={}", run.id));
        let newer = before.map(|_| format!("/schedules/{id}"));
        let actions = one.may_be_changed_by(&visit.actor).then(|| buttons(&one, "one"));
        let (title, lead, facts) = (name(&one), lead(&one, &visit.clock), facts(&one, &visit.clock));
        let (now, nothing) = (visit.clock.now, words::nothing_yet(one.job.job));
        let rows = runs.into_iter().map(|run| row(run, now)).collect();
        let crumbs = vec![Crumb::link("Schedules", "/schedules"), Crumb::here(&title)];
        let viewer = visit.viewer;
        Ok(view! {
            <Frame viewer title=title.clone() at=Section::Schedules crumbs flash>
                <PageHeader title=title.clone() actions=move || actions/>
                <Lead>{lead}</Lead>
                <div class="columns columns-main-aside">
                    <Panel title="What it did" note=String::from("90 days, newest first")>
                        <Table label="Executions" columns=columns() rows>
                            <EmptyState title="Not yet" text=nothing/>
                        </Table>
                        <Pagination newer older/>
                    </Panel>
                    <Panel title="When"><DefinitionList items=facts/></Panel>
                </div>
            </Frame>
        }
        .into_any())
    })
}

fn lead(one: &Scheduled, clock: &Clockface) -> AnyView {
    let what = words::explained(one.job.job);
    let when = match &one.job.paused {
        Some((at, by)) => format!("Paused by {} {}.", person_name(by), clock.relative(*at)),
        None => format!("Next {}.", clock.relative(one.job.next_at)),
    };
    view! { <b>{when}</b>" "{what} }.into_any()
}

fn facts(one: &Scheduled, clock: &Clockface) -> Vec<Definition> {
    let (expression, zone) = (one.job.expression.clone(), one.job.time_zone.clone());
    let mut items = vec![
        Definition::view("Times", when(one, clock)),
        Definition::view("Expression", view! { <code>{expression}</code> }),
        Definition::text("By the clocks of", zone),
        Definition::view("Next", next(one)),
    ];
    let declared = match &one.model {
        Some(model) => {
            let href = format!("/models/{model}/specification");
            view! { <a href=href>"the specification"</a> }.into_any()
        }
        None => "every organisation has it".into_any(),
    };
    items.push(Definition::view("Declared by", declared));
    items
}

fn columns() -> Vec<Column> {
    vec![
        Column::tight("Due"),
        Column::tight("State"),
        Column::text("What came of it"),
        Column::text("Asked for by"),
        Column::number("Took"),
    ]
}

fn row(run: ScheduleRun, now: Timestamp) -> Row {
    let by = run.asked_by.as_deref().map_or("the clock", person_name).to_owned();
    let took = run.began_at.map(|began| number::duration(run.ended_at.unwrap_or(now).since(began)));
    let again = (run.attempts > 1).then(|| view! { " "<small>{format!("attempt {}", run.attempts)}</small> });
    Row::new(vec![
        Cell::view(view! { <Time at=run.due_at absolute=true/> }),
        Cell::view(view! { <Badge tone=Tone::from(run.state) text=words::state(run.state)/>{again} }),
        Cell::text(run.message),
        Cell::text(by),
        Cell::text(took.unwrap_or_else(|| String::from("–"))),
    ])
}
