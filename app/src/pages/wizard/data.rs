//! The first step: bring a CSV, or choose a data set that is there.

use domain::dataset::Dataset;
use leptos::prelude::*;

use super::frame;
use crate::components::{Button, Cell, Column, EmptyState, FileField, Lead, Look, PageHeader, Panel, Row, Table, Time};
use crate::form::Said;
use crate::number;
use crate::page::Visit;
use crate::pages::datasets::source;

/// Name of the form.
const FORM: &str = "import_dataset";
/// Data sets to choose from; older ones are found on their own page.
const NEWEST: u32 = 20;

/// The page of the first step.
pub(super) async fn step(visit: Visit) -> desk::Result<AnyView> {
    let datasets = visit.desk.datasets().list(&visit.actor, None, NEWEST).await?;
    let limits = visit.desk.limits();
    let upload = upload(&visit.said, limits.dataset_bytes, limits.dataset_rows);
    let rows = datasets.into_iter().map(row).collect();
    let content = view! {
        <PageHeader title="New model" aside=String::from("step 1 of 3: the data")/>
        <Lead>
            <b>"A model learns from examples: one row each, with the answer in one of the columns."</b>
            " Nothing is learnt before you have seen what the desk makes of the file."
        </Lead>
        <div class="columns columns-2">
            <Panel title="Upload a CSV">{upload}</Panel>
            <Panel title="Or use what is there" note=String::from("newest first")>
                <Table label="Data sets" columns=columns() rows>
                    <EmptyState title="No data sets yet" text="The first one comes from a file."/>
                </Table>
            </Panel>
        </div>
    };
    Ok(frame(&visit, "the data", content.into_any()))
}

fn upload(said: &Said, bytes: usize, rows: usize) -> impl IntoView + use<> {
    let hint = format!(
        "UTF-8 with a header line; separated by comma, semicolon or tab. At most {} MiB and {}.",
        bytes >> 20,
        number::counted(rows as i64, "row", "rows")
    );
    let error = said.error(FORM, "file").or_else(|| said.error(FORM, "name"));
    view! {
        <form class="form" method="post" action="/actions/import_dataset" enctype="multipart/form-data">
            <FileField
                name="file"
                label="CSV file"
                accept=".csv,.tsv,.txt,text/csv"
                max_bytes=bytes as u64
                hint
                error
                required=true
            />
            <div class="form-actions"><Button look=Look::Primary text="Upload it and go on"/></div>
        </form>
    }
    .into_any()
}

fn columns() -> Vec<Column> {
    vec![Column::text("Name"), Column::tight("Source"), Column::number("Rows"), Column::tight("Made")]
}

fn row(dataset: Dataset) -> Row {
    Row::new(vec![
        Cell::link(dataset.name, format!("/models/new?dataset={}", dataset.id)),
        Cell::view(source(dataset.source)),
        Cell::text(number::count(dataset.rows)),
        Cell::view(view! { <Time at=dataset.created_at/> }),
    ])
}
