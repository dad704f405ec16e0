//! One data set: its facts, its columns as they were understood, its first rows.

use desk::datasets::{ImageRow, Preview};
use desk::table::{ColumnKind, InferredColumn};
use domain::dataset::{Dataset as Record, DatasetSource};
use domain::reading::{IMAGE, TARGET};
use domain::{DatasetId, Permission};
use leptos::prelude::*;

use super::datasets::source;
use super::reading_version::address as image_address;
use crate::components::{
    Badge, Cell, Column, Copyable, Definition, DefinitionList, Lead, LinkButton, Look, PageHeader, Pagination, Panel,
    Picture, Pictures, Row, Table, Time, Tone,
};
use crate::form;
use crate::number;
use crate::page::{Visit, number_param, page, query};
use crate::shell::{Crumb, Frame, Section};

/// Rows of the preview.
const ROWS: usize = 20;
/// Images of one page.
const IMAGES: usize = 24;
/// Characters of a cell that a preview shows; the longest cells hold whole letters.
const CHARACTERS: usize = 80;

/// A data set.
#[component]
pub(super) fn Dataset() -> impl IntoView {
    let id = number_param("id");
    let first = query("from").and_then(|text| text.parse().ok()).unwrap_or(0);
    page(move |visit| async move {
        let flash = visit.notice();
        let (desk, actor, id) = (&visit.desk, &visit.actor, DatasetId(id?));
        let dataset = desk.datasets().get(actor, id).await?;
        let columns = columns_of(&dataset);
        let holds_images =
            columns.iter().any(|column| column.name == IMAGE) && columns.iter().any(|c| c.name == TARGET);
        let (panel, preview) = if holds_images {
            (().into_any(), images(&visit, &dataset, first).await)
        } else {
            let preview = desk.datasets().preview(actor, id, ROWS).await;
            let table = preview_table(preview);
            let rows = view! { <Panel title="First rows" note=format!("at most {ROWS}")>{table}</Panel> }.into_any();
            (columns_panel(&columns, dataset.rows).into_any(), rows)
        };
        let model = match dataset.model {
            Some(id) => {
                desk.models().names(actor).await?.into_iter().find(|(model, _)| *model == id).map(|(_, name)| name)
            }
            None => None,
        };
        let use_it = (actor.may(Permission::WriteModels) && !holds_images).then(|| format!("/models/new?dataset={id}"));
        let actions =
            move || use_it.map(|href| view! { <LinkButton look=Look::Primary text="Make a model from this" href/> });
        let name = dataset.name.clone();
        let crumbs = vec![Crumb::link("Data sets", "/datasets"), Crumb::here(name.clone())];
        let badge = source(dataset.source);
        let lead =
            if holds_images { of_images(&dataset).into_any() } else { sentence(&dataset, columns.len()).into_any() };
        let facts = facts(&dataset, model);
        let viewer = visit.viewer;
        Ok(view! {
            <Frame viewer title=name.clone() at=Section::Datasets crumbs flash>
                <PageHeader title=name aside=format!("data set {id}") actions>{badge}</PageHeader>
                <Lead>{lead}</Lead>
                <Panel title="Where it comes from"><DefinitionList items=facts/></Panel>
                {panel}
                {preview}
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

fn of_images(dataset: &Record) -> impl IntoView + use<> {
    let size = format!("{} with their texts.", number::counted(dataset.rows, "image", "images"));
    let rest = match (dataset.source, dataset.outcome_rows) {
        (DatasetSource::Import, _) => String::from(" Brought in as an archive; it never changes."),
        (DatasetSource::Snapshot, 0) => String::from(" Frozen for a training; it never changes."),
        (DatasetSource::Snapshot, known) => format!(
            " {} from corrections that people made of readings; where an image is named twice, they count.",
            number::counted(known, "text is", "texts are")
        ),
    };
    view! { <b>{size}</b>{rest} }.into_any()
}

/// Some of the images; the corrections are at the end.
async fn images(visit: &Visit, dataset: &Record, first: usize) -> AnyView {
    let (id, total) = (dataset.id, usize::try_from(dataset.rows).unwrap_or(0));
    let first = first.min(total);
    let rows = match visit.desk.datasets().image_rows(&visit.actor, id, first, IMAGES).await {
        Ok(rows) => rows,
        Err(error) => {
            form::log(&error);
            return view! { <p class="notice notice-bad">{form::sentence(&error)}</p> }.into_any();
        }
    };
    let shows = visit.actor.may(Permission::ManageLabeling);
    let at = |first: usize| format!("/datasets/{id}?from={first}#panel-images");
    let newer = (first > 0).then(|| at(first.saturating_sub(IMAGES)));
    let older = (first + IMAGES < total).then(|| at(first + IMAGES));
    let shown = format!("{}–{} of {}", first + 1, first + rows.len(), number::count(dataset.rows));
    let corrections = total.saturating_sub(usize::try_from(dataset.outcome_rows).unwrap_or(0));
    let corrected = (corrections < total).then(|| {
        let words = number::counted(dataset.outcome_rows, "correction", "corrections");
        view! { <p><a href=at(corrections)>{format!("To the {words}")}</a></p> }
    });
    let items: Vec<Picture> = rows.iter().map(|row| picture(id, row, shows)).collect();
    let foot = (!shows).then(|| String::from("The images themselves are shown to admins."));
    let zip = shows.then(|| {
        let href = format!("/api/v1/datasets/{id}/images.zip");
        view! { <a href=href>"All of them as a zip"</a> }
    });
    view! {
        <Panel title="Images" foot actions=move || zip>
            {corrected}
            <Pictures label="Images of the data set" items/>
            <Pagination newer older shown words=("← Before", "After →")/>
        </Panel>
    }
    .into_any()
}

fn picture(dataset: DatasetId, row: &ImageRow, shows: bool) -> Picture {
    let image = shows.then(|| image_address(dataset, &row.image));
    let text = row.text.clone();
    let picture = Picture::new(image, format!("Image that shows {}", row.text))
        .line("shows", view! { <span class="reading-text">{text}</span> })
        .line("source", if row.source.is_empty() { String::from("not said") } else { row.source.clone() });
    if row.is_corrected {
        picture.below(view! { <div><Badge tone=Tone::Accent text="from people"/></div> })
    } else {
        picture
    }
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
