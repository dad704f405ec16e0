//! What every page has in common: somebody looks at it, something may have been said to them, and loading may fail.

use std::future::Future;

use desk::{Desk, Error};
use domain::{Actor, Permission};
use http::StatusCode;
use http::request::Parts;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_router::hooks::use_params_map;

use crate::components::{ErrorPage, Notice, Tone};
use crate::form::{self, Said};
use crate::moment::Clockface;
use crate::number;
use crate::shell::{Count, Counts, Frame, Plain, Section, Viewer};
use crate::theme::Theme;
use crate::viewer;

/// One person looking at one page.
#[derive(Clone)]
pub struct Visit {
    /// The verbs.
    pub desk: Desk,
    /// For the verbs.
    pub actor: Actor,
    /// For the frame.
    pub viewer: Viewer,
    /// This moment, in the tenant's time zone.
    pub clock: Clockface,
    /// What the form before this page said.
    pub said: Said,
}

impl Visit {
    /// The message on top of the page.
    #[must_use]
    pub fn notice(&self) -> Option<Notice> {
        let tone = if self.said.done { Tone::Ok } else { Tone::Bad };
        let text = self.said.message.clone();
        (!text.is_empty()).then(|| Notice { tone, text, link: self.said.link.clone() })
    }
}

/// A page for somebody who is logged in. `body` loads what it shows with the desk's verbs and gives a whole
/// [`Frame`]; an error of the desk becomes an error page with the status that belongs to it.
pub fn page<F, Body>(body: F) -> impl IntoView
where
    F: FnOnce(Visit) -> Body + Send + 'static,
    Body: Future<Output = desk::Result<AnyView>> + Send + 'static,
{
    let present = viewer::viewer();
    let (desk, parts) = (viewer::desk(), expect_context::<Parts>());
    let content = Suspend::new(async move {
        let said = form::take().await;
        // The server sends people without a session to the login before a page is asked.
        let Some(present) = present else { return failure(None, &Error::not_found("session; log in again"), &parts) };
        let visit = visit(desk, &present, said, &parts);
        provide_context(visit.clock.clone());
        provide_context(counts(&visit).await);
        let frame = visit.viewer.clone();
        match body(visit).await {
            Ok(view) => view,
            Err(error) => failure(Some(frame), &error, &parts),
        }
    });
    view! { <Suspense>{content}</Suspense> }.into_any()
}

/// The numbers beside places on every page: what waits for whoever may decide it.
async fn counts(visit: &Visit) -> Counts {
    [cases_waiting(visit).await, readings_waiting(visit).await].concat()
}

async fn readings_waiting(visit: &Visit) -> Counts {
    if !visit.actor.may(Permission::Label) {
        return Counts::new();
    }
    match visit.desk.labeling().waiting(&visit.actor).await {
        Ok(0) => Counts::new(),
        Ok(waiting) => vec![Count { section: Section::Labeling, text: number::count(waiting), urgent: false }],
        Err(error) => {
            form::log(&error);
            Counts::new()
        }
    }
}

async fn cases_waiting(visit: &Visit) -> Counts {
    if !visit.actor.may(Permission::DecideCases) {
        return Counts::new();
    }
    let backlog = match visit.desk.cases().backlog(&visit.actor).await {
        Ok(backlog) => backlog,
        Err(error) => {
            form::log(&error);
            return Counts::new();
        }
    };
    let waiting = backlog.open + backlog.taken + backlog.escalated;
    let urgent = backlog.overdue > 0;
    (waiting > 0).then(|| Count { section: Section::Cases, text: number::count(waiting), urgent }).into_iter().collect()
}

fn visit(desk: Desk, present: &viewer::Viewer, said: Said, parts: &Parts) -> Visit {
    let here = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let clock = Clockface::new(desk.now(), &present.0.tenant.time_zone);
    let viewer = Viewer {
        name: present.0.person.name.clone(),
        role: present.0.person.role,
        tenant: present.0.tenant.name.clone(),
        theme: Theme::of(&parts.headers),
        here,
    };
    Visit { actor: present.0.actor.clone(), desk, viewer, clock, said }
}

/// The page in place of one that could not be loaded, with the status that belongs to it; without a frame where nobody
/// is known.
pub(crate) fn failure(frame: Option<Viewer>, error: &Error, parts: &Parts) -> AnyView {
    let status = status_of(error);
    answer_with(status);
    form::log(error);
    let what = form::sentence(error);
    let id = viewer::request_id();
    let here = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let failed = status.is_server_error();
    // A page only reads.
    let safe = failed.then(|| String::from("Nothing was changed."));
    let content = view! { <ErrorPage status=status.as_u16() what request_id=id retry=failed.then_some(here) safe/> };
    match frame {
        Some(viewer) => view! { <Frame viewer title="Error">{content}</Frame> }.into_any(),
        None => view! { <Plain title="Error">{content}</Plain> }.into_any(),
    }
}

/// Gives the page this status.
pub(crate) fn answer_with(status: StatusCode) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status);
    }
}

fn status_of(error: &Error) -> StatusCode {
    match error {
        Error::NotFound(_) => StatusCode::NOT_FOUND,
        Error::Refused(_) => StatusCode::FORBIDDEN,
        Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Conflict(_) => StatusCode::CONFLICT,
        Error::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
        Error::Unsupported(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Error::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// A part of the page's path: `m` of `/models/:m`.
#[must_use]
pub fn param(name: &str) -> String {
    use_params_map().read_untracked().get(name).unwrap_or_default()
}

/// A number in the page's path; what is no number leads to nothing.
///
/// # Errors
/// [`Error::NotFound`].
pub fn number_param(name: &str) -> desk::Result<i64> {
    param(name).parse().map_err(|_| Error::not_found("such page"))
}

/// A part of the page's query: the text behind `name=`.
#[must_use]
pub fn query(name: &str) -> Option<String> {
    let found = leptos_router::hooks::use_query_map().read_untracked().get(name);
    found.filter(|text| !text.is_empty())
}
