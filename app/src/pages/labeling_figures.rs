//! How the loop of reading and correcting runs, queue by queue.

mod charts;
mod figures;
mod tables;

use std::collections::HashMap;

use desk::labeling::{LabelingFigures, QueueAgreement, Selection};
use desk::models::ModelDetail;
use domain::{Permission, PersonId};
use leptos::prelude::*;

use crate::components::{Button, EmptyState, FigureStrip, Lead, LinkButton, Look, PageHeader, Panel, TextField, Time};
use crate::form;
use crate::number::{self, NO_BREAK};
use crate::page::{Visit, page, param, query};
use crate::shell::{Crumb, Frame, Section};

const PERIODS: [i64; 4] = [7, 30, 90, 180];
/// Name of the form.
const FORM: &str = "select_readings";

/// What the page shows.
struct Loop {
    model: ModelDetail,
    figures: LabelingFigures,
    agreement: QueueAgreement,
    selection: Option<Selection>,
    names: Names,
    days: i64,
}

/// What people are called.
struct Names(HashMap<PersonId, String>);

impl Names {
    fn of(&self, person: PersonId) -> String {
        self.0.get(&person).cloned().unwrap_or_else(|| format!("person {person}"))
    }
}

/// The dashboard of a queue.
#[component]
pub(super) fn QueueFigures() -> impl IntoView {
    let queue = param("queue");
    let asked = query("days").and_then(|text| text.parse().ok());
    let days = asked.filter(|days| PERIODS.contains(days)).unwrap_or(30);
    page(move |visit| async move {
        let (labeling, actor) = (visit.desk.labeling(), &visit.actor);
        let figures = labeling.figures(actor, &queue, days).await?;
        let agreement = labeling.agreement(actor, &queue, days).await?;
        let selection = labeling.newest_selection(actor, &queue).await?;
        let model = visit.desk.models().get(actor, &queue).await?;
        let names = names(&visit).await;
        let board = Loop { model, figures, agreement, selection, names, days };
        Ok(frame(visit, &board))
    })
}

/// Names of people; without the right to see them, numbers.
async fn names(visit: &Visit) -> Names {
    if !visit.actor.may(Permission::ManagePeople) {
        return Names(HashMap::new());
    }
    let people = visit.desk.people().list(&visit.actor).await.inspect_err(form::log).unwrap_or_default();
    Names(people.into_iter().map(|person| (person.id, person.name)).collect())
}

fn frame(visit: Visit, board: &Loop) -> AnyView {
    let flash = visit.notice();
    let (queue, days) = (board.model.model.name.clone(), board.days);
    let crumbs =
        vec![Crumb::link("Labeling", "/label"), Crumb::link(&queue, format!("/label/{queue}")), Crumb::here("figures")];
    let actions = {
        let queue = queue.clone();
        move || {
            let periods = PERIODS.into_iter().map(|period| {
                let href = format!("/label/{queue}/figures?days={period}");
                let (current, words) = ((period == days).then_some("true"), format!("{period}{NO_BREAK}d"));
                view! { <a class="button" href=href aria-current=current title=format!("{period} days")>{words}</a> }
            });
            view! { <nav class="row" aria-label="Period">{periods.collect_view()}</nav> }
        }
    };
    let read_any = board.figures.captured.values().sum::<i64>() > 0 || !board.figures.backlog.is_empty();
    let content = if read_any { measured(&visit, board) } else { nothing(&queue, days) };
    view! {
        <Frame viewer=visit.viewer title=format!("Labeling of {queue}") at=Section::Labeling crumbs flash>
            <PageHeader title=queue aside=format!("labeling, last {days} days") actions/>
            {content}
        </Frame>
    }
    .into_any()
}

fn nothing(queue: &str, days: i64) -> AnyView {
    let href = format!("/models/{queue}");
    let text =
        format!("Send images to /api/v1/models/{queue}/readings. What the model is not sure of waits here for people.");
    view! {
        <EmptyState title=format!("No reading in {days} days") text>
            <LinkButton look=Look::Primary text="Open the model" href/>
        </EmptyState>
    }
    .into_any()
}

fn measured(visit: &Visit, board: &Loop) -> AnyView {
    let (lead, strip) = (figures::lead(board), figures::strip(board));
    let (captured, read) = (charts::captured(board), charts::read(board));
    let (accepted, all) = (charts::accepted(board), charts::all(board));
    let (backlog, labelers, pairs) = (tables::backlog(board), tables::labelers(board), tables::together(board));
    let (choose, export) = (choose(visit, board), export(board));
    view! {
        <Lead>{lead}</Lead>
        <FigureStrip figures=strip/>
        <div class="columns">
            <Panel title="Captured a day" note=String::from("narrow in front: under the limit")>{captured}</Panel>
            <Panel title="Looked at a day" note=String::from("narrow in front: corrected")>{read}</Panel>
            <Panel title="Errors among accepted readings" note=String::from("by week, from the random audit")>{accepted}</Panel>
            <Panel title="Errors among all that people looked at" note=String::from("by week") foot=String::from("Doubtful readings are looked at more, so this is not how good a version is, but how its errors move.")>
                {all}
            </Panel>
            <Panel title="What waits">{backlog}</Panel>
            <Panel title="Worth labeling next">{choose}</Panel>
        </div>
        <Panel title="Labelers" foot=pairs>{labelers}</Panel>
        {export}
    }
    .into_any()
}

/// The form that chooses, and what was chosen last.
fn choose(visit: &Visit, board: &Loop) -> AnyView {
    let model = &board.model.model;
    let usual = model.specification.reading.as_ref().map_or(50, |reading| reading.selection);
    let typed = visit.said.value(FORM, "count");
    let value = if typed.is_empty() { usual.to_string() } else { typed };
    let error = visit.said.error(FORM, "count");
    let last = board.selection.as_ref().map(last_choice);
    let name = model.name.clone();
    view! {
        <p class="muted">
            "Picks readings of the last week that the model doubts and that differ from each other, spread over sources, \
             none twice. It also happens by the clock: "<a href="/schedules">"Schedules"</a>"."
        </p>
        {last}
        <form class="filters" method="post" action="/actions/select_readings">
            <input type="hidden" name="model" value=name/>
            <TextField name="count" label="Readings" kind="number" required=true value error/>
            <Button look=Look::Primary text="Choose them to label"/>
        </form>
    }
    .into_any()
}

fn last_choice(selection: &Selection) -> impl IntoView + use<> {
    let made = &selection.made;
    let (at, by) = (made.at, made.actor.clone());
    let chosen = number::counted(selection.chosen, "reading", "readings");
    let words = format!("Last time: {chosen} chosen out of {}, by {by}, ", number::count(made.pool));
    let notes = made.notes.clone();
    view! {
        <p>{words}<Time at/>"."</p>
        {(!notes.is_empty()).then(|| view! { <ul class="notes">{notes.into_iter().map(|note| view! { <li>{note}</li> }).collect_view()}</ul> })}
    }
}

fn export(board: &Loop) -> impl IntoView + use<> {
    let at = format!("/api/v1/labeling/queues/{}/export", board.model.model.name);
    let studio = format!("{at}?format=label-studio");
    view! {
        <Panel title="Take it with you">
            <p>
                "Settled texts as "<a href=at>"CSV"</a>" or as "<a href=studio>"tasks of Label Studio"</a>". With their images they \
                 come as a zip from the page of a "<a href="/datasets">"data set"</a>"."
            </p>
        </Panel>
    }
    .into_any()
}
