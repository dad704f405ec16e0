//! One data set: its facts, its columns as they were understood, its first rows.

use desk::datasets::Preview;
use desk::table::{ColumnKind, InferredColumn};
use domain::dataset::{Dataset as Record, DatasetSource};
use domain::{DatasetId, Permission};
use leptos::prelude::*;

use super::datasets::source;
use crate::components::{
    Cell, Column, Copyable, Definition, DefinitionList, Lead, LinkButton, Look, PageHeader, Panel, Row, Table, Time,
};
use crate::form;
use crate::number;
use crate::page::{number_param, page};
use crate::shell::{Crumb, Frame, Section};

/// Rows of the preview.
const ROWS: usize = 20;
/// Characters of a cell that a preview shows; the longest cells hold whole letters.
const CHARACTERS: usize = 80;

/// A data set.
#[component]
pub(super) fn Dataset() -> impl IntoView {
    let id = number_param("id");
    page(move |visit| async move {
        let flash = visit.notice();
        let (desk, actor, id) = (&visit.desk, &visit.actor, DatasetId(id?));
        let dataset = desk.datasets().get(actor, id).await?;
        let preview = desk.datasets().preview(actor, id, ROWS).await;
        let model = match dataset.model {
            Some(id) => {
                desk.models().names(actor).await?.into_iter().find(|(model, _)| *model == id).map(|(_, name)| name)
            }
            None => None,
        };
        let use_it = actor.may(Permission::WriteModels).then(|| format!("/models/new?dataset={id}"));
        let actions =
            move || use_it.map(|href| view! { <LinkButton look=Look::Primary text="Make a model from this" href/> });
        let (columns, name) = (columns_of(&dataset), dataset.name.clone());
        let crumbs = vec![Crumb::link("Data sets", "/datasets"), Crumb::here(name.clone())];
        let badge = source(dataset.source);
        let (lead, facts) = (sentence(&dataset, columns.len()), facts(&dataset, model));
        let (panel, preview) = (columns_panel(&columns, dataset.rows), preview_table(preview));
        let viewer = visit.viewer;
        Ok(view! {
            <Frame viewer title=name.clone() at=Section::Datasets crumbs flash>
                <PageHeader title=name aside=format!("data set {id}") actions>{badge}</PageHeader>
                <Lead>{lead}</Lead>
                <Panel title="Where it comes from"><DefinitionList items=facts/></Panel>
                {panel}
                <Panel title="First rows" note=format!("at most {ROWS}")>{preview}</Panel>
            </Frame>
        }
        .into_any())
    })
}

/// The columns of a data set as they were understood when it came.
pub(super) fn columns_of(dataset: &Record) -> Vec<InferredColumn> {
    serde_json::from_value(dataset.columns.clone()).unwrap_or_default()
}

/// A kind in a person's words.
pub(super) fn kind_words(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Numeric => "number",
        ColumnKind::Categorical => "category",
        ColumnKind::Boolean => "yes or no",
        ColumnKind::DateTime => "date or time",
        ColumnKind::Text => "text",
    }
}

fn sentence(dataset: &Record, columns: usize) -> impl IntoView + use<> {
    let size = format!(
        "{} of {}.",
        number::counted(dataset.rows, "row", "rows"),
        number::counted(columns as i64, "column", "columns")
    );
    let rest = match (dataset.source, dataset.outcome_rows) {
        (DatasetSource::Import, _) => String::from(" Uploaded as a file; it never changes."),
        (DatasetSource::Snapshot, 0) => String::from(" Frozen for a training; it never changes."),
        (DatasetSource::Snapshot, known) => {
            format!(
                " {} learnt from outcomes of predictions; it never changes.",
                number::counted(known, "row was", "rows were")
            )
        }
    };
    view! { <b>{size}</b>{rest} }.into_any()
}

fn facts(dataset: &Record, model: Option<String>) -> Vec<Definition> {
    let hash = dataset.sha256.clone();
    let mut facts = vec![
        Definition::view("SHA-256", view! { <Copyable text=hash label="data set hash" short=true/> }),
        Definition::text("Rows", number::count(dataset.rows)),
        Definition::text("Labels from outcomes", labels(dataset)),
        Definition::text("Size", number::bytes(dataset.bytes)),
        Definition::view("Made", view! { <Time at=dataset.created_at/>{format!(" by {}", dataset.created_by)} }),
    ];
    if let Some(name) = model {
        facts.insert(0, Definition::view("Model", view! { <a href=format!("/models/{name}")>{name.clone()}</a> }));
    }
    facts
}

fn labels(dataset: &Record) -> String {
    match (number::count(dataset.outcome_rows), dataset.verdict_rows) {
        (outcomes, 0) => outcomes,
        (outcomes, verdicts) => format!("{outcomes}, {} of them verdicts on cases", number::count(verdicts)),
    }
}

fn columns_panel(columns: &[InferredColumn], rows: i64) -> impl IntoView + use<> {
    let heads = vec![
        Column::text("Column"),
        Column::tight("Kind"),
        Column::number("Missing"),
        Column::number("Different"),
        Column::text("Range or examples"),
        Column::text("Note"),
    ];
    let rows = columns.iter().map(|column| column_row(column, rows)).collect();
    let label = "Columns of the data set";
    view! {
        <Panel title="Columns" note=String::from("as they were understood") foot=String::from("Kinds are guesses; the wizard lets you change them.")>
            <Table label columns=heads rows/>
        </Panel>
    }
    .into_any()
}

fn column_row(column: &InferredColumn, rows: i64) -> Row {
    Row::new(vec![
        Cell::text(column.name.clone()),
        Cell::text(kind_words(column.kind)),
        Cell::text(missing(column, rows)),
        Cell::text(number::count(column.distinct as i64)),
        Cell::text(range(column)),
        Cell::text(column.note.clone().unwrap_or_default()),
    ])
}

/// `12 (0.4 %)`, or a dash.
pub(super) fn missing(column: &InferredColumn, rows: i64) -> String {
    if column.missing == 0 {
        return String::from("–");
    }
    let share = column.missing as f64 / rows.max(1) as f64;
    format!("{} ({})", number::count(column.missing as i64), number::percent(share))
}

/// The numbers that a column spans, or the first different texts in it.
pub(super) fn range(column: &InferredColumn) -> String {
    match (column.min, column.max) {
        (Some(min), Some(max)) => format!("{} to {}", number::value(min), number::value(max)),
        _ => column.examples.iter().take(3).map(|text| shortened(text)).collect::<Vec<_>>().join(", "),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The rows scroll within their own region, which the keyboard reaches.
fn preview_table(preview: desk::Result<Preview>) -> AnyView {
    let Preview { header, rows } = match preview {
        Ok(preview) => preview,
        Err(error) => {
            form::log(&error);
            return view! { <p class="notice notice-bad">{form::sentence(&error)}</p> }.into_any();
        }
    };
    let mut columns = vec![Column::number("Row")];
    columns.extend(header.into_iter().map(Column::text));
    let rows = rows.into_iter().enumerate().map(|(i, cells)| {
        let mut row = vec![Cell::text(number::count((i + 1) as i64))];
        row.extend(cells.into_iter().map(|text| match text.as_str() {
            "" => Cell::view(view! { <span class="muted">"missing"</span> }),
            text => Cell::text(shortened(text)),
        }));
        Row::new(row)
    });
    let rows = rows.collect();
    view! {
        <div class="table-area" role="region" tabindex="0" aria-label="First rows of the data set">
            <Table label="First rows" columns rows keep=true/>
        </div>
    }
    .into_any()
}
