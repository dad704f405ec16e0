//! Forms about API keys.

use domain::{KeyId, Scope};
use leptos::prelude::*;

use crate::form::{Form, Said, go, keep};
use crate::viewer;

const PAGE: &str = "/settings/keys";

/// Makes a key; the next page shows its secret, once.
#[server(prefix = "/actions", endpoint = "create_key")]
pub async fn create_key(
    name: String,
    #[server(default)] scopes: Vec<String>,
    #[server(default)] expires_in_days: String,
) -> Result<(), ServerFnError> {
    let form = Form::new("create_key", PAGE)
        .typed("name", &name)
        .typed("expires_in_days", &expires_in_days)
        .typed("scopes", scopes.join(","));
    let created = async {
        let scopes = scopes.iter().map(|word| word.parse::<Scope>()).collect::<Result<Vec<_>, _>>();
        let scopes = scopes.map_err(|error| desk::Error::field("scopes", error.to_string()))?;
        let days = read_days(&expires_in_days)?;
        viewer::desk().keys().create(&viewer::actor()?, &name, &scopes, days).await
    };
    match created.await {
        Ok((key, secret)) => {
            let message = format!("Key “{}” was made. Copy its secret now: it is not shown again.", key.name);
            keep(Said { form: "create_key".into(), message, done: true, secret: Some(secret), ..Said::default() })
                .await;
            go(PAGE);
        }
        Err(error) => form.fail(error).await,
    }
    Ok(())
}

/// Refuses a key from now on.
#[server(prefix = "/actions", endpoint = "revoke_key")]
pub async fn revoke_key(key: i64) -> Result<(), ServerFnError> {
    let done = async { viewer::desk().keys().revoke(&viewer::actor()?, KeyId(key)).await };
    Form::new("revoke_key", PAGE)
        .answer(done.await, |()| (PAGE.into(), String::from("The key is revoked; it is refused from now on.")))
        .await;
    Ok(())
}

fn read_days(text: &str) -> desk::Result<Option<u32>> {
    match text.trim() {
        "" => Ok(None),
        days => days.parse().map(Some).map_err(|_| desk::Error::field("expires_in_days", "a number of days is needed")),
    }
}
