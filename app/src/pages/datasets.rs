//! All data sets, newest first.

use std::collections::BTreeMap;

use domain::dataset::{Dataset, DatasetSource};
use domain::{DatasetId, ModelId, Permission};
use leptos::prelude::*;

use crate::address::address;
use crate::components::{
    Badge, Cell, Column, Copyable, EmptyState, Lead, LinkButton, Look, PageHeader, Pagination, Panel, Row, Table, Time,
    Tone,
};
use crate::number;
use crate::page::{page, query};
use crate::shell::{Crumb, Frame, Section};

/// Data sets of one page.
const DATASETS: usize = 50;

/// The data sets.
#[component]
pub(super) fn Datasets() -> impl IntoView {
    let before = query("before").and_then(|text| text.parse().ok()).map(DatasetId);
    page(move |visit| async move {
        let flash = visit.notice();
        let (desk, actor) = (&visit.desk, &visit.actor);
        let mut datasets = desk.datasets().list(actor, before, DATASETS as u32 + 1).await?;
        let names: BTreeMap<ModelId, String> = desk.models().names(actor).await?.into_iter().collect();
        let more = datasets.len() > DATASETS;
        datasets.truncate(DATASETS);
        let older =
            datasets.last().filter(|_| more).map(|last| address("/datasets", &[("before", &last.id.to_string())]));
        let newer = before.map(|_| String::from("/datasets"));
        let may_write = actor.may(Permission::WriteModels);
        let shown = number::counted(datasets.len() as i64, "data set", "data sets");
        let rows = datasets.into_iter().map(|dataset| row(dataset, &names)).collect();
        let bring = move || {
            let upload =
                may_write.then(|| view! { <LinkButton look=Look::Primary text="Upload a CSV" href="/models/new"/> });
            view! { <LinkButton text="Feature sets" href="/features"/>{upload} }
        };
        let viewer = visit.viewer;
        Ok(view! {
            <Frame viewer title="Data sets" at=Section::Datasets crumbs=vec![Crumb::here("Data sets")] flash>
                <PageHeader title="Data sets" actions=bring/>
                <Lead>
                    <b>"What models learn from."</b>
                    " An import is a file that somebody uploaded; a snapshot is a model’s import together with every \
                    prediction whose truth is known by then. Neither ever changes."
                </Lead>
                <Panel title="Data sets" note=String::from("newest first")>
                    <Table label="Data sets" columns=columns() rows>
                        <EmptyState title="No data sets yet" text="A data set is a CSV with a header line and one example a row.">
                            {may_write.then(|| view! { <LinkButton look=Look::Primary text="Upload the first one" href="/models/new"/> })}
                        </EmptyState>
                    </Table>
                    <Pagination newer older shown/>
                </Panel>
            </Frame>
        }
        .into_any())
    })
}

fn columns() -> Vec<Column> {
    vec![
        Column::text("Name"),
        Column::tight("Source"),
        Column::text("Model"),
        Column::number("Rows"),
        Column::number("From outcomes"),
        Column::number("Size"),
        Column::tight("SHA-256"),
        Column::tight("Made"),
    ]
}

fn row(dataset: Dataset, names: &BTreeMap<ModelId, String>) -> Row {
    let model = match dataset.model.and_then(|id| names.get(&id)) {
        Some(name) => Cell::link(name, format!("/models/{name}")),
        None => Cell::view(view! { <span class="muted">"none yet"</span> }),
    };
    let outcomes = if dataset.outcome_rows == 0 { String::from("–") } else { number::count(dataset.outcome_rows) };
    let label = format!("hash of data set {}", dataset.id);
    Row::new(vec![
        Cell::link(dataset.name, format!("/datasets/{}", dataset.id)),
        Cell::view(source(dataset.source)),
        model,
        Cell::text(number::count(dataset.rows)),
        Cell::text(outcomes),
        Cell::text(number::bytes(dataset.bytes)),
        Cell::view(view! { <Copyable text=dataset.sha256 label short=true/> }),
        Cell::view(view! { <Time at=dataset.created_at/> }),
    ])
}

/// `import` or `snapshot`.
pub(super) fn source(source: DatasetSource) -> impl IntoView {
    let tone = match source {
        DatasetSource::Import => Tone::Neutral,
        DatasetSource::Snapshot => Tone::Accent,
    };
    view! { <Badge tone text=source.as_str()/> }.into_any()
}
