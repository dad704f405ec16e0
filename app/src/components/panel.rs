//! A framed part of a page.

use leptos::prelude::*;

/// A section with its heading. Panels stand side by side in a `div` of class `columns columns-2`, `columns-3`,
/// `columns-wide-first` or `columns-main-aside`.
#[component]
pub fn Panel(
    /// The heading (`h2`).
    #[prop(into)]
    title: String,
    /// What follows the heading in a lighter hand: `last 7 days`.
    #[prop(optional_no_strip, into)]
    note: Option<String>,
    /// A line at the bottom.
    #[prop(optional_no_strip, into)]
    foot: Option<String>,
    /// A link or button beside the heading.
    #[prop(optional, into)]
    actions: ViewFnOnce,
    /// The content.
    children: Children,
) -> impl IntoView {
    let id = id(&title);
    view! {
        <section class="panel" aria-labelledby=id.clone()>
            <div class="panel-head">
                <h2 id=id.clone()>{title}{note.map(|note| view! { " "<span class="panel-note">{note}</span> })}</h2>
                {actions.run()}
            </div>
            {children()}
            {foot.map(|foot| view! { <p class="panel-foot">{foot}</p> })}
        </section>
    }
    .into_any()
}

/// `panel-where-it-comes-from`: stable, so that a panel can be linked to.
fn id(title: &str) -> String {
    let words = title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.fold(String::from("panel"), |id, word| id + "-" + &word.to_lowercase())
}
