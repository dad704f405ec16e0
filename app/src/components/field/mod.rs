//! Fields of forms: a label, the control, a hint, and what is wrong right beside it.

mod choice;
mod errors;
mod file;
mod text;

pub use choice::{Choice, ChoiceField, SelectField};
pub use errors::{ErrorSummary, Errors};
pub use file::FileField;
pub use text::{TextArea, TextField};

use leptos::prelude::*;

/// What every field has: the ids that tie its parts together, and the parts below the control.
struct Parts {
    id: String,
    hint: Option<String>,
    error: Option<String>,
}

impl Parts {
    fn new(name: &str, hint: Option<String>, error: Option<String>) -> Self {
        Self { id: id(name), hint, error }
    }

    /// For `aria-describedby`: the error first, it matters more.
    fn described_by(&self) -> Option<String> {
        let error = self.error.as_ref().map(|_| format!("{}-error", self.id));
        let hint = self.hint.as_ref().map(|_| format!("{}-hint", self.id));
        match (error, hint) {
            (Some(error), Some(hint)) => Some(format!("{error} {hint}")),
            (one, other) => one.or(other),
        }
    }

    /// For `aria-invalid`.
    fn invalid(&self) -> Option<&'static str> {
        self.error.as_ref().map(|_| "true")
    }

    fn below(self) -> impl IntoView {
        let Self { id, hint, error } = self;
        let error_id = format!("{id}-error");
        view! {
            {error.map(|error| view! { <p class="field-error" id=error_id>{error}</p> })}
            {hint.map(|hint| view! { <p class="field-hint" id=format!("{id}-hint")>{hint}</p> })}
        }
    }
}

/// The id of the control of a field; an error summary leads there.
pub(crate) fn id(name: &str) -> String {
    let safe = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' });
    format!("field-{}", safe.collect::<String>())
}

/// The label's words, with `optional` where nothing is asked: most fields are required, so those are not marked.
fn label_words(label: String, required: bool) -> impl IntoView {
    view! { {label}{(!required).then(|| view! { <span class="field-optional">" optional"</span> })} }.into_any()
}
