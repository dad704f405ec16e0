//! Two versions on the same held-back rows.

use std::sync::Arc;

use desk::measure::metric;
use desk::models::ModelDetail;
use desk::versions::{Comparison, Side, VersionDetail};
use domain::{Permission, Task};
use leptos::prelude::*;

use super::evidence::rows_of;
use super::figures::unit;
use super::reading_version::{by_source_compared, disagreement};
use crate::components::{
    Badge, Button, Cell, Choice, Column, ConfusionMatrix, EmptyState, Lead, PageHeader, Panel, Pictures, Row,
    SelectField, Table, Tone,
};
use crate::number;
use crate::page::{Visit, page, param};
use crate::shell::{Crumb, Frame, Section};

/// Two versions, side by side.
#[component]
pub(super) fn Compare() -> impl IntoView {
    let name = param("m");
    let chosen = chosen();
    page(|visit| async move {
        let detail = visit.desk.models().get(&visit.actor, &name).await?;
        let [a, b] = chosen.as_slice() else { return Ok(choose(visit, &detail)) };
        let verbs = visit.desk.versions();
        let comparison = verbs.compare(&visit.actor, &name, *a, *b).await?;
        let first = verbs.get(&visit.actor, &name, *a).await?;
        let second = verbs.get(&visit.actor, &name, *b).await?;
        Ok(show(visit, &first, &second, &comparison))
    })
}

/// The versions in the address: `?v=1&v=2` from the table's boxes, or `?a=1&b=2`. The older one comes first.
fn chosen() -> Vec<i64> {
    let map = leptos_router::hooks::use_query_map();
    let map = map.read_untracked();
    let ticked = map.get_all("v").unwrap_or_default();
    let named = [map.get("a"), map.get("b")].into_iter().flatten();
    let mut numbers: Vec<i64> = ticked.into_iter().chain(named).filter_map(|text| text.parse().ok()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers.truncate(2);
    numbers
}

fn frame(visit: Visit, name: &str, content: impl IntoView + 'static) -> AnyView {
    let flash = visit.notice();
    let crumbs =
        vec![Crumb::link("Models", "/models"), Crumb::link(name, format!("/models/{name}")), Crumb::here("compare")];
    view! {
        <Frame viewer=visit.viewer title=format!("Compare versions of {name}") at=Section::Models crumbs flash>{content}</Frame>
    }
    .into_any()
}

fn choose(visit: Visit, detail: &ModelDetail) -> AnyView {
    let name = detail.model.name.clone();
    if detail.versions.len() < 2 {
        let content = view! {
            <PageHeader title="Compare" aside=name.clone()/>
            <EmptyState title="There is nothing to compare yet" text="A comparison needs two versions. Train another one from the model's page."/>
        };
        return frame(visit, &name, content);
    }
    let choices = |chosen: usize| -> Vec<Choice> {
        let choice = |(at, version): (usize, &domain::model::Version)| Choice {
            value: version.number.to_string(),
            label: format!("v{}", version.number),
            hint: None,
            chosen: at == chosen,
        };
        detail.versions.iter().enumerate().map(choice).collect()
    };
    let content = view! {
        <PageHeader title="Compare" aside=name.clone()/>
        <Lead>"Choose two versions."</Lead>
        <form class="filters" method="get">
            <SelectField name="a" label="First" choices=choices(1)/>
            <SelectField name="b" label="Second" choices=choices(0)/>
            <Button text="Compare"/>
        </form>
    };
    frame(visit, &name, content)
}

fn show(visit: Visit, first: &VersionDetail, second: &VersionDetail, comparison: &Arc<Comparison>) -> AnyView {
    let name = first.model.name.clone();
    let (a, b) = (first.version.number, second.version.number);
    let reads = second.specification.task == Task::TextRecognition;
    let (lead, figures) = (lead(a, b, comparison, reads), figures(a, b, comparison));
    let parameters = parameters(first, second);
    let (one, many) = if reads { ("image", "images") } else { ("row", "rows") };
    let note = format!("n = {} {many} that neither learnt from", number::count(comparison.n));
    let disagreeing = number::counted(comparison.disagreeing, one, many);
    let disagreements = if reads {
        pictures(&visit, second, (a, b), comparison).into_any()
    } else {
        disagreements(a, b, comparison).into_any()
    };
    let by_source = reads.then(|| {
        let table = by_source_compared(a, b, comparison);
        view! { <Panel title="By source" note=String::from("exact readings")>{table}</Panel> }
    });
    let content = view! {
        <PageHeader title="Compare" aside=format!("{name} v{a} and v{b}")/>
        <Lead>{lead}</Lead>
        <Panel title="Figures" note>{figures}</Panel>
        {by_source}
        <div class="columns">
            {matrix(a, first, &comparison.a)}
            {matrix(b, second, &comparison.b)}
            <Panel title="What differs in the recipe">{parameters}</Panel>
        </div>
        <Panel title="Where they disagree" note=disagreeing>{disagreements}</Panel>
    };
    frame(visit, &name, content)
}

fn lead(a: i64, b: i64, comparison: &Comparison, reads: bool) -> impl IntoView + use<> {
    let start = told_apart(comparison, &format!("v{b}"), &format!("v{a}"));
    let share = comparison.disagreeing as f64 / comparison.n.max(1) as f64;
    let share = number::percent(share);
    let apart = if reads {
        format!(" They read {share} of the images differently.")
    } else {
        format!(" They decide {share} of the rows differently.")
    };
    view! { <b>{start}</b>{apart} }.into_any()
}

/// Whether the second model of a comparison is better than the first, counting only measures whose interval lies on one
/// side of zero.
pub(super) fn told_apart(comparison: &Comparison, second: &str, first: &str) -> String {
    let sure = comparison.differences.iter().filter_map(|difference| {
        let up = metric(&difference.key)?.higher_is_better?;
        let clear = difference.low > 0.0 || difference.high < 0.0;
        clear.then_some((difference.difference > 0.0) == up)
    });
    let (better, worse): (Vec<bool>, Vec<bool>) = sure.partition(|better| *better);
    let measures = |count: usize| number::counted(count as i64, "measure", "measures");
    match (better.len(), worse.len()) {
        (0, 0) => format!("No measure tells {second} and {first} apart with confidence."),
        (0, n) => format!("{second} is worse than {first} on {} beyond chance.", measures(n)),
        (n, 0) => format!("{second} is better than {first} on {} beyond chance.", measures(n)),
        (n, m) => format!("{second} is better than {first} on {n} and worse on {m} measures beyond chance."),
    }
}

fn figures(a: i64, b: i64, comparison: &Comparison) -> impl IntoView + use<> {
    let rows = comparison.differences.iter().filter_map(|difference| {
        let info = metric(&difference.key)?;
        let up = info.higher_is_better?;
        let (first, second) = (comparison.a.metrics.get(info.key)?, comparison.b.metrics.get(info.key)?);
        let (second_text, first_text, signed) = unit(info).write_pair(second, first);
        let clear = difference.low > 0.0 || difference.high < 0.0;
        let better = (difference.difference > 0.0) == up;
        let badge = match (clear, better) {
            (false, _) => view! { <Badge text="not told apart"/> },
            (true, true) => view! { <Badge tone=Tone::Ok text="better"/> },
            (true, false) => view! { <Badge tone=Tone::Bad text="worse"/> },
        };
        let interval = format!("{} to {}", number::signed(difference.low, 4), number::signed(difference.high, 4));
        Some(Row::new(vec![
            Cell::text(info.name),
            Cell::text(first_text),
            Cell::text(second_text),
            Cell::text(signed.unwrap_or_else(|| String::from("same"))),
            Cell::text(interval),
            Cell::view(badge),
        ]))
    });
    let columns = vec![
        Column::text("Figure"),
        Column::number(format!("v{a}")),
        Column::number(format!("v{b}")),
        Column::number("Difference"),
        Column::number("95 % interval"),
        Column::tight("Verdict"),
    ];
    view! { <Table label="Figures of both" columns rows=rows.collect()/> }.into_any()
}

fn matrix(number: i64, detail: &VersionDetail, side: &Side) -> impl IntoView + use<> {
    let classes = detail.specification.classes.clone();
    let threshold = side.threshold;
    side.confusion.as_ref().map(|confusion| {
        let counts = rows_of(confusion);
        view! { <Panel title=format!("v{number}")><ConfusionMatrix classes counts threshold rows="held back"/></Panel> }
    })
}

/// Only what differs.
fn parameters(first: &VersionDetail, second: &VersionDetail) -> impl IntoView + use<> {
    let facts = |detail: &VersionDetail| {
        let summary = &detail.version.summary;
        vec![
            ("estimator", summary.estimator.clone()),
            ("rows learnt from", number::count(summary.trained_on)),
            ("seed", detail.version.manifest.seed.to_string()),
            ("specification", detail.version.specification_number.to_string()),
            ("inputs", detail.specification.columns.len().to_string()),
            ("threshold", summary.threshold.map_or_else(|| String::from("–"), |t| format!("{t:.4}"))),
            ("data set", detail.version.manifest.dataset_sha256.chars().take(12).collect()),
        ]
    };
    let pairs = facts(first).into_iter().zip(facts(second));
    let differing = pairs.filter(|(a, b)| a.1 != b.1);
    let rows: Vec<Row> =
        differing.map(|(a, b)| Row::new(vec![Cell::text(a.0), Cell::text(a.1), Cell::text(b.1)])).collect();
    let columns = vec![
        Column::text("What"),
        Column::text(format!("v{}", first.version.number)),
        Column::text(format!("v{}", second.version.number)),
    ];
    view! { <Table label="What differs" columns rows/> }.into_any()
}

/// The images on which they disagree.
fn pictures(visit: &Visit, second: &VersionDetail, both: (i64, i64), comparison: &Comparison) -> impl IntoView + use<> {
    let (dataset, shows) = (second.version.dataset, visit.actor.may(Permission::ManageLabeling));
    let shown = comparison.disagreements.iter().map(|row| disagreement(both, dataset, row, shows));
    let items: Vec<_> = shown.collect();
    if items.is_empty() {
        return view! { <EmptyState title="They read every image alike" text="Their confidences may still differ."/> }
            .into_any();
    }
    view! { <Pictures label="Images they read differently" items/> }.into_any()
}

fn disagreements(a: i64, b: i64, comparison: &Comparison) -> impl IntoView + use<> {
    let rows = comparison.disagreements.iter().map(|row| {
        let inputs: Vec<String> = row.inputs.iter().map(|(name, value)| format!("{name} {value}")).collect();
        Row::new(vec![
            Cell::text(number::count(row.row as i64 + 1)),
            Cell::text(row.actual.clone()),
            Cell::text(format!("{} ({})", row.a, number::metric(row.a_score))),
            Cell::text(format!("{} ({})", row.b, number::metric(row.b_score))),
            Cell::text(inputs.join(" · ")),
        ])
    });
    let columns = vec![
        Column::number("Row"),
        Column::text("Truth"),
        Column::text(format!("v{a}")),
        Column::text(format!("v{b}")),
        Column::text("Inputs"),
    ];
    view! {
        <Table label="Rows they decide differently" columns rows=rows.collect()>
            <EmptyState title="They decide every row alike" text="Their scores may still differ."/>
        </Table>
    }
    .into_any()
}
