//! Something went wrong: what failed, what is safe, what to do next.

use leptos::prelude::*;

use super::{Copyable, LinkButton, Look};

/// The content of an error page.
#[component]
pub fn ErrorPage(
    /// HTTP status.
    status: u16,
    /// What failed, in a sentence: `The page could not be read from the database.`
    #[prop(into)]
    what: String,
    /// What has not been harmed: `Nothing was changed.`
    #[prop(optional_no_strip, into)]
    safe: Option<String>,
    /// What to give to whoever looks into it.
    #[prop(optional_no_strip, into)]
    request_id: Option<String>,
    /// Where "Try again" leads; none where trying again cannot help.
    #[prop(optional_no_strip, into)]
    retry: Option<String>,
    /// Where the other button leads.
    #[prop(default = String::from("/"), into)]
    back: String,
) -> impl IntoView {
    let look = if retry.is_some() { Look::Normal } else { Look::Primary };
    view! {
        <div class="error-page">
            <p class="error-page-status">{format!("Error {status}")}</p>
            <h1>{heading(status)}</h1>
            <p class="lead">{what}</p>
            {safe.map(|safe| view! { <p class="notice notice-ok">{safe}</p> })}
            {request_id
                .map(|id| view! { <p class="muted">"Request "<Copyable text=id label="request id"/></p> })}
            <p class="form-actions">
                {retry.map(|href| view! { <LinkButton look=Look::Primary text="Try again" href/> })}
                <LinkButton look text="Back to the start" href=back/>
            </p>
        </div>
    }
    .into_any()
}

fn heading(status: u16) -> &'static str {
    match status {
        400 | 422 => "That cannot be done as it was asked",
        401 => "Please log in",
        403 => "You may not do this",
        404 => "There is nothing here",
        409 => "This does not fit what is there now",
        405 => "This address does not do that",
        413 => "That is too large",
        429 => "Too many requests",
        503 => "Not available right now",
        504 => "That took too long",
        400..500 => "This request cannot be answered",
        _ => "Something went wrong",
    }
}
