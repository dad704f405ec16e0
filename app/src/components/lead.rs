//! The sentence that answers first.

use leptos::prelude::*;

/// The one sentence under the title that says what the page found. Its first words may be a `<b>`.
#[component]
pub fn Lead(
    /// The sentence.
    children: Children,
) -> impl IntoView {
    view! { <p class="lead">{children()}</p> }.into_any()
}
