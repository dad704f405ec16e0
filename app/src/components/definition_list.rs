//! Names and what they stand for: where a version comes from, what a run was asked.

use leptos::prelude::*;

/// One line.
#[derive(Debug)]
pub struct Definition {
    name: String,
    content: AnyView,
}

impl Definition {
    /// `name` stands for `text`.
    pub fn text(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), content: text.into().into_any() }
    }

    /// `name` stands for a view: a link, a time, something to copy.
    pub fn view(name: impl Into<String>, content: impl IntoView + 'static) -> Self {
        Self { name: name.into(), content: content.into_any() }
    }
}

/// A list of names and what they stand for.
#[component]
pub fn DefinitionList(
    /// The lines.
    items: Vec<Definition>,
) -> impl IntoView {
    let lines = items.into_iter().map(|item| view! { <div><dt>{item.name}</dt><dd>{item.content}</dd></div> });
    view! { <dl class="definition-list">{lines.collect_view()}</dl> }.into_any()
}
