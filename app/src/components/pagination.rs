//! Newer and older: lists are read by cursor, so there are no page numbers that shift under the reader.

use leptos::prelude::*;

use super::{LinkButton, Look};

/// The way to the neighbours of a page of a list.
#[component]
pub fn Pagination(
    /// Address of what came after these.
    #[prop(optional_no_strip, into)]
    newer: Option<String>,
    /// Address of what came before these.
    #[prop(optional_no_strip, into)]
    older: Option<String>,
    /// What is shown: `50 of 24,180`.
    #[prop(optional, into)]
    shown: String,
    /// What the two links say.
    #[prop(default = ("← Newer", "Older →"))]
    words: (&'static str, &'static str),
) -> impl IntoView {
    (newer.is_some() || older.is_some() || !shown.is_empty()).then(|| {
        let links = (newer.is_some() || older.is_some()).then(|| {
            view! {
                <nav class="pagination-links" aria-label="Pages">
                    {newer.map(|href| view! { <LinkButton look=Look::Normal text=words.0 href/> })}
                    {older.map(|href| view! { <LinkButton look=Look::Normal text=words.1 href/> })}
                </nav>
            }
        });
        view! { <div class="pagination"><span>{shown}</span>{links}</div> }
    })
}
