//! The list of models.

use desk::models::ModelSummary;
use domain::Permission;
use leptos::prelude::*;

use crate::components::{Badge, Cell, Column, EmptyState, Lead, LinkButton, Look, PageHeader, Row, Table, Time, Tone};
use crate::number;
use crate::page::{Visit, page, query};
use crate::shell::{Crumb, Frame, Section};

use super::figures::{headline, task_words};

/// All models of the tenant, or those whose name holds what was searched for.
#[component]
pub(super) fn Models() -> impl IntoView {
    let searched = query("q");
    page(|visit| async move {
        let mut models = visit.desk.models().list(&visit.actor).await?;
        if let Some(text) = &searched {
            models.retain(|summary| summary.model.name.contains(&text.trim().to_lowercase()));
        }
        Ok(show(visit, &models, searched))
    })
}

fn show(visit: Visit, models: &[ModelSummary], searched: Option<String>) -> AnyView {
    let flash = visit.notice();
    let writes = visit.actor.may(Permission::WriteModels);
    let actions =
        move || writes.then(|| view! { <LinkButton look=Look::Primary text="New model" href="/models/new"/> });
    let serving = models.iter().filter(|model| model.champion.is_some() && model.problem.is_none()).count();
    let lead = lead(serving, models.len()).map(|lead| view! { <Lead>{lead}</Lead> });
    let rows: Vec<Row> = models.iter().map(row).collect();
    let empty = match &searched {
        Some(text) => format!("No model's name contains “{text}”."),
        None => String::from("A model learns from a table of examples with their outcome. Upload one as a CSV."),
    };
    view! {
        <Frame viewer=visit.viewer title="Models" at=Section::Models crumbs=vec![Crumb::here("Models")] flash query=searched>
            <PageHeader title="Models" actions/>
            {lead}
            <Table label="Models" columns=columns() rows>
                <EmptyState title="No models" text=empty>
                    {writes.then(|| view! { <LinkButton look=Look::Primary text="Make a model from a CSV" href="/models/new"/> })}
                </EmptyState>
            </Table>
        </Frame>
    }
    .into_any()
}

/// Who serves a trained version, of the models on the page: those that were searched for may not be all.
fn lead(serving: usize, models: usize) -> Option<String> {
    let others = models - serving;
    let each = match models {
        0 => return None,
        1 => String::from("This model"),
        _ => format!("Each of these {} models", number::count(models)),
    };
    if serving == 0 {
        return Some(format!("{each} answers by its heuristic."));
    }
    if others == 0 {
        return Some(format!("{each} serves a trained version."));
    }
    let serve = if serving == 1 { "serves" } else { "serve" };
    let rest = match others {
        1 => String::from("the other answers by its heuristic"),
        _ => format!("the other {} answer by their heuristics", number::count(others)),
    };
    let (serving, models) = (number::count(serving), number::count(models));
    Some(format!("{serving} of these {models} models {serve} a trained version; {rest}."))
}

fn columns() -> Vec<Column> {
    vec![
        Column::text("Model"),
        Column::text("Task"),
        Column::text("Champion"),
        Column::text("Learnt with"),
        Column::number("Headline"),
        Column::number("Versions"),
    ]
}

fn row(summary: &ModelSummary) -> Row {
    let name = &summary.model.name;
    let champion = match (&summary.champion, &summary.deployment, &summary.problem) {
        (_, _, Some(_)) => view! { <Badge tone=Tone::Bad text="refused, heuristic answers"/> }.into_any(),
        (Some(version), Some(deployment), None) => {
            let (number, at) = (version.number, deployment.at);
            view! { <a href=format!("/models/{name}/versions/{number}")>"v"{number}</a>" "<span class="muted">"since "<Time at/></span> }
                .into_any()
        }
        _ => view! { <Badge tone=Tone::Warn text="heuristic"/> }.into_any(),
    };
    let metrics = summary.champion.as_ref().map(|version| &version.summary.metrics);
    Row::new(vec![
        Cell::link(name.clone(), format!("/models/{name}")),
        Cell::text(task_words(summary.model.task())),
        Cell::view(champion),
        Cell::text(
            summary.champion.as_ref().map_or_else(|| String::from("–"), |version| version.summary.estimator.clone()),
        ),
        Cell::text(metrics.map_or_else(|| String::from("–"), |metrics| headline(summary.model.task(), metrics))),
        Cell::text(number::count(summary.versions as i64)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lead_says_who_serves() {
        let said = |serving, models| lead(serving, models).unwrap_or_default();
        assert_eq!(lead(0, 0), None);
        assert_eq!(said(0, 1), "This model answers by its heuristic.");
        assert_eq!(said(1, 1), "This model serves a trained version.");
        assert_eq!(said(0, 2), "Each of these 2 models answers by its heuristic.");
        assert_eq!(said(2, 2), "Each of these 2 models serves a trained version.");
        assert_eq!(said(1, 2), "1 of these 2 models serves a trained version; the other answers by its heuristic.");
        assert_eq!(
            said(2, 1_200),
            "2 of these 1,200 models serve a trained version; the other 1,198 answer by their heuristics."
        );
    }
}
