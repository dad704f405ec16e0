//! Who may log in, and as what.

use domain::person::{MIN_PASSWORD, Person};
use domain::{PersonId, Role};
use leptos::prelude::*;

use crate::components::{
    Badge, Button, Cell, Choice, ChoiceField, Column, Confirm, Lead, Look, PageHeader, Panel, Row, Table, TextField,
    Time, Tone,
};
use crate::form::Said;
use crate::number;
use crate::page::page;
use crate::shell::{Crumb, Frame, Section};

/// Name of the form that makes a person.
const FORM: &str = "add_person";

/// Everybody of the organisation.
#[component]
pub(super) fn People() -> impl IntoView {
    page(|visit| async move {
        let flash = visit.notice();
        let people = visit.desk.people().list(&visit.actor).await?;
        let (viewer, said, own) = (visit.viewer, visit.said, visit.actor.person());
        let lead = summary(&people);
        let rows = people.into_iter().map(|person| row(person, own, &said)).collect();
        Ok(view! {
            <Frame viewer title="People" at=Section::People crumbs=vec![Crumb::here("People")] flash>
                <PageHeader title="People"/>
                <Lead>{lead}</Lead>
                <Panel title="Accounts"><Table label="People" columns=columns() rows/></Panel>
                <div class="columns columns-2">
                    <Panel title="Add a person">{add_form(&said)}</Panel>
                    <Panel title="What the roles may do">{roles()}</Panel>
                </div>
            </Frame>
        }
        .into_any())
    })
}

fn summary(people: &[Person]) -> impl IntoView + use<> {
    let works = people.iter().filter(|person| person.disabled_at.is_none());
    let admins = works.clone().filter(|person| person.role == Role::Admin).count();
    let working = works.count();
    let locked = people.len() - working;
    let rest = if locked == 0 { String::new() } else { format!(" {} locked out.", number::count(locked as i64)) };
    let alone = if admins == 1 { " There is one admin only; a second one could let the first in again." } else { "" };
    view! { <b>{number::counted(working as i64, "person", "people")}" can log in."</b>{rest}{alone} }.into_any()
}

fn columns() -> Vec<Column> {
    vec![
        Column::text("Name"),
        Column::text("Email"),
        Column::tight("Role"),
        Column::tight("Since"),
        Column::tight("State"),
        Column::silent("Change"),
    ]
}

fn row(person: Person, own: Option<PersonId>, said: &Said) -> Row {
    let state = match person.disabled_at {
        Some(at) => Cell::view(view! { <Badge tone=Tone::Bad text="locked out"/>" "<Time at/> }),
        None if own == Some(person.id) => Cell::view(view! { <Badge tone=Tone::Accent text="you"/> }),
        None => Cell::view(view! { <Badge tone=Tone::Ok text="can log in"/> }),
    };
    Row::new(vec![
        Cell::text(person.name.clone()),
        Cell::text(person.email.clone()),
        Cell::text(person.role.as_str()),
        Cell::view(view! { <Time at=person.created_at/> }),
        state,
        Cell::view(changes(&person, own, said)),
    ])
}

/// What can be changed about a person, behind one button.
fn changes(person: &Person, own: Option<PersonId>, said: &Said) -> impl IntoView + use<> {
    let id = person.id.to_string();
    let is_back = ["set_role", "set_disabled", "reset_password"].iter().any(|form| said.value(form, "person") == id);
    let is_own = own == Some(person.id);
    let locking = (!is_own).then(|| lock_form(person));
    let (name, role) = (person.name.clone(), role_form(person));
    let password = if is_own {
        view! { <p><a href="/settings/account">"Change your own password"</a></p> }.into_any()
    } else {
        reset_form(person, said.error("reset_password", "password").filter(|_| is_back)).into_any()
    };
    view! {
        <Confirm label="Change" open=is_back>
            <div class="stack">
                <p class="confirm-title">{name}</p>
                {role}
                {password}
                {locking}
            </div>
        </Confirm>
    }
    .into_any()
}

fn role_form(person: &Person) -> impl IntoView + use<> {
    let field = format!("role-{}", person.id);
    let options = Role::ALL.into_iter().map(|role| {
        view! { <option value=role.as_str() selected=role == person.role>{role.as_str()}</option> }
    });
    view! {
        <form method="post" action="/actions/set_role">
            <input type="hidden" name="person" value=person.id.to_string()/>
            <div class="field">
                <label for=field.clone()>"Role"</label>
                <select id=field name="role">{options.collect_view()}</select>
                <p class="field-hint">"Their open sessions end."</p>
            </div>
            <Button text="Change the role"/>
        </form>
    }
    .into_any()
}

fn reset_form(person: &Person, error: Option<String>) -> impl IntoView + use<> {
    let field = format!("password-{}", person.id);
    let hint = format!("{field}-hint");
    view! {
        <form method="post" action="/actions/reset_password">
            <input type="hidden" name="person" value=person.id.to_string()/>
            <div class="field">
                <label for=field.clone()>"New password"</label>
                <input
                    id=field
                    name="password"
                    type="password"
                    required=true
                    minlength=MIN_PASSWORD.to_string()
                    autocomplete="new-password"
                    aria-describedby=hint.clone()
                    aria-invalid=error.as_ref().map(|_| "true")
                />
                {error.map(|error| view! { <p class="field-error">{error}</p> })}
                <p class="field-hint" id=hint>
                    {format!("At least {MIN_PASSWORD} characters. Tell it to them yourself; their sessions end.")}
                </p>
            </div>
            <Button text="Reset the password"/>
        </form>
    }
    .into_any()
}

fn lock_form(person: &Person) -> impl IntoView + use<> {
    let is_locked = person.disabled_at.is_some();
    let (look, words, says) = if is_locked {
        (Look::Normal, "Let in again", "They can log in again with their old password.")
    } else {
        (
            Look::Danger,
            "Lock out",
            "They cannot log in any more, and their sessions end. What they did stays in the logs.",
        )
    };
    view! {
        <form method="post" action="/actions/set_disabled">
            <input type="hidden" name="person" value=person.id.to_string()/>
            <input type="hidden" name="disabled" value=(!is_locked).to_string()/>
            <p class="small">{says}</p>
            <Button look text=words/>
        </form>
    }
    .into_any()
}

fn add_form(said: &Said) -> impl IntoView + use<> {
    let typed = said.value(FORM, "role");
    let chosen = if typed.is_empty() { Role::Labeler.as_str() } else { typed.as_str() };
    let roles =
        Role::ALL.into_iter().map(|role| Choice::new(role.as_str(), role.as_str()).chosen(role.as_str() == chosen));
    view! {
        <form class="form" method="post" action="/actions/add_person">
            <TextField
                name="name"
                label="Name"
                value=said.value(FORM, "name")
                error=said.error(FORM, "name")
                required=true
                max_length=100
                autocomplete="off"
            />
            <TextField
                name="email"
                label="Email"
                kind="email"
                value=said.value(FORM, "email")
                error=said.error(FORM, "email")
                required=true
                hint="They log in with it; no mail is sent."
                autocomplete="off"
            />
            <ChoiceField name="role" label="Role" choices=roles.collect() one=true row=true error=said.error(FORM, "role")/>
            <TextField
                name="password"
                label="First password"
                kind="password"
                error=said.error(FORM, "password")
                required=true
                min_length=MIN_PASSWORD
                hint=format!("At least {MIN_PASSWORD} characters. They can change it under their name.")
                autocomplete="new-password"
            />
            <div class="form-actions"><Button look=Look::Primary text="Add person"/></div>
        </form>
    }
    .into_any()
}

fn roles() -> impl IntoView {
    let lines = Role::ALL.into_iter().map(|role| {
        let may = match role {
            Role::Admin => "Everything: models, trainings, promotions, people, keys and the audit log.",
            Role::Supervisor => "Sees models and predictions, records what turned out to be true, decides cases.",
            Role::Labeler => "Corrects readings.",
        };
        view! { <div><dt>{role.as_str()}</dt><dd>{may}</dd></div> }
    });
    view! { <dl class="definition-list">{lines.collect_view()}</dl> }.into_any()
}
