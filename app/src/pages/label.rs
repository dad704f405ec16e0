//! Labeling: what waits, and one image after the other.

mod task;

use desk::labeling::Queue;
use domain::Permission;
use leptos::prelude::*;

pub(super) use task::LabelTask;

use crate::actions::labeling::queue_address;
use crate::components::{Cell, Column, EmptyState, Lead, LinkButton, Look, PageHeader, Panel, Row, Table, Time};
use crate::number;
use crate::page::{Visit, page};
use crate::shell::{Crumb, Frame, Section};

/// The queues.
#[component]
pub(super) fn Label() -> impl IntoView {
    page(|visit| async move {
        let queues = visit.desk.labeling().queues(&visit.actor).await?;
        Ok(show(visit, &queues))
    })
}

fn show(visit: Visit, queues: &[Queue]) -> AnyView {
    let flash = visit.notice();
    let manages = visit.actor.may(Permission::ManageLabeling);
    let list = if queues.is_empty() { none(manages) } else { list(queues, manages) };
    let lead = (!queues.is_empty()).then(|| lead(queues));
    // The one that has waited the longest, so that one key is enough to begin.
    let first = queues.iter().filter(|queue| queue.for_you.unwrap_or(0) > 0).min_by_key(|queue| queue.oldest_at);
    let first = first.map(|queue| queue_address(&queue.name));
    let begin = first.map(|href| view! { <LinkButton look=Look::Primary text="Begin" href key="b"/> });
    view! {
        <Frame viewer=visit.viewer title="Labeling" at=Section::Labeling crumbs=vec![Crumb::here("Labeling")] flash>
            <PageHeader title="Labeling" actions=move || begin/>
            {lead}
            <Panel title="Queues" note=String::from("the oldest task first; what clients reported, before all others")>
                {list}
            </Panel>
        </Frame>
    }
    .into_any()
}

fn lead(queues: &[Queue]) -> impl IntoView + use<> {
    let waiting: i64 = queues.iter().map(Queue::waiting).sum();
    let oldest = queues.iter().filter_map(|queue| queue.oldest_at).min().filter(|_| waiting > 0);
    let says = match waiting {
        0 => String::from("No reading waits."),
        1 => String::from("One reading waits."),
        n => format!("{} readings wait.", number::count(n)),
    };
    let oldest = oldest.map(|at| view! { " The oldest came "<Time at/>"." });
    view! { <Lead><b>{says}</b>{oldest}</Lead> }.into_any()
}

fn none(manages: bool) -> AnyView {
    let text = "A queue belongs to a model that reads text from images. What such a model is not sure of waits here.";
    let next = manages.then(|| {
        view! {
            <p>
                "Make one on the command line: "
                <code>"verdict models create meter-reading --task ocr --zip images.zip"</code>
            </p>
        }
    });
    view! { <EmptyState title="No queues yet" text>{next}</EmptyState> }.into_any()
}

fn list(queues: &[Queue], manages: bool) -> AnyView {
    let mut columns = vec![
        Column::text("Queue"),
        Column::number("For you"),
        Column::number("Waiting"),
        Column::number("Disputed"),
        Column::number("For an admin"),
        Column::text("Oldest"),
        Column::number("Read in the last hour"),
        Column::text("At work"),
    ];
    if manages {
        columns.push(Column::silent("Figures"));
    }
    let rows = queues.iter().map(|queue| row(queue, manages)).collect::<Vec<_>>();
    view! { <Table label="Queues" columns rows/> }.into_any()
}

fn row(queue: &Queue, manages: bool) -> Row {
    let oldest = queue.oldest_at.map_or_else(Cell::empty, |at| Cell::view(view! { <Time at/> }));
    let mut cells = vec![
        Cell::link(queue.name.clone(), queue_address(&queue.name)),
        Cell::text(queue.for_you.map(number::count).unwrap_or_default()),
        Cell::text(number::count(queue.waiting())),
        Cell::text(number::count(queue.disputed)),
        Cell::text(number::count(queue.flagged)),
        oldest,
        Cell::text(number::count(queue.read_last_hour)),
        Cell::text(queue.at_work.join(", ")),
    ];
    if manages {
        cells.push(Cell::link("Figures", format!("{}/figures", queue_address(&queue.name))));
    }
    Row::new(cells)
}
