//! Post, redirect, get: what a form says after it was sent is kept in the session until the next page shows it. Not in
//! the address, which anybody can forge and which would keep what was typed.

use std::collections::BTreeMap;

use desk::Error;
use domain::FieldError;
use serde::{Deserialize, Serialize};

use crate::address::sendable;
use crate::viewer::{self, session};

/// Name of a column inside a form's brackets: `fields[c616765]` for `age`. A column may have any name, and forms give
/// brackets and leading digits a meaning of their own.
#[must_use]
pub fn key(column: &str) -> String {
    format!("c{}", domain::manifest::hex(column.as_bytes()))
}

/// Where in the session it lies.
const KEY: &str = "form";

/// Most bytes that are kept: room for the specification of some thousand columns.
const MOST_KEPT: usize = 256 << 10;

/// Most letters of a message that came with too much to be kept.
const SHORT: usize = 500;

/// What became of a form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Name of the form, so that only its own fields show what was typed.
    pub form: String,
    /// The sentence shown on top of the page.
    pub message: String,
    /// Whether it was done.
    pub done: bool,
    /// What was typed, without secrets.
    pub values: BTreeMap<String, String>,
    /// What is wrong, field by field.
    pub errors: Vec<FieldError>,
    /// Something shown this once: a new key's secret.
    pub secret: Option<String>,
    /// Words after the message, and the address they lead to.
    #[serde(default)]
    pub link: Option<(String, String)>,
}

impl Said {
    /// What was typed into `field` of `form`, when the form failed.
    #[must_use]
    pub fn value(&self, form: &str, field: &str) -> String {
        if self.form == form && !self.done {
            self.values.get(field).cloned().unwrap_or_default()
        } else {
            String::new()
        }
    }

    /// What is wrong with `field` of `form`.
    #[must_use]
    pub fn error(&self, form: &str, field: &str) -> Option<String> {
        if self.form != form {
            return None;
        }
        self.errors.iter().find(|error| error.field == field).map(|error| error.reason.clone())
    }

    fn bytes(&self) -> usize {
        let values = self.values.iter().map(|(field, value)| field.len() + value.len());
        let errors = self.errors.iter().map(|error| error.field.len() + error.reason.len());
        self.message.len() + values.chain(errors).sum::<usize>()
    }

    /// The same, without what is too long to be kept.
    fn bounded(self) -> Self {
        if self.bytes() <= MOST_KEPT {
            return self;
        }
        let message = self.message.chars().take(SHORT).collect::<String>();
        let message = format!("{message} What was sent is too long to be shown again.");
        Self { message, values: BTreeMap::new(), errors: Vec::new(), ..self }
    }
}

/// Takes what the form before this page said, so that it is shown once.
pub async fn take() -> Said {
    let Some(session) = session() else { return Said::default() };
    // To remove what is not there would count as a change, and every page would write the session.
    match session.get_value(KEY).await {
        Ok(Some(_)) => session.remove::<Said>(KEY).await.ok().flatten().unwrap_or_default(),
        _ => Said::default(),
    }
}

/// Sends the person to `path`, in which words of theirs may stand.
pub fn go(path: &str) {
    leptos_axum::redirect(&sendable(path));
}

/// A form that is being answered.
pub struct Form {
    name: &'static str,
    back: String,
    values: BTreeMap<String, String>,
    label: fn(&str) -> &str,
}

impl Form {
    /// The form `name`, which stands on the page `back`.
    pub fn new(name: &'static str, back: impl Into<String>) -> Self {
        Self { name, back: back.into(), values: BTreeMap::new(), label }
    }

    /// The form's fields are columns of a model, and have their names.
    #[must_use]
    pub fn of_columns(self) -> Self {
        Self { label: own_name, ..self }
    }

    /// Keeps what was typed, in case the form fails. Never for secrets.
    #[must_use]
    pub fn typed(mut self, field: &str, value: impl ToString) -> Self {
        self.values.insert(field.to_owned(), value.to_string());
        self
    }

    /// Sends the person on: with a message to where `then` says if it was done, else back to the form.
    pub async fn answer<T>(self, result: desk::Result<T>, then: impl FnOnce(T) -> (String, String)) {
        match result {
            Ok(value) => {
                let (to, message) = then(value);
                self.done(&to, message, None).await;
            }
            Err(error) => self.fail(error).await,
        }
    }

    /// Sends the person on with a message, and perhaps a way from it.
    pub async fn done(self, to: &str, message: String, link: Option<(String, String)>) {
        keep(Said { form: self.name.to_owned(), message, done: true, link, ..Said::default() }).await;
        go(to);
    }

    /// Sends the person back to the form with what was typed, because there is more to look at.
    pub async fn again(self, message: &str) {
        keep(Said { form: self.name.to_owned(), message: message.to_owned(), values: self.values, ..Said::default() })
            .await;
        go(&self.back);
    }

    /// Sends the person back to the form with what went wrong.
    pub async fn fail(self, error: Error) {
        log(&error);
        let message = told(&error, self.label);
        let errors = if let Error::Invalid(fields) = error { fields } else { Vec::new() };
        keep(Said { form: self.name.to_owned(), message, values: self.values, errors, ..Said::default() }).await;
        go(&self.back);
    }
}

/// Leaves something for the next page, as far as it is not too long.
pub async fn keep(said: Said) {
    if let Some(session) = session()
        && let Err(error) = session.insert(KEY, said.bounded()).await
    {
        tracing::error!(%error, request = viewer::request_id(), "a form's answer was not kept");
    }
}

/// What an error says to a person.
#[must_use]
pub fn sentence(error: &Error) -> String {
    told(error, label)
}

fn told(error: &Error, label: fn(&str) -> &str) -> String {
    match error {
        Error::Invalid(fields) if fields.len() == 1 => format!("{}: {}.", label(&fields[0].field), fields[0].reason),
        Error::Invalid(fields) => format!("{} fields need another look.", fields.len()),
        Error::Refused(refused) => capitalised(&refused.to_string()),
        Error::NotFound(what) => format!("There is no {what}."),
        Error::Unavailable { reason, retry_after } => {
            format!("{} Try again in {retry_after} seconds.", capitalised(reason))
        }
        Error::Conflict(reason) | Error::TooLarge(reason) | Error::Unsupported(reason) => capitalised(reason),
        Error::Internal(_) => String::from(
            "Something went wrong inside; nothing was changed. Try again, and tell an admin if it happens again.",
        ),
    }
}

/// `a gate is closed` → `A gate is closed.`
#[must_use]
pub fn capitalised(reason: &str) -> String {
    let mut rest = reason.trim_end_matches('.').chars();
    let first = rest.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", rest.as_str())
}

/// Writes down what must not be shown.
pub fn log(error: &Error) {
    if let Error::Internal(cause) = error {
        tracing::error!(%cause, request = viewer::request_id(), "something failed inside");
    }
}

/// What a field of a form is called on its page.
#[must_use]
pub fn label(field: &str) -> &str {
    match field {
        "budget_seconds" | "estimator.budget_seconds" => "Tuning, in seconds",
        "calendar" => "Calendar file",
        "count" => "Readings",
        "current" => "Current password",
        "date" => "Day",
        "days" => "Days",
        "decision" | "verdict" => "Verdict",
        "email" => "Email",
        "estimator" => "Estimator",
        "expires_in_days" => "Expires after days",
        "file" => "File",
        "for_site" | "site" => "Site",
        "latitude" => "Latitude",
        "longitude" => "Longitude",
        "miss_cost" | "threshold.false_negative" => "Cost of a miss",
        "name" => "Name",
        "note" => "Note",
        "password" => "Password",
        "person" => "Person",
        "positive" => "Positive class",
        "reason" => "Reason",
        "reference" => "Reference",
        "repeat" => "New password again",
        "role" => "Role",
        "scopes" => "Scopes",
        "seed" => "Seed",
        "split" | "split.column" => "Held back and validated on",
        "text" => "Reading",
        "target" => "Column to be learnt",
        "tenant" => "Organisation",
        "time_zone" => "Time zone",
        "threshold_value" | "threshold.recall" | "threshold.rate" | "threshold.false_positive" => {
            "Share, or cost of a false alarm"
        }
        "truth" => "Truth",
        "version" => "Version",
        other => other,
    }
}

/// What a column is called.
#[must_use]
pub fn own_name(column: &str) -> &str {
    column
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_reads_labels_and_sentences() {
        let days = Error::field("expires_in_days", "a number of days is needed");
        assert_eq!(sentence(&days), "Expires after days: a number of days is needed.");
        assert_eq!(told(&Error::field("target", "is needed"), own_name), "target: is needed.");
        assert_eq!(sentence(&Error::Conflict("a gate is closed".into())), "A gate is closed.");
    }

    #[test]
    fn what_is_too_long_is_not_kept_and_that_is_said() {
        let of = |bytes| {
            let values = BTreeMap::from([(String::from("toml"), "x".repeat(bytes))]);
            Said { message: String::from("No."), values, ..Said::default() }
        };
        assert_eq!(of(100).bounded(), of(100));
        let long = of(MOST_KEPT).bounded();
        assert_eq!(long.message, "No. What was sent is too long to be shown again.");
        assert!(long.values.is_empty());
    }
}
