//! The queue of cases: what waits, what is due first, and many verdicts at once.

use desk::cases::{Backlog, CaseFilter, CaseOrder, CaseState, Cursor, Queued};
use domain::Actor;
use domain::attendance::Site;
use domain::case::{Case, Origin, State, Verdict, take};
use leptos::prelude::*;

use super::case::{risk, words};
use super::snoozes;
use crate::actions::cases::{Queue, RIGHT};
use crate::components::{
    Badge, Button, Cell, Choice, Column, EmptyState, Lead, LinkButton, Look, PageHeader, Pagination, Panel, Pick, Row,
    SelectField, Table, TextField, Time, Tone,
};
use crate::form::Said;
use crate::moment::Clockface;
use crate::number;
use crate::page::{Visit, page, query};
use crate::shell::{Crumb, Frame, Section};

/// Cases of one page.
const CASES: u32 = 50;
/// Name of the form that decides many.
const FORM: &str = "decide_cases";

/// The queue that the address asks for.
pub(super) fn asked() -> Queue {
    let part = |name| query(name).unwrap_or_default();
    Queue {
        state: part("state"),
        mine: part("mine"),
        site: part("site"),
        origin: part("origin"),
        verdict: part("verdict"),
    }
}

/// The cases, the first to be decided first.
#[component]
pub(super) fn Cases() -> impl IntoView {
    let (queue, after) = (asked(), query("after"));
    page(|visit| async move {
        let (verbs, actor) = (visit.desk.cases(), &visit.actor);
        let filter = queue.filter(actor);
        // What is done is read from its end.
        let order = if filter.state == Some(CaseState::Decided) { CaseOrder::DueLast } else { CaseOrder::DueFirst };
        let place: Option<Cursor> = after.as_deref().and_then(|text| text.parse().ok());
        let found = verbs.queue(actor, &filter, order, place.as_ref(), CASES).await?;
        let undecided = CaseFilter { state: Some(CaseState::Undecided), ..CaseFilter::default() };
        let first = verbs.list(actor, &undecided, CaseOrder::DueFirst, None, 1).await?.items.pop();
        let lead = lead(&verbs.backlog(actor).await?, first, &visit.clock);
        let sites = visit.desk.sites().list(actor, None, 200).await?;
        let shown = number::counted(found.items.len(), "case", "cases");
        let later = found.next.map(|place| place_of(&queue, &place));
        let start = place.map(|_| queue.address("/cases"));
        let list = list(&visit, &queue, &found.items);
        let snoozed = snoozes::panel(&visit).await?;
        let flash = visit.notice();
        Ok(view! {
            <Frame viewer=visit.viewer title="Fraud cases" at=Section::Cases crumbs=vec![Crumb::here("Fraud cases")] flash>
                <PageHeader title="Fraud cases"/>
                <Lead>{lead}</Lead>
                {tabs(&queue)}
                <Panel title="Queue" note=order_words(order)>
                    {filters(&queue, &sites)}
                    {list}
                    <Pagination newer=start older=later shown words=("← First", "Next →")/>
                </Panel>
                {snoozed}
            </Frame>
        }
        .into_any())
    })
}

fn place_of(queue: &Queue, place: &Cursor) -> String {
    let place = place.to_string();
    let parts = [&queue.parts()[..], &[("after", place.as_str())]].concat();
    crate::address::address("/cases", &parts)
}

fn order_words(order: CaseOrder) -> String {
    String::from(if order == CaseOrder::DueLast { "the last first" } else { "what is due first comes first" })
}

fn lead(backlog: &Backlog, first: Option<Case>, clock: &Clockface) -> impl IntoView + use<> {
    let waiting = backlog.open + backlog.taken + backlog.escalated;
    let Some(first) = first else { return view! { <b>"No case waits."</b> }.into_any() };
    let says = if waiting == 1 { "waits" } else { "wait" };
    let late = match backlog.overdue {
        0 => String::from("."),
        n if n == waiting => String::from(", overdue."),
        n => format!(", {} of them overdue.", number::count(n)),
    };
    let start = format!("{} {says}{late}", number::counted(waiting, "case", "cases"));
    let (href, opened) = (format!("/cases/{}", first.id), first.opened_at);
    let due = if first.due_at < clock.now { "was due" } else { "is due" };
    view! {
        <b>{start}</b>
        " The first due, "<a href=href>"case "{first.id.0}</a>", was opened "<Time at=opened/>" and "{due}" "<Time at=first.due_at/>"."
    }
    .into_any()
}

/// The ways to look at the queue that are used all day.
fn tabs(queue: &Queue) -> impl IntoView + use<> {
    let tabs = [
        ("Waiting", "", ""),
        ("Mine", "", "1"),
        ("Open", "open", ""),
        ("Taken", "taken", ""),
        ("Escalated", "escalated", ""),
        ("Decided", "decided", ""),
    ];
    let links = tabs.map(|(words, state, mine)| {
        let verdict = if state == "decided" { queue.verdict.clone() } else { String::new() };
        let to = Queue { state: state.into(), mine: mine.into(), verdict, ..queue.clone() };
        let here = to.state == queue.state && to.mine == queue.mine;
        view! { <li><a href=to.address("/cases") aria-current=here.then_some("true")>{words}</a></li> }
    });
    view! { <nav class="tabs" aria-label="Which cases"><ul>{links.collect_view()}</ul></nav> }.into_any()
}

fn filters(queue: &Queue, sites: &[Site]) -> impl IntoView + use<> {
    let is_open = [&queue.site, &queue.origin, &queue.verdict].iter().any(|part| !part.is_empty());
    let choices = |all: &str, chosen: &str, some: Vec<(String, String)>| {
        let mut choices = vec![Choice::new("", all).chosen(chosen.is_empty())];
        choices.extend(some.into_iter().map(|(value, label)| Choice::new(&value, label).chosen(value == chosen)));
        choices
    };
    let sites = sites.iter().map(|site| (site.id.to_string(), site.name.clone())).collect();
    let origins = [(Origin::Threshold, "over the threshold"), (Origin::Audit, "drawn at random")];
    let origins = origins.map(|(origin, label)| (origin.as_str().to_owned(), label.to_owned())).to_vec();
    let mut verdicts = Verdict::ALL.map(|verdict| (verdict.as_str().to_owned(), verdict.to_string())).to_vec();
    verdicts.push((RIGHT.to_owned(), String::from("right: a risk or valuable")));
    let kept = [("state", queue.state.clone()), ("mine", queue.mine.clone())];
    let kept = kept.into_iter().filter(|(_, value)| !value.is_empty());
    let kept = kept.map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view();
    view! {
        <details class="fold" open=is_open>
            <summary>"Filter"</summary>
            <form class="filters" method="get" action="/cases">
                {kept}
                <SelectField name="site" label="Site" choices=choices("all sites", &queue.site, sites)/>
                <SelectField name="origin" label="Origin" choices=choices("any", &queue.origin, origins)/>
                <SelectField name="verdict" label="Verdict" choices=choices("any", &queue.verdict, verdicts)/>
                <Button text="Filter"/>
                {is_open.then(|| view! { <LinkButton text="Show all" href="/cases"/> })}
            </form>
        </details>
    }
    .into_any()
}

fn list(visit: &Visit, queue: &Queue, cases: &[Queued]) -> impl IntoView + use<> {
    let picked = visit.said.value(FORM, "cases");
    let picked: Vec<&str> = picked.split(',').collect();
    let rows: Vec<Row> = cases.iter().map(|queued| row(queued, queue, &visit.actor, &visit.clock, &picked)).collect();
    let decides = cases.iter().any(|queued| is_theirs(&queued.case, &visit.actor, &visit.clock));
    let nothing = nothing(queue);
    let table = view! { <div class="queue"><Table label="Fraud cases" columns=columns() rows>{nothing}</Table></div> };
    if !decides {
        return table.into_any();
    }
    let (hidden, mass) = (queue.hidden(), mass_verdict(&visit.said));
    view! {
        <form class="stack" method="post" action="/actions/decide_cases">
            {hidden}
            {table}
            {mass}
        </form>
    }
    .into_any()
}

fn is_theirs(case: &Case, actor: &Actor, clock: &Clockface) -> bool {
    take(case, actor, clock.now).is_ok()
}

fn columns() -> Vec<Column> {
    vec![
        Column::text("Employee"),
        Column::number("Risk"),
        Column::text("What"),
        Column::text("Rule"),
        Column::text("Site"),
        Column::text("Opened"),
        Column::text("Due"),
        Column::text("State"),
    ]
}

fn row(queued: &Queued, queue: &Queue, actor: &Actor, clock: &Clockface, picked: &[&str]) -> Row {
    let Queued { case, employee, site, event, .. } = queued;
    let (id, href) = (case.id.to_string(), queue.address(&format!("/cases/{}", case.id)));
    let at =
        event.as_ref().map(|event| format!("{}, {}", words::noun(event.kind), words::local(event, "%a %-d %b %H:%M")));
    let (risk, opened) = (risk(case.score), case.opened_at);
    let (name, what) = (employee.clone(), words::capital(&words::why(case, event.as_ref())));
    let row = Row::new(vec![
        Cell::view(view! { <span><a href=href>{name}</a>" "<small class="nowrap">"case "{id.clone()}</small></span> }),
        Cell::view(view! { <Badge tone=risk.0 text=risk.1/> }),
        Cell::view(view! { <span class="what">{what}<small>{at}</small></span> }),
        Cell::text(words::rule(case.rule)),
        Cell::text(site.clone()),
        Cell::view(view! { <Time at=opened/> }),
        due(case, clock),
        Cell::view(state(queued, clock)),
    ]);
    if !is_theirs(case, actor, clock) {
        return row;
    }
    // A verdict is about the events that are counted here.
    let value = format!("{id}:{}", case.events);
    let checked = picked.contains(&value.as_str());
    row.pick(Pick { name: String::from("cases[]"), label: format!("case {id}"), value, checked })
}

fn due(case: &Case, clock: &Clockface) -> Cell {
    let at = case.due_at;
    if matches!(case.state, State::Decided { .. }) {
        return Cell::text("–");
    }
    if at >= clock.now {
        return Cell::view(view! { <Time at/> });
    }
    Cell::view(view! { <span class="row"><Badge tone=Tone::Bad text="overdue"/><Time at/></span> })
}

fn state(queued: &Queued, clock: &Clockface) -> impl IntoView + use<> {
    let (tone, text) = words::state(&queued.case, clock.now);
    let by = match (&queued.case.state, &queued.holder, &queued.assignee) {
        (State::Decided { by, .. }, ..) => Some(words::name(by).to_owned()),
        (_, Some(holder), _) => Some(holder.clone()),
        (_, None, Some(assignee)) => Some(format!("for {assignee}")),
        _ => None,
    };
    view! { <span class="row"><Badge tone text/>{by.map(|by| view! { <small>{by}</small> })}</span> }.into_any()
}

fn nothing(queue: &Queue) -> impl IntoView + use<> {
    if *queue == Queue::default() {
        let text =
            "A check-in or check-out that the model finds doubtful becomes a case, and waits here for you to decide.";
        return view! {
            <EmptyState title="No case waits" text>
                <LinkButton text="See what was decided" href="/cases?state=decided"/>
            </EmptyState>
        }
        .into_any();
    }
    view! {
        <EmptyState title="No such cases" text="No case is of this kind now.">
            <LinkButton text="Show all that wait" href="/cases"/>
        </EmptyState>
    }
    .into_any()
}

fn mass_verdict(said: &Said) -> impl IntoView + use<> {
    let typed = said.value(FORM, "decision");
    let choose = Choice::new("", "choose").chosen(typed.is_empty());
    let verdicts = Verdict::ALL
        .map(|verdict| Choice::new(verdict.as_str(), verdict.to_string()).chosen(verdict.as_str() == typed));
    let choices = std::iter::once(choose).chain(verdicts).collect();
    let is_back = said.form == FORM && !said.done;
    view! {
        <details class="fold" open=is_back>
            <summary>"Decide the ticked cases together"</summary>
            <div class="filters">
                <SelectField name="decision" label="Verdict" choices error=said.error(FORM, "decision")/>
                <TextField
                    name="reason"
                    label="Reason"
                    value=said.value(FORM, "reason")
                    error=said.error(FORM, "reason").or_else(|| said.error(FORM, "cases"))
                    max_length=2000
                    required=true
                />
                <Button look=Look::Primary text="Decide them"/>
            </div>
        </details>
    }
    .into_any()
}
