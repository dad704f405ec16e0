//! A second look before something moves: the button opens the form that does it. No script is needed.

use leptos::prelude::*;

use super::Look;

/// A button that unfolds what it is about to do. `children` are a sentence that says what moves and the form that moves
/// it, with its own submit button.
#[component]
pub fn Confirm(
    /// The words on the button.
    #[prop(into)]
    label: String,
    /// How much it stands out.
    #[prop(optional)]
    look: Look,
    /// Unfolds in the flow of the page instead of over it.
    #[prop(optional)]
    inline: bool,
    /// Stands open from the start: the form has come back with an error.
    #[prop(optional)]
    open: bool,
    /// The key that opens it.
    #[prop(optional)]
    key: Option<&'static str>,
    /// The sentence and the form.
    children: Children,
) -> impl IntoView {
    let class = if inline { "confirm confirm-inline" } else { "confirm" };
    view! {
        <details class=class open=open data-menu=(!inline).then_some("")>
            <summary class=look.class() data-key=key>
                {label}
                {key.map(|key| view! { <kbd class="needs-script" aria-hidden="true">{key}</kbd> })}
            </summary>
            <div class="confirm-body">{children()}</div>
        </details>
    }
    .into_any()
}
