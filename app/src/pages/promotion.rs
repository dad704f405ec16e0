//! The form that makes a version the champion.

use domain::model::Version;
use leptos::prelude::*;

use crate::components::{Button, Confirm, Look, TextField};
use crate::form::Said;

/// Says what moves from where, asks for the reason, and goes back to `back` (`model` or `version`).
pub(super) fn promote(
    model: &str,
    version: &Version,
    champion: Option<i64>,
    back: &'static str,
    said: &Said,
) -> impl IntoView + use<> {
    let number = version.number;
    let from = champion.map_or_else(|| String::from("the heuristic"), |n| format!("version {n}"));
    let gate = said.form == "promote" && !said.done && said.message.contains("gate");
    let (model, reason) = (model.to_owned(), reason("promote", said));
    view! {
        <Confirm label=format!("Promote v{number} to champion") look=Look::Primary open=said.form == "promote" && !said.done>
            <form class="form" method="post" action="/actions/promote">
                <p>"All traffic moves from "<b>{from}</b>" to "<b>"version "{number}</b>" at once. One click rolls back."</p>
                <input type="hidden" name="model" value=model/>
                <input type="hidden" name="version" value=number/>
                <input type="hidden" name="back" value=back/>
                {reason}
                {gate.then(|| view! {
                    <label class="check"><input type="checkbox" name="despite_gates" value="true"/>" Promote although a gate is closed; the log will say so"</label>
                })}
                <Button look=Look::Primary text="Promote"/>
            </form>
        </Confirm>
    }
    .into_any()
}

/// The reason that every movement of traffic asks for.
pub(super) fn reason(form: &'static str, said: &Said) -> impl IntoView + use<> {
    let (value, error) = (said.value(form, "reason"), said.error(form, "reason"));
    view! { <TextField name="reason" label="Reason" required=true max_length=1000 value error hint="Kept in the audit log."/> }.into_any()
}
