//! What is measured of a version that reads images.

mod figures;
mod pictures;
mod tables;

use desk::versions::{DoubtfulLabels, ReadingEvaluation, VersionDetail};
use domain::Permission;
use leptos::prelude::*;

use super::version::{gate_words, gates, standing};
use crate::charts::{Calibration, Series};
use crate::components::{Definition, FigureStrip, Lead, Panel, Sparkline};
use crate::form;
use crate::number;
use crate::page::{Visit, query};

pub(super) use pictures::{address, disagreement};
pub(super) use tables::by_source_compared;

/// What stands on the page beside the version's own account.
pub(super) struct Beside {
    /// Labels that the version contradicts. The page stands without them.
    doubtful: Option<DoubtfulLabels>,
    /// Where the list of them begins.
    first: usize,
    /// Whether the viewer may see images and ask people about them.
    shows: bool,
}

impl Beside {
    /// Loads it for a version that reads images.
    pub(super) async fn load(visit: &Visit, detail: &VersionDetail) -> Self {
        let first = query("doubtful").and_then(|text| text.parse().ok()).unwrap_or(0);
        let verbs = visit.desk.versions();
        let doubtful = verbs.doubtful_labels(&visit.actor, &detail.model.name, detail.version.number).await;
        let shows = visit.actor.may(Permission::ManageLabeling);
        Self { doubtful: doubtful.inspect_err(form::log).ok(), first, shows }
    }
}

/// Figures, sources and mistakes on the images held back.
pub(super) fn measured(
    detail: &VersionDetail,
    evaluation: &ReadingEvaluation,
    champion: Option<&ReadingEvaluation>,
    beside: &Beside,
    service: AnyView,
) -> impl IntoView + use<> {
    let report = &evaluation.report;
    let (standing, words) = (standing(detail), in_words(evaluation, detail));
    let figures = figures::strip(detail, evaluation);
    let gates = (!detail.gates.is_empty()).then(|| gates(&detail.gates));
    let n = format!("n = {} held back", number::count(report.n as i64));
    let (by_source, confusions, review) =
        (tables::by_source(detail, report), tables::confusions(report), tables::review(report));
    let more = report.by_source.len().saturating_sub(tables::MOST_SOURCES);
    let more = (more > 0).then(|| format!("{} more sources have fewer images.", number::count(more as i64)));
    let calibration = calibration(detail, evaluation, champion);
    let worst = pictures::worst(detail, evaluation, beside.shows);
    let doubtful = beside.doubtful.as_ref().map(|found| pictures::doubtful(detail, found, beside));
    let notes: Vec<String> = evaluation.notes.clone();
    view! {
        <Lead><b>{standing}</b>{words}</Lead>
        <FigureStrip figures/>
        {service}
        <div class="columns">
            <Panel title="Characters taken for others">{confusions}</Panel>
            <Panel title="Calibration" note=String::from("is it as often right as it is sure?")>{calibration}</Panel>
            <Panel title="What goes before people">{review}</Panel>
            {gates.map(|gates| view! { <Panel title="Gates">{gates}</Panel> })}
        </div>
        <Panel title="By source" note=n foot=more>{by_source}</Panel>
        {worst}
        {doubtful}
        {(!notes.is_empty()).then(|| view! { <ul class="notes">{notes.into_iter().map(|note| view! { <li>{note}</li> }).collect_view()}</ul> })}
    }
    .into_any()
}

fn in_words(evaluation: &ReadingEvaluation, detail: &VersionDetail) -> String {
    let report = &evaluation.report;
    let baseline = &report.baseline;
    let above = report.review.exact_above;
    let rest =
        above.map_or_else(String::new, |right| format!(", and of the others {} are right", number::percent(right)));
    format!(
        " It reads {} of {} exactly; always saying “{}” would be right on {}. {} go before people{rest}. {}",
        number::percent(report.exact),
        number::counted(report.n as i64, "image", "images"),
        baseline.text,
        number::percent(baseline.exact),
        number::percent(report.review.share),
        gate_words(&detail.gates)
    )
}

/// From what the training went on, and how its loss fell.
pub(super) fn began(evaluation: &ReadingEvaluation) -> Vec<Definition> {
    let from = match evaluation.tuned_from {
        Some(number) => format!("version {number}, which went on learning"),
        None => String::from("nothing"),
    };
    let mut lines = vec![Definition::text("Began from", from)];
    if let (Some(first), Some(last)) = (evaluation.losses.first(), evaluation.losses.last()) {
        let passes = number::counted(evaluation.losses.len() as i64, "pass", "passes");
        let words = format!("{passes}, mean loss from {} to {}", number::metric(*first), number::metric(*last));
        let (values, label) = (evaluation.losses.clone(), words.clone());
        lines.push(Definition::view("Learning", view! { <span class="row">{words}<Sparkline values label/></span> }));
    }
    lines
}

fn calibration(
    detail: &VersionDetail,
    evaluation: &ReadingEvaluation,
    champion: Option<&ReadingEvaluation>,
) -> impl IntoView + use<> {
    let series = |number: i64, evaluation: &ReadingEvaluation| Series {
        name: format!("v{number}"),
        points: evaluation.calibration.iter().map(|bin| (bin.predicted, bin.observed)).collect(),
    };
    let current = series(detail.version.number, evaluation);
    let reference = detail.champion.zip(champion).map(|(number, champion)| series(number, champion));
    view! { <Calibration current reference/> }.into_any()
}
