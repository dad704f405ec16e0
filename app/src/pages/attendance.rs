//! Who came and left, and when.

use leptos::prelude::*;

use crate::page::page;
use crate::shell::{Frame, Section};

/// The events.
#[component]
pub(super) fn Attendance() -> impl IntoView {
    page(|visit| async move { Ok(view! { <Frame viewer=visit.viewer title="Attendance" at=Section::Attendance>""</Frame> }.into_any()) })
}
/// What is computed of an event.
#[component]
pub(super) fn Features() -> impl IntoView {
    page(|visit| async move { Ok(view! { <Frame viewer=visit.viewer title="Features" at=Section::Attendance>""</Frame> }.into_any()) })
}
