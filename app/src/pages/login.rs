//! Where somebody logs in, and what this page shares with the other one that needs no session.

use std::future::Future;

use desk::{Desk, Result};
use http::request::Parts;
use leptos::prelude::*;

use crate::components::{Button, Look, Notice, TextField, Tone};
use crate::form::{self, Said};
use crate::page::{failure, query};
use crate::shell::Plain;
use crate::viewer;

/// The login. It leads on to the page that was asked for.
#[component]
pub(super) fn Login() -> impl IntoView {
    let next = query("next").unwrap_or_else(|| String::from("/"));
    public_page(move |desk, said| async move {
        let is_new = desk.setup().is_needed().await?;
        Ok(view! {
            <Plain title="Log in" flash=notice(&said)>
                <section class="panel">
                    <h1>"Log in"</h1>
                    {is_new.then(first_start)}
                    {login_form(&said, next)}
                    <p class="muted small">
                        "No account, or the password forgotten? Ask an admin of your organisation."
                    </p>
                </section>
            </Plain>
        }
        .into_any())
    })
}

fn first_start() -> impl IntoView {
    view! {
        <p class="notice notice-warn">
            "Nobody has an account yet. Open the set-up link that the server printed when it started."
        </p>
    }
    .into_any()
}

fn login_form(said: &Said, next: String) -> impl IntoView + use<> {
    let email = said.value("log_in", "email");
    let knows_email = !email.is_empty();
    view! {
        <form class="form" method="post" action="/actions/log_in">
            <input type="hidden" name="next" value=next/>
            <TextField
                name="email"
                label="Email"
                kind="email"
                value=email
                error=said.error("log_in", "email")
                required=true
                autocomplete="username"
                autofocus=!knows_email
            />
            <TextField
                name="password"
                label="Password"
                kind="password"
                error=said.error("log_in", "password")
                required=true
                autocomplete="current-password"
                autofocus=knows_email
            />
            <div class="form-actions"><Button look=Look::Primary text="Log in"/></div>
        </form>
    }
    .into_any()
}

/// A page for somebody who is not known yet. `body` gives a whole [`Plain`] frame.
pub(super) fn public_page<F, Body>(body: F) -> impl IntoView
where
    F: FnOnce(Desk, Said) -> Body + Send + 'static,
    Body: Future<Output = Result<AnyView>> + Send + 'static,
{
    let (desk, parts) = (viewer::desk(), expect_context::<Parts>());
    let content = Suspend::new(async move {
        let said = form::take().await;
        match body(desk, said).await {
            Ok(view) => view,
            Err(error) => failure(None, &error, &parts),
        }
    });
    view! { <Suspense>{content}</Suspense> }.into_any()
}

/// What the form before this page said, for the top of the page.
pub(super) fn notice(said: &Said) -> Option<Notice> {
    let tone = if said.done { Tone::Ok } else { Tone::Bad };
    (!said.message.is_empty()).then(|| Notice { tone, text: said.message.clone(), link: None })
}
