//! How often syncs conflict, how well that is predicted, and what warnings have avoided.

mod asked;
mod figures;
mod list;
mod predicted;
mod tables;

use desk::Error;
use desk::conflicts::{ConflictFigures, Period, conflict_rate};
use desk::models::ModelDetail;
use domain::sync::MODEL;
use http::StatusCode;
use leptos::prelude::*;

use super::api_help::origin;
use crate::charts::{DayBars, DayRate, DayRates, Part};
use crate::components::{
    Button, CodeBlock, Definition, DefinitionList, EmptyState, FigureStrip, Lead, LinkButton, PageHeader, Panel,
    TextField, Time,
};
use crate::form;
use crate::number::{self, NO_BREAK};
use crate::page::{Visit, answer_with, page};
use crate::shell::{Crumb, Frame, Section};
use asked::{Asked, PERIODS};
pub(super) use list::ConflictPredictions;

/// The dashboard.
#[component]
pub(super) fn Conflicts() -> impl IntoView {
    let (asked, origin) = (Asked::read(), origin());
    page(|visit| async move {
        let (board, asked) = load(&visit, asked).await?;
        let content = if board.all.syncs > 0 {
            measured(&board, &asked, model(&visit).await.as_ref())
        } else if visit.desk.conflicts().any(&visit.actor).await? {
            view! { <EmptyState title="No such syncs" text="There are syncs, but none of this kind that happened in this period."/> }
                .into_any()
        } else {
            nothing(&origin)
        };
        Ok(frame(visit, &asked, &board.period, content))
    })
}

/// The figures of the days that are asked for; where these are wrong, of the usual ones, beside what is wrong.
async fn load(visit: &Visit, asked: Asked) -> desk::Result<(ConflictFigures, Asked)> {
    let figures = figures_of(visit, &asked).await;
    match figures {
        Err(Error::Invalid(wrong)) => {
            answer_with(StatusCode::UNPROCESSABLE_ENTITY);
            let asked = Asked { wrong, ..asked };
            Ok((figures_of(visit, &asked).await?, asked))
        }
        figures => Ok((figures?, asked)),
    }
}

async fn figures_of(visit: &Visit, asked: &Asked) -> desk::Result<ConflictFigures> {
    let entity_type = Some(asked.entity_type.as_str()).filter(|name| !name.is_empty());
    visit.desk.conflicts().figures(&visit.actor, asked.span()?, entity_type).await
}

fn frame(visit: Visit, asked: &Asked, period: &Period, content: AnyView) -> AnyView {
    let flash = visit.notice();
    let (periods, filters, aside) = (periods(asked), filters(asked, period), asked.words());
    let crumbs = vec![Crumb::here("Conflicts")];
    view! {
        <Frame viewer=visit.viewer title="Conflicts" at=Section::Conflicts crumbs flash>
            <PageHeader title="Conflicts" aside actions=move || periods/>
            {filters}
            {content}
        </Frame>
    }
    .into_any()
}

fn periods(asked: &Asked) -> AnyView {
    let links = PERIODS.into_iter().map(|days| {
        let (href, current) = (asked.of_days(days), (asked.is_last(days)).then_some("true"));
        let (words, title) = (format!("{days}{NO_BREAK}d"), format!("{days} days"));
        view! { <a class="button" href=href aria-current=current title=title>{words}</a> }
    });
    view! { <nav class="row" aria-label="Period">{links.collect_view()}</nav> }.into_any()
}

/// From one day to another, and the entity type that was picked from its table.
fn filters(asked: &Asked, period: &Period) -> impl IntoView + use<> {
    let ((from, until), (wrong_from, wrong_until)) = (asked.typed(period), (asked.error("from"), asked.error("until")));
    let entity_type = asked.entity_type.clone();
    let only = (!entity_type.is_empty()).then(|| {
        let (words, href) = (format!("Only {entity_type}; show every type"), asked.of_type(""));
        view! { <input type="hidden" name="type" value=entity_type.clone()/><LinkButton text=words href/> }
    });
    view! {
        <form class="filters" method="get" action="/conflicts">
            <TextField name="from" label="From" kind="date" value=from error=wrong_from required=true/>
            <TextField name="until" label="Until" kind="date" value=until error=wrong_until required=true/>
            <Button text="Show these days"/>
            {only}
        </form>
    }
    .into_any()
}

/// What stands here before the first sync, and what to do about it.
fn nothing(origin: &str) -> AnyView {
    let text = "Mobile clients send what they synced. Each sync is scored as it comes in, and a day later \
                it is known which ones collided with somebody else’s: this page then says how often that happens, and how \
                well it was predicted. Send the first one:";
    let code = format!(
        "curl {origin}/api/v1/sync-events \\\n  -H \"Authorization: Bearer $VERDICT_KEY\" -H \"Content-Type: application/json\" \\\n  \
         -d '{{\"event\": {{\"client_id\": \"tablet-7-4711\", \"client\": \"tablet-7\", \"person\": \"p-12\",\n       \
         \"entity_type\": \"order\", \"entity\": \"4711\", \"fields\": [\"status\", \"note\"],\n       \
         \"last_sync\": \"2026-11-20T06:00:00Z\", \"at\": \"2026-11-20T09:30:00Z\"}}}}'"
    );
    view! { <EmptyState title="No syncs yet" text><CodeBlock code label="curl command"/></EmptyState> }.into_any()
}

/// The model with its versions. The page stands without it.
async fn model(visit: &Visit) -> Option<ModelDetail> {
    visit.desk.models().get(&visit.actor, MODEL).await.inspect_err(form::log).ok()
}

fn measured(board: &ConflictFigures, asked: &Asked, model: Option<&ModelDetail>) -> AnyView {
    let (lead, strip) = (figures::lead(board), figures::strip(board));
    let (by_day, volume) = (by_day(board), volume(board));
    let (by_type, by_client, worst) = (tables::by_type(board, asked), tables::by_client(board), tables::worst(board));
    let (calibration, matrix, avoided) =
        (predicted::calibration(board), predicted::matrix(board), predicted::avoided(board));
    let predicts = predicts(board, model);
    view! {
        <Lead>{lead}</Lead>
        <FigureStrip figures=strip/>
        <div class="columns columns-2">
            <Panel title="Conflict rate by day" note=String::from("by the organisation’s clocks") foot=String::from("Shares are of syncs older than 24 hours, when it is known whether they conflicted.")>
                {by_day}
            </Panel>
            <Panel title="Syncs a day" note=String::from("narrow in front: conflicts")>{volume}</Panel>
            <Panel title="By entity type" foot=String::from("A type leads to its own figures.")>{by_type}</Panel>
            <Panel title="By client" foot=String::from("A client leads to the predictions about its syncs.")>{by_client}</Panel>
            <Panel title="Predicted against observed">{calibration}</Panel>
            <Panel title="Warnings against what happened">{matrix}</Panel>
            <Panel title="Conflicts avoided" note=String::from("an estimate")>{avoided}</Panel>
            {predicts}
        </div>
        <Panel title="Entities with the most conflicts" foot=String::from("An entity leads to the predictions about it.")>{worst}</Panel>
    }
    .into_any()
}

fn by_day(board: &ConflictFigures) -> impl IntoView + use<> {
    let days = board.by_day.iter().map(|tally| DayRate {
        some: tally.conflicts,
        of: tally.settled,
        share: conflict_rate(*tally).map(|share| (share.value, share.low, share.high)),
    });
    let before = board.before.map(|before| (before.value, format!("before: {}", number::percent(before.value))));
    let (first, days) = (board.period.first_day, days.collect());
    view! { <DayRates title="Conflict rate by day" names=("conflicts", "syncs") first days before/> }.into_any()
}

fn volume(board: &ConflictFigures) -> impl IntoView + use<> {
    let counts = board.by_day.iter().map(|tally| tally.syncs).collect();
    let part = Part { name: "conflicts", counts: board.by_day.iter().map(|tally| tally.conflicts).collect() };
    let first = board.period.first_day;
    view! { <DayBars name="syncs" first counts part/> }.into_any()
}

/// Who answers, since when, and who might take its place.
fn predicts(board: &ConflictFigures, model: Option<&ModelDetail>) -> AnyView {
    let Some((model, number)) = model.zip(board.version) else {
        return view! {
            <Panel title="What predicts">
                <p>"The heuristic answers: a few rules that stand in for a model until a version is trained and promoted."</p>
                <p><a href=format!("/models/{MODEL}")>"Open the model"</a></p>
            </Panel>
        }
        .into_any();
    };
    let facts = facts(board, model, number);
    view! { <Panel title="What predicts"><DefinitionList items=facts/></Panel> }.into_any()
}

fn facts(board: &ConflictFigures, model: &ModelDetail, champion: i64) -> Vec<Definition> {
    let href = format!("/models/{MODEL}/versions/{champion}");
    let mut facts =
        vec![Definition::view("Champion", view! { <a href=href>{format!("version {champion} of {MODEL}")}</a> })];
    if let Some(deployment) = model.deployments.first() {
        let (at, by) = (deployment.at, deployment.actor.clone());
        facts.push(Definition::view("Serves since", view! { <Time at/>", by "{by} }));
    }
    if let Some(version) = model.versions.iter().find(|version| version.number == champion) {
        let summary = &version.summary;
        let auc = summary.metrics.get("roc_auc").map_or_else(|| String::from("–"), |auc| number::metric(*auc));
        let n = number::count(summary.held_back);
        facts.push(Definition::text("Learnt from", number::counted(summary.trained_on, "row", "rows")));
        facts.push(Definition::text("ROC-AUC then", format!("{auc} (n = {n} held back)")));
    }
    let threshold = board.threshold.map_or_else(|| String::from("–"), number::metric);
    facts.push(Definition::text("Warns from a score of", threshold));
    facts.push(challenger(model, champion));
    facts
}

/// Who is to be compared with the one that serves.
fn challenger(model: &ModelDetail, champion: i64) -> Definition {
    match model.challenger() {
        None => Definition::text("Challenger", "none"),
        Some(number) => {
            let href = format!("/models/{MODEL}/compare?a={champion}&b={number}");
            Definition::view("Challenger", view! { <a href=href>{format!("version {number}, compared")}</a> })
        }
    }
}
