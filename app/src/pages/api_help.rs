//! How programs talk to the desk, with examples that fit the organisation's own first model.

mod endpoints;
mod example;
mod learning;
mod syncs;

use domain::{Permission, Scope};
use http::request::Parts;
use leptos::prelude::*;

pub use endpoints::{Endpoint, Endpoints, Needs};
pub(super) use example::Example;

use super::keys::explain;
use crate::components::{CodeBlock, Lead, LinkButton, Look, PageHeader, Panel};
use crate::number;
use crate::page::page;
use crate::shell::{Crumb, Frame, Section};

/// What stands in an example where the key belongs.
const KEY: &str = "$VERDICT_KEY";

/// A request that was not done, as it is answered.
const PROBLEM: &str = r#"HTTP/1.1 422 Unprocessable Entity
content-type: application/problem+json

{
  "type": "urn:verdict:invalid",
  "title": "Some fields cannot be accepted",
  "status": 422,
  "detail": "row.amount: is text; a number is needed",
  "request_id": "0197a2b4-7c1e-7d30-9a55-3f0c2f6f0d11",
  "errors": [
    { "field": "row.amount", "reason": "is text; a number is needed" }
  ]
}"#;

/// The page for those who write programs.
#[component]
pub(super) fn ApiHelp() -> impl IntoView {
    let (origin, endpoints) = (origin(), use_context::<Endpoints>().unwrap_or_default());
    page(move |visit| async move {
        visit.actor.check(Permission::ManageKeys)?;
        let flash = visit.notice();
        let example = Example::of(&visit.desk, &visit.actor, origin).await;
        let limits = visit.desk.limits();
        let (rows, bytes) = (number::count(limits.rows_per_request as i64), limits.dataset_bytes >> 20);
        let dataset_rows = number::count(limits.dataset_rows as i64);
        let viewer = visit.viewer;
        Ok(view! {
            <Frame viewer title="API help" at=Section::Api crumbs=vec![Crumb::here("API help")] flash>
                <PageHeader
                    title="API help"
                    actions=|| {
                        view! {
                            <LinkButton text="OpenAPI document" href="/api/v1/openapi.json"/>
                            <LinkButton look=Look::Primary text="Make a key" href="/settings/keys"/>
                        }
                    }
                />
                <Lead>
                    <b>"What people do on the pages, programs do with JSON over HTTP."</b>
                    " A prediction is answered only after it is durable, and keeps an id by which its outcome is reported."
                </Lead>
                <div class="columns columns-2">
                    {authentication(&example)}
                    {errors()}
                </div>
                {calls(&example)}
                <div class="columns columns-2">
                    {limits_panel(rows, bytes, dataset_rows)}
                    {scopes()}
                </div>
                {words()}
                {syncs::panel()}
                {learning::panel()}
                {endpoints::panel(&endpoints)}
            </Frame>
        }
        .into_any())
    })
}

/// Where this server answers, as the browser that asks for this page found it.
pub(super) fn origin() -> String {
    let header = |name: &str| {
        let parts = use_context::<Parts>()?;
        parts.headers.get(name)?.to_str().ok().map(str::to_owned)
    };
    let scheme = if header("x-forwarded-proto").as_deref() == Some("https") { "https" } else { "http" };
    format!("{scheme}://{}", header("host").unwrap_or_else(|| String::from("localhost:3000")))
}

fn authentication(example: &Example) -> impl IntoView + use<> {
    let code = format!("export VERDICT_KEY=vdt_…\n{}", example.get(KEY, "/api/v1/models"));
    view! {
        <Panel title="Authentication">
            <p>
                "Send the key’s secret as "<code>"Authorization: Bearer vdt_…"</code>" or as "
                <code>"X-Api-Key: vdt_…"</code>
                ". Without a good one the answer is 401; with one whose scopes do not cover the request it is 403. A revoked \
                key is refused within seconds."
            </p>
            <CodeBlock code label="curl command"/>
        </Panel>
    }
    .into_any()
}

fn errors() -> impl IntoView {
    view! {
        <Panel title="Errors">
            <p>
                "Whatever is not done is answered as problem details (RFC 9457). Programs may rely on "<code>"type"</code>
                " and "<code>"status"</code>"; "<code>"errors"</code>" names every wrong field. With 503 the header "
                <code>"Retry-After"</code>" says how many seconds to wait."
            </p>
            <CodeBlock code=PROBLEM label="example of a problem"/>
        </Panel>
    }
    .into_any()
}

fn calls(example: &Example) -> impl IntoView + use<> {
    let blocks = example.calls(KEY).into_iter().map(|call| {
        view! {
            <section class="stack">
                <h3>{call.title}</h3>
                <p>{call.words}</p>
                <CodeBlock code=call.code label=format!("curl command: {}", call.title)/>
            </section>
        }
    });
    view! { <Panel title="Requests worth copying"><div class="stack">{blocks.collect_view()}</div></Panel> }.into_any()
}

fn limits_panel(rows: String, mebibytes: usize, dataset_rows: String) -> impl IntoView {
    view! {
        <Panel title="Limits">
            <dl class="definition-list">
                <div><dt>"Prediction rows"</dt><dd>{format!("{rows} in one request; all are answered and logged, or none")}</dd></div>
                <div><dt>"Syncs"</dt><dd>"10,000 events in one request, 1,000 planned ones"</dd></div>
                <div><dt>"Outcomes"</dt><dd>"10,000 in one batch; each is answered by itself"</dd></div>
                <div><dt>"Image"</dt><dd>"8 MiB, 24 million pixels, 12,000 a side"</dd></div>
                <div><dt>"Data set"</dt><dd>{format!("{mebibytes} MiB and {dataset_rows} rows")}</dd></div>
                <div><dt>"Body"</dt><dd>"16 MiB of JSON unless the server is set up otherwise; more is 413"</dd></div>
                <div><dt>"Lists"</dt><dd>"1 to 200 items a page; send "<code>"next"</code>" back as "<code>"cursor"</code></dd></div>
                <div><dt>"Busy"</dt><dd>"503 with Retry-After when the log’s queue is full; nothing is dropped silently"</dd></div>
            </dl>
        </Panel>
    }
    .into_any()
}

/// What the figures of quality mean.
fn words() -> impl IntoView {
    let words = [
        (
            "outcome",
            "What was true about a prediction: from a verdict, a correction, a report, an observation or an import.",
        ),
        ("truth known", "Share of the predictions that have an outcome by now."),
        (
            "measured",
            "Figures about all predictions, from the known truths: each stands for those of the same decision and similar score.",
        ),
        (
            "expected",
            "The same figures as the scores alone promise, without any truth (CBPE). They miss what only truths can show.",
        ),
        ("95 % interval", "Where the figure lies in 95 of 100 such samples; the fewer truths, the wider."),
        (
            "calibration error",
            "How far scores are from the shares that come true, on average; chance alone makes some of it.",
        ),
        (
            "truths still coming",
            "A period so young that less than four fifths of its truths have usually come. It is not judged.",
        ),
        (
            "drift of scores",
            "The largest distance between the scores now and those of the evaluation, from 0 to 1 (Kolmogorov–Smirnov). From 0.1 on, and with a chance below 0.01, it is drift, unless the model’s rules of retraining say otherwise.",
        ),
    ];
    let lines = words.map(|(word, meaning)| view! { <div><dt>{word}</dt><dd>{meaning}</dd></div> });
    view! { <Panel title="Words of quality"><dl class="definition-list">{lines.collect_view()}</dl></Panel> }.into_any()
}

fn scopes() -> impl IntoView {
    let lines = Scope::ALL.into_iter().map(|scope| {
        view! { <div><dt>{scope.as_str()}</dt><dd>{explain(scope)}</dd></div> }
    });
    view! { <Panel title="Scopes of a key"><dl class="definition-list">{lines.collect_view()}</dl></Panel> }.into_any()
}
