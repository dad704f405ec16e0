//! The gallery's pages as HTML.

use std::sync::Arc;

use app::charts::{Calibration, ImportanceChart, PrecisionRecall, Roc, ScoreHistogram};
use app::components::{
    Badge, Button, Cell, CellLink, Choice, ChoiceField, CodeBlock, Column, Confirm, ConfusionMatrix, Contributions,
    Copyable, Definition, DefinitionList, EmptyState, ErrorPage, ErrorSummary, Errors, Figure, FigureStrip, FileField,
    Json, Lead, LinkButton, LogEntry, Look, Notice, PageHeader, Pagination, Panel, Pick, Progress, Row, RunLog,
    SelectField, Sort, Sparkline, Table, TextArea, TextField, Time, Timeline, TimelineEntry, Tone,
};
use app::moment::Clockface;
use app::number::Unit;
use app::shell::{Count, Crumb, Document, Frame, Plain, Section, Viewer};
use app::theme::Theme;
use domain::{FieldError, Role};
use leptos::prelude::*;

use super::examples::{self as made, days, minutes};

/// The gallery.
pub(crate) fn html(theme: Theme) -> String {
    render(move || view! { <Document theme title="Gallery"><Gallery theme/></Document> }.into_any())
}

/// A page before anybody is known.
pub(crate) fn plain_html(theme: Theme) -> String {
    render(move || {
        view! {
            <Document theme title="Log in">
                <Plain title="Log in" flash=Some(Notice::bad("That address and that password do not belong together."))>
                    <section class="panel">
                        <h1>"Log in"</h1>
                        <form class="form" method="post" action="/">
                            <TextField name="email" label="Email" kind="email" autocomplete="username" required=true/>
                            <TextField name="password" label="Password" kind="password" autocomplete="current-password" required=true/>
                            <div class="form-actions"><Button look=Look::Primary text="Log in"/></div>
                        </form>
                    </section>
                </Plain>
            </Document>
        }
        .into_any()
    })
}

fn render(view: impl FnOnce() -> AnyView) -> String {
    let owner = Owner::new();
    owner.with(|| {
        leptos_meta::provide_meta_context();
        let (context, _output) = leptos_meta::ServerMetaContext::new();
        provide_context(context);
        provide_context(Clockface::new(made::NOW, "Europe/Berlin"));
        view().to_html()
    })
}

#[component]
fn Gallery(theme: Theme) -> impl IntoView {
    let viewer =
        Viewer { name: "Ada Berg".into(), role: Role::Admin, tenant: "demo tenant".into(), theme, here: "/".into() };
    let crumbs =
        vec![Crumb::link("Models", "/models"), Crumb::link("fraud", "/models/fraud"), Crumb::here("version 7")];
    let counts = vec![
        Count { section: Section::Models, text: "6".into(), urgent: false },
        Count { section: Section::Runs, text: "1 running".into(), urgent: false },
        Count { section: Section::Predictions, text: "12".into(), urgent: true },
    ];
    let flash = Some(Notice::ok("Version 7 was registered. It serves nothing yet."));
    view! {
        <Frame viewer title="Gallery" at=Section::Models crumbs counts flash>
            {header()}
            {figures()}
            <div class="columns columns-wide-first">{evidence()}</div>
            <div class="columns columns-2">{drift()}{lineage()}</div>
            <div class="columns columns-3">{more_charts()}</div>
            {versions()}
            <div class="columns columns-2">{reasons()}{progress()}</div>
            <div class="columns columns-2">{matrices()}</div>
            <div class="columns columns-2">{form()}{text_blocks()}</div>
            <div class="columns columns-2">{states()}</div>
        </Frame>
    }
}

fn header() -> impl IntoView {
    view! {
        <PageHeader
            title="fraud"
            aside="version 7".to_owned()
            actions=|| {
                view! {
                    <LinkButton text="Compare with v6" href="/models/fraud/compare?v=6&v=7" key="c"/>
                    <Confirm label="Promote to champion" look=Look::Primary>
                        <p>"Version 7 takes all traffic of fraud from version 6."</p>
                        <form method="post" action="/actions/promote">
                            <TextArea name="reason" label="Reason" rows=2 required=true/>
                            <Button look=Look::Primary text="Promote version 7"/>
                        </form>
                    </Confirm>
                }
            }
        >
            <Badge tone=Tone::Accent text="challenger"/>
            <Badge tone=Tone::Ok text="✓ verified"/>
        </PageHeader>
        <Lead>
            <b>"Better than the champion (v6) on 7 of 8 measures."</b>
            " It catches 82 % of fraud where v6 catches 76 %, at 1.9 % false alarms instead of 2.4 %. Calibration is slightly
            worse. Gates: "<span class="ok">"5 of 6 passed"</span>"; 3 days of staging still to go."
        </Lead>
    }
}

fn figures() -> impl IntoView {
    let figures = vec![
        Figure::compared("PR-AUC", Unit::Plain, 0.842, Some(0.805), true).with_note("95 %: 0.81 – 0.87"),
        Figure::compared("Recall", Unit::Share, 0.821, Some(0.761), true).with_note("n 247"),
        Figure::compared("Precision", Unit::Share, 0.803, Some(0.781), true),
        Figure::compared("False alarms", Unit::Share, 0.019, Some(0.024), false),
        Figure::compared("Calibration error", Unit::Plain, 0.021, Some(0.017), false),
        Figure::compared("p95 latency", Unit::Milliseconds, 0.8, Some(0.8), false),
    ];
    view! { <FigureStrip figures/> }
}

fn link() -> CellLink {
    Arc::new(|actual, predicted| format!("/predictions?truth={actual}&decision={predicted}"))
}

fn evidence() -> impl IntoView {
    let classes = vec!["clean".to_owned(), "fraud".to_owned()];
    let counts = vec![vec![23_478, 455], vec![44, 203]];
    view! {
        <Panel title="Confusion matrix" note="threshold 0.61 · n = 24,180 held back".to_owned()>
            <ConfusionMatrix classes counts threshold=0.61 rows="held back" link=Some(link())/>
        </Panel>
        <Panel title="Precision–recall">
            <PrecisionRecall
                current=made::precision_recall("v7", 9)
                reference=made::precision_recall("v6", 6)
                threshold=made::threshold()
            />
        </Panel>
        <Panel title="Calibration">
            <Calibration current=made::calibration("v7", 0.04) reference=made::calibration("v6", -0.07)/>
        </Panel>
    }
}

fn more_charts() -> impl IntoView {
    view! {
        <Panel title="ROC">
            <Roc current=made::roc("v7", 14.0) reference=made::roc("v6", 7.0)/>
        </Panel>
        <Panel title="Scores by outcome">
            <ScoreHistogram
                negative="clean"
                negatives=made::scores(0.12, 4_000.0)
                positive="fraud"
                positives=made::scores(0.82, 61.0)
                threshold=0.61
            />
        </Panel>
        <Panel title="What matters to it">
            <ImportanceChart items=made::importance() measure="loss of PR-AUC when shuffled"/>
        </Panel>
    }
}

fn drift() -> impl IntoView {
    let features =
        [("gps_drift_meters", 0.14), ("late_arrival_rate", 0.08), ("hour_of_day", 0.05), ("is_holiday", 0.03)];
    let rows = features.into_iter().zip(1..).map(|((name, score), seed)| {
        let score_cell = if score > 0.1 {
            Cell::view(view! { {format!("{score:.2} ")}<Badge tone=Tone::Warn text="drift"/> })
        } else {
            Cell::text(format!("{score:.2}"))
        };
        Row::new(vec![
            Cell::text(name),
            Cell::view(view! { <small>"Wasserstein"</small> }),
            score_cell,
            Cell::text("0.10"),
            Cell::view(view! { <Sparkline values=made::wave(seed, 30) label=format!("drift of {name} over 30 days") current=true/> }),
        ])
    });
    let columns = vec![
        Column::text("feature"),
        Column::text("test"),
        Column::number("score"),
        Column::number("limit"),
        Column::tight("30 days"),
    ];
    view! {
        <Panel title="Drift since training" note="last 7 days against the training reference".to_owned()>
            <Table label="Drift by feature" columns rows=rows.collect()/>
        </Panel>
    }
}

fn lineage() -> impl IntoView {
    let hash = "9f2c41d07b3a5c6e8f1029384756aabbccddeeff00112233445566778899e41b";
    let items = vec![
        Definition::view(
            "Data",
            view! { "412,506 events, 1 Mar – 31 Aug; "<a href="/datasets/4">"1,204 verdicts"</a>" among the labels" },
        ),
        Definition::view("Data set", view! { <Copyable text=hash label="data set hash" short=true/> }),
        Definition::view("Run", view! { <a href="/runs/31">"run 31"</a>", boosted trees, seed 7, 41 s" }),
        Definition::view("Artifacts", view! { "3 files, 412 kB, checked "<Time at=minutes(4)/> }),
    ];
    let entries = vec![
        TimelineEntry::new("Promoted to champion", minutes(14))
            .by("Ada Berg")
            .because("Catches 6 points more fraud")
            .tone(Tone::Ok),
        TimelineEntry::new("Shadowed: 0.7 % of decisions differ", days(1)).by("Ada Berg"),
        TimelineEntry::new("Trained by schedule, gates 5 of 6", days(2)).tone(Tone::Neutral),
    ];
    view! {
        <Panel title="Where it comes from">
            <DefinitionList items/>
            <h3>"History"</h3>
            <Timeline entries/>
        </Panel>
    }
}

fn versions() -> impl IntoView {
    let row = |number: i64, badge: Option<(Tone, &'static str)>, at, pr_auc: f64, p95: &str, seed| {
        let name = format!("v{number}");
        let pick = Pick {
            name: "v".into(),
            value: number.to_string(),
            label: format!("version {number}"),
            checked: number == 7,
        };
        Row::new(vec![
            Cell::link(name, format!("/models/fraud/versions/{number}")),
            badge.map_or_else(Cell::empty, |(tone, text)| Cell::view(view! { <Badge tone text/> })),
            Cell::view(view! { <Time at/> }),
            Cell::text(app::number::metric(pr_auc)),
            Cell::text(p95),
            Cell::text(app::number::count(24_180 + number)),
            Cell::view(view! { <Sparkline values=made::wave(seed, 24) label=format!("volume of version {number} over 24 hours")/> }),
        ])
        .pick(pick)
    };
    let rows = vec![
        row(7, Some((Tone::Accent, "challenger")), days(2), 0.842, "0.8 ms", 3),
        row(6, Some((Tone::Ok, "champion")), days(17), 0.805, "0.8 ms", 4),
        row(5, None, days(48), 0.791, "1.1 ms", 5),
    ];
    let columns = vec![
        Column::text("version").sort_by("version"),
        Column::text("alias"),
        Column::text("trained").sort_by("trained"),
        Column::number("PR-AUC").sort_by("pr_auc"),
        Column::number("p95"),
        Column::number("n"),
        Column::tight("volume"),
    ];
    let sort = Sort { path: "/models/fraud".into(), query: String::new(), by: "trained".into(), descending: true };
    view! {
        <Panel title="Versions" actions=|| view! { <a href="/models/fraud">"all versions"</a> }>
            <form class="stack" action="/models/fraud/compare" method="get">
                <Table label="Versions of fraud" columns rows sort/>
                <div class="row"><Button text="Compare ticked"/></div>
            </form>
            <Pagination older="/models/fraud?before=5".to_owned() shown="3 of 7 versions"/>
        </Panel>
    }
}

fn reasons() -> impl IntoView {
    view! {
        <Panel title="Why the score is high">
            <Contributions items=made::reasons() base=-2.1 sum=-0.34/>
        </Panel>
    }
}

fn progress() -> impl IntoView {
    let line = |minutes_ago, line: &str| LogEntry { at: minutes(minutes_ago), line: line.into() };
    let lines = vec![
        line(3, "412,506 rows read; 82,501 held back"),
        line(2, "logistic regression, fold 5 of 5: PR-AUC 0.771"),
        line(1, "boosted trees, fold 3 of 5: PR-AUC 0.836"),
    ];
    view! {
        <Panel title="Run 32" actions=|| view! { <Badge tone=Tone::Accent text="running"/> }>
            <Progress share=0.62 message="boosted trees, fold 3 of 5" label="training of run 32"/>
            <RunLog lines/>
        </Panel>
    }
}

fn matrices() -> impl IntoView {
    let names = |n: usize| (0..n).map(|i| format!("digit {i}")).collect::<Vec<_>>();
    view! {
        <Panel title="Ten classes">
            <ConfusionMatrix classes=names(10) counts=made::counts(10) rows="held back" link=Some(link())/>
        </Panel>
        <Panel title="Many classes">
            <ConfusionMatrix classes=names(12) counts=made::counts(12) rows="held back" link=Some(link())/>
        </Panel>
    }
}

fn form() -> impl IntoView {
    let errors =
        Errors(vec![FieldError::new("name", "is taken; choose another"), FieldError::new("limit", "is over 1")]);
    let scopes = vec![
        Choice::new("predict", "predict").hint("Ask for predictions and report outcomes").chosen(true),
        Choice::new("read", "read").hint("Read models, versions, predictions"),
    ];
    let splits = vec![Choice::new("random", "at random").chosen(true), Choice::new("time", "by time")];
    let kinds = ["auto", "logistic", "neural", "boosted", "forest"].map(|kind| Choice::new(kind, kind));
    view! {
        <Panel title="A form that came back">
            <form class="form" method="post" action="/">
                <ErrorSummary errors=errors.clone()/>
                <TextField name="name" label="Name" value="fraud".to_owned() error=errors.of("name") hint="Lower case, digits and hyphens" required=true/>
                <div class="form-grid">
                    <TextField name="limit" label="Largest false alarm rate" kind="number" value="1.5".to_owned() min="0" max="1" step="any" error=errors.of("limit") required=true/>
                    <SelectField name="estimator" label="Estimator" choices=kinds.to_vec()/>
                </div>
                <ChoiceField name="scope" label="What the key may do" choices=scopes/>
                <ChoiceField name="split" label="Hold back" choices=splits one=true row=true/>
                <FileField name="file" label="Rows" accept=".csv,text/csv" max_bytes=100_000_000 hint="CSV with a header; up to 100 MB" required=true/>
                <TextArea name="note" label="Note"/>
                <div class="form-actions"><Button look=Look::Primary text="Save"/><LinkButton text="Cancel" href="/"/></div>
            </form>
        </Panel>
    }
}

fn text_blocks() -> impl IntoView {
    let value = serde_json::json!({
        "gps_drift_meters": 2412.5, "is_weekend": true, "site": "Dock 4 <north>", "face_recognition_confidence": 0.58,
        "mismatches": [1, 2], "note": null, "empty": {}
    });
    let curl = "curl https://desk.example/api/v1/models/fraud/predictions \\\n  -H 'Authorization: Bearer vk_…' \\\n  -d '{\"row\": {\"gps_drift_meters\": 2412.5}}'";
    view! {
        <Panel title="Ask it">
            <CodeBlock code=curl label="curl command"/>
            <h3>"Features as sent"</h3>
            <Json value label="features as sent"/>
            <div class="row">
                <Badge text="queued"/><Badge tone=Tone::Accent text="running"/><Badge tone=Tone::Ok text="succeeded"/>
                <Badge tone=Tone::Warn text="1 feature"/><Badge tone=Tone::Bad text="failed"/>
            </div>
            <div class="row">
                <Button text="Normal"/><Button look=Look::Primary text="Primary" key="y"/><Button look=Look::Danger text="Danger"/>
                <Button look=Look::Plain text="Plain"/><Button text="Not now" disabled="A training is running".to_owned()/>
            </div>
            <Confirm label="Revoke this key" look=Look::Danger inline=true>
                <p>"Programs that use it are refused from this moment on."</p>
                <form method="post" action="/"><Button look=Look::Danger text="Revoke it"/></form>
            </Confirm>
        </Panel>
    }
}

fn states() -> impl IntoView {
    view! {
        <div class="stack">
            <EmptyState title="No models yet" text="A model is a recipe that the desk trains, serves and watches. Bring a table of examples with a column to be predicted.">
                <LinkButton look=Look::Primary text="Register the first model" href="/models/new"/>
            </EmptyState>
            <p class="notice notice-warn">"The champion's artifacts were refused; the heuristic answers."</p>
            <p class="notice notice-bad">"The chain is broken at entry 31."</p>
        </div>
        <section class="panel">
            <ErrorPage
                status=503
                what="The database does not answer."
                safe="Predictions are still answered from memory; they are refused before any is lost.".to_owned()
                request_id="0192f3a4-7c1e-7bd0".to_owned()
                retry="/".to_owned()
            />
        </section>
    }
}
