//! Who did what: the log in which every entry seals the one before.

use desk::audit::Verified;
use domain::audit::Entry;
use leptos::prelude::*;
use serde_json::Value;

use crate::address::address;
use crate::components::{
    Button, Cell, Column, Copyable, EmptyState, Json, Lead, LinkButton, PageHeader, Pagination, Panel, Row, Table,
    TextField, Time,
};
use crate::number;
use crate::page::{page, query};
use crate::shell::{Crumb, Frame, Section};

/// Entries of one page.
const ENTRIES: usize = 50;

/// The audit log, newest entry first.
#[component]
pub(super) fn Audit() -> impl IntoView {
    let subject = query("subject");
    let before = query("before").and_then(|text| text.parse::<i64>().ok());
    let asks_to_verify = query("verify").is_some();
    page(move |visit| async move {
        let flash = visit.notice();
        let audit = visit.desk.audit();
        let mut entries = audit.list(&visit.actor, subject.as_deref(), before, ENTRIES as u32 + 1).await?;
        let verified = if asks_to_verify { Some(audit.verify(&visit.actor).await?) } else { None };
        let older = cut(&mut entries).map(|before| place(subject.as_deref(), Some(before)));
        let newer = before.map(|_| place(subject.as_deref(), None));
        let check = address("/audit", &[("subject", subject.as_deref().unwrap_or("")), ("verify", "1")]);
        let shown = number::counted(entries.len() as i64, "entry", "entries");
        let rows = entries.into_iter().map(row).collect();
        let viewer = visit.viewer;
        Ok(view! {
            <Frame viewer title="Audit" at=Section::Audit crumbs=vec![Crumb::here("Audit")] flash>
                <PageHeader title="Audit" actions=move || view! { <LinkButton text="Verify the chain" href=check/> }/>
                <Lead>{sentence(verified)}</Lead>
                <Panel title="Entries" note=String::from("newest first")>
                    {filter(subject)}
                    <Table label="Audit entries" columns=columns() rows>
                        <EmptyState title="No such entries" text="No entry has a subject or an action that begins like this.">
                            <LinkButton text="Show all entries" href="/audit"/>
                        </EmptyState>
                    </Table>
                    <Pagination newer older shown/>
                </Panel>
            </Frame>
        }
        .into_any())
    })
}

/// Takes the one entry too many away; what is left ends at the number answered.
fn cut(entries: &mut Vec<Entry>) -> Option<i64> {
    let more = entries.len() > ENTRIES;
    entries.truncate(ENTRIES);
    entries.last().filter(|_| more).map(|entry| entry.sequence)
}

fn place(subject: Option<&str>, before: Option<i64>) -> String {
    let before = before.map(|number| number.to_string()).unwrap_or_default();
    address("/audit", &[("subject", subject.unwrap_or("")), ("before", &before)])
}

fn sentence(verified: Option<Verified>) -> AnyView {
    match verified {
        None => view! {
            "Every change is written down here together with the change itself, and each entry carries the hash of the \
            one before: whatever is altered, removed or put in later shows."
        }
        .into_any(),
        Some(Verified { entries, head, broken: None }) => view! {
            <b class="ok">"The chain is intact."</b>
            {format!(" {} as they were written; the last one’s hash is ", number::counted(entries, "entry is", "entries are"))}
            <Copyable text=head label="hash of the last entry" short=true/>
            ". Keep it elsewhere to notice later if the whole log was replaced."
        }
        .into_any(),
        Some(Verified { entries, broken: Some(broken), .. }) => view! {
            <b class="bad">{format!("The chain is broken: {broken}.")}</b>
            {format!(" The {} before are as they were written. ", number::counted(entries, "entry", "entries"))}
            "Compare the database with its backups before anything else is changed."
        }
        .into_any(),
    }
}

fn filter(subject: Option<String>) -> impl IntoView {
    let is_filtered = subject.is_some();
    view! {
        <form class="filters" method="get" action="/audit">
            <TextField name="subject" label="Subject or action begins with" kind="search" value=subject/>
            <Button text="Filter"/>
            {is_filtered.then(|| view! { <LinkButton text="Show all" href="/audit"/> })}
        </form>
        <p class="muted small">"Such as "<code>"model:claims"</code>", "<code>"person:3"</code>" or "<code>"key."</code></p>
    }
    .into_any()
}

fn columns() -> Vec<Column> {
    vec![
        Column::number("Entry"),
        Column::tight("When"),
        Column::text("Who"),
        Column::text("Action"),
        Column::text("Subject"),
        Column::text("Detail"),
        Column::tight("Hash"),
    ]
}

fn row(entry: Entry) -> Row {
    let detail = match serde_json::from_str::<Value>(&entry.detail) {
        Ok(Value::Null) => Cell::empty(),
        Ok(value) => Cell::view(detail(value, entry.sequence)),
        Err(_) => Cell::text(entry.detail),
    };
    Row::new(vec![
        Cell::text(number::count(entry.sequence)),
        Cell::view(view! { <Time at=entry.at absolute=true/> }),
        Cell::text(entry.actor),
        Cell::view(view! { <code class="nowrap">{entry.action}</code> }),
        Cell::view(view! { <code>{entry.subject}</code> }),
        detail,
        Cell::view(view! { <Copyable text=entry.hash label=format!("hash of entry {}", entry.sequence) short=true/> }),
    ])
}

fn detail(value: Value, sequence: i64) -> impl IntoView {
    view! {
        <details>
            <summary>"Show"<span class="visually-hidden">{format!(" detail of entry {sequence}")}</span></summary>
            <Json value label=format!("detail of entry {sequence}")/>
        </details>
    }
    .into_any()
}
