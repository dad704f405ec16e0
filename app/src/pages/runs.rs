//! All trainings, newest first.

use std::collections::BTreeMap;

use desk::Error;
use domain::run::{Run, RunState};
use domain::{ModelId, RunId, Timestamp};
use leptos::prelude::*;

use crate::address::address;
use crate::components::{
    Badge, Button, Cell, Choice, Column, EmptyState, Lead, LinkButton, PageHeader, Pagination, Panel, Row, SelectField,
    Table, Time, Tone,
};
use crate::number;
use crate::page::{page, query};
use crate::shell::{Crumb, Frame, Section};

/// Runs of one page.
const RUNS: usize = 50;

/// Which runs are asked for.
#[derive(Clone, Default)]
struct Filter {
    model: String,
    state: String,
    before: Option<i64>,
}

/// The runs.
#[component]
pub(super) fn Runs() -> impl IntoView {
    let filter = Filter {
        model: query("model").unwrap_or_default(),
        state: query("state").unwrap_or_default(),
        before: query("before").and_then(|text| text.parse().ok()),
    };
    page(move |visit| async move {
        let flash = visit.notice();
        let names: BTreeMap<ModelId, String> = visit.desk.models().names(&visit.actor).await?.into_iter().collect();
        let (model, state) = (model_of(&filter, &names)?, RunState::parse(&filter.state));
        let training = visit.desk.training();
        let before = filter.before.map(RunId);
        let mut runs = training.list(&visit.actor, model, state, before, RUNS as u32 + 1).await?;
        let more = runs.len() > RUNS;
        runs.truncate(RUNS);
        let (lead, links) = (summary(&runs, &filter, more), links(&filter, &runs, more));
        let now = visit.clock.now;
        let rows = runs.into_iter().map(|run| row(run, &names, now)).collect();
        let viewer = visit.viewer;
        Ok(view! {
            <Frame viewer title="Runs" at=Section::Runs crumbs=vec![Crumb::here("Runs")] flash>
                <PageHeader title="Runs"/>
                <Lead>{lead}</Lead>
                <Panel title="Trainings" note=String::from("newest first")>
                    {filter_form(&filter, &names)}
                    <Table label="Runs" columns=columns() rows>{nothing(&filter)}</Table>
                    {links}
                </Panel>
            </Frame>
        }
        .into_any())
    })
}

fn model_of(filter: &Filter, names: &BTreeMap<ModelId, String>) -> desk::Result<Option<ModelId>> {
    if filter.model.is_empty() {
        return Ok(None);
    }
    let found = names.iter().find(|(_, name)| **name == filter.model).map(|(id, _)| *id);
    found.map(Some).ok_or_else(|| Error::not_found(format!("model `{}`", filter.model)))
}

fn summary(runs: &[Run], filter: &Filter, more: bool) -> impl IntoView + use<> {
    let count = |state: RunState| runs.iter().filter(|run| run.state == state).count();
    let (running, waiting) = (count(RunState::Running), count(RunState::Queued));
    let is_filtered = !filter.model.is_empty() || !filter.state.is_empty() || filter.before.is_some();
    let (first, rest) = match (is_filtered, running + waiting) {
        (true, _) => {
            let more = if more { "; older ones follow" } else { "" };
            (format!("{} match", number::counted(runs.len() as i64, "run", "runs")), format!("{more}."))
        }
        (false, 0) => {
            (String::from("Nothing is being trained."), String::from(" A training is started on a model’s page."))
        }
        (false, _) => {
            let waits = if waiting == 1 { "waits" } else { "wait" };
            let running = number::counted(running as i64, "run is", "runs are");
            (format!("{running} under way, {} {waits}.", number::count(waiting as i64)), String::new())
        }
    };
    view! { <b>{first}</b>{rest} }.into_any()
}

fn columns() -> Vec<Column> {
    vec![
        Column::text("Run"),
        Column::text("Model"),
        Column::tight("State"),
        Column::text("Progress"),
        Column::text("Requested by"),
        Column::tight("When"),
        Column::number("Took"),
        Column::text("Version"),
    ]
}

fn row(run: Run, names: &BTreeMap<ModelId, String>, now: Timestamp) -> Row {
    let model = names.get(&run.model).cloned().unwrap_or_default();
    let version = match run.version {
        Some(number) => Cell::link(format!("version {number}"), format!("/models/{model}/versions/{number}")),
        None => Cell::empty(),
    };
    Row::new(vec![
        Cell::link(format!("run {}", run.id), format!("/runs/{}", run.id)),
        Cell::link(model.clone(), format!("/models/{model}")),
        Cell::view(view! { <Badge tone=Tone::from(run.state) text=state_words(&run)/> }),
        Cell::text(doing(&run)),
        Cell::text(run.created_by.clone()),
        Cell::view(view! { <Time at=run.created_at/> }),
        Cell::text(took(&run, now)),
        version,
    ])
}

/// `running`, or that it is being stopped.
pub(super) fn state_words(run: &Run) -> &'static str {
    if run.cancel_requested && !run.state.is_over() { "stopping" } else { run.state.as_str() }
}

fn doing(run: &Run) -> String {
    match run.state {
        RunState::Running => format!("{:.0}{}%, {}", run.progress * 100.0, number::NO_BREAK, run.message),
        RunState::Queued if run.retries > 0 => format!("put off: {}", run.message),
        RunState::Queued => String::from("waits for its turn"),
        RunState::Succeeded => run.became.map_or("", |standing| standing.as_str()).to_owned(),
        RunState::Failed | RunState::Cancelled => run.message.clone(),
    }
}

/// How long it has been worked on.
pub(super) fn took(run: &Run, now: Timestamp) -> String {
    match run.started_at {
        Some(started) => number::duration(run.finished_at.unwrap_or(now).since(started)),
        None => String::from("–"),
    }
}

fn filter_form(filter: &Filter, names: &BTreeMap<ModelId, String>) -> impl IntoView + use<> {
    let any = |words: &str, chosen: bool| Choice::new("", words).chosen(chosen);
    let mut models = vec![any("all models", filter.model.is_empty())];
    models.extend(names.values().map(|name| Choice::new(name, name).chosen(*name == filter.model)));
    let mut states = vec![any("all states", filter.state.is_empty())];
    states.extend(
        RunState::ALL.map(|state| Choice::new(state.as_str(), state.as_str()).chosen(state.as_str() == filter.state)),
    );
    view! {
        <form class="filters" method="get" action="/runs">
            <SelectField name="model" label="Model" choices=models/>
            <SelectField name="state" label="State" choices=states/>
            <Button text="Filter"/>
        </form>
    }
    .into_any()
}

fn nothing(filter: &Filter) -> impl IntoView + use<> {
    if filter.model.is_empty() && filter.state.is_empty() {
        let text = "A run trains a model on a data set and, if it succeeds, makes its next version.";
        return view! {
            <EmptyState title="No runs yet" text><LinkButton text="Go to the models" href="/models"/></EmptyState>
        }
        .into_any();
    }
    view! {
        <EmptyState title="No such runs" text="No run is of this model and in this state.">
            <LinkButton text="Show all runs" href="/runs"/>
        </EmptyState>
    }
    .into_any()
}

fn links(filter: &Filter, runs: &[Run], more: bool) -> impl IntoView + use<> {
    let place =
        |before: String| address("/runs", &[("model", &filter.model), ("state", &filter.state), ("before", &before)]);
    let older = runs.last().filter(|_| more).map(|run| place(run.id.to_string()));
    let newer = filter.before.map(|_| place(String::new()));
    let shown = number::counted(runs.len() as i64, "run", "runs");
    view! { <Pagination newer older shown/> }.into_any()
}
