//! One reading: the image, what was read letter by letter, and how to say that it is wrong.

use desk::predictions::PredictionDetail;
use desk::readings::{CharacterConfidence, ReadingRecord, characters};
use domain::Permission;
use domain::prediction::Prediction;
use leptos::prelude::*;

use crate::actions::labeling::task_address;
use crate::components::{Button, Cell, Column, Definition, DefinitionList, Look, Panel, Row, Table, TextField};
use crate::form::Said;
use crate::number;
use crate::page::Visit;

/// Name of the form.
const FORM: &str = "report_reading";
/// From here on a character is sure.
const SURE: f64 = 0.9;

/// How sure the reading is.
pub(super) fn sentence(prediction: &Prediction) -> String {
    match prediction.confidence {
        Some(_) if prediction.version.is_none() => String::from("No version served, so a person reads the image."),
        Some(confidence) => format!("{} sure.", number::percent(confidence)),
        None => String::new(),
    }
}

/// The image with its letters, and what becomes of the reading.
pub(super) fn panels(visit: &Visit, detail: &PredictionDetail, record: &ReadingRecord) -> impl IntoView + use<> {
    let (prediction, shows) = (&detail.prediction, visit.actor.may(Permission::ManageLabeling));
    let image = shows.then(|| format!("/api/v1/predictions/{}/image", prediction.id));
    let picture = match image {
        Some(src) => {
            let alt = format!("The image that was read as {}", prediction.decision);
            let href = src.clone();
            view! { <a class="reading-image" href=href><img src=src alt=alt/></a> }.into_any()
        }
        None => view! { <p class="muted">"The image is shown to those who may label."</p> }.into_any(),
    };
    let letters = letters(&characters(&prediction.decision, &prediction.probabilities));
    let facts = facts(visit, detail, record);
    let reports = visit.actor.may(Permission::RecordOutcomes).then(|| report(detail, &visit.said));
    view! {
        <Panel title="Image">{picture}{letters}</Panel>
        <Panel title="What becomes of it"><DefinitionList items=facts/>{reports}</Panel>
    }
    .into_any()
}

/// Each letter with how sure it is; a doubtful one is marked in words, not by colour alone.
fn letters(characters: &[CharacterConfidence]) -> impl IntoView + use<> {
    let rows = characters.iter().enumerate().map(|(i, one)| {
        let doubt = if one.confidence < SURE { "doubtful" } else { "" };
        let letter = one.character.to_string();
        Row::new(vec![
            Cell::text(number::count(i as i64 + 1)),
            Cell::view(view! { <span class="reading-text">{letter}</span> }),
            Cell::text(number::percent(one.confidence)),
            Cell::view(view! { <span class="warn">{doubt}</span> }),
        ])
    });
    let rows: Vec<Row> = rows.collect();
    (!rows.is_empty()).then(|| {
        let columns =
            vec![Column::number("Place"), Column::text("Read"), Column::number("Sure"), Column::silent("Doubt")];
        view! { <Table label="Characters and how sure they are" columns rows keep=true/> }
    })
}

fn facts(visit: &Visit, detail: &PredictionDetail, record: &ReadingRecord) -> Vec<Definition> {
    let source = if record.source.is_empty() { String::from("not said") } else { record.source.clone() };
    let mut facts = vec![Definition::text("Source", source)];
    facts.extend(record.previous.clone().map(|text| Definition::text("Read there before", text)));
    facts.push(match (record.task, record.answered_at) {
        (Some(task), None) if visit.actor.may(Permission::Label) => {
            let href = task_address(&detail.model, task);
            Definition::view("Labeling", view! { "waits in "<a href=href>"the queue"</a> })
        }
        (Some(_), None) => Definition::text("Labeling", "waits in the queue"),
        (Some(_), Some(_)) => Definition::text("Labeling", "people have looked at it"),
        (None, _) => Definition::text("Labeling", "accepted as it was read"),
    });
    facts
}

/// The form that says it is wrong.
fn report(detail: &PredictionDetail, said: &Said) -> impl IntoView + use<> {
    let (value, error) = (said.value(FORM, "text"), said.error(FORM, "text"));
    let id = detail.prediction.id.to_string();
    view! {
        <form class="form" method="post" action="/actions/report_reading">
            <input type="hidden" name="prediction" value=id/>
            <TextField name="text" label="What it should be" value error max_length=64 hint="If you know. A person looks at it in any case."/>
            <div class="form-actions"><Button look=Look::Danger text="Report an error"/></div>
        </form>
    }
    .into_any()
}
