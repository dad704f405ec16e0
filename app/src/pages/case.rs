//! One case: is this check-in fraud? The answer needs the evidence, and the evidence comes first.

mod evidence;
mod forms;
pub(in crate::pages) mod words;

use desk::cases::Evidence;
use domain::case::{Case as Content, Origin, Snooze, State, StepKind, take};
use domain::{Actor, CaseId, Permission, PersonId, Timestamp};
use leptos::prelude::*;

use super::cases::asked;
use crate::actions::cases::Queue;
use crate::components::{Badge, Lead, PageHeader, Panel, Tone};
use crate::form::Said;
use crate::moment::Clockface;
use crate::number;
use crate::page::{Visit, number_param, page, query};
use crate::shell::{Crumb, Frame, Section};

/// How the viewer stands to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Nobody holds it.
    Free,
    /// They hold it.
    Mine(Timestamp),
    /// Somebody else holds it.
    Theirs(Timestamp),
    /// Only admins may decide it.
    Admins,
    /// There is a verdict.
    Decided,
}

impl Standing {
    fn of(case: &Content, actor: &Actor, now: Timestamp) -> Self {
        match case.state_at(now) {
            State::Taken { by, until, .. } if Some(by) == actor.person() => Self::Mine(until),
            State::Taken { until, .. } => Self::Theirs(until),
            State::Escalated if take(case, actor, now).is_err() => Self::Admins,
            State::Open | State::Escalated => Self::Free,
            State::Decided { .. } => Self::Decided,
        }
    }
}

/// All that the parts of the page are made from.
struct Shown {
    evidence: Evidence,
    standing: Standing,
    queue: Queue,
    clock: Clockface,
    said: Said,
    people: Vec<(PersonId, String)>,
    /// Until when the employee makes no cases by the rule of this one.
    snoozed: Option<Timestamp>,
    /// Whether the viewer decides what is escalated, and frees what others have taken.
    decides_escalated: bool,
    corrects: bool,
}

/// One case.
#[component]
pub(super) fn Case() -> impl IntoView {
    let (id, queue, corrects) = (number_param("id"), asked(), query("correct").is_some());
    page(move |visit| async move {
        let verbs = visit.desk.cases();
        let evidence = verbs.evidence(&visit.actor, CaseId(id?)).await?;
        let people =
            if visit.actor.may(Permission::DecideCases) { verbs.deciders(&visit.actor).await? } else { vec![] };
        let snoozes = verbs.snoozes(&visit.actor).await?;
        let same = |snooze: &&Snooze| snooze.employee == evidence.case.employee && snooze.rule == evidence.case.rule;
        let snoozed = snoozes.iter().filter(same).map(|snooze| snooze.until).max();
        let shown = Shown {
            standing: Standing::of(&evidence.case, &visit.actor, visit.clock.now),
            evidence,
            queue,
            clock: visit.clock.clone(),
            said: visit.said.clone(),
            people,
            snoozed,
            decides_escalated: visit.actor.may(Permission::DecideEscalated),
            corrects,
        };
        Ok(show(visit, &shown))
    })
}

fn show(visit: Visit, shown: &Shown) -> AnyView {
    let flash = visit.notice();
    let case = &shown.evidence.case;
    let crumbs = vec![Crumb::link("Fraud cases", shown.queue.address("/cases")), Crumb::here(number::count(case.id.0))];
    let question = format!("Is this {} fraud?", words::noun(shown.evidence.event.kind));
    let title = (format!("Case {}", case.id), question);
    let (take, badges, note, lead) = (forms::take(shown), badges(shown), note(shown), lead(shown));
    let (escalation, verdict, other) = (escalation(shown), forms::verdict(shown), forms::other(shown));
    let (reasons, place, month) = (evidence::reasons(shown), evidence::place(shown), evidence::month(shown));
    let (related, events, history) = (evidence::related(shown), evidence::events(shown), evidence::history(shown));
    view! {
        <Frame viewer=visit.viewer title=title.0 at=Section::Cases crumbs flash>
            <PageHeader title=title.1 note actions=move || take>
                {badges}
            </PageHeader>
            <Lead>{lead}</Lead>
            {escalation}
            <div class="columns columns-2">
                {reasons}
                {place}
                {month}
                {related}
            </div>
            {verdict}
            <div class="columns columns-2">
                {events}
                <Panel title="History">{history}</Panel>
            </div>
            {other}
        </Frame>
    }
    .into_any()
}

/// A score, and how loudly it is said.
pub(super) fn risk(score: f64) -> (Tone, String) {
    let tone = match score {
        s if s >= 0.8 => Tone::Bad,
        s if s >= 0.5 => Tone::Warn,
        _ => Tone::Neutral,
    };
    (tone, number::fixed(score, 2))
}

fn badges(shown: &Shown) -> impl IntoView + use<> {
    let case = &shown.evidence.case;
    let minutes = |until| format!("{}{}min", words::minutes(until, &shown.clock), number::NO_BREAK);
    let (tone, state) = words::state(case, shown.clock.now);
    let (tone, state) = match shown.standing {
        Standing::Mine(until) => (Tone::Accent, format!("yours for {}", minutes(until))),
        Standing::Theirs(_) => {
            (Tone::Warn, format!("taken by {}", shown.evidence.holder.as_deref().unwrap_or("somebody else")))
        }
        _ => (tone, state),
    };
    let risk = risk(case.score);
    let is_escalated = matches!(shown.standing, Standing::Mine(_) | Standing::Theirs(_)) && case.state.is_escalated();
    let is_overdue = shown.standing != Standing::Decided && case.due_at < shown.clock.now;
    let given = shown.evidence.assignee.clone().filter(|_| shown.standing != Standing::Decided);
    let snoozed =
        shown.snoozed.map(|until| format!("{} snoozed until {}", words::rule(case.rule), shown.clock.date(until)));
    view! {
        <Badge tone=risk.0 text=format!("risk {}", risk.1)/>
        <Badge tone text=format!("case {} · {state}", case.id)/>
        {is_escalated.then(|| view! { <Badge tone=Tone::Warn text="escalated"/> })}
        {is_overdue.then(|| view! { <Badge tone=Tone::Bad text="overdue"/> })}
        {(case.origin == Origin::Audit).then(|| view! { <Badge tone=Tone::Accent text="drawn at random"/> })}
        {given.map(|name| view! { <Badge text=format!("for {name}")/> })}
        {snoozed.map(|text| view! { <Badge text/> })}
    }
    .into_any()
}

/// `threshold 0.61 · fraud v6 · 14 min ago`.
fn note(shown: &Shown) -> String {
    let asked = &shown.evidence.prediction;
    let threshold = asked.threshold.map(|threshold| format!("threshold {}", number::fixed(threshold, 2)));
    let version = match asked.prediction.version {
        Some(number) => format!("{} v{number}", asked.model),
        None => format!("{}’s heuristic", asked.model),
    };
    let age = format!("opened {}", shown.clock.relative(shown.evidence.case.opened_at));
    threshold.into_iter().chain([version, age]).collect::<Vec<_>>().join(" · ")
}

fn lead(shown: &Shown) -> impl IntoView + use<> {
    let Evidence { case, employee, site, event, .. } = &shown.evidence;
    let when = words::local(event, "%A %H:%M");
    let start = format!("{} {} at {}, {when}", employee.name, words::did(event.kind), site.name);
    let said = words::striking(event);
    let rest = match (case.origin, said.is_empty()) {
        (_, false) => format!(" — {}.", said.join(", ")),
        (Origin::Audit, true) => String::from("."),
        (Origin::Threshold, true) => format!(" — {}.", words::why(case, Some(event))),
    };
    let more =
        (case.events > 1).then(|| format!(" {} belong to this case.", number::counted(case.events, "event", "events")));
    let drawn = (case.origin == Origin::Audit)
        .then_some(" The score is below the threshold: this case was drawn at random, to learn what the model misses.");
    view! { <b>{start}</b>{rest}{more}{drawn} }.into_any()
}

/// What an admin is asked to look at.
fn escalation(shown: &Shown) -> Option<AnyView> {
    let is_escalated = shown.evidence.case.state.is_escalated();
    let step = shown.evidence.steps.iter().find(|step| step.kind == StepKind::Escalated).filter(|_| is_escalated)?;
    let (who, note) = (words::name(&step.actor).to_owned(), step.note.clone());
    Some(view! { <p class="notice notice-warn"><b>{who}" asks an admin: "</b>{note}</p> }.into_any())
}
