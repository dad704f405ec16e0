//! How fresh what was computed of entities is.

use desk::features::SetFreshness;
use domain::Permission;
use domain::circuit::State;
use leptos::prelude::*;

use crate::components::{Badge, Cell, Column, EmptyState, Lead, LinkButton, PageHeader, Panel, Row, Table, Time, Tone};
use crate::number;
use crate::page::page;
use crate::shell::{Crumb, Frame, Section};

/// The sets.
#[component]
pub(super) fn FeatureSets() -> impl IntoView {
    page(|visit| async move {
        let sets = visit.desk.features().sets(&visit.actor).await?;
        let state = visit.desk.features().lookups(&visit.actor)?.state;
        let crumbs = vec![Crumb::link("Data sets", "/datasets"), Crumb::here("Feature sets")];
        let (lead, sees_help) = (lead(&sets, state), visit.actor.may(Permission::ManageKeys));
        let rows = sets.into_iter().map(row).collect();
        let foot = String::from(
            "Stale is what is older than its sender wanted: a day, unless it said otherwise. Training sees each row’s features \
             as they were known at the row’s moment, prediction those of now.",
        );
        Ok(view! {
            <Frame viewer=visit.viewer title="Feature sets" at=Section::Datasets crumbs>
                <PageHeader title="Feature sets"/>
                <Lead>{lead}</Lead>
                <Panel title="Sets" foot>
                    <Table label="Feature sets" columns=columns() rows>
                        <EmptyState
                            title="No feature sets yet"
                            text="A program keeps here what it computes of customers, meters or documents. Models take from it what a request leaves out."
                        >
                            {sees_help.then(|| view! { <LinkButton text="How programs send features" href="/api/help"/> })}
                        </EmptyState>
                    </Table>
                </Panel>
            </Frame>
        }
        .into_any())
    })
}

fn lead(sets: &[SetFreshness], state: State) -> impl IntoView + use<> {
    let sum = |of: fn(&SetFreshness) -> i64| sets.iter().map(of).sum::<i64>();
    let (entities, stale, failed) = (sum(|set| set.entities), sum(|set| set.stale), sum(|set| set.failed));
    let answer = match (entities, stale, failed) {
        (0, _, _) => String::from("Nothing is kept yet."),
        (_, 0, 0) => String::from("Everything is fresh."),
        (all, stale, 0) => {
            format!("{} of {} stale.", number::count(stale), number::counted(all, "entity is", "entities are"))
        }
        (all, stale, failed) => format!(
            "Of {} {} stale and {} could not be computed.",
            number::counted(all, "entity", "entities"),
            number::counted(stale, "is", "are"),
            number::count(failed)
        ),
    };
    let circuit = (state != State::Closed).then_some(
        " Reading them failed several times in a row, so predictions of this process do without for some seconds.",
    );
    view! { <b>{answer}</b>{circuit} }.into_any()
}

fn columns() -> Vec<Column> {
    vec![
        Column::text("Set"),
        Column::number("Entities"),
        Column::tight("Newest"),
        Column::number("Stale"),
        Column::number("Failed"),
        Column::tight("State"),
    ]
}

fn row(set: SetFreshness) -> Row {
    let newest = match set.newest {
        Some(at) => Cell::view(view! { <Time at/> }),
        None => Cell::text("–"),
    };
    let (tone, word) = match (set.failed, set.stale) {
        (0, 0) => (Tone::Ok, "fresh"),
        (0, _) => (Tone::Warn, "partly stale"),
        _ => (Tone::Bad, "failing"),
    };
    Row::new(vec![
        Cell::view(view! { <code>{set.set}</code> }),
        Cell::text(number::count(set.entities)),
        newest,
        Cell::text(share(set.stale, set.entities)),
        Cell::text(share(set.failed, set.entities)),
        Cell::view(view! { <Badge tone text=word/> }),
    ])
}

/// `3 (0.2 %)`.
fn share(part: i64, all: i64) -> String {
    if part == 0 {
        return String::from("0");
    }
    format!("{} ({})", number::count(part), number::percent(part as f64 / all as f64))
}
