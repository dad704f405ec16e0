//! What is computed of an event before the model is asked.

use domain::Permission;
use domain::attendance::FEATURES;
use domain::feature::FeatureInfo;
use leptos::prelude::*;

use crate::components::{Cell, Column, Lead, LinkButton, PageHeader, Panel, Row, Table};
use crate::page::page;
use crate::shell::{Crumb, Frame, Section};

/// The features.
#[component]
pub(in crate::pages) fn Features() -> impl IntoView {
    page(|visit| async move {
        visit.actor.check(Permission::ReadPredictions)?;
        let crumbs = vec![Crumb::link("Attendance", "/attendance"), Crumb::here("Features")];
        let rows = FEATURES.iter().map(row).collect();
        let columns = vec![
            Column::text("Feature"),
            Column::text("How it is computed"),
            Column::text("Unit"),
            Column::text("Missing when"),
        ];
        let foot = String::from(
            "Days and hours are local to the site, by its clocks and calendar when the event was recorded.",
        );
        Ok(view! {
            <Frame viewer=visit.viewer title="Features of an event" at=Section::Attendance crumbs>
                <PageHeader
                    title="Features of an event"
                    actions=|| view! { <LinkButton text="Features from your programs" href="/features"/> }
                />
                <Lead>
                    <b>{format!("The model sees {} figures of an event, and no name.", FEATURES.len())}</b>
                    " Each is computed from what had happened, and was known, when the event was recorded: at most 90 days of the same employee."
                </Lead>
                <Panel title="Features" foot>
                    <Table label="Features of an event" columns rows/>
                </Panel>
            </Frame>
        }
        .into_any())
    })
}

fn row(feature: &FeatureInfo) -> Row {
    Row::new(vec![
        Cell::view(view! { <code>{feature.name}</code> }),
        Cell::text(feature.formula),
        Cell::text(if feature.unit.is_empty() { "–" } else { feature.unit }),
        Cell::text(feature.missing.unwrap_or("never")),
    ])
}
