//! The second step: which column is to be learnt.

use desk::table::InferredColumn;
use domain::FieldError;
use domain::dataset::Dataset;
use leptos::prelude::*;

use super::{Asked, frame, reason};
use crate::components::{Button, Choice, ChoiceField, Lead, LinkButton, Look, PageHeader, Panel, SelectField};
use crate::number;
use crate::page::Visit;
use crate::pages::dataset::{columns_of, kind_words, range};

/// Columns up to which all are shown with their examples; more go into a list that folds.
const SHOWN: usize = 60;

/// The page of the second step. `errors` say why the column chosen before cannot be learnt.
pub(super) fn step(visit: Visit, dataset: Dataset, asked: &Asked, errors: Vec<FieldError>) -> AnyView {
    let columns = columns_of(&dataset);
    let error = reason(&errors, "target").or_else(|| first(&errors));
    let form = form(&dataset, &columns, asked, error);
    let link = format!("/datasets/{}", dataset.id);
    let size = number::counted(dataset.rows, "row", "rows");
    let content = view! {
        <PageHeader
            title="New model"
            aside=String::from("step 2 of 3: what is to be learnt")
            actions=|| view! { <LinkButton text="Use other data" href="/models/new"/> }
        />
        <Lead>
            <b>{format!("{size} were read from {}.", dataset.name)}</b>
            " Which column holds the answer that the model is to give when it is not known yet? "
            <a href=link>"Look at the rows"</a>
        </Lead>
        <Panel title="The column to be learnt">{form}</Panel>
    };
    frame(&visit, "what is to be learnt", content.into_any())
}

fn first(errors: &[FieldError]) -> Option<String> {
    errors.first().map(|error| error.reason.clone())
}

fn form(dataset: &Dataset, columns: &[InferredColumn], asked: &Asked, error: Option<String>) -> impl IntoView + use<> {
    // The answer usually stands last.
    let last = columns.last().map(|column| column.name.as_str()).unwrap_or_default();
    let chosen = if asked.target.is_empty() { last } else { asked.target.as_str() };
    let choices: Vec<Choice> = columns.iter().map(|column| choice(column, column.name == chosen)).collect();
    let hint = "Two different values make a yes-or-no model, a few make classes, many numbers make a number.";
    let field = if choices.len() <= SHOWN {
        view! { <ChoiceField name="target" label="Column" choices one=true hint error/> }.into_any()
    } else {
        view! { <SelectField name="target" label="Column" choices hint error/> }.into_any()
    };
    view! {
        <form class="form" method="get" action="/models/new">
            <input type="hidden" name="dataset" value=dataset.id.to_string()/>
            {field}
            <div class="form-actions"><Button look=Look::Primary text="See what the desk proposes"/></div>
        </form>
    }
    .into_any()
}

fn choice(column: &InferredColumn, chosen: bool) -> Choice {
    let different = number::counted(column.distinct as i64, "value", "different values");
    let hint = format!("{}, {different}: {}", kind_words(column.kind), range(column));
    Choice::new(&column.name, &column.name).hint(hint).chosen(chosen)
}
