//! One training: how far it is, what it says, and what to do when it is over.

use domain::dataset::Dataset;
use domain::retraining::Standing;
use domain::run::{LogLine, Run as Record, RunState};
use domain::{Permission, RunId};
use leptos::prelude::*;

use super::learning;
use super::runs::{state_words, took};
use crate::components::{
    Badge, Button, Confirm, Definition, DefinitionList, Lead, LinkButton, LogEntry, Look, PageHeader, Panel, Progress,
    RunLog, Time, Tone,
};
use crate::moment::Clockface;
use crate::number;
use crate::page::{number_param, page};
use crate::shell::{Crumb, Frame, Section};

/// A training.
#[component]
pub(super) fn Run() -> impl IntoView {
    let id = number_param("id");
    page(move |visit| async move {
        let flash = visit.notice();
        let (desk, actor, id) = (&visit.desk, &visit.actor, RunId(id?));
        let run = desk.training().get(actor, id).await?;
        let log = desk.training().log(actor, id, 0).await?;
        let names = desk.models().names(actor).await?;
        let dataset = match run.dataset {
            Some(id) => Some(desk.datasets().get(actor, id).await?),
            None => None,
        };
        let model = names.into_iter().find(|(id, _)| *id == run.model).map(|(_, name)| name).unwrap_or_default();
        let may_train = actor.may(Permission::Train);
        let (viewer, clock) = (visit.viewer, visit.clock);
        let crumbs = vec![Crumb::link("Runs", "/runs"), Crumb::here(format!("Run {id}"))];
        let state = view! { <Badge tone=Tone::from(run.state) text=state_words(&run)/> };
        let actions = actions(&run, &model, may_train);
        let (lead, course) = (sentence(&run, &model, &clock), course(&run, log));
        let facts = facts(&run, &model, dataset.as_ref(), &clock);
        Ok(view! {
            <Frame viewer title=format!("Run {id}") at=Section::Runs crumbs flash>
                <PageHeader title=format!("Run {id}") aside=format!("of {model}") actions=move || actions>{state}</PageHeader>
                <Lead>{lead}</Lead>
                <div class="columns columns-main-aside">
                    {course}
                    <Panel title="What was asked"><DefinitionList items=facts/></Panel>
                </div>
            </Frame>
        }
        .into_any())
    })
}

fn sentence(run: &Record, model: &str, clock: &Clockface) -> AnyView {
    let time = took(run, clock.now);
    match (run.state, run.version) {
        (RunState::Queued, _) if run.retries > 0 => {
            view! { <b>"It is put off: "{run.message.clone()}"."</b>" It goes on by itself when its time has come." }.into_any()
        }
        (RunState::Queued, _) => view! { <b>"It waits for its turn."</b>" It starts when a worker is free; predictions are answered meanwhile." }.into_any(),
        (RunState::Running, _) if run.cancel_requested => view! { <b>"It is being stopped."</b>" What it learnt so far is thrown away." }.into_any(),
        (RunState::Running, _) => view! { <b>{format!("It has been learning for {time}.")}</b>" You may leave: it goes on without this page." }.into_any(),
        (RunState::Succeeded, Some(number)) => {
            let href = format!("/models/{model}/versions/{number}");
            view! { <b>"It made "<a href=href>{format!("version {number}")}</a>{format!(" in {time}.")}</b>" "{fate(run)} }.into_any()
        }
        (RunState::Succeeded, None) => view! { <b>{format!("It succeeded in {time}.")}</b> }.into_any(),
        (RunState::Cancelled, _) => view! { <b>"It was stopped and made no version."</b>" Nothing else changed; it can be asked for again." }.into_any(),
        (RunState::Failed, _) => failure(run, model),
    }
}

/// What became of its version, and why.
fn fate(run: &Record) -> String {
    match run.became {
        None => String::from("What becomes of it is being decided."),
        Some(Standing::Candidate) if run.because.is_empty() => {
            String::from("The version serves only after somebody promotes it.")
        }
        Some(Standing::Candidate) => format!("It is a candidate: {}.", run.because),
        Some(Standing::Challenger) => format!("It is the challenger: {}.", run.because),
        Some(Standing::Champion) => format!("It serves: {}.", run.because),
    }
}

fn failure(run: &Record, model: &str) -> AnyView {
    let message = run.message.trim_end_matches('.').to_owned();
    let specification = format!("/models/{model}/specification");
    let dataset = run.dataset.map(|dataset| {
        let href = format!("/datasets/{dataset}");
        view! { " and the "<a href=href>"data set"</a> }
    });
    view! {
        <b>{format!("It failed and made no version: {message}.")}</b>
        " Nothing else changed. Look at the "
        <a href=specification>"specification"</a>
        {dataset}
        ", correct what the message names, and train again."
    }
    .into_any()
}

/// The button that matters now.
fn actions(run: &Record, model: &str, may_train: bool) -> AnyView {
    match (run.state, run.version) {
        (RunState::Succeeded, Some(number)) => {
            let href = format!("/models/{model}/versions/{number}");
            view! { <LinkButton look=Look::Primary text=format!("Look at version {number}") href/> }.into_any()
        }
        (RunState::Queued | RunState::Running, _) if may_train && !run.cancel_requested => cancel(run).into_any(),
        (RunState::Failed | RunState::Cancelled, _) if may_train => again(run, model).into_any(),
        _ => ().into_any(),
    }
}

fn cancel(run: &Record) -> impl IntoView + use<> {
    let id = run.id.to_string();
    view! {
        <Confirm label="Stop it">
            <p>"The run ends without a version. What serves now goes on serving."</p>
            <form method="post" action="/actions/cancel_run">
                <input type="hidden" name="run" value=id/>
                <Button look=Look::Danger text="Stop this run"/>
            </form>
        </Confirm>
    }
    .into_any()
}

fn again(run: &Record, model: &str) -> impl IntoView + use<> {
    let (model, seed) = (model.to_owned(), run.seed.to_string());
    let estimator = run.estimator.map(|kind| kind.as_str()).unwrap_or_default();
    view! {
        <form method="post" action="/actions/start_run">
            <input type="hidden" name="model" value=model/>
            <input type="hidden" name="estimator" value=estimator/>
            <input type="hidden" name="seed" value=seed/>
            <Button look=Look::Primary text="Train again"/>
        </form>
    }
    .into_any()
}

/// How far it is and what it said. The script keeps both up to date; without one there is a link.
fn course(run: &Record, log: Vec<LogLine>) -> impl IntoView + use<> {
    let (id, is_over, failed) = (run.id, run.state.is_over(), run.state == RunState::Failed);
    let live = (!is_over).then(|| format!("/runs/{id}/events"));
    let message = match run.state {
        RunState::Queued => String::from("waits for its turn"),
        RunState::Succeeded => String::from("done"),
        _ => run.message.clone(),
    };
    let share = if run.state == RunState::Succeeded { 1.0 } else { run.progress };
    let is_silent = log.is_empty() && is_over;
    let lines = log.into_iter().map(|line| LogEntry { at: line.at, line: line.line }).collect();
    let reload = move || (!is_over).then(|| view! { <noscript><a href=format!("/runs/{id}")>"Reload"</a></noscript> });
    view! {
        <Panel title="Course" actions=reload>
            <Progress share message label=format!("training of run {id}") live failed/>
            {if is_silent {
                view! { <p class="muted">"No log lines yet."</p> }.into_any()
            } else {
                view! { <RunLog lines/> }.into_any()
            }}
        </Panel>
    }
    .into_any()
}

fn facts(run: &Record, model: &str, dataset: Option<&Dataset>, clock: &Clockface) -> Vec<Definition> {
    let model = model.to_owned();
    let of_model = format!("/models/{model}");
    let specification = format!("{of_model}/specification");
    let by = format!("specification {}", run.specification_number);
    let estimator = run.estimator.map_or("as the specification says", |kind| kind.as_str());
    let mut facts = vec![
        Definition::view("Model", view! { <a href=of_model>{model}</a> }),
        Definition::view("Specification", view! { <a href=specification>{by}</a> }),
        Definition::view("Data set", data(run, dataset)),
        Definition::text("Estimator", estimator),
        Definition::text("Seed", run.seed.to_string()),
        Definition::text("Because", because(run)),
        Definition::view("Requested", view! { <Time at=run.created_at/>{format!(" by {}", run.created_by)} }),
    ];
    if let Some(at) = run.started_at {
        facts.push(Definition::view("Started", view! { <Time at/> }));
        facts.push(Definition::text("Took", took(run, clock.now)));
    }
    if run.policy != Standing::Candidate {
        facts.push(Definition::text("May become", run.policy.as_str()));
    }
    if run.retries > 0 {
        facts.push(Definition::text("Put off", number::counted(run.retries, "time", "times")));
    }
    if run.attempts > 1 {
        facts.push(Definition::text("Attempts", format!("{}: its worker died before it was done", run.attempts)));
    }
    facts
}

/// Which trigger asked for it, and what that saw.
fn because(run: &Record) -> String {
    let cause = learning::cause(run.trigger);
    if run.saw.is_empty() { cause.to_owned() } else { format!("{cause}: {}", run.saw) }
}

fn data(run: &Record, dataset: Option<&Dataset>) -> AnyView {
    let Some(dataset) = dataset else {
        let what = run.days.map_or_else(|| String::from("what is known"), |days| format!("the last {days} days"));
        return format!("{what} when it begins").into_any();
    };
    let (href, rows) = (format!("/datasets/{}", dataset.id), number::counted(dataset.rows, "row", "rows"));
    let mut known = match dataset.outcome_rows {
        0 => String::new(),
        n => format!(", {} of them with an outcome", number::count(n)),
    };
    if dataset.verdict_rows > 0 {
        known += &format!(", {} by a verdict on a case", number::count(dataset.verdict_rows));
    }
    view! { <a href=href>{dataset.name.clone()}</a>{format!(": {rows}{known}")} }.into_any()
}
