//! Forms about people.

use desk::people::NewPerson;
use domain::{PersonId, Role};
use leptos::prelude::*;

use super::session::mismatch;
use crate::form::Form;
use crate::viewer;

const PAGE: &str = "/settings/people";

/// Makes a person.
#[server(prefix = "/actions", endpoint = "add_person")]
pub async fn add_person(email: String, name: String, role: String, password: String) -> Result<(), ServerFnError> {
    let form = Form::new("add_person", PAGE).typed("email", &email).typed("name", &name).typed("role", &role);
    let added = async {
        let role = read_role(&role)?;
        viewer::desk().people().add(&viewer::actor()?, NewPerson { email, name, role, password }).await
    };
    form.answer(added.await, |person| (PAGE.into(), format!("{} can log in now.", person.name))).await;
    Ok(())
}

/// Gives a person another role.
#[server(prefix = "/actions", endpoint = "set_role")]
pub async fn set_role(person: i64, role: String) -> Result<(), ServerFnError> {
    let done = async {
        let role = read_role(&role)?;
        viewer::desk().people().set_role(&viewer::actor()?, PersonId(person), role).await
    };
    Form::new("set_role", PAGE)
        .typed("person", person)
        .answer(done.await, |()| (PAGE.into(), String::from("The role was changed.")))
        .await;
    Ok(())
}

/// Locks a person out or lets them in again.
#[server(prefix = "/actions", endpoint = "set_disabled")]
pub async fn set_disabled(person: i64, disabled: bool) -> Result<(), ServerFnError> {
    let done = async { viewer::desk().people().set_disabled(&viewer::actor()?, PersonId(person), disabled).await };
    let message = if disabled { "They are locked out, and their sessions ended." } else { "They can log in again." };
    Form::new("set_disabled", PAGE)
        .typed("person", person)
        .answer(done.await, |()| (PAGE.into(), message.into()))
        .await;
    Ok(())
}

/// Gives a person a new password.
#[server(prefix = "/actions", endpoint = "reset_password")]
pub async fn reset_password(person: i64, password: String) -> Result<(), ServerFnError> {
    let done = async { viewer::desk().people().reset_password(&viewer::actor()?, PersonId(person), password).await };
    let message = "The password was changed, and their sessions ended.";
    Form::new("reset_password", PAGE)
        .typed("person", person)
        .answer(done.await, |()| (PAGE.into(), message.into()))
        .await;
    Ok(())
}

/// Changes one's own password.
#[server(prefix = "/actions", endpoint = "change_password")]
pub async fn change_password(current: String, password: String, repeat: String) -> Result<(), ServerFnError> {
    let done = async {
        if password != repeat {
            return Err(mismatch());
        }
        viewer::desk().people().change_own_password(&viewer::actor()?, current, password).await
    };
    let form = Form::new("change_password", "/settings/account");
    form.answer(done.await, |()| ("/login".into(), String::from("Your password was changed. Log in with it."))).await;
    Ok(())
}

fn read_role(word: &str) -> desk::Result<Role> {
    word.parse().map_err(|error: domain::actor::UnknownWord| desk::Error::field("role", error.to_string()))
}
