//! An address that leads nowhere.

use desk::Error;
use leptos::prelude::*;

use crate::page::page;

/// The page behind every unknown address.
#[component]
pub(super) fn NotFound() -> impl IntoView {
    page(|_| async { Err(Error::not_found("page at this address")) })
}
