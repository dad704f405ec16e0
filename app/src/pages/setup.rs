//! The first start: whoever has the one-time link makes the organisation and its first admin.

use domain::person::MIN_PASSWORD;
use leptos::prelude::*;

use super::login::{notice, public_page};
use crate::components::{Button, CodeBlock, Look, TextField};
use crate::form::Said;
use crate::page::query;
use crate::shell::Plain;

/// Name of the form.
const FORM: &str = "setup";

/// The set-up form, as long as its link is good.
#[component]
pub(super) fn Setup() -> impl IntoView {
    let token = query("token").unwrap_or_default();
    public_page(move |desk, said| async move {
        let is_open = !token.is_empty() && desk.setup().is_open(&token).await?;
        let content = if is_open { setup_form(&said, token).into_any() } else { closed().into_any() };
        Ok(view! {
            <Plain title="Set up" flash=notice(&said)>
                <section class="panel">{content}</section>
            </Plain>
        }
        .into_any())
    })
}

fn closed() -> impl IntoView {
    view! {
        <h1>"This set-up link is not valid"</h1>
        <p>
            "It has been used, is older than a day, or was replaced by a newer one. If nobody has an account yet, start the \
            server again: it prints a new link. Otherwise an admin can make an account for you."
        </p>
        <CodeBlock code="verdict serve" label="command"/>
        <p><a href="/login">"Go to the login"</a></p>
    }
    .into_any()
}

fn setup_form(said: &Said, token: String) -> impl IntoView + use<> {
    view! {
        <h1>"Set up Verdict"</h1>
        <p>"You make the organisation and its first admin. The link works once."</p>
        <form class="form" method="post" action="/actions/complete_setup">
            <input type="hidden" name="token" value=token/>
            <TextField
                name="tenant"
                label="Organisation"
                value=said.value(FORM, "tenant")
                error=said.error(FORM, "tenant")
                required=true
                max_length=100
                autocomplete="organization"
                autofocus=true
            />
            <TextField
                name="name"
                label="Your name"
                value=said.value(FORM, "name")
                error=said.error(FORM, "name")
                required=true
                max_length=100
                autocomplete="name"
            />
            <TextField
                name="email"
                label="Your email"
                kind="email"
                value=said.value(FORM, "email")
                error=said.error(FORM, "email")
                required=true
                hint="You log in with it; no mail is sent."
                autocomplete="username"
            />
            <TextField
                name="password"
                label="Password"
                kind="password"
                error=said.error(FORM, "password")
                required=true
                min_length=MIN_PASSWORD
                hint=format!("At least {MIN_PASSWORD} characters; a few words make a good one.")
                autocomplete="new-password"
            />
            <div class="form-actions"><Button look=Look::Primary text="Set up and log in"/></div>
        </form>
    }
    .into_any()
}
