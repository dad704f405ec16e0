//! Nothing here yet: what this is, and the one thing to do next.

use leptos::prelude::*;

/// What stands in place of a list that has nothing in it.
#[component]
pub fn EmptyState(
    /// `No models yet`.
    #[prop(into)]
    title: String,
    /// What would be here.
    #[prop(into)]
    text: String,
    /// The one next action: a `LinkButton` or a form.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty-state">
            <h2>{title}</h2>
            <p>{text}</p>
            {children.map(|children| children())}
        </div>
    }
    .into_any()
}
