//! Mistakes and doubtful labels, as pictures.

use desk::versions::{Disagreement, DoubtfulLabel, DoubtfulLabels, Misread, ReadingEvaluation, VersionDetail};
use domain::DatasetId;
use leptos::prelude::*;

use super::Beside;
use super::tables::source_name;
use crate::components::{Button, EmptyState, Pagination, Panel, Picture, Pictures, marked};
use crate::number;

/// Worst examples that are shown.
const MOST_WORST: usize = 18;
/// Doubtful labels of one page.
const DOUBTFUL: usize = 18;

/// Where an image of a data set is.
pub(in crate::pages) fn address(dataset: DatasetId, image: &str) -> String {
    format!("/api/v1/datasets/{dataset}/images/{image}")
}

/// The surest mistakes.
pub(super) fn worst(detail: &VersionDetail, evaluation: &ReadingEvaluation, shows: bool) -> impl IntoView + use<> {
    let (dataset, all) = (detail.version.dataset, evaluation.misread.len());
    let items: Vec<Picture> =
        evaluation.misread.iter().take(MOST_WORST).map(|misread| wrong(dataset, misread, shows)).collect();
    let note = String::from("the surest mistakes first");
    let foot = (!shows).then(|| String::from("The images themselves are shown to admins."));
    let list = if all == 0 {
        view! { <EmptyState title="No mistake" text="Every image held back was read exactly as it is."/> }.into_any()
    } else {
        view! { <Pictures label="Worst examples" items/> }.into_any()
    };
    view! { <Panel title="Worst examples" note foot>{list}</Panel> }.into_any()
}

fn wrong(dataset: DatasetId, misread: &Misread, shows: bool) -> Picture {
    let image = shows.then(|| address(dataset, &misread.image));
    Picture::new(image, format!("Image that shows {}, read as {}", misread.truth, misread.text))
        .line("shows", marked(&misread.truth, &misread.text))
        .line("read", marked(&misread.text, &misread.truth))
        .line("sure", number::percent(misread.confidence))
        .line("source", source_name(&misread.source))
}

/// Labels that a model contradicts which did not learn from them.
pub(super) fn doubtful(detail: &VersionDetail, found: &DoubtfulLabels, beside: &Beside) -> impl IntoView + use<> {
    let (name, number) = (detail.model.name.clone(), detail.version.number);
    let judged = number::counted(found.judged, "label", "labels");
    let which = if found.cross_fitted { "all of them" } else { "those of the images held back" };
    let note = format!("{} of {judged} judged, {which}", number::count(found.doubtful));
    let foot = format!(
        "Judged by a model that did not learn from the label: it reads something else beyond the tolerance, and is at \
         least {} sure, as it is on average where it agrees.",
        number::percent(found.threshold)
    );
    let first = beside.first.min(found.labels.len());
    let shown = &found.labels[first..found.labels.len().min(first + DOUBTFUL)];
    let items: Vec<Picture> = shown.iter().map(|label| doubted(detail, label, beside.shows)).collect();
    let page = |at: usize| format!("/models/{name}/versions/{number}?doubtful={at}#panel-doubtful-labels");
    let newer = (first > 0).then(|| page(first.saturating_sub(DOUBTFUL)));
    let older = (first + DOUBTFUL < found.labels.len()).then(|| page(first + DOUBTFUL));
    let range = format!("{}–{} of {}", first + 1, first + shown.len(), number::count(found.labels.len() as i64));
    let list = if items.is_empty() {
        view! { <p class="muted">"No label is contradicted so surely that somebody should look again."</p> }.into_any()
    } else {
        view! {
            <Pictures label="Doubtful labels" items/>
            <Pagination newer older shown=range words=("← Surer", "Less sure →")/>
        }
        .into_any()
    };
    view! { <Panel title="Doubtful labels" note foot>{list}</Panel> }.into_any()
}

fn doubted(detail: &VersionDetail, label: &DoubtfulLabel, shows: bool) -> Picture {
    let image = shows.then(|| address(detail.version.dataset, &label.image));
    let (model, version, hash) = (detail.model.name.clone(), detail.version.number, label.image.clone());
    let picture = Picture::new(image, format!("Image labelled {}, read as {}", label.label, label.text))
        .line("label", marked(&label.label, &label.text))
        .line("read", marked(&label.text, &label.label))
        .line("sure", number::percent(label.confidence))
        .line("source", source_name(&label.source));
    if !shows {
        return picture;
    }
    let words = format!("of the image labelled {}", label.label);
    picture.below(view! {
        <form method="post" action="/actions/look_again">
            <input type="hidden" name="model" value=model/>
            <input type="hidden" name="version" value=version/>
            <input type="hidden" name="image" value=hash/>
            <Button text="Look again"/><span class="visually-hidden">{words}</span>
        </form>
    })
}

/// An image that two versions read differently.
pub(in crate::pages) fn disagreement(
    (a, b): (i64, i64),
    dataset: DatasetId,
    row: &Disagreement,
    shows: bool,
) -> Picture {
    let of = |name: &str| row.inputs.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    let image = Some(of(domain::reading::IMAGE)).filter(|image| shows && !image.is_empty());
    let image = image.map(|image| address(dataset, &image));
    let said = |text: &str, sure: f64| {
        let (text, sure) = (marked(text, &row.actual), number::whole_percent(sure));
        view! { {text}" "<span class="muted">{sure}</span> }
    };
    Picture::new(image, format!("Image that shows {}, read as {} and as {}", row.actual, row.a, row.b))
        .line("shows", marked(&row.actual, &row.actual))
        .line(format!("v{a}"), said(&row.a, row.a_score))
        .line(format!("v{b}"), said(&row.b, row.b_score))
        .line("source", source_name(&of(domain::reading::SOURCE)))
}
