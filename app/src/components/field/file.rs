//! Fields that take a file.

use leptos::prelude::*;

use super::{Parts, label_words};

/// A file to bring. With the script, it can be dropped onto the field and its size is shown before it is sent.
#[component]
pub fn FileField(
    /// Name in the form.
    #[prop(into)]
    name: String,
    /// What to bring.
    #[prop(into)]
    label: String,
    /// Kinds that the browser offers: `.csv,text/csv`.
    #[prop(into)]
    accept: String,
    /// Most bytes; the script warns before a larger file is sent.
    #[prop(optional)]
    max_bytes: Option<u64>,
    /// What helps to choose.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What is wrong with what was brought.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
    /// May not stay empty.
    #[prop(optional)]
    required: bool,
) -> impl IntoView {
    let parts = Parts::new(&name, hint, error);
    view! {
        <div class="field">
            <label for=parts.id.clone()>{label_words(label, required)}</label>
            <div class="file-drop" data-drop="">
                <input
                    id=parts.id.clone()
                    name=name
                    type="file"
                    accept=accept
                    required=required
                    data-max=max_bytes.map(|n| n.to_string())
                    aria-describedby=parts.described_by()
                    aria-invalid=parts.invalid()
                />
                <p class="file-note needs-script" role="status" data-note="">"or drop it here"</p>
            </div>
            {parts.below()}
        </div>
    }
    .into_any()
}
