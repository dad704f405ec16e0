//! One row by hand: a form with a field for each input of the model.

use desk::table::InferredColumn;
use domain::dataset::Dataset;
use domain::model::Model;
use domain::specification::{Column, ColumnKind};
use domain::{Actor, Permission, Task};
use leptos::prelude::*;

use super::dataset::{columns_of, range};
use crate::components::{
    Button, Choice, ErrorSummary, Errors, Lead, LinkButton, Look, PageHeader, Panel, SelectField, TextField,
};
use crate::form::{Said, key, own_name};
use crate::number;
use crate::page::{page, param};
use crate::shell::{Crumb, Frame, Section};

/// Name of the form.
const FORM: &str = "try_row";
/// Data sets among which the model's own is looked for.
const LOOKED_AT: u32 = 200;

/// The form for one row.
#[component]
pub(super) fn TryRow() -> impl IntoView {
    let name = param("m");
    page(move |visit| async move {
        visit.actor.check(Permission::Predict)?;
        let flash = visit.notice();
        let (desk, actor) = (&visit.desk, &visit.actor);
        let detail = desk.models().get(actor, &name).await?;
        if detail.model.task() == Task::TextRecognition {
            let way = format!("{name} reads images, not rows; send each image to /api/v1/models/{name}/readings");
            return Err(desk::Error::Conflict(way));
        }
        let inputs = desk.predictions().inputs(actor, &name).await?;
        let learnt_from = match detail.versions.first() {
            Some(newest) => desk.datasets().get(actor, newest.dataset).await.ok(),
            None => imported(desk, actor, &detail.model).await?,
        };
        let known = learnt_from.as_ref().map(columns_of).unwrap_or_default();
        let answers = match detail.champion() {
            Some(number) => format!("Version {number} answers."),
            None => String::from("No version serves, so the heuristic answers."),
        };
        let of_model = format!("/models/{name}");
        let crumbs = vec![
            Crumb::link("Models", "/models"),
            Crumb::link(name.clone(), of_model.clone()),
            Crumb::here("Try a row"),
        ];
        let (viewer, said) = (visit.viewer, visit.said);
        Ok(view! {
            <Frame viewer title=format!("Try {name}") at=Section::Models crumbs flash>
                <PageHeader
                    title=name.clone()
                    aside=String::from("try a row")
                    actions=move || view! { <LinkButton text="Back to the model" href=of_model/> }
                />
                <Lead>
                    <b>{answers}</b>
                    " The row and its answer are logged like any other prediction, under your name."
                </Lead>
                {form(&said, name, &inputs, &known)}
            </Frame>
        }
        .into_any())
    })
}

/// The file that a model without versions was registered with.
async fn imported(desk: &desk::Desk, actor: &Actor, model: &Model) -> desk::Result<Option<Dataset>> {
    let datasets = desk.datasets().list(actor, None, LOOKED_AT).await?;
    Ok(datasets.into_iter().find(|dataset| dataset.model == Some(model.id)))
}

fn form(said: &Said, model: String, inputs: &[Column], known: &[InferredColumn]) -> impl IntoView + use<> {
    let errors = Errors(if said.form == FORM { said.errors.clone() } else { Vec::new() });
    let control = |field: &str| format!("fields[{}]", key(field));
    let fields = inputs.iter().map(|input| {
        let known = known.iter().find(|column| column.name == input.name);
        field(input, known, said)
    });
    let fields = fields.collect_view();
    let count = number::counted(inputs.len() as i64, "input", "inputs");
    view! {
        <ErrorSummary errors control label=own_name/>
        <form class="stack" method="post" action="/actions/try_row">
            <input type="hidden" name="model" value=model/>
            <Panel title="The row" note=count>
                <div class="form-grid">{fields}</div>
                <div class="form-actions"><Button look=Look::Primary text="Ask the model"/></div>
            </Panel>
        </form>
    }
    .into_any()
}

fn field(input: &Column, known: Option<&InferredColumn>, said: &Said) -> AnyView {
    let name = format!("fields[{}]", key(&input.name));
    let (label, value) = (input.name.clone(), said.value(FORM, &input.name));
    let error = said.error(FORM, &input.name);
    let required = !input.optional;
    match input.kind {
        ColumnKind::Boolean => {
            view! { <SelectField name label choices=yes_or_no(&value, required) required error/> }.into_any()
        }
        ColumnKind::Numeric => {
            let hint =
                known.map(|column| format!("Seen: {}", range(column))).unwrap_or_else(|| String::from("A number"));
            view! { <TextField name label kind="number" step="any" value error hint required autocomplete="off"/> }
                .into_any()
        }
        ColumnKind::Categorical if known.is_some_and(|column| column.distinct == column.examples.len()) => {
            let choices = known.map(|column| words(column, &value, required)).unwrap_or_default();
            view! { <SelectField name label choices required error/> }.into_any()
        }
        ColumnKind::DateTime => {
            let hint = "Such as 2026-03-01 08:30:00; without an offset it is UTC.";
            view! { <TextField name label value error hint required autocomplete="off"/> }.into_any()
        }
        ColumnKind::Categorical | ColumnKind::Text => {
            let examples = known.filter(|column| !column.examples.is_empty());
            let hint = examples.map_or_else(|| String::from("A text"), |column| format!("Such as {}", range(column)));
            view! { <TextField name label value error hint required autocomplete="off"/> }.into_any()
        }
    }
}

fn yes_or_no(typed: &str, required: bool) -> Vec<Choice> {
    let mut choices = vec![unsaid(required)];
    choices.extend(
        [("true", "yes"), ("false", "no")].map(|(value, label)| Choice::new(value, label).chosen(value == typed)),
    );
    choices
}

/// All words of a column that holds only a few.
fn words(column: &InferredColumn, typed: &str, required: bool) -> Vec<Choice> {
    let mut choices = vec![unsaid(required)];
    choices.extend(column.examples.iter().map(|word| Choice::new(word, word).chosen(word == typed)));
    if !typed.is_empty() && !column.examples.iter().any(|word| word == typed) {
        choices.push(Choice::new(typed, typed).chosen(true));
    }
    choices
}

fn unsaid(required: bool) -> Choice {
    Choice::new("", if required { "choose" } else { "missing" })
}
