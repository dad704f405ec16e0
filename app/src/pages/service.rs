//! How the process does that answers: what it was asked, what it keeps in memory, what waits.

use desk::service::{Counted, Figures, Held, LATENCIES, Source};
use domain::Permission;
use domain::circuit::State;
use leptos::prelude::*;

use super::api_help::{Example, origin};
use crate::components::{
    Badge, Cell, CodeBlock, Column, Definition, DefinitionList, EmptyState, Figure, FigureStrip, Lead, LinkButton,
    PageHeader, Panel, Row, Table, Tone,
};
use crate::number;
use crate::page::page;
use crate::shell::{Crumb, Frame, Section};

/// The process.
#[component]
pub(super) fn Service() -> impl IntoView {
    let origin = origin();
    page(move |visit| async move {
        visit.actor.check(Permission::ManageKeys)?;
        let figures = visit.desk.service().figures(&visit.actor).await?;
        let example = Example::of(&visit.desk, &visit.actor, origin).await;
        let (lead, strip) = (lead(&figures), strip(&figures));
        let models = figures.models.iter().map(model).collect();
        let note = String::from("since this process began");
        Ok(view! {
            <Frame viewer=visit.viewer title="Service" at=Section::Service crumbs=vec![Crumb::here("Service")]>
                <PageHeader title="Service"/>
                <Lead>{lead}</Lead>
                <FigureStrip figures=strip/>
                <Panel title="Models" note>
                    <Table label="What the models were asked" columns=model_columns() rows=models>
                        <EmptyState title="Nothing was asked yet" text="Every model that was asked since this process began stands here."/>
                    </Table>
                </Panel>
                <div class="columns columns-2">
                    {memory(&figures)}
                    {features(&figures)}
                </div>
                {machines(&example)}
            </Frame>
        }
        .into_any())
    })
}

fn lead(figures: &Figures) -> impl IntoView + use<> {
    let waits = match figures.queued {
        0 => String::from("Nothing waits to be written."),
        n => format!("{} to be written.", number::counted(n, "row waits", "rows wait")),
    };
    let (all, kept) = totals(&figures.models);
    let answered = number::counted(all, "answer", "answers");
    let kept = (kept > 0).then(|| format!(", {} of them without asking the model again", number::count(kept)));
    view! { <b>{waits}</b>" Since it began this process gave "{answered}{kept}"; others count their own." }.into_any()
}

/// All answers, and those from memory.
fn totals(models: &[Counted]) -> (u64, u64) {
    let sum = |source: Source| models.iter().map(|model| model.sources[source as usize]).sum::<u64>();
    (Source::ALL.into_iter().map(sum).sum(), sum(Source::Kept))
}

fn strip(figures: &Figures) -> Vec<Figure> {
    let (all, _) = totals(&figures.models);
    let (memory, written) = (&figures.memory, figures.written);
    let together = if written.0 == 0 { 0.0 } else { written.1 as f64 / written.0 as f64 };
    let runs = figures.runs.map_or_else(|| String::from("?"), |runs| number::count(runs.queued + runs.running));
    let champions = format!("of {}", number::bytes(memory.champions.most));
    vec![
        Figure::new("Answers", number::count(all)),
        Figure::new("Answers kept: hit rate", rate(&memory.answers)),
        Figure::new("Rows a transaction", number::value((together * 10.0).round() / 10.0)),
        Figure::new("Models in memory", number::bytes(memory.champions.bytes)).with_note(champions),
        Figure::new("Runs open", runs),
    ]
}

fn rate(held: &Held) -> String {
    let asked = held.hits + held.misses;
    if asked == 0 { String::from("–") } else { number::percent(held.hits as f64 / asked as f64) }
}

fn model_columns() -> Vec<Column> {
    vec![
        Column::text("Model"),
        Column::number("By the champion"),
        Column::number("From memory"),
        Column::number("By the heuristic"),
        Column::number("Half within"),
        Column::number("95 % within"),
    ]
}

fn model(counted: &Counted) -> Row {
    let [champion, kept, heuristic] = counted.sources.map(|count| Cell::text(number::count(count)));
    Row::new(vec![
        Cell::link(counted.model.clone(), format!("/models/{}", counted.model)),
        champion,
        kept,
        heuristic,
        Cell::text(within(&counted.latencies, 0.5)),
        Cell::text(within(&counted.latencies, 0.95)),
    ])
}

/// The upper end of the class of latency in which the request lies that is slower than `share` of them.
fn within(latencies: &[u64], share: f64) -> String {
    let all: u64 = latencies.iter().sum();
    if all == 0 {
        return String::from("–");
    }
    let (rank, mut seen) = ((all as f64 * share).ceil() as u64, 0_u64);
    let class = latencies.iter().position(|count| {
        seen += count;
        seen >= rank
    });
    match class.and_then(|class| LATENCIES.get(class)) {
        Some(&micros) => number::milliseconds(micros as f64 / 1e3),
        None => format!("over {}", number::milliseconds(LATENCIES[LATENCIES.len() - 1] as f64 / 1e3)),
    }
}

fn memory(figures: &Figures) -> impl IntoView + use<> {
    let held = &figures.memory;
    let rows = [("Answers", &held.answers), ("Champions", &held.champions), ("Other versions", &held.versions)];
    let rows = rows.map(|(name, held)| {
        let room = format!("{} of {}", number::bytes(held.bytes), number::bytes(held.most));
        Row::new(vec![
            Cell::text(name),
            Cell::text(number::count(held.entries)),
            Cell::text(room),
            Cell::text(rate(held)),
        ])
    });
    let columns =
        vec![Column::text("What"), Column::number("Entries"), Column::number("Memory"), Column::number("Hit rate")];
    let foot = match held.let_go {
        0 => String::from("Answers are kept only where the specification of a model says cache_seconds."),
        n => format!(
            "{} had to leave memory for others and came back when asked for: model_memory_mib gives them more.",
            number::counted(n, "champion", "champions")
        ),
    };
    view! {
        <Panel title="In memory" foot>
            <Table label="What is kept in memory" columns rows=rows.into()/>
        </Panel>
    }
    .into_any()
}

fn features(figures: &Figures) -> impl IntoView + use<> {
    let lookups = figures.lookups;
    let (tone, word) = match lookups.state {
        State::Closed => (Tone::Ok, "asked"),
        State::HalfOpen => (Tone::Warn, "tried again"),
        State::Open => (Tone::Bad, "left alone"),
    };
    let items = vec![
        Definition::view("Now", view! { <Badge tone text=word/> }),
        Definition::text("Answered", number::count(lookups.answered)),
        Definition::text("Failed or too slow", number::count(lookups.failed)),
        Definition::text("Not tried", number::count(lookups.skipped)),
    ];
    view! {
        <Panel title="Feature store">
            <p>"After five failures in a row it is left alone for ten seconds, and rows stand for themselves."</p>
            <DefinitionList items/>
            <p><LinkButton text="Feature sets" href="/features"/></p>
        </Panel>
    }
    .into_any()
}

fn machines(example: &Example) -> impl IntoView + use<> {
    let code = example.get("$VERDICT_KEY", "/metrics");
    view! {
        <Panel title="For Prometheus">
            <p>
                "The same figures as OpenMetrics, for a key with the scope "<code>"read"</code>
                ". It sees the models of its own organisation."
            </p>
            <CodeBlock code label="curl command"/>
        </Panel>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_requests_lies_within_the_end_of_its_class() {
        let mut latencies = [0; LATENCIES.len() + 1];
        assert_eq!(within(&latencies, 0.5), "–");
        (latencies[0], latencies[3], latencies[14]) = (94, 5, 1);
        let at = |share| within(&latencies, share).replace(number::NO_BREAK, " ");
        assert_eq!([at(0.5), at(0.95), at(1.0)], ["0.2 ms", "2.0 ms", "over 5,000 ms"]);
    }
}
