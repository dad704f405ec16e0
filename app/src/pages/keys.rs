//! API keys: what programs log in with.

use domain::person::ApiKey;
use domain::{Scope, Timestamp};
use leptos::prelude::*;

use super::api_help::{Example, origin};
use crate::components::{
    Badge, Button, Cell, Choice, ChoiceField, CodeBlock, Column, Confirm, EmptyState, Lead, LinkButton, Look,
    PageHeader, Panel, Row, Table, TextField, Time, Tone,
};
use crate::form::Said;
use crate::number;
use crate::page::page;
use crate::shell::{Crumb, Frame, Section};

/// Name of the form that makes a key.
const FORM: &str = "create_key";
/// Days after which a key is refused unless somebody says otherwise: long enough to forget no renewal twice a year.
const DAYS: &str = "90";

/// The organisation's keys.
#[component]
pub(super) fn Keys() -> impl IntoView {
    let origin = origin();
    page(|visit| async move {
        let flash = visit.notice();
        let keys = visit.desk.keys().list(&visit.actor).await?;
        let now = visit.clock.now;
        let made = match visit.said.secret.clone().filter(|_| visit.said.form == FORM) {
            Some(secret) => {
                let example = Example::of(&visit.desk, &visit.actor, origin).await;
                Some(once(secret, keys.first(), &example))
            }
            None => None,
        };
        let (viewer, said) = (visit.viewer, visit.said);
        let lead = summary(&keys, now);
        let rows = keys.into_iter().map(|key| row(key, now)).collect();
        Ok(view! {
            <Frame viewer title="API keys" at=Section::Keys crumbs=vec![Crumb::here("Keys")] flash>
                <PageHeader
                    title="API keys"
                    actions=|| view! { <LinkButton text="How programs talk to the desk" href="/api/help"/> }
                />
                <Lead>{lead}</Lead>
                {made}
                <Panel title="Keys">
                    <Table label="API keys" columns=columns() rows>
                        <EmptyState title="No keys yet" text="A program sends a key with each request. Make the first one below."/>
                    </Table>
                </Panel>
                <Panel title="Make a key">{create_form(&said)}</Panel>
            </Frame>
        }
        .into_any())
    })
}

fn summary(keys: &[ApiKey], now: Timestamp) -> impl IntoView + use<> {
    let valid = keys.iter().filter(|key| key.is_valid(now)).count();
    let soon = keys.iter().filter(|key| key.is_valid(now) && expires_soon(key, now)).count();
    let warning = (soon > 0).then(|| format!(" {} within a week.", number::counted(soon as i64, "expires", "expire")));
    view! {
        <b>{number::counted(valid as i64, "key is valid.", "keys are valid.")}</b>
        {warning}
        " A key's secret is shown once, when it is made, and only its hash is kept."
    }
    .into_any()
}

fn expires_soon(key: &ApiKey, now: Timestamp) -> bool {
    key.expires_at.is_some_and(|at| at.since(now) < 7 * domain::time::DAY)
}

/// The secret of a key that was just made.
fn once(secret: String, key: Option<&ApiKey>, example: &Example) -> impl IntoView + use<> {
    let may_predict = key.is_some_and(|key| key.scopes.iter().any(|scope| scope.grants(domain::Permission::Predict)));
    let call = if may_predict { example.predict(&secret) } else { example.get(&secret, "/api/v1/openapi.json") };
    view! {
        <Panel title="The new key’s secret" note=String::from("shown only now")>
            <CodeBlock code=secret label="secret"/>
            <p>"Keep it where the program reads its settings. This request works with it:"</p>
            <CodeBlock code=call label="curl command"/>
        </Panel>
    }
    .into_any()
}

fn columns() -> Vec<Column> {
    vec![
        Column::text("Name"),
        Column::tight("Begins with"),
        Column::text("Scopes"),
        Column::text("Made"),
        Column::tight("Expires"),
        Column::tight("Last used"),
        Column::tight("State"),
        Column::silent("Revoke"),
    ]
}

fn row(key: ApiKey, now: Timestamp) -> Row {
    let scopes = key.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", ");
    let (tone, word) = match (key.revoked_at, key.is_valid(now)) {
        (Some(_), _) => (Tone::Bad, "revoked"),
        (None, false) => (Tone::Neutral, "expired"),
        (None, true) if expires_soon(&key, now) => (Tone::Warn, "expires soon"),
        (None, true) => (Tone::Ok, "valid"),
    };
    let made_by = key.created_by.clone();
    let revoke = if key.is_valid(now) { Cell::view(revoke(&key)) } else { Cell::empty() };
    Row::new(vec![
        Cell::text(key.name.clone()),
        Cell::view(view! { <code>{key.prefix.clone()}"…"</code> }),
        Cell::text(scopes),
        Cell::view(view! { <span><Time at=key.created_at/>" "<small>{made_by}</small></span> }),
        moment(key.expires_at, "never"),
        moment(key.last_used_at, "never"),
        Cell::view(view! { <Badge tone text=word/> }),
        revoke,
    ])
}

fn moment(at: Option<Timestamp>, otherwise: &'static str) -> Cell {
    match at {
        Some(at) => Cell::view(view! { <Time at/> }),
        None => Cell::view(view! { <span class="muted">{otherwise}</span> }),
    }
}

fn revoke(key: &ApiKey) -> impl IntoView + use<> {
    let (id, sentence) =
        (key.id.to_string(), format!("Programs that use “{}” are refused within seconds, for good.", key.name));
    view! {
        <Confirm label="Revoke">
            <p>{sentence}</p>
            <form method="post" action="/actions/revoke_key">
                <input type="hidden" name="key" value=id/>
                <Button look=Look::Danger text="Revoke this key"/>
            </form>
        </Confirm>
    }
    .into_any()
}

fn create_form(said: &Said) -> impl IntoView + use<> {
    let is_back = said.form == FORM && !said.done;
    let days = if is_back { said.value(FORM, "expires_in_days") } else { String::from(DAYS) };
    let typed = said.value(FORM, "scopes");
    let scopes = Scope::ALL.into_iter().map(|scope| {
        let chosen = typed.split(',').any(|word| word == scope.as_str());
        Choice::new(scope.as_str(), scope.as_str()).hint(explain(scope)).chosen(chosen)
    });
    view! {
        <form class="form" method="post" action="/actions/create_key">
            <TextField
                name="name"
                label="Name"
                value=said.value(FORM, "name")
                error=said.error(FORM, "name")
                hint="After the program that uses it: the audit log shows this name."
                required=true
                max_length=100
                autocomplete="off"
            />
            <ChoiceField name="scopes[]" label="Scopes" choices=scopes.collect() error=said.error(FORM, "scopes")/>
            <TextField
                name="expires_in_days"
                label="Expires after days"
                kind="number"
                value=days
                error=said.error(FORM, "expires_in_days")
                hint="Empty: never."
                min="1"
                max="3650"
                step="1"
            />
            <div class="form-actions"><Button look=Look::Primary text="Make the key"/></div>
        </form>
    }
    .into_any()
}

/// What a key of this scope is good for.
pub(super) fn explain(scope: Scope) -> &'static str {
    match scope {
        Scope::Predict => {
            "Asks models for predictions, sends attendance events, reports what turned out to be true. Sees nothing else."
        }
        Scope::Read => "Reads models, runs, data sets, logged predictions with their rows, attendance and cases.",
        Scope::Write => {
            "Uploads data sets, registers models, starts trainings, sends events, keeps sites and employees. Moves no traffic."
        }
        Scope::Admin => "All that an admin may do over REST: also promote, roll back, people, keys and the audit log.",
    }
}
