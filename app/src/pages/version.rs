//! One version: what it can do, against the champion, and where it comes from.

use std::sync::Arc;

use desk::measure::metric;
use desk::versions::{
    Comparison, Evaluation, GateResult, Inspected, LatencySummary, Report, RowEvaluation, VersionDetail,
};
use domain::Permission;
use domain::attendance::MODEL;
use domain::dataset::Dataset;
use domain::specification::Task;
use leptos::prelude::*;

use super::compare::told_apart;
use super::figures::{figure, leading, unit};
use super::fraud::by_verdicts;
use super::{evidence, promotion, quality, reading_version};
use crate::components::{
    Badge, Cell, Column, Copyable, Definition, DefinitionList, Figure, FigureStrip, Lead, LinkButton, PageHeader,
    Panel, Row, Table, Time, Timeline, TimelineEntry, Tone,
};
use crate::form;
use crate::number;
use crate::page::{Visit, number_param, page, param};
use crate::shell::{Crumb, Frame, Section};

/// One version.
#[component]
pub(super) fn Version() -> impl IntoView {
    let (model, number) = (param("m"), number_param("n"));
    page(|visit| async move {
        let detail = visit.desk.versions().get(&visit.actor, &model, number?).await?;
        let champion = match detail.champion {
            Some(champion) if champion != detail.version.number => champion_of(&visit, &model, champion).await,
            _ => None,
        };
        let dataset = visit.desk.datasets().get(&visit.actor, detail.version.dataset).await;
        let dataset = dataset.inspect_err(form::log).ok();
        let beside = match &detail.inspected.evaluation {
            Ok(Evaluation::Images(_)) => Some(reading_version::Beside::load(&visit, &detail).await),
            _ => None,
        };
        let service = in_service(&visit, &detail).await;
        Ok(show(visit, detail, champion, beside.as_ref(), dataset.as_ref(), service))
    })
}

/// The champion beside which a version is shown. The page stands without it.
async fn champion_of(visit: &Visit, model: &str, number: i64) -> Option<Arc<Inspected>> {
    let found = visit.desk.versions().get(&visit.actor, model, number).await;
    found.inspect_err(form::log).ok().map(|champion| champion.inspected)
}

fn show(
    visit: Visit,
    detail: VersionDetail,
    champion: Option<Arc<Inspected>>,
    beside: Option<&reading_version::Beside>,
    dataset: Option<&Dataset>,
    service: AnyView,
) -> AnyView {
    let flash = visit.notice();
    let (name, number) = (detail.model.name.clone(), detail.version.number);
    let title = format!("{name} version {number}");
    let crumbs = vec![
        Crumb::link("Models", "/models"),
        Crumb::link(&name, format!("/models/{name}")),
        Crumb::here(format!("version {number}")),
    ];
    let actions = actions(&visit, &detail);
    let content = match (&detail.inspected.evaluation, beside) {
        (Ok(Evaluation::Rows(evaluation)), _) => measured(&detail, evaluation, champion.as_deref(), service).into_any(),
        (Ok(Evaluation::Images(evaluation)), Some(beside)) => {
            let champion = champion.as_ref().and_then(|champion| champion.evaluation.as_ref().ok()?.images());
            reading_version::measured(&detail, evaluation, champion, beside, service).into_any()
        }
        (Ok(Evaluation::Images(_)), None) => ().into_any(),
        (Err(reason), _) => refused(reason).into_any(),
    };
    let (badges, lineage, history) = (badges(&detail), lineage(&detail, dataset), history(&detail));
    view! {
        <Frame viewer=visit.viewer title at=Section::Models crumbs flash>
            <PageHeader title=name aside=format!("version {number}") actions=move || actions>{badges}</PageHeader>
            {content}
            <div class="columns">
                <Panel title="Where it comes from">{lineage}</Panel>
                <Panel title="History">{history}</Panel>
            </div>
        </Frame>
    }
    .into_any()
}

fn badges(detail: &VersionDetail) -> impl IntoView + use<> {
    let champion = detail.champion == Some(detail.version.number);
    let whole = detail.inspected.evaluation.is_ok();
    view! {
        {champion.then(|| view! { <Badge tone=Tone::Accent text="champion"/> })}
        {detail.challenges.then(|| view! { <Badge text="challenger"/> })}
        {if whole {
            view! { <Badge tone=Tone::Ok text="✓ verified"/> }
        } else {
            view! { <Badge tone=Tone::Bad text="artifacts refused"/> }
        }}
    }
    .into_any()
}

fn actions(visit: &Visit, detail: &VersionDetail) -> AnyView {
    let (name, number) = (detail.model.name.clone(), detail.version.number);
    let other = detail.champion.filter(|champion| *champion != number);
    let promotes = visit.actor.may(Permission::Deploy) && detail.champion != Some(number);
    view! {
        {other.map(|champion| {
            let href = format!("/models/{name}/compare?v={champion}&v={number}");
            view! { <LinkButton text=format!("Compare with v{champion}") href key="c"/> }
        })}
        {promotes.then(|| promotion::promote(&name, &detail.version, detail.champion, "version", &visit.said))}
    }
    .into_any()
}

fn refused(reason: &str) -> impl IntoView + use<> {
    view! {
        <div class="notice" role="alert">
            <p><b>"This version cannot serve. "</b>{reason.to_owned()}</p>
            <p>"Nothing is read from artifacts that are not what was written. Restore the file from a backup, or train a new version and promote that."</p>
        </div>
    }
    .into_any()
}

/// What outcomes say of it in service, if it served lately. The page stands without it.
async fn in_service(visit: &Visit, detail: &VersionDetail) -> AnyView {
    let (name, number) = (&detail.model.name, detail.version.number);
    let found = visit.desk.quality().live(&visit.actor, name, Some(number), quality::USUAL).await;
    let Some(live) = found.inspect_err(form::log).ok() else { return ().into_any() };
    quality::in_service(&live, &detail.version.summary.metrics).into_any()
}

fn measured(
    detail: &VersionDetail,
    evaluation: &RowEvaluation,
    champion: Option<&Inspected>,
    service: AnyView,
) -> impl IntoView + use<> {
    let report = &evaluation.report;
    let champion = champion.and_then(|champion| champion.evaluation.as_ref().ok()?.rows());
    let champion = detail.champion.zip(champion.map(|evaluation| &evaluation.report));
    let comparison = detail.comparison.clone();
    let reference = comparison.as_ref().map(|_| format!("against v{} on the same rows", detail.champion.unwrap_or(0)));
    let note = reference.unwrap_or_else(|| format!("n = {} held back", number::count(report.n)));
    let (lead, figures) = (lead(detail, evaluation), figures(report, comparison.as_deref()));
    let (all, leaderboard) = (all_figures(report, comparison.as_deref()), leaderboard(evaluation));
    let gates = (!detail.gates.is_empty()).then(|| gates(&detail.gates));
    let headline = format!("cross-validation, {}", name_of(&evaluation.headline));
    view! {
        <Lead>{lead}</Lead>
        <FigureStrip figures/>
        {service}
        {evidence::evidence(&detail.model.name, detail.version.number, report, champion)}
        <div class="columns">
            <Panel title="All figures" note>{all}</Panel>
            {gates.map(|gates| view! { <Panel title="Gates">{gates}</Panel> })}
            <Panel title="Tried" note=headline>{leaderboard}</Panel>
        </div>
        {(!report.examples.is_empty()).then(|| evidence::examples(report))}
    }
    .into_any()
}

/// The sentence that answers first: better or not, and by what.
fn lead(detail: &VersionDetail, evaluation: &RowEvaluation) -> impl IntoView + use<> {
    let start = standing(detail);
    view! { <b>{start}</b>{format!(" {} {}", in_words(&evaluation.report), gate_words(&detail.gates))} }.into_any()
}

/// Better or not than the champion, and by what.
pub(super) fn standing(detail: &VersionDetail) -> String {
    match &detail.comparison {
        Some(comparison) => {
            let champion = format!("the champion (v{})", detail.champion.unwrap_or(0));
            told_apart(comparison, &format!("v{}", detail.version.number), &champion)
        }
        None if detail.champion == Some(detail.version.number) => String::from("This version serves."),
        None if detail.champion.is_some() => String::from("Not compared with the champion yet."),
        None => String::from("No version serves to compare it with."),
    }
}

fn in_words(report: &Report) -> String {
    let metrics = &report.metrics;
    let n = number::count(report.n);
    match report.task {
        Task::Binary => {
            let class = report.classes.get(1).cloned().unwrap_or_default();
            let recall = metrics.recall.map_or_else(|| String::from("–"), number::percent);
            let alarms = metrics.false_positive_rate.map_or_else(|| String::from("–"), number::percent);
            let precision = metrics.precision.map_or_else(|| String::from("–"), number::percent);
            format!(
                "It finds {recall} of “{class}” at {alarms} false alarms; {precision} of its alarms are right (n {n})."
            )
        }
        Task::Multiclass => {
            let accuracy = metrics.accuracy.map_or_else(|| String::from("–"), number::percent);
            let baseline = report.baseline.accuracy.map_or_else(|| String::from("–"), number::percent);
            format!("It is right on {accuracy} of {n} rows; always naming the commonest class is right on {baseline}.")
        }
        Task::Regression => {
            let error = metrics.mae.map_or_else(|| String::from("–"), number::value);
            let baseline = report.baseline.mae.map_or_else(|| String::from("–"), number::value);
            format!("It is off by {error} on average over {n} rows; always answering the mean is off by {baseline}.")
        }
        // Readings have an account of their own.
        Task::TextRecognition => String::new(),
    }
}

pub(super) fn gate_words(gates: &[GateResult]) -> String {
    let passed = gates.iter().filter(|gate| gate.verdict.passed).count();
    match gates.len() {
        0 => String::new(),
        all => format!("Gates: {passed} of {all} passed."),
    }
}

fn figures(report: &Report, comparison: Option<&Comparison>) -> Vec<Figure> {
    let interval = |key: &str| {
        let found = report.intervals.iter().find(|interval| interval.key == key);
        found.map(|interval| (interval.low, interval.high))
    };
    let champion = |key: &str| comparison.and_then(|comparison| comparison.a.metrics.get(key));
    leading(report.task).iter().map(|key| figure(key, report.metrics.get(key), champion(key), interval(key))).collect()
}

fn all_figures(report: &Report, comparison: Option<&Comparison>) -> impl IntoView + use<> {
    let rows = desk::measure::METRICS.iter().filter_map(|info| {
        let value = report.metrics.get(info.key)?;
        info.higher_is_better?;
        let write = |value: Option<f64>| value.map_or_else(|| String::from("–"), |value| unit(info).write(value));
        let interval = report.intervals.iter().find(|interval| interval.key == info.key);
        let interval =
            interval.map_or_else(String::new, |i| format!("{} – {}", write(Some(i.low)), write(Some(i.high))));
        let explained = info.explanation;
        let mut cells = vec![
            Cell::view(view! { <span title=explained>{info.name}</span> }),
            Cell::text(write(Some(value))),
            Cell::text(interval),
            Cell::text(write(report.baseline.get(info.key))),
        ];
        if let Some(comparison) = comparison {
            cells.push(Cell::text(write(comparison.a.metrics.get(info.key))));
        }
        Some(Row::new(cells))
    });
    let mut columns = vec![
        Column::text("Figure"),
        Column::number("Here"),
        Column::number("95 % interval"),
        Column::number("Trivial"),
    ];
    if comparison.is_some() {
        columns.push(Column::number("Champion"));
    }
    view! { <Table label="All figures on the held-back rows" columns rows=rows.collect()/> }.into_any()
}

pub(super) fn gates(gates: &[GateResult]) -> impl IntoView + use<> {
    let rows = gates.iter().map(|gate| {
        let (tone, text) = if gate.verdict.passed { (Tone::Ok, "passed") } else { (Tone::Bad, "closed") };
        Row::new(vec![
            Cell::text(name_of(&gate.gate.metric)),
            Cell::text(gate.verdict.reason.clone()),
            Cell::view(view! { <Badge tone text/> }),
        ])
    });
    let columns = vec![Column::text("Gate"), Column::text("Why"), Column::tight("State")];
    view! { <Table label="Gates" columns rows=rows.collect()/> }.into_any()
}

fn name_of(key: &str) -> String {
    metric(key).map_or_else(|| key.to_owned(), |info| info.name.to_owned())
}

fn leaderboard(evaluation: &RowEvaluation) -> impl IntoView + use<> {
    let rows = evaluation.leaderboard.iter().map(|standing| {
        let weight = standing.weight.map_or_else(String::new, |weight| number::percent(f64::from(weight)));
        Row::new(vec![
            Cell::text(standing.estimator.clone()),
            Cell::text(number::metric(standing.mean)),
            Cell::text(number::metric(standing.deviation)),
            Cell::text(weight),
        ])
    });
    let columns = vec![
        Column::text("Estimator"),
        Column::number("Mean"),
        Column::number("± over folds"),
        Column::number("Weight"),
    ];
    let notes = evaluation.notes.clone();
    view! {
        <Table label="Cross-validation" columns rows=rows.collect()/>
        {(!notes.is_empty()).then(|| view! { <ul class="notes">{notes.into_iter().map(|note| view! { <li>{note}</li> }).collect_view()}</ul> })}
    }
    .into_any()
}

fn time_to_answer(latency: &LatencySummary) -> String {
    let within = |micros: f64| number::milliseconds(micros / 1e3);
    let (p50, p95, p99) = (within(latency.p50), within(latency.p95), within(latency.p99));
    format!("half within {p50}, 95 % within {p95}, 99 % within {p99}")
}

fn lineage(detail: &VersionDetail, data: Option<&Dataset>) -> impl IntoView + use<> {
    let (version, name) = (&detail.version, &detail.model.name);
    let manifest = &version.manifest;
    let bytes: u64 = manifest.artifacts.values().map(|artifact| artifact.bytes).sum();
    let (run, dataset, checked) = (version.run, version.dataset, detail.inspected.at);
    let learnt = format!(
        "{} learnt from, {} held back",
        number::count(version.summary.trained_on),
        number::count(version.summary.held_back)
    );
    let is_reading = detail.specification.task == Task::TextRecognition;
    let mut items = vec![
        Definition::text(if is_reading { "Images" } else { "Rows" }, learnt),
        Definition::text(
            "Time to answer, 7 days",
            detail.latency.as_ref().map_or_else(|| String::from("no answers"), time_to_answer),
        ),
        Definition::view(
            "Data set",
            view! {
                <a href=format!("/datasets/{dataset}")>"data set "{dataset.0}</a>" "<Copyable text=manifest.dataset_sha256.clone() label="data set hash" short=true/>
            },
        ),
        Definition::view(
            "Run",
            view! {
                <a href=format!("/runs/{run}")>"run "{run.0}</a>{format!(", {}, seed {}, {:.0} s", version.summary.estimator, manifest.seed, version.summary.training_seconds)}
            },
        ),
        Definition::view(
            "Specification",
            view! {
                <a href=format!("/models/{name}/specification")>"number "{version.specification_number}</a>" "<Copyable text=manifest.specification_sha256.clone() label="specification hash" short=true/>
            },
        ),
        Definition::view(
            "Artifacts",
            view! {
                {format!("{}, {}, checked ", number::counted(manifest.artifacts.len() as i64, "file", "files"), number::bytes(bytes))}<Time at=checked/>
            },
        ),
        Definition::text("Program", manifest.code_version.clone()),
    ];
    if let Ok(evaluation) = &detail.inspected.evaluation {
        items.insert(1, Definition::text("Divided", evaluation.split().to_owned()));
        items.extend(evaluation.images().map(reading_version::began).into_iter().flatten());
    }
    if let Some(known) = data.filter(|data| data.outcome_rows > 0) {
        if name == MODEL || known.verdict_rows > 0 {
            items.insert(1, Definition::text("Said by people", by_verdicts(known)));
        }
        let rows = number::counted(known.rows, "row", "rows");
        let outcomes = format!("{} of {rows}", number::count(known.outcome_rows));
        items.insert(1, Definition::text("Known from outcomes", outcomes));
    }
    view! { <DefinitionList items/>{sums(&detail.inspected, detail)} }.into_any()
}

fn sums(inspected: &Arc<Inspected>, detail: &VersionDetail) -> impl IntoView + use<> {
    let tone = if inspected.evaluation.is_ok() { "every sum agrees" } else { "not intact" };
    let rows = detail.version.manifest.artifacts.iter().map(|(name, artifact)| {
        let sum = artifact.sha256.clone();
        Row::new(vec![
            Cell::text(name.clone()),
            Cell::text(number::bytes(artifact.bytes)),
            Cell::view(view! { <Copyable text=sum label="SHA-256" short=true/> }),
        ])
    });
    let columns = vec![Column::text("File"), Column::number("Size"), Column::text("SHA-256")];
    view! {
        <details>
            <summary>"Manifest: "{tone}</summary>
            <Table label="Artifacts" columns rows=rows.collect() keep=true/>
        </details>
    }
    .into_any()
}

fn history(detail: &VersionDetail) -> impl IntoView + use<> {
    let number = detail.version.number;
    let moved = detail.deployments.iter().map(|deployment| {
        let what = if deployment.version == Some(number) { "Went into service" } else { "Left service" };
        TimelineEntry::new(what, deployment.at).by(deployment.actor.clone()).because(deployment.reason.clone())
    });
    let trained = TimelineEntry::new(format!("Trained by run {}", detail.version.run), detail.version.created_at)
        .by(detail.version.created_by.clone());
    view! { <Timeline entries=moved.chain(std::iter::once(trained)).collect()/> }.into_any()
}
