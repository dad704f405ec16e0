//! What is done by the clock: when next, what came of it last, and the buttons to hold it up or have it done now.

mod one;
mod words;

use desk::schedules::Scheduled;
use domain::schedule::ScheduleRun;
use leptos::prelude::*;

use crate::components::{
    Badge, Button, Cell, Column, Definition, DefinitionList, Lead, Look, PageHeader, Panel, Row, Table, Time, Tone,
};
use crate::form;
use crate::moment::Clockface;
use crate::number;
use crate::page::{Visit, page};
use crate::shell::{Crumb, Frame, Section};

pub(super) use one::Schedule;

/// Most letters of what came of it, in a list.
const SHORT: usize = 120;

/// The schedules.
#[component]
pub(super) fn Schedules() -> impl IntoView {
    page(|visit| async move {
        let flash = visit.notice();
        let all = visit.desk.schedules().list(&visit.actor, None).await?;
        let changes = all.iter().any(|one| one.may_be_changed_by(&visit.actor));
        let lead = lead(&all, &visit.clock);
        let rows = all.iter().map(|one| row(one, &visit, changes)).collect();
        let viewer = visit.viewer;
        Ok(view! {
            <Frame viewer title="Schedules" at=Section::Schedules crumbs=vec![Crumb::here("Schedules")] flash>
                <PageHeader title="Schedules"/>
                <Lead>{lead}</Lead>
                <Panel title="By the clock" note=String::from("times that were missed are made up for once; a pause holds what waits")>
                    <Table label="Schedules" columns=columns(changes) rows/>
                </Panel>
            </Frame>
        }
        .into_any())
    })
}

fn lead(all: &[Scheduled], clock: &Clockface) -> impl IntoView + use<> {
    let going = all.iter().filter(|one| one.job.paused.is_none());
    let first = going.min_by_key(|one| one.job.next_at).map_or_else(
        || String::from("Nothing is due."),
        |one| format!("Next: {}, {}.", name(one).to_lowercase(), clock.relative(one.job.next_at)),
    );
    let (failed, paused) =
        (all.iter().filter(|one| one.has_failed()).count(), all.iter().filter(|one| one.job.paused.is_some()).count());
    let mut rest = Vec::new();
    if failed > 0 {
        rest.push(format!("{} failed the last time", number::counted(failed as i64, "schedule", "schedules")));
    }
    if paused > 0 {
        rest.push(format!("{} paused", number::counted(paused as i64, "is", "are")));
    }
    let rest = if rest.is_empty() { String::new() } else { format!(" {}.", rest.join("; ")) };
    view! { <b>{first}</b>{rest} }.into_any()
}

/// `Retraining of fraud`.
pub(super) fn name(one: &Scheduled) -> String {
    let job = words::job(one.job.job);
    one.model.as_ref().map_or_else(|| job.to_owned(), |model| format!("{job} of {model}"))
}

fn columns(changes: bool) -> Vec<Column> {
    let mut columns = vec![
        Column::text("Job"),
        Column::text("Of"),
        Column::text("When"),
        Column::tight("Next"),
        Column::text("Last"),
    ];
    if changes {
        columns.push(Column::silent("Change"));
    }
    columns
}

fn row(one: &Scheduled, visit: &Visit, changes: bool) -> Row {
    let of = match &one.model {
        Some(model) => Cell::link(model.clone(), format!("/models/{model}")),
        None => Cell::view(view! { <span class="muted">"the organisation"</span> }),
    };
    let mut cells = vec![
        Cell::link(words::job(one.job.job), format!("/schedules/{}", one.job.id)),
        of,
        Cell::view(when(one, &visit.clock)),
        Cell::view(next(one)),
        Cell::view(last(one.job.last.as_ref())),
    ];
    if changes {
        let may = one.may_be_changed_by(&visit.actor);
        cells.push(if may { Cell::view(buttons(one, "list")) } else { Cell::empty() });
    }
    Row::new(cells)
}

/// The words for its times, or the expression where there are none; the zone, unless it is the reader's.
fn when(one: &Scheduled, clock: &Clockface) -> impl IntoView + use<> {
    let (expression, zone) = (one.job.expression.clone(), one.job.time_zone.clone());
    let is_here = clock.zone.iana_name() == Some(zone.as_str());
    let times = match words::when(&expression) {
        Some(words) => view! { <span title=expression>{words}</span> }.into_any(),
        None => view! { <code>{expression}</code> }.into_any(),
    };
    view! { {times}{(!is_here).then(|| view! { " "<small>{zone}</small> })} }.into_any()
}

fn next(one: &Scheduled) -> impl IntoView + use<> {
    match &one.job.paused {
        Some(_) => view! { <Badge tone=Tone::Warn text="paused"/> }.into_any(),
        None => view! { <Time at=one.job.next_at absolute=true/> }.into_any(),
    }
}

fn last(run: Option<&ScheduleRun>) -> impl IntoView + use<> {
    let Some(run) = run else { return view! { <span class="muted">"never"</span> }.into_any() };
    let at = run.ended_at.or(run.began_at).unwrap_or(run.due_at);
    let said: String = run.message.chars().take(SHORT).collect();
    let said = if said.len() < run.message.len() { format!("{said}…") } else { said };
    view! {
        <span class="row">
            <Badge tone=Tone::from(run.state) text=words::state(run.state)/>
            <Time at/>
            <small>{said}</small>
        </span>
    }
    .into_any()
}

/// To have it done now, and to hold it up or let it go on; `back` says which page the forms stand on.
fn buttons(one: &Scheduled, back: &'static str) -> impl IntoView + use<> {
    let busy = (!one.job.may_be_asked_for()).then(|| String::from("It waits or is under way."));
    let (action, words) = match one.job.paused {
        Some(_) => ("/actions/resume_schedule", "Resume"),
        None => ("/actions/pause_schedule", "Pause"),
    };
    let id = one.job.id.to_string();
    view! {
        <span class="row">
            <form method="post" action="/actions/run_schedule">
                <input type="hidden" name="schedule" value=id.clone()/>
                <input type="hidden" name="back" value=back/>
                <Button text="Run now" disabled=busy/>
            </form>
            <form method="post" action=action>
                <input type="hidden" name="schedule" value=id/>
                <input type="hidden" name="back" value=back/>
                <Button look=Look::Plain text=words/>
            </form>
        </span>
    }
    .into_any()
}

/// What is done to one model by the clock, for its page; none if nothing is. The page stands without it.
pub(super) async fn of_model(visit: &Visit, model: &str) -> Option<AnyView> {
    let all = visit.desk.schedules().list(&visit.actor, Some(model)).await.inspect_err(form::log).ok()?;
    if all.is_empty() {
        return None;
    }
    let parts = all.iter().map(|one| part(one, visit)).collect_view();
    Some(view! { <Panel title="By the clock">{parts}</Panel> }.into_any())
}

fn part(one: &Scheduled, visit: &Visit) -> impl IntoView + use<> {
    let href = format!("/schedules/{}", one.job.id);
    let items = vec![
        Definition::view(words::job(one.job.job), when(one, &visit.clock)),
        Definition::view("Next", next(one)),
        Definition::view("Last", view! { <a href=href>{last(one.job.last.as_ref())}</a> }),
    ];
    let buttons = one.may_be_changed_by(&visit.actor).then(|| buttons(one, "model"));
    view! { <DefinitionList items/>{buttons} }.into_any()
}
