//! What is wrong with a form, field by field.

use domain::FieldError;
use leptos::prelude::*;

use super::id;
use crate::form::label;

/// The errors of a form that came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Errors(pub Vec<FieldError>);

impl Errors {
    /// What is wrong with the field called `name`.
    #[must_use]
    pub fn of(&self, name: &str) -> Option<String> {
        self.0.iter().find(|error| error.field == name).map(|error| error.reason.clone())
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// All errors of a form above it, each leading to its field; nothing when there are none.
#[component]
pub fn ErrorSummary(
    /// What is wrong.
    errors: Errors,
    /// Name of a field's control, where it is not the field's own: `choices[name]` of `name`.
    #[prop(default = str::to_owned)]
    control: fn(&str) -> String,
    /// What a field is called.
    #[prop(default = label)]
    label: fn(&str) -> &str,
) -> impl IntoView {
    (!errors.is_empty()).then(|| {
        let lines = errors.0.into_iter().map(|error| {
            let href = format!("#{}", id(&control(&error.field)));
            let name = label(&error.field).to_owned();
            view! { <li><a href=href>{name}</a>": "{error.reason}</li> }
        });
        view! {
            <div class="error-summary" role="alert">
                <h2>"Nothing has been saved yet"</h2>
                <ul>{lines.collect_view()}</ul>
            </div>
        }
    })
}
