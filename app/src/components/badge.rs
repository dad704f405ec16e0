//! A word in a pill.

use leptos::prelude::*;

use super::Tone;

/// A short state: `champion`, `failed`, `1 feature`.
#[component]
pub fn Badge(
    /// What it means.
    #[prop(optional)]
    tone: Tone,
    /// The word.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <span class=format!("badge badge-{}", tone.as_str())>{text}</span> }.into_any()
}
