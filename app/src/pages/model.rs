//! One model: who serves, its versions, and how outcomes judge it.

use desk::labeling::Queue;
use desk::models::ModelDetail;
use desk::quality::{Figures, LiveQuality};
use desk::retraining::CheckRecord;
use domain::Permission;
use domain::model::{Deployment, DeploymentKind, Version};
use domain::specification::{EstimatorKind, Task};
use leptos::prelude::*;

use super::figures::{headline, task_words};
use super::learning::{Forms, learning};
use super::quality::words;
use super::{promotion, schedules};
use crate::components::{
    Badge, Button, Cell, Choice, Column, Confirm, ConfusionMatrix, Definition, DefinitionList, EmptyState, Lead,
    LinkButton, Look, PageHeader, Panel, Pick, Row, SelectField, Table, TextField, Time, Timeline, TimelineEntry, Tone,
};
use crate::form::{self, Said};
use crate::number;
use crate::page::{Visit, page, param};
use crate::shell::{Crumb, Frame, Section};

/// Days of outcomes that the page judges by.
const WEEK: i64 = 7;

/// One model.
#[component]
pub(super) fn Model() -> impl IntoView {
    let name = param("m");
    page(|visit| async move {
        let detail = visit.desk.models().get(&visit.actor, &name).await?;
        let quality = visit.desk.quality().live(&visit.actor, &name, None, WEEK).await?;
        let queue = waiting(&visit, &detail).await;
        let check = visit.desk.retraining().newest_check(&visit.actor, &name).await?;
        let by_the_clock = schedules::of_model(&visit, &name).await;
        Ok(show(visit, detail, &quality, queue, check, by_the_clock))
    })
}

/// What waits in the queue of a model that reads images. The page stands without it.
async fn waiting(visit: &Visit, detail: &ModelDetail) -> Option<Queue> {
    if detail.model.task() != Task::TextRecognition || !visit.actor.may(Permission::ManageLabeling) {
        return None;
    }
    let queues = visit.desk.labeling().queues(&visit.actor).await.inspect_err(form::log).ok()?;
    queues.into_iter().find(|queue| queue.model == detail.model.id)
}

fn show(
    visit: Visit,
    detail: ModelDetail,
    quality: &LiveQuality,
    queue: Option<Queue>,
    check: Option<CheckRecord>,
    by_the_clock: Option<AnyView>,
) -> AnyView {
    let flash = visit.notice();
    let name = detail.model.name.clone();
    let crumbs = vec![Crumb::link("Models", "/models"), Crumb::here(&name)];
    let rights = Rights::of(&visit);
    let said = visit.said.clone();
    let actions = {
        let (name, said, detail) = (name.clone(), said.clone(), detail.clone());
        move || actions(&name, &detail, rights, &said)
    };
    let badges = badges(&detail);
    let matrix = live_matrix(&detail, &quality.whole);
    let lead = lead(&detail, quality);
    let problem = detail.problem.clone().map(problem);
    let (versions, history, specification) = (versions(&detail), history(&detail.deployments), specification(&detail));
    let number = format!("number {}", detail.model.specification_number);
    let aside = task_words(detail.model.task()).to_owned();
    let labeling = queue.map(labeling);
    let learning = learning(&detail.model, check, &Forms { may_train: rights.train, said: &said });
    view! {
        <Frame viewer=visit.viewer title=name.clone() at=Section::Models crumbs flash>
            <PageHeader title=name.clone() aside actions>{badges}</PageHeader>
            <Lead>{lead}</Lead>
            {problem}
            {versions}
            {learning}
            <div class="columns">
                {matrix}
                {labeling}
                {by_the_clock}
                <Panel title="Who served when">{history}</Panel>
                <Panel title="Specification" note=number>{specification}</Panel>
            </div>
        </Frame>
    }
    .into_any()
}

#[derive(Clone, Copy)]
struct Rights {
    train: bool,
    deploy: bool,
    predict: bool,
}

impl Rights {
    fn of(visit: &Visit) -> Self {
        let may = |permission| visit.actor.may(permission);
        Self { train: may(Permission::Train), deploy: may(Permission::Deploy), predict: may(Permission::Predict) }
    }
}

fn badges(detail: &ModelDetail) -> impl IntoView + use<> {
    let serves = match (detail.champion(), &detail.problem) {
        (_, Some(_)) => view! { <Badge tone=Tone::Bad text="champion refused"/> },
        (Some(number), None) => view! { <Badge tone=Tone::Accent text=format!("champion v{number}")/> },
        (None, None) => view! { <Badge tone=Tone::Warn text="heuristic answers"/> },
    };
    let challenger = detail.challenger().map(|number| view! { <Badge text=format!("challenger v{number}")/> });
    let previous = detail.previous().map(|number| view! { <Badge text=format!("previous v{number}")/> });
    view! { {serves}{challenger}{previous} }
}

fn lead(detail: &ModelDetail, quality: &LiveQuality) -> impl IntoView + use<> {
    let start = match (detail.champion(), &detail.problem) {
        (Some(number), None) => format!("Version {number} serves."),
        (Some(number), Some(_)) => {
            format!("Version {number} should serve, but its artifacts are refused; the heuristic answers.")
        }
        (None, _) if detail.versions.is_empty() => {
            String::from("No version yet: the heuristic answers until one is trained and promoted.")
        }
        (None, _) => String::from("The heuristic answers until a version is promoted."),
    };
    let predictions: u64 = quality.periods.iter().map(|period| period.figures.predictions).sum();
    let answered = number::counted(predictions, "prediction", "predictions");
    let outcomes = words::short(detail.model.task(), &quality.whole);
    let href = format!("/models/{}/quality?days={WEEK}", detail.model.name);
    view! { <b>{start}</b>" "{answered}" in the last 7 days; by outcomes: "<a href=href>{outcomes}</a>"." }.into_any()
}

fn problem(reason: String) -> impl IntoView {
    view! {
        <div class="notice" role="alert">
            <p><b>"Why the champion is refused: "</b>{reason}</p>
            <p>"Predictions are answered by the heuristic, marked as such. Roll back, or promote a version whose artifacts are intact."</p>
        </div>
    }
    .into_any()
}

fn actions(name: &str, detail: &ModelDetail, rights: Rights, said: &Said) -> impl IntoView + use<> {
    let latest = detail.versions.first().filter(|version| Some(version.number) != detail.champion()).cloned();
    let can_undo = rights.deploy && detail.rollback_target().is_some();
    view! {
        {(rights.predict && detail.model.task() != Task::TextRecognition).then(|| { let href = format!("/models/{name}/try"); view! { <LinkButton text="Try a row" href/> } })}
        {can_undo.then(|| roll_back(name, detail, said))}
        {(rights.deploy && detail.champion().is_some()).then(|| use_heuristic(name, said))}
        {rights.train.then(|| train(name, detail.model.task(), said))}
        {latest.filter(|_| rights.deploy).map(|version| promotion::promote(name, &version, detail.champion(), "model", said))}
    }
    .into_any()
}

fn train(name: &str, task: Task, said: &Said) -> impl IntoView + use<> {
    let first = Choice { value: String::new(), label: String::from("as specified"), hint: None, chosen: true };
    let kinds = EstimatorKind::ALL.into_iter().map(|kind| Choice {
        value: kind.as_str().into(),
        label: kind.as_str().into(),
        hint: None,
        chosen: false,
    });
    let choices: Vec<Choice> = std::iter::once(first).chain(kinds).collect();
    let seed = said.value("start_run", "seed");
    let (name, wrong_estimator, wrong_seed) =
        (name.to_owned(), said.error("start_run", "estimator"), said.error("start_run", "seed"));
    let reads = task == Task::TextRecognition;
    let what = if reads {
        "Learns from the imported images and every reading that people have settled by now. The champion keeps serving."
    } else {
        "Learns from the imported rows and every prediction whose outcome is known now. The champion keeps serving."
    };
    view! {
        <Confirm label="Train now" open=said.form == "start_run" && !said.done>
            <form class="form" method="post" action="/actions/start_run">
                <p>{what}</p>
                <input type="hidden" name="model" value=name/>
                {(!reads).then(|| view! { <SelectField name="estimator" label="Estimator" choices required=false error=wrong_estimator/> })}
                <TextField name="seed" label="Seed" kind="number" value=seed hint="The same data and seed give the same version. Empty means 1." error=wrong_seed/>
                <Button look=Look::Primary text="Start training"/>
            </form>
        </Confirm>
    }
    .into_any()
}

fn roll_back(name: &str, detail: &ModelDetail, said: &Said) -> impl IntoView + use<> {
    let to =
        detail.rollback_target().flatten().map_or_else(|| String::from("the heuristic"), |n| format!("version {n}"));
    let (name, reason) = (name.to_owned(), promotion::reason("roll_back", said));
    view! {
        <Confirm label="Roll back" open=said.form == "roll_back" && !said.done>
            <form class="form" method="post" action="/actions/roll_back">
                <p>"Back to "<b>{to}</b>", at once. Undo by promoting again."</p>
                <input type="hidden" name="model" value=name/>
                {reason}
                <Button look=Look::Danger text="Roll back"/>
            </form>
        </Confirm>
    }
    .into_any()
}

fn use_heuristic(name: &str, said: &Said) -> impl IntoView + use<> {
    let (name, reason) = (name.to_owned(), promotion::reason("use_heuristic", said));
    view! {
        <Confirm label="Use the heuristic" open=said.form == "use_heuristic" && !said.done>
            <form class="form" method="post" action="/actions/use_heuristic">
                <p>"No version answers any more until one is promoted."</p>
                <input type="hidden" name="model" value=name/>
                {reason}
                <Button look=Look::Danger text="Use the heuristic"/>
            </form>
        </Confirm>
    }
    .into_any()
}

fn versions(detail: &ModelDetail) -> impl IntoView + use<> {
    let rows = detail.versions.iter().map(|version| version_row(detail, version)).collect();
    let mut columns = vec![
        Column::text("Version"),
        Column::text("Alias"),
        Column::text("Trained"),
        Column::text("Learnt with"),
        Column::number("Headline"),
    ];
    columns.extend(further(detail.model.task()).iter().map(|(_, name)| Column::number(*name)));
    columns.push(Column::number(if detail.model.task() == Task::TextRecognition { "Images" } else { "Rows" }));
    let several = detail.versions.len() > 1;
    let label = format!("Versions of {}", detail.model.name);
    // One form around the table, so that its boxes say what is compared.
    view! {
        <form method="get" action=format!("/models/{}/compare", detail.model.name)>
            <Panel title="Versions" note=several.then(|| String::from("tick two to compare")) actions=move || several.then(|| view! { <Button text="Compare" key="c"/> })>
                <Table label columns rows>
                    <EmptyState title="No version yet" text="A training makes one. It takes seconds to minutes, and predictions go on meanwhile."/>
                </Table>
            </Panel>
        </form>
    }
    .into_any()
}

fn version_row(detail: &ModelDetail, version: &Version) -> Row {
    let (name, number) = (&detail.model.name, version.number);
    let alias = match Some(number) {
        n if n == detail.champion() => view! { <Badge tone=Tone::Accent text="champion"/> }.into_any(),
        n if n == detail.challenger() => view! { <Badge text="challenger"/> }.into_any(),
        n if n == detail.previous() => view! { <Badge text="previous"/> }.into_any(),
        _ => ().into_any(),
    };
    let metrics = &version.summary.metrics;
    let share = |key: &str| metrics.get(key).map_or_else(|| String::from("–"), |value| number::percent(*value));
    let further = further(detail.model.task()).iter().map(|(key, _)| Cell::text(share(key)));
    let pick =
        Pick { name: String::from("v"), value: number.to_string(), label: format!("version {number}"), checked: false };
    let mut cells = vec![
        Cell::link(format!("v{number}"), format!("/models/{name}/versions/{number}")),
        Cell::view(alias),
        Cell::view(view! { <Time at=version.created_at/> }),
        Cell::text(version.summary.estimator.clone()),
        Cell::text(headline(detail.model.task(), metrics)),
    ];
    cells.extend(further);
    cells.push(Cell::text(number::count(version.summary.trained_on as i64)));
    Row::new(cells).pick(pick)
}

/// What the table of versions shows beside the headline.
fn further(task: Task) -> &'static [(&'static str, &'static str)] {
    match task {
        Task::TextRecognition => &[("cer", "Characters wrong"), ("within_tolerance", "In tolerance")],
        Task::Binary | Task::Multiclass | Task::Regression => &[("precision", "Precision"), ("recall", "Recall")],
    }
}

/// What people still have to read.
fn labeling(queue: Queue) -> impl IntoView {
    let name = queue.name.clone();
    let (open, figures) = (format!("/label/{name}"), format!("/label/{name}/figures"));
    let oldest = match queue.oldest_at.filter(|_| queue.waiting() > 0) {
        Some(at) => view! { <Time at/> }.into_any(),
        None => "–".into_any(),
    };
    let on = if queue.at_work.is_empty() { String::from("nobody") } else { queue.at_work.join(", ") };
    let items = vec![
        Definition::view("Wait", view! { <a href=open>{number::counted(queue.waiting(), "reading", "readings")}</a> }),
        Definition::text("Disputed or flagged", number::count(queue.disputed + queue.flagged)),
        Definition::view("The oldest since", oldest),
        Definition::text("Read in the last hour", number::count(queue.read_last_hour)),
        Definition::text("At work", on),
    ];
    view! {
        <Panel title="Labeling">
            <DefinitionList items/>
            <p><a href=figures>"How the loop runs"</a></p>
        </Panel>
    }
    .into_any()
}

fn live_matrix(detail: &ModelDetail, figures: &Figures) -> impl IntoView + use<> {
    if matches!(detail.model.task(), Task::Regression | Task::TextRecognition) {
        return ().into_any();
    }
    let classes = detail.model.specification.classes.clone();
    let known = figures.measured.as_ref().filter(|live| live.known > 0);
    let Some(live) = known else {
        return view! {
            <Panel title="Decisions against outcomes" note=String::from("last 7 days")>
                <EmptyState title="No outcomes yet" text="When programs or people report what was true, the matrix appears here."/>
            </Panel>
        }
        .into_any();
    };
    let counts = live.confusion.counts.chunks(live.confusion.classes).map(<[u64]>::to_vec).collect();
    let name = detail.model.name.clone();
    let link = std::sync::Arc::new(move |actual: &str, predicted: &str| {
        use crate::address::encode;
        format!("/predictions?model={name}&decision={}&truth={}", encode(predicted), encode(actual))
    });
    view! {
        <Panel title="Decisions against outcomes" note=String::from("last 7 days, all versions")>
            <ConfusionMatrix classes counts rows="with known outcome" link=Some(link as crate::components::CellLink)/>
        </Panel>
    }
    .into_any()
}

fn history(deployments: &[Deployment]) -> impl IntoView + use<> {
    if deployments.is_empty() {
        return view! { <p class="muted">"Nothing has been deployed yet; the heuristic has answered from the start."</p> }
            .into_any();
    }
    let entry = |deployment: &Deployment| {
        let to = deployment.version.map_or_else(|| String::from("the heuristic"), |n| format!("version {n}"));
        let what = match deployment.kind {
            DeploymentKind::Promotion => format!("Promoted {to}"),
            DeploymentKind::Rollback => format!("Rolled back to {to}"),
            DeploymentKind::Heuristic => String::from("Switched to the heuristic"),
        };
        TimelineEntry::new(what, deployment.at).by(deployment.actor.clone()).because(deployment.reason.clone())
    };
    view! { <Timeline entries=deployments.iter().take(10).map(entry).collect()/> }.into_any()
}

fn specification(detail: &ModelDetail) -> impl IntoView + use<> {
    let specification = &detail.model.specification;
    let link = format!("/models/{}/specification", detail.model.name);
    let from = match &specification.reading {
        Some(reading) => format!("images with texts of {} characters", reading.lengths()),
        None => number::counted(specification.columns.len() as i64, "column", "columns"),
    };
    let items = vec![
        Definition::text("Learns", specification.target.clone()),
        Definition::text("From", from),
        Definition::text("By", specification.estimator.kind.as_str()),
        Definition::text("Gates", number::counted(specification.gates.len() as i64, "gate", "gates")),
    ];
    view! {
        <DefinitionList items/>
        <p><a href=link>"Read or change it"</a></p>
    }
    .into_any()
}
