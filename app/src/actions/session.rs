//! Logging in and out, and the first admin.

use desk::people::{LoginError, NewPerson, SignedIn};
use domain::person::MAX_EMAIL;
use domain::{FieldError, Role};
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use crate::address::address;
use crate::form::{Form, Said, go, keep};
use crate::theme::local_path;
use crate::viewer;

/// What the session knows of the person in it. The server reads it on every request.
pub mod in_session {
    /// The person's id.
    pub const PERSON: &str = "person_id";
    /// The person's session epoch at login.
    pub const EPOCH: &str = "epoch";
    /// When the session was made, in microseconds: it ends some days later, used or not.
    pub const MADE_AT: &str = "made_at";
}

/// Logs a person in.
#[server(prefix = "/actions", endpoint = "log_in")]
pub async fn log_in(email: String, password: String, next: Option<String>) -> Result<(), ServerFnError> {
    // Nobody's; and what anybody may send is not kept to be shown again.
    if email.len() > MAX_EMAIL {
        expect_context::<ResponseOptions>().set_status(StatusCode::UNPROCESSABLE_ENTITY);
        return Ok(());
    }
    let next = local_path(next.as_deref().unwrap_or("/")).to_owned();
    match viewer::desk().people().log_in(&email, &password, &origin()).await {
        Ok(signed_in) => enter(&signed_in, &next).await?,
        Err(LoginError::Throttled { retry_after }) => turn_away(retry_after),
        Err(LoginError::Desk(error)) => {
            Form::new("log_in", login_page(&next)).typed("email", email).fail(error).await;
        }
        Err(error @ LoginError::Wrong) => {
            let mut said = Said { form: String::from("log_in"), message: format!("{error}."), ..Said::default() };
            said.values.insert(String::from("email"), email);
            keep(said).await;
            go(&login_page(&next));
        }
    }
    Ok(())
}

/// Whoever guesses on makes the server keep nothing, so the answer is no redirect to the form but a page of its own.
fn turn_away(retry_after: u32) {
    let response = expect_context::<ResponseOptions>();
    response.set_status(StatusCode::TOO_MANY_REQUESTS);
    response.insert_header(RETRY_AFTER, HeaderValue::from(retry_after));
}

/// Logs the person out everywhere.
#[server(prefix = "/actions", endpoint = "log_out_everywhere")]
pub async fn log_out_everywhere() -> Result<(), ServerFnError> {
    let done = match viewer::actor() {
        Ok(actor) => viewer::desk().people().log_out_everywhere(&actor).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => go("/login"),
        Err(error) => Form::new("log_out_everywhere", "/settings/account").fail(error).await,
    }
    Ok(())
}

/// Makes the first admin and logs them in.
#[server(prefix = "/actions", endpoint = "complete_setup")]
pub async fn complete_setup(
    token: String,
    tenant: String,
    name: String,
    email: String,
    password: String,
) -> Result<(), ServerFnError> {
    let desk = viewer::desk();
    let mut form = Form::new("setup", address("/setup", &[("token", &token)]));
    // Without the link, nobody makes the server keep anything.
    if desk.setup().is_open(&token).await.unwrap_or(false) {
        form = form.typed("tenant", &tenant).typed("name", &name).typed("email", &email);
    }
    let admin = NewPerson { email: email.clone(), name, role: Role::Admin, password: password.clone() };
    match desk.setup().complete(&token, &tenant, admin).await {
        Ok(_) => match desk.people().log_in(&email, &password, &origin()).await {
            Ok(signed_in) => enter(&signed_in, "/").await?,
            Err(_) => go("/login"),
        },
        Err(error) => form.fail(error).await,
    }
    Ok(())
}

/// Puts the person into a session with a new id, so that one planted before the login is worth nothing.
async fn enter(signed_in: &SignedIn, next: &str) -> Result<(), ServerFnError> {
    let session = viewer::session().ok_or_else(|| ServerFnError::new("no session"))?;
    session.cycle_id().await?;
    session.insert(in_session::PERSON, signed_in.person.id.0).await?;
    session.insert(in_session::EPOCH, signed_in.epoch).await?;
    session.insert(in_session::MADE_AT, viewer::now().0).await?;
    go(next);
    Ok(())
}

/// Where the request came from, for counting failures.
fn origin() -> String {
    viewer::client_address().map_or_else(|| String::from("unknown"), |address| address.to_string())
}

fn login_page(next: &str) -> String {
    address("/login", &[("next", if next == "/" { "" } else { next })])
}

/// The fields of a password form that fails before the desk is asked.
pub(crate) fn mismatch() -> desk::Error {
    desk::Error::Invalid(vec![FieldError::new("repeat", "the two passwords differ")])
}
