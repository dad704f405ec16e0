//! Whose attendance is recorded.

use leptos::prelude::*;

use crate::page::page;
use crate::shell::{Frame, Section};

/// The list.
#[component]
pub(super) fn Employees() -> impl IntoView {
    page(|visit| async move { Ok(view! { <Frame viewer=visit.viewer title="Employees" at=Section::Employees>""</Frame> }.into_any()) })
}
