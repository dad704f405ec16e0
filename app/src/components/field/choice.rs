//! Fields that are chosen from.

use leptos::prelude::*;

use super::{Parts, label_words};

/// One thing to choose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Value in the form.
    pub value: String,
    /// Its words.
    pub label: String,
    /// A line below the words; not shown in a select.
    pub hint: Option<String>,
    /// Chosen already.
    pub chosen: bool,
}

impl Choice {
    /// `value`, called `label`.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), hint: None, chosen: false }
    }

    /// The same with a line below.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same, chosen if `chosen`.
    #[must_use]
    pub fn chosen(mut self, chosen: bool) -> Self {
        self.chosen = chosen;
        self
    }
}

/// One of a list that folds.
#[component]
pub fn SelectField(
    /// Name in the form.
    #[prop(into)]
    name: String,
    /// What to choose.
    #[prop(into)]
    label: String,
    /// What there is.
    choices: Vec<Choice>,
    /// What helps to choose.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What is wrong with what was chosen.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
    /// Asks for a choice; on by default.
    #[prop(default = true)]
    required: bool,
) -> impl IntoView {
    let parts = Parts::new(&name, hint, error);
    let options = choices.into_iter().map(|choice| {
        view! { <option value=choice.value selected=choice.chosen>{choice.label}</option> }
    });
    let options = options.collect_view();
    view! {
        <div class="field">
            <label for=parts.id.clone()>{label_words(label, required)}</label>
            <select
                id=parts.id.clone()
                name=name
                aria-describedby=parts.described_by()
                aria-invalid=parts.invalid()
            >
                {options}
            </select>
            {parts.below()}
        </div>
    }
    .into_any()
}

/// A group of check boxes, or of radio buttons where only `one` may be chosen.
#[component]
pub fn ChoiceField(
    /// Name in the form, shared by all boxes.
    #[prop(into)]
    name: String,
    /// What to choose.
    #[prop(into)]
    label: String,
    /// What there is.
    choices: Vec<Choice>,
    /// Exactly one.
    #[prop(optional)]
    one: bool,
    /// Side by side.
    #[prop(optional)]
    row: bool,
    /// What helps to choose.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What is wrong with what was chosen.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
) -> impl IntoView {
    let parts = Parts::new(&name, hint, error);
    let kind = if one { "radio" } else { "checkbox" };
    let class = if row { "choices choices-row" } else { "choices" };
    let boxes = choices.into_iter().enumerate().map(|(i, choice)| {
        // An error summary leads to the first box: a group itself cannot have the focus.
        let id = (i == 0).then(|| parts.id.clone());
        view! {
            <label class="choice">
                <input id=id type=kind name=name.clone() value=choice.value checked=choice.chosen/>
                <span>{choice.label}{choice.hint.map(|hint| view! { <span class="choice-hint">{hint}</span> })}</span>
            </label>
        }
    });
    let boxes = boxes.collect_view();
    let (described_by, group) = (parts.described_by(), one.then_some("radiogroup"));
    view! {
        <fieldset class="field" role=group aria-describedby=described_by>
            <legend>{label}</legend>
            <div class=class>{boxes}</div>
            {parts.below()}
        </fieldset>
    }
    .into_any()
}
