//! The page for a request that came to no page: an address that leads nowhere, a session that cannot be read, a handler
//! that took too long.

use leptos::prelude::*;
use leptos_meta::{ServerMetaContext, provide_meta_context};

use crate::components::ErrorPage;
use crate::shell::{Document, Plain};
use crate::theme::Theme;

/// What went wrong, for a person.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The chosen colours.
    pub theme: Theme,
    /// HTTP status.
    pub status: u16,
    /// What failed, in a sentence.
    pub what: String,
    /// Name of the request.
    pub request_id: String,
    /// Where "Try again" leads; none where trying again cannot help.
    pub retry: Option<String>,
}

/// The whole document, made without the router: nothing of a request is needed.
#[must_use]
pub fn failure_page(failure: Failure) -> String {
    let Failure { theme, status, what, request_id, retry } = failure;
    Owner::new().with(|| {
        provide_meta_context();
        let (context, _output) = ServerMetaContext::new();
        provide_context(context);
        let page = view! {
            <Document theme title="Error">
                <Plain title="Error"><ErrorPage status what request_id=Some(request_id) retry/></Plain>
            </Document>
        };
        page.into_any().to_html()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_complete_and_leads_on() {
        let html = failure_page(Failure {
            theme: Theme::Dark,
            status: 503,
            what: String::from("The database is <away>."),
            request_id: String::from("r-1"),
            retry: Some(String::from("/models")),
        });
        assert!(html.starts_with("<!DOCTYPE html>") && html.contains("<title>"), "{html}");
        assert!(html.contains("The database is &lt;away&gt;.") && html.contains("r-1"), "{html}");
        assert!(html.contains("href=\"/models\"") && html.contains("href=\"/\""), "{html}");
    }
}
