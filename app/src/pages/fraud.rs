//! How good the fraud alerts are.

use leptos::prelude::*;

use crate::page::page;
use crate::shell::{Frame, Section};

/// The dashboard.
#[component]
pub(super) fn Fraud() -> impl IntoView {
    page(|visit| async move { Ok(view! { <Frame viewer=visit.viewer title="Fraud" at=Section::Fraud>""</Frame> }.into_any()) })
}
