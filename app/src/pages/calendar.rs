//! Holidays.

use leptos::prelude::*;

use crate::page::page;
use crate::shell::{Frame, Section};

/// The days of a year.
#[component]
pub(super) fn Calendar() -> impl IntoView {
    page(|visit| async move { Ok(view! { <Frame viewer=visit.viewer title="Calendar" at=Section::Calendar>""</Frame> }.into_any()) })
}
