//! One's own account: the password, and every session at once.

use domain::person::MIN_PASSWORD;
use leptos::prelude::*;

use crate::components::{Button, Confirm, Definition, DefinitionList, Lead, Look, PageHeader, Panel, TextField};
use crate::form::Said;
use crate::page::page;
use crate::shell::{Crumb, Frame};
use crate::viewer;

/// Name of the form.
const FORM: &str = "change_password";

/// The account of whoever looks.
#[component]
pub(super) fn Account() -> impl IntoView {
    let email = viewer::viewer().map(|viewer| viewer.0.person.email.clone()).unwrap_or_default();
    page(|visit| async move {
        let flash = visit.notice();
        let (viewer, said) = (visit.viewer, visit.said);
        let facts = vec![
            Definition::text("Name", viewer.name.clone()),
            Definition::text("Email", email.clone()),
            Definition::text("Role", viewer.role.as_str()),
            Definition::text("Organisation", viewer.tenant.clone()),
        ];
        Ok(view! {
            <Frame viewer title="Your account" crumbs=vec![Crumb::here("Your account")] flash>
                <PageHeader title="Your account"/>
                <Lead>"You are logged in as "<b>{email}</b>". An admin changes your name and your role."</Lead>
                <div class="columns columns-2">
                    <Panel title="Who you are">
                        <DefinitionList items=facts/>
                        {everywhere()}
                    </Panel>
                    <Panel title="Change your password">{password_form(&said)}</Panel>
                </div>
            </Frame>
        }
        .into_any())
    })
}

fn password_form(said: &Said) -> impl IntoView + use<> {
    view! {
        <form class="form" method="post" action="/actions/change_password">
            <TextField
                name="current"
                label="Current password"
                kind="password"
                error=said.error(FORM, "current")
                required=true
                autocomplete="current-password"
            />
            <TextField
                name="password"
                label="New password"
                kind="password"
                error=said.error(FORM, "password")
                required=true
                min_length=MIN_PASSWORD
                hint=format!("At least {MIN_PASSWORD} characters; a few words make a good one.")
                autocomplete="new-password"
            />
            <TextField
                name="repeat"
                label="New password again"
                kind="password"
                error=said.error(FORM, "repeat")
                required=true
                autocomplete="new-password"
            />
            <p class="muted small">"All your sessions end, this one too; you log in again with the new password."</p>
            <div class="form-actions"><Button look=Look::Primary text="Change password"/></div>
        </form>
    }
    .into_any()
}

fn everywhere() -> impl IntoView {
    view! {
        <Confirm label="Log out everywhere" inline=true>
            <p>"Every session of yours ends, on every machine, this one too."</p>
            <form method="post" action="/actions/log_out_everywhere">
                <Button look=Look::Danger text="Log out everywhere"/>
            </form>
        </Confirm>
    }
    .into_any()
}
