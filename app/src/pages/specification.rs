//! The recipe of a model: what it says, how it is changed, and what it said before.

use desk::models::Revision;
use domain::attendance::MODEL;
use domain::gate::Gate;
use domain::model::Model;
use domain::reading::Reading;
use domain::specification::{ClassWeight, Specification as Recipe, Split, ThresholdRule};
use domain::{Permission, Task};
use leptos::prelude::*;

use super::figures::task_words;
use super::wizard::{estimator_words, kind_words};
use crate::components::{
    Badge, Button, Cell, Column, Copyable, Definition, DefinitionList, Lead, LinkButton, Look, PageHeader, Panel, Row,
    Table, TextArea, Time, Tone,
};
use crate::form::Said;
use crate::number;
use crate::page::{page, param};
use crate::shell::{Crumb, Frame, Section};

/// Name of the form.
const FORM: &str = "specify_model";

/// A model's specification.
#[component]
pub(super) fn Specification() -> impl IntoView {
    let name = param("m");
    page(move |visit| async move {
        let flash = visit.notice();
        let (desk, actor) = (&visit.desk, &visit.actor);
        let model = desk.models().get(actor, &name).await?.model;
        let revisions = desk.models().revisions(actor, &name).await?;
        let recipe = &model.specification;
        let number = model.specification_number;
        let editor = actor.may(Permission::WriteModels).then(|| editor(&visit.said, &name, &model));
        let of_model = format!("/models/{name}");
        let crumbs = vec![
            Crumb::link("Models", "/models"),
            Crumb::link(name.clone(), of_model.clone()),
            Crumb::here("Specification"),
        ];
        let (lead, what, how) = (sentence(recipe), what(recipe), how(&name, recipe));
        let inputs = match &recipe.reading {
            Some(reading) => rules(reading).into_any(),
            None => inputs(recipe).into_any(),
        };
        let history = history(revisions, number);
        let viewer = visit.viewer.clone();
        Ok(view! {
            <Frame viewer title=format!("{name} specification") at=Section::Models crumbs flash>
                <PageHeader
                    title=name
                    aside=format!("specification {number}")
                    actions=move || view! { <LinkButton text="Back to the model" href=of_model/> }
                />
                <Lead>{lead}</Lead>
                <div class="columns columns-2">
                    <Panel title="What is learnt"><DefinitionList items=what/></Panel>
                    <Panel title="How it is learnt and judged"><DefinitionList items=how/></Panel>
                </div>
                {inputs}
                {editor}
                {history}
            </Frame>
        }
        .into_any())
    })
}

fn sentence(recipe: &Recipe) -> impl IntoView + use<> {
    let target = recipe.target.clone();
    let learns = match (recipe.task, recipe.positive()) {
        (Task::Binary, Some(positive)) => format!("Learns whether {target} is “{positive}”"),
        (Task::Regression, _) => format!("Learns the number {target}"),
        (Task::TextRecognition, _) => String::from("Learns to read the text"),
        _ => format!("Learns which of {} classes {target} is", recipe.classes.len()),
    };
    let inputs = match recipe.task {
        Task::TextRecognition => String::from("images"),
        _ => number::counted(recipe.columns.len() as i64, "input", "inputs"),
    };
    view! {
        <b>{format!("{learns} from {inputs}.")}</b>
        " A change is for the next training; versions that exist keep the specification they were trained by."
    }
    .into_any()
}

fn what(recipe: &Recipe) -> Vec<Definition> {
    let mut items =
        vec![Definition::text("Task", task_words(recipe.task)), Definition::text("Target", recipe.target.clone())];
    if !recipe.classes.is_empty() {
        items.push(Definition::text("Classes", recipe.classes.join(", ")));
    }
    if let Some(positive) = recipe.positive() {
        items.push(Definition::text("Positive class", positive));
    }
    if recipe.reading.is_none() {
        let dropped = if recipe.drop.is_empty() { String::from("none") } else { recipe.drop.join(", ") };
        items.push(Definition::text("Dropped columns", dropped));
    }
    items.push(Definition::text("Without a version", heuristic(recipe)));
    if let Some(source) = &recipe.features {
        items.push(Definition::text(
            "Taken from the feature set",
            format!("{}, where a row leaves inputs out", source.set),
        ));
    }
    if let Some(seconds) = recipe.cache_seconds {
        items.push(Definition::text("Answers kept", format!("{seconds}{}s for the same inputs", number::NO_BREAK)));
    }
    items
}

fn heuristic(recipe: &Recipe) -> String {
    let heuristic = &recipe.heuristic;
    if recipe.task == Task::TextRecognition {
        return String::from("nothing is read: every image goes before a person");
    }
    let rules = number::counted(heuristic.rules.len() as i64, "rule", "rules");
    let default = heuristic.default.iter().map(|value| number::value(*value)).collect::<Vec<_>>().join(", ");
    match (heuristic.rules.is_empty(), default.is_empty()) {
        (true, true) => String::from("the heuristic answers evenly"),
        (true, false) => format!("the heuristic answers {default}"),
        (false, true) => format!("the heuristic follows {rules}"),
        (false, false) => format!("the heuristic follows {rules}, then answers {default}"),
    }
}

fn how(model: &str, recipe: &Recipe) -> Vec<Definition> {
    let estimator = &recipe.estimator;
    let held_back = format!("{}, {}", number::percent(recipe.holdout), split_words(&recipe.split));
    let mut items = if recipe.reading.is_some() {
        vec![Definition::text("Learner", "a small convolutional network")]
    } else {
        let tuning = format!("about {} of work", number::duration(i64::from(estimator.budget_seconds) * 1_000_000));
        vec![Definition::text("Estimator", estimator_words(estimator.kind)), Definition::text("Tuning", tuning)]
    };
    items.push(Definition::text("Held back", held_back));
    if !estimator.parameters.is_empty() {
        let parameters = estimator.parameters.iter().map(|(name, value)| format!("{name} = {value}"));
        items.insert(1, Definition::text("Parameters", parameters.collect::<Vec<_>>().join(", ")));
    }
    if recipe.task == Task::Binary {
        items.push(Definition::text("Weight of rows", weight_words(estimator.class_weight)));
        items.push(Definition::text("Threshold", threshold_words(recipe.threshold)));
        if model == MODEL {
            let drawn = format!(
                "{} of the events under the threshold; a change counts at once",
                number::percent(recipe.audit_share())
            );
            items.push(Definition::text("Drawn for audit", drawn));
        }
    }
    let gates: Vec<String> = recipe.gates.iter().map(gate_words).collect();
    let gates = if gates.is_empty() { String::from("none") } else { gates.join("; ") };
    items.push(Definition::text("Gates", gates));
    if let Some(retrain) = &recipe.schedule.retrain {
        items.push(Definition::view("Trained again", view! { <code>{retrain.clone()}</code> }));
    }
    items
}

fn split_words(split: &Split) -> String {
    match split {
        Split::Random => String::from("chosen at random"),
        Split::Order => String::from("the last rows of the file"),
        Split::Time { column } => format!("the latest rows by {column}"),
        Split::Group { column } => format!("whole groups of the same {column}"),
    }
}

fn weight_words(weight: ClassWeight) -> String {
    match weight {
        ClassWeight::None => String::from("every row counts the same"),
        ClassWeight::Balanced => String::from("both classes weigh the same"),
        ClassWeight::Positive(times) => format!("a positive row counts {} times", number::value(times)),
    }
}

fn threshold_words(rule: ThresholdRule) -> String {
    match rule {
        ThresholdRule::BestF1 => String::from("where F1 is highest"),
        ThresholdRule::TargetRecall { recall } => {
            format!("finds at least {} of the positives", number::percent(recall))
        }
        ThresholdRule::MaxFalsePositiveRate { rate } => {
            format!("alarms on at most {} of the negatives", number::percent(rate))
        }
        ThresholdRule::Costs { false_positive, false_negative } => format!(
            "lowest cost: {} for a false alarm, {} for a miss",
            number::value(false_positive),
            number::value(false_negative)
        ),
        ThresholdRule::Fixed { threshold } => format!("{}, fixed", number::value(threshold)),
    }
}

fn gate_words(gate: &Gate) -> String {
    let limits = [
        gate.at_least.map(|limit| format!("at least {}", number::value(limit))),
        gate.at_most.map(|limit| format!("at most {}", number::value(limit))),
        gate.better_than_champion_by.map(|by| format!("better than the champion by {}", number::value(by))),
    ];
    format!("{} {}", gate.metric, limits.into_iter().flatten().collect::<Vec<_>>().join(" and "))
}

fn inputs(recipe: &Recipe) -> impl IntoView + use<> {
    let columns = vec![
        Column::text("Input"),
        Column::tight("Read as"),
        Column::text("May be missing"),
        Column::text("Also means missing"),
    ];
    let rows = recipe.columns.iter().map(|column| {
        Row::new(vec![
            Cell::text(column.name.clone()),
            Cell::text(kind_words(column.kind)),
            Cell::text(if column.optional { "yes" } else { "no" }),
            Cell::text(column.missing.join(", ")),
        ])
    });
    let rows = rows.collect();
    view! { <Panel title="Inputs" note=String::from("in the order that the model reads them")><Table label="Inputs" columns rows/></Panel> }.into_any()
}

/// What a text must look like, and when a person is asked.
fn rules(reading: &Reading) -> impl IntoView + use<> {
    let (looks, people) = (looks(reading), people(reading));
    view! {
        <div class="columns columns-2">
            <Panel title="What a reading looks like"><DefinitionList items=looks/></Panel>
            <Panel title="When people look at it"><DefinitionList items=people/></Panel>
        </div>
    }
    .into_any()
}

fn looks(reading: &Reading) -> Vec<Definition> {
    let characters = reading.characters.clone();
    let mut items = vec![
        Definition::view("Characters", view! { <span class="reading-text">{characters}</span> }),
        Definition::text("Length", format!("{} characters", reading.lengths())),
    ];
    if let Some(pattern) = &reading.pattern {
        let pattern = pattern.to_string();
        items.push(Definition::view("Pattern", view! { <code>{pattern}</code> }));
    }
    let Some(number) = &reading.number else {
        items.push(Definition::text("Stands for", "a text; only an exact reading is right"));
        return items;
    };
    let decimals = number::counted(i64::from(number.decimals), "decimal", "decimals");
    items.push(Definition::text("Stands for", format!("a number with {decimals}")));
    items.push(Definition::text("Tolerance", format!("± {}", number::value(number.tolerance))));
    if let Some(wrap) = number.wrap {
        items.push(Definition::text("Begins anew at", number::value(wrap)));
    }
    let order = if number.increasing { "never runs backwards" } else { "may go up and down" };
    items.push(Definition::text("From one to the next", order));
    items
}

fn people(reading: &Reading) -> Vec<Definition> {
    let share = |share: f64, of: &str| format!("{} of {of}", number::percent(share));
    let kept = match reading.retention_days {
        Some(days) => format!("{}, then they are deleted", number::counted(i64::from(days), "day", "days")),
        None => String::from("for ever"),
    };
    vec![
        Definition::text(
            "Always",
            format!("a confidence under {}, or a broken rule", number::value(reading.review_below)),
        ),
        Definition::text("At random, for audit", share(reading.audit_share, "the others")),
        Definition::text("Read by two", share(reading.double_share, "the tasks")),
        Definition::text("With a known answer", share(reading.gold_share, "what a labeler is given")),
        Definition::text("Chosen each week", number::counted(i64::from(reading.selection), "reading", "readings")),
        Definition::text("Images are kept", kept),
    ]
}

/// Characters of what is read, or inputs.
fn extent(recipe: &Recipe) -> usize {
    recipe.reading.as_ref().map_or(recipe.columns.len(), |reading| reading.characters.chars().count())
}

/// Every error, because a line of TOML has no field of its own.
fn editor(said: &Said, name: &str, model: &Model) -> impl IntoView + use<> {
    let typed = said.value(FORM, "toml");
    let toml = if typed.is_empty() { toml::to_string_pretty(&model.specification).unwrap_or_default() } else { typed };
    let is_back = said.form == FORM && !said.done;
    let error = is_back.then(|| said.errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "));
    let error = error.filter(|error| !error.is_empty());
    let (name, number) = (name.to_owned(), model.specification_number);
    view! {
        <Panel title="Change it">
            <form class="stack" method="post" action="/actions/specify_model">
                <input type="hidden" name="model" value=name/>
                <input type="hidden" name="replaces" value=number/>
                <TextArea
                    name="toml"
                    label="Specification as TOML"
                    value=toml
                    error
                    hint="Task, target and classes stay: recorded outcomes speak of them. Everything else may change."
                    rows=28
                    mono=true
                    required=true
                />
                <div class="form-actions"><Button look=Look::Primary text="Put it into force"/></div>
            </form>
        </Panel>
    }
    .into_any()
}

fn history(revisions: Vec<Revision>, current: i64) -> impl IntoView {
    let reads = revisions.first().is_some_and(|revision| revision.specification.reading.is_some());
    let columns = vec![
        Column::tight("Specification"),
        Column::text("By"),
        Column::tight("When"),
        Column::text(if reads { "Characters" } else { "Inputs" }),
        Column::tight("SHA-256"),
    ];
    let rows = revisions.into_iter().map(|revision| {
        let (number, hash) = (revision.number, revision.specification.sha256());
        let badge = (number == current).then(|| view! { " "<Badge tone=Tone::Accent text="in force"/> });
        Row::new(vec![
            Cell::view(view! { {format!("specification {number}")}{badge} }),
            Cell::text(revision.by),
            Cell::view(view! { <Time at=revision.at/> }),
            Cell::text(number::count(extent(&revision.specification) as i64)),
            Cell::view(view! { <Copyable text=hash label=format!("hash of specification {number}") short=true/> }),
        ])
    });
    let rows = rows.collect();
    view! { <Panel title="History" note=String::from("newest first")><Table label="Specifications of the model" columns rows/></Panel> }.into_any()
}
