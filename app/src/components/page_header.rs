//! The head of a page.

use leptos::prelude::*;

/// Title, badges and what can be done here. `children` are the badges.
#[component]
pub fn PageHeader(
    /// The page's only `h1`.
    #[prop(into)]
    title: String,
    /// What follows the title in a lighter hand: `version 7`.
    #[prop(optional_no_strip, into)]
    aside: Option<String>,
    /// A small line at the end: `threshold 0.61 · 14 min ago`.
    #[prop(optional_no_strip, into)]
    note: Option<String>,
    /// Buttons, the one that matters most last.
    #[prop(optional, into)]
    actions: ViewFnOnce,
    /// Badges.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <header class="page-header">
            <div class="page-title">
                <h1>{title}{aside.map(|aside| view! { " "<span class="page-title-aside">{aside}</span> })}</h1>
                {children.map(|children| children())}
            </div>
            {note.map(|note| view! { <p class="page-header-note">{note}</p> })}
            <div class="page-header-actions">{actions.run()}</div>
        </header>
    }
    .into_any()
}
