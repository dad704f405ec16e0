//! One prediction: what was asked, what was answered and why, and what turned out to be true.

use desk::predictions::PredictionDetail;
use desk::readings::ReadingRecord;
use domain::prediction::OutcomeSource;
use domain::specification::Task;
use domain::{Permission, PredictionId};
use leptos::prelude::*;
use serde_json::{Map, Value};

use super::prediction_reading;
use crate::components::{
    Badge, Button, Choice, ChoiceField, Contribution, Contributions, Copyable, Definition, DefinitionList, Figure,
    FigureStrip, Json, Lead, Look, PageHeader, Panel, TextField, Time, Timeline, TimelineEntry, Tone,
};
use crate::form::Said;
use crate::number;
use crate::page::{Visit, page, param};
use crate::shell::{Crumb, Frame, Section};

/// Reasons shown by themselves; the rest is summed up.
const MOST_REASONS: usize = 12;

/// One prediction.
#[component]
pub(super) fn Prediction() -> impl IntoView {
    let id = param("id");
    page(|visit| async move {
        let id: PredictionId = id.parse().map_err(|_| desk::Error::not_found("such prediction"))?;
        let detail = visit.desk.predictions().get(&visit.actor, id).await?;
        let reading = match detail.specification.task {
            Task::TextRecognition => Some(visit.desk.readings().get(&visit.actor, id).await?),
            Task::Binary | Task::Multiclass | Task::Regression => None,
        };
        Ok(show(visit, detail, reading))
    })
}

fn show(visit: Visit, detail: PredictionDetail, reading: Option<ReadingRecord>) -> AnyView {
    let flash = visit.notice();
    let prediction = &detail.prediction;
    let crumbs = vec![
        Crumb::link("Predictions", "/predictions"),
        Crumb::link(&detail.model, format!("/predictions?model={}", detail.model)),
        Crumb::here(short(&prediction.id.to_string())),
    ];
    let may_record = visit.actor.may(Permission::RecordOutcomes);
    let records = (may_record && reading.is_none()).then(|| outcome_form(&detail, &visit.said));
    let row: Value = serde_json::from_str(&prediction.features).unwrap_or(Value::Null);
    let (badges, lead, figures) = (badges(&detail), lead(&detail), figures(&detail));
    let reasons = match &reading {
        Some(record) => prediction_reading::panels(&visit, &detail, record).into_any(),
        None => reasons(&detail, &row).into_any(),
    };
    let (history, origin) = (history(&detail), origin(&detail));
    let aside = detail.model.clone();
    view! {
        <Frame viewer=visit.viewer title="Prediction" at=Section::Predictions crumbs flash>
            <PageHeader title="Prediction" aside>{badges}</PageHeader>
            <Lead>{lead}</Lead>
            <FigureStrip figures/>
            <div class="columns">
                {reasons}
                <Panel title="What was true">{history}{records}</Panel>
                <Panel title="What was asked"><Json value=row label="row as sent"/></Panel>
                <Panel title="Where it comes from">{origin}</Panel>
            </div>
        </Frame>
    }
    .into_any()
}

/// Both ends of a long id.
fn short(id: &str) -> String {
    format!("{}…{}", &id[..8.min(id.len())], &id[id.len().saturating_sub(4)..])
}

fn badges(detail: &PredictionDetail) -> impl IntoView + use<> {
    match detail.prediction.version {
        Some(number) => view! { <Badge tone=Tone::Accent text=format!("version {number}")/> },
        None => view! { <Badge tone=Tone::Warn text="heuristic"/> },
    }
}

fn lead(detail: &PredictionDetail) -> impl IntoView + use<> {
    let prediction = &detail.prediction;
    let decision = match (detail.specification.task, prediction.decision.as_str()) {
        (Task::TextRecognition, "") => String::from("Nothing was read."),
        (Task::TextRecognition, text) => format!("Read “{text}”."),
        (_, decision) => format!("{} {} = {decision}.", detail.model, detail.specification.target),
    };
    let rest = match (detail.specification.task, prediction.confidence) {
        (Task::TextRecognition, _) => prediction_reading::sentence(prediction),
        (Task::Binary, _) => format!(
            "The probability of “{}” is {}{}.",
            detail.specification.positive().unwrap_or_default(),
            number::percent(prediction.score),
            detail
                .threshold
                .map_or_else(String::new, |at| format!("; from {} on the answer is yes", number::percent(at)))
        ),
        (_, Some(confidence)) => format!("{} sure.", number::percent(confidence)),
        (_, None) => String::new(),
    };
    view! { <b>{decision}</b>" "{rest} }.into_any()
}

fn figures(detail: &PredictionDetail) -> Vec<Figure> {
    let prediction = &detail.prediction;
    let mut figures = Vec::new();
    if detail.specification.task != Task::TextRecognition {
        figures.push(Figure::new("Score", number::metric(prediction.score)));
    }
    figures.extend(detail.threshold.map(|threshold| Figure::new("Threshold", number::metric(threshold))));
    figures.extend(prediction.confidence.map(|confidence| Figure::new("Confidence", number::percent(confidence))));
    figures.push(
        Figure::new("Latency", number::milliseconds(prediction.latency_micros as f64 / 1e3))
            .with_note("before it was written down"),
    );
    let truth = detail.outcomes.last().map_or_else(|| String::from("not known"), |outcome| outcome.truth.clone());
    figures.push(Figure::new("Truth", truth));
    figures
}

fn reasons(detail: &PredictionDetail, row: &Value) -> impl IntoView + use<> {
    let Some(explanation) = &detail.explanation else {
        let why = "The heuristic gives no reasons, and a version whose artifacts are refused cannot be asked.";
        return view! { <Panel title="Why"><p class="muted">{why}</p></Panel> }.into_any();
    };
    let empty = Map::new();
    let row = row.as_object().unwrap_or(&empty);
    let item = |contribution: &desk::predictions::ColumnContribution| {
        let value = row.get(&contribution.column).map_or_else(|| String::from("missing"), plain);
        Contribution {
            words: format!("{} = {value}", contribution.column),
            detail: None,
            amount: f64::from(contribution.value),
        }
    };
    let items: Vec<Contribution> = explanation.contributions.iter().take(MOST_REASONS).map(item).collect();
    let note = format!("{}; in {}", explanation.method, unit(detail));
    let (base, sum) = (explanation.base, explanation.score_in_unit);
    view! {
        <Panel title="Why" foot=note>
            <Contributions items base sum/>
        </Panel>
    }
    .into_any()
}

fn unit(detail: &PredictionDetail) -> &'static str {
    match detail.specification.task {
        Task::Regression | Task::TextRecognition => "the target's own unit",
        Task::Binary | Task::Multiclass => "log-odds before calibration: above 0 speaks for it, below 0 against",
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::from("missing"),
        other => other.to_string(),
    }
}

fn history(detail: &PredictionDetail) -> impl IntoView + use<> {
    if detail.outcomes.is_empty() {
        return view! { <p class="muted">"Nothing has been reported yet."</p> }.into_any();
    }
    let entries = detail.outcomes.iter().rev().map(|outcome| {
        let what = if outcome.sequence == 1 { "Recorded" } else { "Corrected to" };
        let tone = if outcome.truth == detail.prediction.decision { Tone::Ok } else { Tone::Bad };
        let said = format!("{what} “{}”, {}", outcome.truth, came_from(outcome.source));
        let entry = TimelineEntry::new(said, outcome.at).by(outcome.actor.clone()).tone(tone);
        if outcome.reason.is_empty() { entry } else { entry.because(outcome.reason.clone()) }
    });
    view! { <Timeline entries=entries.collect()/> }.into_any()
}

/// Where a truth came from, in words.
fn came_from(source: OutcomeSource) -> &'static str {
    match source {
        OutcomeSource::Verdict => "by a verdict on its case",
        OutcomeSource::Correction => "by a correction",
        OutcomeSource::Feedback => "as reported",
        OutcomeSource::Observation => "as observed later",
        OutcomeSource::Import => "as known when it came in",
    }
}

fn outcome_form(detail: &PredictionDetail, said: &Said) -> impl IntoView + use<> {
    let corrects = !detail.outcomes.is_empty();
    let typed = said.value("record_outcome", "truth");
    let error = said.error("record_outcome", "truth");
    let truth = if detail.specification.task == Task::Regression {
        view! { <TextField name="truth" label="What was true" kind="number" step="any" required=true value=typed error/> }.into_any()
    } else {
        let choices = detail.specification.classes.iter().map(|class| Choice {
            value: class.clone(),
            label: class.clone(),
            hint: None,
            chosen: *class == typed,
        });
        view! { <ChoiceField name="truth" label="What was true" one=true row=true choices=choices.collect() error/> }
            .into_any()
    };
    let (reason, wrong_reason) = (said.value("record_outcome", "reason"), said.error("record_outcome", "reason"));
    view! {
        <form class="form" method="post" action="/actions/record_outcome">
            <input type="hidden" name="prediction" value=detail.prediction.id.to_string()/>
            {truth}
            {corrects.then(|| view! {
                <input type="hidden" name="correction" value="true"/>
                <TextField name="reason" label="Why it is corrected" required=true max_length=1000 value=reason error=wrong_reason/>
            })}
            <Button look=Look::Primary text={if corrects { "Correct the outcome" } else { "Record the outcome" }}/>
        </form>
    }
    .into_any()
}

fn origin(detail: &PredictionDetail) -> impl IntoView + use<> {
    let prediction = &detail.prediction;
    let at = prediction.at;
    let mut items = vec![
        Definition::view("Asked", view! { <Time at absolute=true/> }),
        Definition::text("By", prediction.actor.clone()),
        Definition::view("Id", view! { <Copyable text=prediction.id.to_string() label="prediction id" short=true/> }),
    ];
    let model = detail.model.clone();
    items.push(match prediction.version {
        Some(number) => {
            let href = format!("/models/{model}/versions/{number}");
            Definition::view("Answered by", view! { <a href=href>{model}" version "{number}</a> })
        }
        None => Definition::view(
            "Answered by",
            view! { <a href=format!("/models/{model}")>{model.clone()}</a>"’s heuristic" },
        ),
    });
    view! { <DefinitionList items/> }.into_any()
}
