//! The places of work.

use leptos::prelude::*;

use crate::page::page;
use crate::shell::{Frame, Section};

/// The list.
#[component]
pub(super) fn Sites() -> impl IntoView {
    page(|visit| async move { Ok(view! { <Frame viewer=visit.viewer title="Sites" at=Section::Sites>""</Frame> }.into_any()) })
}
/// One site.
#[component]
pub(super) fn SitePage() -> impl IntoView {
    page(|visit| async move { Ok(view! { <Frame viewer=visit.viewer title="SitePage" at=Section::Sites>""</Frame> }.into_any()) })
}
