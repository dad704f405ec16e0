//! What is measured of a version that reads images.

use desk::versions::{ReadingEvaluation, ReadingReport, VersionDetail};
use leptos::prelude::*;

use super::figures::{figure, leading};
use super::version::{gate_words, gates, standing};
use crate::components::{Cell, Column, Figure, FigureStrip, Lead, Panel, Row, Table};
use crate::number;

/// Figures, sources and mistakes on the images held back.
pub(super) fn measured(detail: &VersionDetail, evaluation: &ReadingEvaluation) -> impl IntoView + use<> {
    let report = &evaluation.report;
    let words = format!(
        " It reads {} of {} images exactly; {} of the characters are wrong. {}",
        number::percent(report.exact),
        number::count(report.n as i64),
        number::percent(report.cer),
        gate_words(&detail.gates)
    );
    let gates = (!detail.gates.is_empty()).then(|| gates(&detail.gates));
    let notes: Vec<String> = evaluation.notes.clone();
    let (standing, figures, by_source) = (standing(detail), figures(detail), by_source(report));
    view! {
        <Lead><b>{standing}</b>{words}</Lead>
        <FigureStrip figures/>
        <div class="columns">
            <Panel title="By source">{by_source}</Panel>
            {gates.map(|gates| view! { <Panel title="Gates">{gates}</Panel> })}
        </div>
        {(!notes.is_empty()).then(|| view! { <ul class="notes">{notes.into_iter().map(|note| view! { <li>{note}</li> }).collect_view()}</ul> })}
    }
    .into_any()
}

fn figures(detail: &VersionDetail) -> Vec<Figure> {
    let here = |key: &str| detail.version.summary.metrics.get(key).copied();
    let champion = |key: &str| detail.comparison.as_ref().and_then(|both| both.a.metrics.get(key));
    let keys = leading(detail.specification.task).iter().filter(|key| here(key).is_some());
    keys.map(|key| figure(key, here(key), champion(key), None)).collect()
}

fn by_source(report: &ReadingReport) -> impl IntoView + use<> {
    let share = |share: Option<f64>| share.map_or_else(|| String::from("–"), number::percent);
    let rows = report.by_source.iter().map(|one| {
        let source = if one.source.is_empty() { String::from("not said") } else { one.source.clone() };
        Row::new(vec![
            Cell::text(source),
            Cell::text(number::count(one.n as i64)),
            Cell::text(number::percent(one.exact)),
            Cell::text(number::percent(one.cer)),
            Cell::text(share(one.within_tolerance)),
        ])
    });
    let columns = vec![
        Column::text("Source"),
        Column::number("Images"),
        Column::number("Exact"),
        Column::number("Characters wrong"),
        Column::number("Within tolerance"),
    ];
    view! { <Table label="Held-back images by source" columns rows=rows.collect()/> }.into_any()
}
