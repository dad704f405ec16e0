//! To whom a failure is told, and so how it is written.

use app::theme::Theme;
use axum::extract::Request;
use http::header::ACCEPT;

use crate::api;

/// Who waits for the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Face {
    /// A program at REST: everything that fails is a problem document.
    Rest,
    /// A person who opens a page or sends a form: a page.
    Page {
        /// The chosen colours.
        theme: Theme,
        /// The address, if it was only looked at and can be tried again.
        again: Option<String>,
    },
    /// Anything else: a probe, a stylesheet, a stream of events.
    Other,
}

impl Face {
    /// By the address, and by whether the sender says that it shows HTML, as only browsers that open a page do.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        if api::is_rest(request.uri()) {
            return Self::Rest;
        }
        let headers = request.headers();
        let shows_html = headers.get(ACCEPT).is_some_and(|value| value.to_str().unwrap_or("").contains("text/html"));
        if !shows_html {
            return Self::Other;
        }
        let again = request.uri().path_and_query().filter(|_| request.method().is_safe()).map(ToString::to_string);
        Self::Page { theme: Theme::of(headers), again }
    }
}
